"""The pages of rules, alerts and interests: a preview first, comments are kept, and searches become rules."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from aggregator.services.program import Program
from aggregator.store.stories.search import index_entries
from tests.support.apps import DIGEST, app_of, newsroom
from tests.support.managing import client_of, press

pytestmark = pytest.mark.anyio
HOSTILE = '"><script>alert(1)</script> \u202eevil\u202c 😀'
MINE = '# mine\n[[rule]]\nname = "old"  # kept\nquery = "title:zzz"\naction = "mute"\n'


def tables(program: Program, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(program.config.path.read_text("utf-8")).get(kind, [])
    return found


async def filled(program: Program) -> None:
    await program.fetching.fetch()
    program.stories.group()
    while index_entries(program.db, 500):
        pass


async def test_a_rule_is_previewed_on_the_last_week_and_then_saved(tmp_path: Path) -> None:
    with newsroom(tmp_path, "northwire", "harbour", more=MINE + DIGEST) as (program, _, _server):
        await filled(program)
        async with client_of(program) as client:
            page = await client.get("/manage/rules/change")
            values = {"name": "mine", "query": "source:northwire", "action_of": "boost", "value": "1.5"}
            preview = await press(client, page, "Show preview", **values)
            assert "The score of its stories changes by +1.5." in preview.text
            assert preview.text.count('href="/stories/') > 2
            assert len(tables(program, "rule")) == 1, "nothing is written before Save"
            listed = await press(client, preview, "Save")
            saved = {"name": "mine", "query": "source:northwire", "action": "boost", "value": 1.5}
            assert tables(program, "rule")[1] == saved
            assert "Written to the configuration" in listed.text
            page = await client.get("/manage/rules/change?name=old")
            await press(client, page, "Save", action_of="drop", query="title:yyy")
            assert tables(program, "rule")[0] == {"name": "old", "query": "title:yyy", "action": "drop"}
            assert 'name = "old"  # kept' in program.config.path.read_text("utf-8")
            ask = await press(client, await client.get("/manage/rules/change?name=mine"), "Remove")
            assert len(tables(program, "rule")) == 2
            await press(client, ask, "Remove it")
            assert [one["name"] for one in tables(program, "rule")] == ["old"]
        await program.aclose()


async def test_wrong_values_are_explained_and_nothing_is_written(tmp_path: Path) -> None:
    with app_of(tmp_path, MINE + DIGEST) as program:
        before = program.config.path.read_text("utf-8")
        async with client_of(program) as client:
            page = await client.get("/manage/rules/change")
            wrong: tuple[tuple[dict[str, str], str], ...] = (
                ({"query": "a AND (b"}, "column 9"),
                ({"query": "a", "action_of": "boost", "value": "much"}, "is not a number"),
                ({"query": "a", "action_of": "boost", "value": "inf"}, "is not a number"),
                ({"query": "a", "action_of": "boost", "value": ""}, "boost needs a number"),
                ({"query": "a", "action_of": "topic", "value": ""}, "topic needs a name"),
                ({"query": "a", "action_of": "explode"}, "not a valid value"),
                ({"query": "a", "name": "old"}, "is used twice"),
                ({"query": "a", "name": ""}, "must not be empty"),
                ({"query": HOSTILE, "name": HOSTILE, "value": HOSTILE}, ""),
            )
            for values, words in wrong:
                for button in ("Show preview", "Save"):
                    answer = await press(client, page, button, **({"name": "new", "action_of": "mute"} | values))
                    if words:
                        assert answer.status_code == 422, values
                        assert words in answer.text, values
                    assert "<script>alert" not in answer.text
                if not words:
                    program.config.path.write_text(before, "utf-8")
            assert (await client.get("/manage/rules/change", params={"name": HOSTILE})).status_code == 404
        assert program.config.path.read_text("utf-8") == before


@pytest.mark.parametrize("broken", ["= no toml", "[[rule]]\nname = 3\n", None], ids=["syntax", "values", "gone"])
async def test_a_file_that_was_broken_or_removed_meanwhile_is_explained(tmp_path: Path, broken: str | None) -> None:
    with app_of(tmp_path, MINE + DIGEST) as program:
        async with client_of(program) as client:
            page = await client.get("/manage/rules/change")
            if broken is None:
                program.config.path.unlink()
            else:
                program.config.path.write_text(broken, "utf-8")
            for button in ("Show preview", "Save"):
                refused = await press(client, page, button, name="new", query="storm", action_of="mute")
                assert refused.status_code in (409, 422)
                assert "The configuration file is invalid" in refused.text
        await program.aclose()


async def test_a_topic_that_names_feeds_does_not_hinder_a_preview(tmp_path: Path) -> None:
    topic = '[[topic]]\nname = "Port"\nfeeds = ["A"]\n[[feed]]\nurl = "https://a.example/f"\nname = "A"\n'
    with app_of(tmp_path, MINE + topic + DIGEST) as program:
        async with client_of(program) as client:
            page = await client.get("/manage/rules/change")
            shown = await press(client, page, "Show preview", name="new", query="storm", action_of="mute")
            assert shown.status_code == 200
        await program.aclose()


async def test_an_interest_shows_what_it_learned_and_the_nearest_stories(tmp_path: Path) -> None:
    with newsroom(tmp_path, "northwire", "harbour") as (program, _, _server):
        await filled(program)
        secret = tmp_path / "secret.txt"
        secret.write_text("the private words", "utf-8")
        async with client_of(program) as client:
            page = await client.get("/manage/interests/change")
            values = {"name": "Weather", "words": "storm\r\nferry\r\n\r\nstorm", "weight": "1,5"}
            example = "A storm closed the harbour.\r\nFerries stayed in port."
            preview = await press(client, page, "Show preview", examples=[example, ""], **values)
            assert "words: storm, ferry" in preview.text
            assert "examples: 1;" in preview.text
            assert 'href="/stories/' in preview.text
            assert tables(program, "interest") == []
            await press(client, preview, "Save")
            assert tables(program, "interest") == [
                {"name": "Weather", "words": ["storm", "ferry"], "weight": 1.5}
                | {"examples": ["A storm closed the harbour.\nFerries stayed in port."]}
            ]
            shown = await client.get("/manage/interests/change?name=Weather")
            assert "Nearest stories" in shown.text
            file = await press(client, shown, "Show preview", examples=[str(secret)])
            assert file.status_code == 422
            assert "names a file of this machine" in file.text
            assert "private words" not in file.text
            assert "Weather" in (await client.get("/manage/interests")).text
        await program.aclose()


async def test_a_text_longer_than_a_file_name_is_an_example(tmp_path: Path) -> None:
    with app_of(tmp_path, DIGEST) as program:
        async with client_of(program) as client:
            page = await client.get("/manage/interests/change")
            shown = await press(client, page, "Show preview", name="Wetter", examples=["ж" * 200])
            assert shown.status_code == 200
            named = await press(client, page, "Show preview", name="Wetter", examples=["ж" * 200 + ".txt"])
            assert named.status_code == 422
            assert "there is no file" in named.text


@pytest.mark.parametrize(
    "to",
    [
        "folder:/etc/cron.d",
        "FOLDER: /etc/cron.d",
        "folder:../out",
        "site:/var/www",
        "maildir:/root/Maildir",
        "atom:feeds",
        "epub:books",
        "notify:json://127.0.0.1:9200/",
        "notify:syslog://",
    ],
)
async def test_a_page_names_no_new_folder_or_service_as_a_recipient(tmp_path: Path, to: str) -> None:
    with app_of(tmp_path, HOOKS + DIGEST) as program:
        async with client_of(program) as client:
            page = await client.get("/manage/alerts/change")
            for button in ("Show preview", "Save"):
                refused = await press(client, page, button, name="new", query="storm", to=f"b@example.org\r\n{to}")
                assert refused.status_code == 422
                assert "names a new folder or service" in refused.text
            assert len(tables(program, "alert")) == 1
            await press(client, page, "Save", name="new", query="storm", to="folder:out")
            assert tables(program, "alert")[1]["to"] == ["folder:out"], "it is in the file"
        await program.aclose()


HOOKS = """[mail]
sender = "news@example.org"
host = "127.0.0.1"
[[alert]]
name = "big"
query = "storm"
to = ["webhook:https://hooks.example/one-secret", "webhook:https://hooks.example/two-secret", "folder:out"]
"""


async def test_an_alert_shows_no_secret_recipient_and_keeps_it(tmp_path: Path) -> None:
    with app_of(tmp_path, HOOKS + DIGEST) as program:
        async with client_of(program) as client:
            page = await client.get("/manage/alerts/change?name=big")
            preview = await press(client, page, "Show preview", sources="4")
            for shown in (page, preview):
                assert "webhook:https://hooks.example/…" in shown.text
                assert "-secret" not in shown.text
            wrong = await press(client, preview, "Save", sources="2.7")
            assert wrong.status_code == 422
            assert "is not a whole number" in wrong.text
            late = await press(client, preview, "Save", version="0")
            assert late.status_code == 409
            assert "-secret" not in late.text
            await press(client, preview, "Save", sources="5")
            (alert,) = tables(program, "alert")
            assert alert["sources"] == 5
            assert [to.rpartition("/")[2] for to in alert["to"]] == ["one-secret", "two-secret", "folder:out"]
            page = await client.get("/manage/alerts/change?name=big")
            await press(client, page, "Save", to="webhook:https://hooks.example/… (2)\r\nb@example.org")
            (alert,) = tables(program, "alert")
            assert alert["to"] == ["webhook:https://hooks.example/two-secret", "b@example.org"]
        await program.aclose()


async def test_a_search_becomes_a_rule_an_interest_or_an_alert_with_one_click(tmp_path: Path) -> None:
    with newsroom(tmp_path, "northwire", "harbour") as (program, _, _server):
        await filled(program)
        async with client_of(program) as client:
            found = await client.get("/search", params={"q": 'storm OR "ferry port"', "source": "northwire"})
            rule = await press(client, found, "a rule")
            assert "Made from your search" in rule.text
            await press(client, found, "a rule")
            whole = '(storm OR "ferry port") AND source:"northwire"'
            assert [one["query"] for one in tables(program, "rule")] == [whole, whole]
            assert len({one["name"] for one in tables(program, "rule")}) == 2
            alert = await press(client, found, "an alert")
            assert alert.url.path == "/manage/alerts/change"
            assert tables(program, "alert")[0]["to"] == ["folder:out"]
            assert "of the last week" in (await press(client, alert, "Show preview")).text
            await press(client, alert, "Save", sources="5", quiet_hours="22:00-07:00")
            assert tables(program, "alert")[0]["sources"] == 5
            interest = await press(client, found, "an interest")
            assert interest.url.path == "/manage/interests/change"
            assert tables(program, "interest")[0]["words"][0] == "storm"
            assert "New alert" in (await client.get("/manage/rules")).text
            broken = await press(client, found, "a rule", query="a AND (b")
            assert broken.status_code == 422
            assert "Column 9" in broken.text
            empty = await press(client, found, "an interest", query="language:en")
            assert empty.status_code == 422
        await program.aclose()
