"""Saving for later: from every list, without script; the feed and the exports; sending to other services."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from aggregator.config.errors import ConfigError
from aggregator.config.load import load
from aggregator.demo.two_days import YESTERDAY
from aggregator.services.manage import saving
from aggregator.services.program import Program
from aggregator.store import retention
from aggregator.store.outgoing import saved as saved_store
from aggregator.store.outgoing.saved import NewSaved, Sending
from aggregator.store.stories import stories as story_store
from aggregator.store.stories.search import index_entries
from aggregator.stories.model import Action, Decision
from aggregator.system.clock import ManualClock
from digests.render.atom import NAMESPACE
from tests.support.apps import DIGEST, app_of, newsroom
from tests.support.managing import client_of, press
from tests.support.read_later import ENVIRONMENT, ReadLaterServer, table
from tests.support.stored import entry, publish, publish_stories

pytestmark = pytest.mark.anyio
KINDS = ("wallabag", "readeck", "linkding", "instapaper")
ARTICLE = NewSaved(title="A & <b>B</b>", url="https://press.example/a?b=1&c=2", entry=7, outlet="Press", text="Text.")


@pytest.fixture
async def reading(tmp_path: Path) -> AsyncIterator[tuple[Program, ManualClock]]:
    with newsroom(tmp_path, "northwire", "harbour", "ledger", "tidings") as (program, clock, _):
        await program.fetching.fetch()
        program.stories.group()
        while index_entries(program.db, 500):
            pass
        yield program, clock
        await program.aclose()


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def _with(folder: Path, kind: str, url: str, clock: ManualClock) -> AbstractContextManager[Program]:
    return app_of(folder, DIGEST + table(kind, url), clock)


async def test_every_list_saves_and_removes_without_script(reading: tuple[Program, ManualClock]) -> None:
    program, _ = reading
    async with client_of(program) as client:
        assert "Nothing is saved" in (await client.get("/saved")).text
        today = await client.get("/today")
        (edition,) = await program.editions.send("daily")
        story = edition.items[0].story
        # Not every story is like another one, and the first of an edition is not always the same.
        likes = [f"/like?story={item.story}" for item in edition.items]
        alike, *_ = [path for path in likes if "Save for later" in (await client.get(path)).text]
        word = max(re.findall(r"[A-Za-z]{4,}", edition.items[0].sources[0].title), key=len)
        for path in (
            f"/stories/{story}",
            f"/editions/{edition.id}",
            "/today",
            "/topics",
            f"/search?q=title:{word}",
            alike,
        ):
            page = today if path == "/today" else await client.get(path)
            done = await press(client, page, "Save for later")
            assert done.status_code == 200, path
            assert str(done.url).split("#")[0] == str(page.url), path
            assert len(saved_store.list_saved(program.db)) == 1, path
            await press(client, done, "Remove")
            assert saved_store.list_saved(program.db) == [], path


async def test_a_single_article_is_saved_and_stays_when_its_story_is_gone(
    reading: tuple[Program, ManualClock],
) -> None:
    program, clock = reading
    async with client_of(program) as client:
        topics = await client.get("/topics")
        ids = re.findall(r'href="/stories/([^"]+)"', topics.text)
        pages = [await client.get(f"/stories/{one}") for one in ids]
        page = next(one for one in pages if "Save a single article" in one.text)
        entry = re.search(r'name="entry" value="(\d+)"', page.text)
        token = re.search(r'name="form_token" value="(\w+)"', page.text)
        assert entry
        assert token
        form = {"form_token": token[1], "entry": entry[1], "action": "save", "back": "/saved"}
        shown = await client.post("/saved", data=form)
        (record,) = saved_store.list_saved(program.db)
        assert record.item.entry == int(entry[1])
        assert record.item.url.startswith("http")
        assert record.item.title in shown.text.replace("&#39;", "'").replace("&#34;", '"')
        story = str(page.url).rpartition("/")[2]
        await client.post("/saved", data={**form, "entry": "", "story": story})
        retention.prune(program.db, clock.now() + timedelta(days=4000), timedelta(days=1))
        shown = await client.get("/saved")
        assert shown.text.count("data-item") == 2, "what is saved outlives the article and the story"
        assert f"/stories/{story}" not in shown.text


def test_a_story_that_was_merged_is_saved_under_both_ids(tmp_path: Path) -> None:
    with app_of(tmp_path, DIGEST) as program:
        old, new, other = publish_stories(program.db, now=program.clock.now())
        assert program.saving.save_story(old)
        (key,) = publish(program.db, [entry("bridge")], now=program.clock.now())
        merging = Decision(key, key, new, Action.BRIDGES, merged=(old,))
        story_store.save_grouping(program.db, [merging], now=program.clock.now())
        assert saved_store.saved_stories(program.db, [old, new, other]) == {old, new}
        program.saving.remove_story(new)
        assert saved_store.saved_stories(program.db, [old, new, other]) == set()
        assert program.saving.save_story(old), "as on the page of an edition from before"
        assert saved_store.saved_stories(program.db, [old, other]) == {old}


async def test_ids_that_are_not_and_forms_of_other_sites_change_nothing(tmp_path: Path) -> None:
    with app_of(tmp_path, DIGEST) as program:
        async with client_of(program) as client:
            page = await client.get("/like")
            token = re.search(r'name="form_token" value="(\w+)"', page.text)
            assert token
            for fields in (
                {"action": "save", "story": "x' OR 1=1"},
                {"action": "save", "entry": "99999999999999999999"},
                {"action": "save", "entry": "-1"},
                {"action": "save", "entry": "7"},
                {"action": "save"},
                {"service": "Nobody", "saved": "1"},
                {},
            ):
                assert (await client.post("/saved", data={"form_token": token[1], **fields})).status_code == 404
            for headers, fields in (
                ({"origin": "https://evil.example"}, {"form_token": token[1]}),
                ({"sec-fetch-site": "cross-site"}, {"form_token": token[1]}),
                ({}, {"form_token": "guess"}),
                ({}, {}),
            ):
                asked = {"action": "save", "entry": "7", **fields}
                assert (await client.post("/saved", data=asked, headers=headers)).status_code == 403
            away = {"form_token": token[1], "action": "remove", "entry": "7", "back": "//evil.example/"}
            answer = await client.post("/saved", data=away, follow_redirects=False)
            assert answer.headers["location"] == "/"
            assert (await client.get("/saved?page=x")).status_code == 200
            assert (await client.get("/saved?page=999999999999")).status_code == 200


async def test_the_feed_and_the_exports_hold_what_is_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGES_TOKEN", "open sesame")
    web = '[web]\ntoken_env = "PAGES_TOKEN"\n'
    with app_of(tmp_path, web + DIGEST) as program:
        saved_store.add(program.db, ARTICLE, program.clock.now())
        async with client_of(program) as stranger:
            assert (await stranger.get("/saved.xml")).status_code == 401
            assert (await stranger.get("/saved.xml?key=guess")).status_code == 401
            assert (await stranger.get("/saved")).status_code == 401
            assert (await stranger.get("/saved.json")).status_code == 401
        async with client_of(program) as client:
            await client.post("/sign-in", data={"token": "open sesame"})
            page = await client.get("/saved")
            address = re.search(r'href="(/saved\.xml\?key=[^"]+)"', page.text)
            assert address
            assert "A &amp; &lt;b&gt;B&lt;/b&gt;" in page.text
            (one,) = json.loads((await client.get("/saved.json")).text)
            assert (one["title"], one["url"], one["entry"]) == (ARTICLE.title, ARTICLE.url, 7)
            marks = (await client.get("/saved.html")).text
            assert '<A HREF="https://press.example/a?b=1&amp;c=2"' in marks
            async with client_of(program) as feed_reader:
                answer = await feed_reader.get(address[1])
                root = ET.fromstring(answer.text)
                assert root.findtext(f".//{{{NAMESPACE}}}entry/{{{NAMESPACE}}}title") == ARTICLE.title
                again = await feed_reader.get(address[1], headers={"if-none-match": answer.headers["etag"]})
                assert again.status_code == 304
                await press(client, page, "Sign out everywhere")
                assert (await feed_reader.get(address[1])).status_code == 401, "its key ends with the sessions"


async def test_strangers_of_public_pages_cannot_save(tmp_path: Path) -> None:
    with app_of(tmp_path, '[web]\npublic_url = "https://news.example.org"\n' + DIGEST) as program:
        async with client_of(program, "https://news.example.org") as client:
            assert (await client.get("/saved")).status_code == 403
            assert (await client.get("/saved.xml")).status_code == 401
            assert "/saved" not in (await client.get("/")).text


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_saved_is_sent_once_by_the_documented_api(tmp_path: Path, kind: str) -> None:
    with ReadLaterServer(kind) as server, app_of(tmp_path, DIGEST + table(kind, server.url)) as program:
        saved_store.add(program.db, ARTICLE, program.clock.now())
        async with client_of(program) as client:
            page = await press(client, await client.get("/saved"), f"Send to {kind.title()}")
            assert f"Waits to be sent to {kind.title()}" in page.text
            assert server.requests == [], "nothing is sent within the request"
            assert program.saving.send_due() == 1
            assert server.kept == {ARTICLE.url: ARTICLE.title}
            assert program.saving.send_due() == 0
            assert f"Sent to {kind.title()}" in (await client.get("/saved")).text


@pytest.mark.parametrize("kind", KINDS)
async def test_a_refused_sign_in_fails_once_and_is_shown(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ENVIRONMENT:
        monkeypatch.setenv(name, "wrong")
    more = "automatic = true\n"
    with ReadLaterServer(kind) as server, app_of(tmp_path, DIGEST + table(kind, server.url, more)) as program:
        saved_store.add(program.db, ARTICLE, program.clock.now(), [kind.title()])
        assert program.saving.send_due() == 1
        assert program.saving.send_due() == 0
        (record,) = saved_store.list_saved(program.db)
        assert record.sends[0].state is Sending.FAILED
        assert "wrong" not in record.sends[0].detail
        async with client_of(program) as client:
            assert f"Not sent to {kind.title()}" in (await client.get("/saved")).text
            for name, value in ENVIRONMENT.items():
                monkeypatch.setenv(name, value)
            await press(client, await client.get("/saved"), f"Send to {kind.title()}")
        program.saving.send_due()
        assert server.kept == {ARTICLE.url: ARTICLE.title}


async def test_a_token_that_no_header_may_have_fails_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.setenv(name, "tökén")
    with ReadLaterServer("readeck") as server, app_of(tmp_path, DIGEST + table("readeck", server.url)) as program:
        saved_store.add(program.db, ARTICLE, program.clock.now(), ["Readeck"])
        assert program.saving.send_due() == 1
        (record,) = saved_store.list_saved(program.db)
        assert record.sends[0].state is Sending.FAILED
        assert "tökén" not in record.sends[0].detail


async def test_a_service_that_is_busy_or_away_is_tried_again_with_growing_pauses(tmp_path: Path) -> None:
    clock = ManualClock(YESTERDAY)
    with ReadLaterServer("linkding") as server, _with(tmp_path, "linkding", server.url, clock) as program:
        saved_store.add(program.db, ARTICLE, clock.now(), ["Linkding"])
        server.troubles.extend([(503, {}), (429, {"Retry-After": "1800"})])
        assert program.saving.send_due() == 1
        assert program.saving.send_due() == 0, "not before the pause has passed"
        clock.advance(saving.FIRST_PAUSE)
        assert program.saving.send_due() == 1
        clock.advance(timedelta(minutes=29))
        assert program.saving.send_due() == 0, "the service asked for half an hour"
        clock.advance(timedelta(minutes=2))
        assert program.saving.send_due() == 1
        assert server.kept


async def test_it_gives_up_and_says_so(tmp_path: Path) -> None:
    clock = ManualClock(YESTERDAY)
    gone = table("readeck", "http://127.0.0.1:9")  # the discard port, where nobody listens
    with app_of(tmp_path, DIGEST + gone, clock) as program:
        saved_store.add(program.db, ARTICLE, clock.now(), ["Readeck"])
        tries = 0
        while saved_store.list_saved(program.db)[0].sends[0].state is Sending.QUEUED:
            tries += program.saving.send_due()
            clock.advance(timedelta(hours=6))
        assert tries == saving.MOST_TRIES
        assert "no response" in saved_store.list_saved(program.db)[0].sends[0].detail


async def test_a_crash_while_sending_costs_one_try_and_no_article(tmp_path: Path) -> None:
    clock = ManualClock(YESTERDAY)
    with (
        ReadLaterServer("readeck") as server,
        app_of(tmp_path, DIGEST + table("readeck", server.url), clock) as program,
    ):
        saved_store.add(program.db, ARTICLE, clock.now(), ["Readeck"])
        taken = saved_store.claim_due(program.db, clock.now(), saving.LEASE, 10)  # and the process dies
        assert len(taken) == 1
        assert program.saving.send_due() == 0, "another process may be sending it"
        clock.advance(saving.LEASE)
        assert program.saving.send_due() == 1
        assert server.kept
        saved_store.remove(program.db, entries=[7])
        assert saved_store.any_due(program.db, clock.now()) is False


def test_a_service_without_its_secrets_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[[read_later]]\nname = "w"\nkind = "wallabag"\n', "utf-8")
    with pytest.raises(ConfigError) as error:
        load(file)
    assert {one.key.rpartition(".")[2] for one in error.value.problems} == {
        "url",
        "user",
        "password_env",
        "client_id",
        "client_secret_env",
    }
