"""Bad input of the pages: guessed tokens, ids that are not, exploding queries, hostile titles, no database."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from aggregator.store.outgoing import saved as saved_store
from aggregator.store.records import StoryUpdate
from aggregator.store.stories import stories as story_store
from aggregator.store.stories.search import index_entries
from aggregator.stories.model import Action, Decision
from tests.support.apps import DIGEST, app_of
from tests.support.managing import client_of, form_fields
from tests.support.stored import entry, publish

pytestmark = pytest.mark.anyio
HOSTILE = (
    '"><img src=x onerror=alert(1)><script>alert(1)</script>{{7*7}}\u202e\u2066javascript:alert(1) &amp;lt;b&amp;gt; '
    "\u0645\u064a\u0646\u0627\u0621 \U0001f600 " + "Donaudampfschiff" * 130
)
ODD_IDS = (
    "..%2f..%2fetc%2fpasswd",
    "%00",
    "'%20OR%201=1--",
    "9" * 400,
    "-1",
    "\u06f1",
    quote("\U0001f600"),
    "a%0d%0ab",
)


async def test_a_thousand_wrong_tokens_open_nothing_and_lock_no_program_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGES_TOKEN", "open sesame")
    with app_of(tmp_path, '[web]\ntoken_env = "PAGES_TOKEN"\n' + DIGEST) as program:
        async with client_of(program) as client:
            statuses = Counter[int]()
            for number in range(1000):
                answer = await client.post("/sign-in", data={"token": f"guess {number}"})
                statuses[answer.status_code] += 1
            assert statuses == {403: 20, 429: 980}
            assert not client.cookies
            known = {"authorization": "Bearer open sesame"}
            assert (await client.get("/topics", headers=known)).status_code == 200
            program.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
            assert (await client.post("/sign-in", data={"token": "open sesame"})).status_code == 200


async def test_ids_that_are_not_are_not_found(tmp_path: Path) -> None:
    with app_of(tmp_path, DIGEST) as program:
        async with client_of(program) as client:
            for path in ("stories", "editions", "topics", "today", "manage/feeds", "digests"):
                for odd in ODD_IDS:
                    answer = await client.get(f"/{path}/{odd}")
                    assert answer.status_code == 404, (path, odd)
                    assert "root:" not in answer.text
            for odd in ODD_IDS:
                assert (await client.get(f"/static/x/{odd}")).status_code == 404
                assert (await client.get(f"/search?q=a&before={odd}")).status_code == 200
                assert (await client.get(f"/?month={odd}&digest={odd}")).status_code == 200


@pytest.mark.parametrize(
    "query", ["(" * 500 + "a" + ")" * 500, " OR ".join(["a"] * 600), "NOT " * 300 + "a", "title:/(a+)+$/", '"' * 999]
)
async def test_a_query_that_explodes_is_an_answer_within_the_limit(tmp_path: Path, query: str) -> None:
    with app_of(tmp_path, DIGEST) as program:
        publish(program.db, [entry("e", title="a" * 300 + "!", text="a " * 5000)], now=program.clock.now())
        async with client_of(program) as client:
            answer = await client.get("/search", params={"q": query})
            assert answer.status_code in (200, 422)
            page = await client.get("/manage/rules/change")
            fields = form_fields(page, "Show preview")[2]
            fields |= {"name": "r", "query": query, "action_of": "mute", "action": "preview"}
            assert (await client.post("/manage/rules/change", data=fields)).status_code in (200, 422)


async def test_hostile_titles_of_2000_characters_are_text_everywhere(tmp_path: Path) -> None:
    with app_of(tmp_path, DIGEST) as program:
        now = program.clock.now()
        assert len(HOSTILE) > 2000
        ids = publish(
            program.db,
            [entry(f"e{n}", title=HOSTILE, text=f"{HOSTILE} ferry", link="https://x.example/a") for n in range(3)],
            now=now,
        )
        decided = [Decision(k, k, "s1", Action.JOINS if n else Action.OPENS) for n, k in enumerate(ids)]
        story_store.save_grouping(program.db, decided, stories=[StoryUpdate("s1", HOSTILE, "en")], now=now)
        while index_entries(program.db, 500):
            pass
        program.saving.save_story("s1")
        program.saving.save_entry(ids[1])
        (first, _) = saved_store.list_saved(program.db)
        assert len(first.item.title) <= 500
        paths = ("/stories/s1", "/topics", "/topics/Other", "/search?q=ferry", "/saved")
        async with client_of(program) as client:
            for path in (*paths, "/saved.xml", "/saved.html", "/like?story=s1", "/today"):
                text = (await client.get(path)).text
                assert "Donaudampfschiff" in text or path not in paths, path
                assert not re.search(r"<img[^>]*onerror|<script>alert|\b49\b.*Donau", text), path
                assert "\u202e" not in text, path
                assert len(text) < 60_000, path


async def test_a_database_that_is_away_is_a_page_that_says_so(tmp_path: Path) -> None:
    with app_of(tmp_path, DIGEST) as program:
        async with client_of(program) as client:
            page = await client.get("/saved")
            fields = form_fields(await client.get("/like"), "Find stories like it")[2]
            with program.db.write() as connection:
                connection.exec_driver_sql("ALTER TABLE saved RENAME TO away")
            for answer in (
                await client.get("/saved"),
                await client.post("/saved", data=fields | {"action": "remove", "entry": "1"}),
            ):
                assert answer.status_code == 503
                assert answer.headers["retry-after"]
                assert "Traceback" not in answer.text
            with program.db.write() as connection:
                connection.exec_driver_sql("ALTER TABLE away RENAME TO saved")
            assert (await client.get("/saved")).text == page.text
