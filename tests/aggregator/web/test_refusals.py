"""What every page and form does when it must refuse: foreign forms, a database that is away, unknown addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from aggregator.observe.metrics import Metrics
from aggregator.services.program import Program
from aggregator.store import Database
from aggregator.web.routes import application
from tests.e2e.audit_pages import ARABIC, CONFIG, HOSTILE, paths
from tests.support.apps import DIGEST, app_of, newsroom
from tests.support.managing import client_of, form_fields, grouped, press

pytestmark = pytest.mark.anyio
BROWSER = {"accept": "text/html,application/xhtml+xml"}
RULES = (
    '[[interest]]\nname = "grids"\nwords = ["grid"]\n[[rule]]\nname = "old"\nquery = "storm"\naction = "mute"\n'
    '[[alert]]\nname = "big"\nquery = "storm"\nto = ["folder:out"]\n[[feed]]\nurl = "https://a.example/f"\n'
)
OWN_TOKENS = ("/sign-in", "/subscribe/", "/unsubscribe/", "/settings/", "/confirm/", "/more/", "/less/", "/hub/")


def posted_paths(program: Program) -> list[str]:
    """The paths that take forms of a signed-in person, with an id in their places."""
    app = application(program, Metrics())
    assert isinstance(app, Starlette)
    found = [route.path for route in app.routes if isinstance(route, Route) and "POST" in (route.methods or ())]
    return [
        re.sub(r"\{\w+\}", "1", path) for path in found if not path.startswith(OWN_TOKENS) and "{token}" not in path
    ]


def dump(db: Database) -> dict[str, list[object]]:
    with db.read() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        return {name: [*map(tuple, connection.exec_driver_sql(f'SELECT * FROM "{name}"'))] for name in sorted(names)}


async def test_a_form_of_another_site_changes_nothing_wherever_it_is_sent(tmp_path: Path) -> None:
    with app_of(tmp_path, RULES + DIGEST) as program:
        async with client_of(program) as client:
            token = form_fields(await client.get("/like"), "Find stories like it")[2]["form_token"]
            rules = await client.get("/manage/rules/change")
            version = form_fields(rules, "Save")[2]["version"]
            before, text = dump(program.db), program.config.path.read_text("utf-8")
            fields = {
                "url": "https://a.example/f", "action": "remove", "was": "old", "name": "new", "query": "a", "to": "",
                "action_of": "drop", "confirmed": "1", "digest": "daily", "address": "a@x.example", "entry": "1",
                "story": "s", "delivery": "1", "outcome": "sent", "as": "rule", "version": version, "everywhere": "1",
                "recipient": "x", "value": "more", "tables": "[]", "feed": "0",
            }  # fmt: skip
            own = {"form_token": token}
            for path in posted_paths(program):
                for headers, given in (
                    ({"origin": "https://evil.example"}, own),
                    ({"origin": "null"}, own),
                    ({"sec-fetch-site": "cross-site"}, own),
                    ({"sec-fetch-site": "same-site"}, own),
                    ({"host": "evil.example"}, own),
                    ({}, {}),
                    ({}, {"form_token": "guessed"}),
                    ({}, {"form_token": token[:-1]}),
                ):
                    answer = await client.post(path, data=fields | given, headers=BROWSER | headers)
                    assert answer.status_code in (403, 421), (path, headers, given, answer.text)
                    assert answer.status_code == 421 or "Nothing has changed" in answer.text, path
            assert dump(program.db) == before
            assert program.config.path.read_text("utf-8") == text
            assert len(posted_paths(program)) > 12
        await program.aclose()


@contextmanager
def away(db: Database) -> Iterator[None]:
    """No table has its name."""
    with db.write() as connection:
        found = connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'entry_search%' "
            "AND name NOT LIKE 'sqlite%'"
        )
        names = found.scalars().all()
        for name in names:
            connection.exec_driver_sql(f'ALTER TABLE "{name}" RENAME TO "{name}_away"')
    yield
    with db.write() as connection:
        for name in names:
            connection.exec_driver_sql(f'ALTER TABLE "{name}_away" RENAME TO "{name}"')


async def test_every_page_says_when_the_database_is_away_and_works_again_after(tmp_path: Path) -> None:
    with newsroom(tmp_path, "northwire", more=CONFIG) as (program, _, _server):
        await program.fetching.fetch()
        await grouped(program)
        (edition,) = await program.editions.send("daily")
        wanted = paths(program, edition.id, edition.items[0].story)
        assert {HOSTILE, ARABIC}
        async with client_of(program) as client:
            statuses = {path: (await client.get(path)).status_code for path in wanted}
            with away(program.db):
                for path in wanted:
                    answer = await client.get(path, headers=BROWSER)
                    assert answer.status_code in (503, statuses[path]), (path, answer.status_code)
                    if answer.status_code == 503:
                        assert "The database is busy" in answer.text, path
                        assert answer.headers["retry-after"], path
            assert {path: (await client.get(path)).status_code for path in wanted} == statuses
        await program.aclose()


async def test_an_address_that_does_not_exist_is_a_page_with_a_way_back(tmp_path: Path) -> None:
    with app_of(tmp_path, DIGEST) as program:
        async with client_of(program) as client:
            for path in ("/nothing", "/manage/nothing", "/editions/a/b/c", "/static/x/y/z"):
                page = await client.get(path, headers=BROWSER)
                assert page.status_code == 404
                assert "There is no such page" in page.text
                assert 'href="/search"' in page.text
            form = await client.get("/manage/digests/send", headers=BROWSER)
            assert form.status_code == 405
            assert form.headers["allow"] == "POST"
            assert "only takes what a form sends" in form.text
            german = await client.get("/nothing", headers=BROWSER | {"accept-language": "de"})
            assert "Diese Seite gibt es nicht" in german.text
            program_sees = await client.get("/nothing")
            assert (program_sees.status_code, program_sees.text) == (404, "Not Found\n")


async def test_a_stranger_sees_no_navigation_on_a_page_that_does_not_exist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGES_TOKEN", "open sesame")
    with app_of(tmp_path, '[web]\ntoken_env = "PAGES_TOKEN"\n' + DIGEST) as program:
        async with client_of(program) as client:
            page = await client.get("/nothing", headers=BROWSER)
            assert page.status_code == 404
            assert 'href="/manage' not in page.text


async def test_a_fault_of_the_program_is_a_page_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.web.reading.topics.MOST_RECORDS", "many")
    with app_of(tmp_path, DIGEST) as program:
        async with client_of(program) as client:
            client._transport.raise_app_exceptions = False  # type: ignore[attr-defined]
            page = await client.get("/topics", headers=BROWSER)
            assert page.status_code == 500
            assert "This is a fault of the program" in page.text


async def test_a_form_with_a_problem_keeps_all_that_was_typed(tmp_path: Path) -> None:
    with app_of(tmp_path, RULES + DIGEST) as program:
        async with client_of(program) as client:
            rule = await press(
                client,
                await client.get("/manage/rules/change"),
                "Save",
                name="n",
                query="q",
                action_of="boost",
                value="x",
            )
            assert (
                form_fields(rule, "Save")[2] | {"action_of": ["boost"], "value": ["x"]} == form_fields(rule, "Save")[2]
            )
            interest = await press(
                client,
                await client.get("/manage/interests/change"),
                "Show preview",
                name="n",
                words="one\ntwo",
                weight="x",
                examples=["First text.", "Second text."],
                unlike=["Third."],
            )
            typed = form_fields(interest, "Save")[2]
            assert typed["examples"] == ["First text.", "Second text.", ""]
            assert typed["unlike"] == ["Third.", ""]
            assert [line.split() for line in typed["words"]] == [["one", "two"]]
            page = await client.get("/manage/alerts/change?name=big")
            alert = await press(client, page, "Save", sources="x", enabled=[], to="a@x.example\r\nb@x.example")
            typed = form_fields(alert, "Save")[2]
            assert "enabled" not in typed
            assert typed["sources"] == ["x"]
            assert [line.split() for line in typed["to"]] == [["a@x.example", "b@x.example"]]
        await program.aclose()
