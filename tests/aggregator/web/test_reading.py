"""The reading pages through the real application: sign-in, forms, archive, today, topics, story, search."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from aggregator.observe.metrics import Metrics
from aggregator.recipients.wording import wording
from aggregator.services.program import Program
from aggregator.store.stories.search import index_entries
from aggregator.web.reading import search
from aggregator.web.reading.archive import NEWEST, OTHERS
from aggregator.web.routes import application
from tests.support.apps import DIGEST, app_of, newsroom
from tests.support.managing import grouped
from tests.support.stored import DAY, NOW, edition, entry, publish, send

pytestmark = pytest.mark.anyio
BROWSER = {"accept": "text/html"}


def client_of(program: Program, base: str = "http://127.0.0.1:8440") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(application(program, Metrics())), base_url=base)


@pytest.fixture
def guarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    monkeypatch.setenv("PAGES_TOKEN", "open sesame")
    web = '[web]\ntoken_env = "PAGES_TOKEN"\npublic_url = "https://news.example.org/read"\n'
    with app_of(tmp_path, web + DIGEST) as program:
        yield program


async def sign_in(client: httpx.AsyncClient, token: str = "open sesame") -> httpx.Response:
    return await client.post("/read/sign-in?next=/topics", data={"token": token})


async def test_the_archive_shows_the_time_of_the_digests_zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.config.zone.local", lambda: "Asia/Tokyo")
    with newsroom(tmp_path, "harbour", more=DIGEST.replace('zone = "UTC"', 'zone = "local"')) as (program, _, _):
        await program.fetching.fetch()
        await program.editions.send("daily")
        async with client_of(program) as client:
            assert re.search(r'<time datetime="[^"]+\+09:00">', (await client.get("/")).text)
        await program.aclose()


async def test_pages_need_no_key_that_signs_mail(guarded: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(_: object) -> None:
        raise PermissionError("dkim.pem")

    monkeypatch.setattr(type(guarded.editions), "sender", unreadable)
    async with client_of(guarded, "https://news.example.org") as client:
        await sign_in(client)
        assert (await client.get("/read/topics")).status_code == 200


async def test_a_browser_signs_in_and_out_under_a_path(guarded: Program) -> None:
    async with client_of(guarded, "https://news.example.org") as client:
        away = await client.get("/read/topics?x=1", headers=BROWSER)
        assert away.headers["location"] == "/read/sign-in?next=%2Ftopics%3Fx%3D1"
        assert (await sign_in(client, "wrong")).status_code == 403
        assert not client.cookies
        answer = await sign_in(client)
        assert (answer.status_code, answer.headers["location"]) == (303, "/read/topics")
        cookie = answer.headers["set-cookie"].lower()
        for part in ("httponly", "samesite=lax", "secure", "path=/read"):
            assert part in cookie
        page = await client.get("/read/topics")
        assert page.status_code == 200
        other = client_of(guarded, "https://news.example.org")
        await sign_in(other)
        assert (await client.post("/read/sign-out", data={"everywhere": "1"})).status_code == 403, "no form token"
        found = re.search(r'name="form_token" value="(\w+)"', page.text)
        assert found is not None
        form = {"everywhere": "1", "form_token": found[1]}
        foreign = {"origin": "https://evil.example"}
        assert (await client.post("/read/sign-out", data=form, headers=foreign)).status_code == 403
        assert (await other.get("/read/topics")).status_code == 200
        assert (await client.post("/read/sign-out", data=form)).status_code == 303
        assert (await other.get("/read/topics")).status_code == 401, "signed out everywhere"
        assert (await other.get("/topics")).status_code == 401, "a proxy may remove the prefix"


async def test_tries_are_limited_and_no_session_is_taken_from_the_client(guarded: Program) -> None:
    async with client_of(guarded, "https://news.example.org") as client:
        client.cookies.set("aggregator_session", "chosen-by-another")
        assert (await client.get("/read/topics")).status_code == 401
        answers = [(await sign_in(client, "wrong")).status_code for _ in range(21)]
        assert answers == [403] * 20 + [429]
        assert (await sign_in(client)).status_code == 429, "the right token too"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_sign_in_leads_to_no_other_site(guarded: Program, target: str) -> None:
    async with client_of(guarded, "https://news.example.org") as client:
        answer = await client.post("/read/sign-in", params={"next": target}, data={"token": "open sesame"})
        assert answer.headers["location"] == "/read/"


async def test_the_pages_read_from_the_archive_to_the_story(tmp_path: Path) -> None:
    with newsroom(tmp_path, "northwire", "harbour", "ledger", "tidings") as (program, _, _server):
        await program.fetching.fetch()
        program.stories.group()
        while index_entries(program.db, 500):
            pass
        async with client_of(program) as client:
            today = await client.get("/today")
            assert today.status_code == 200
            (edition,) = await program.editions.send("daily")
            story = edition.items[0]
            assert story.headline.split()[0] in today.text
            front = await client.get("/")
            assert f"/editions/{edition.id}" in front.text
            assert (await client.get("/", headers={"if-none-match": front.headers["etag"]})).status_code == 304
            assert "script-src 'self'" in front.headers["content-security-policy"]
            entries = await client.get(f"/editions/{edition.id}/entries")
            known = {"if-none-match": entries.headers["etag"]}
            assert (await client.get(f"/editions/{edition.id}/entries", headers=known)).status_code == 304
            assert "No editions here." in (await client.get("/?month=1999-01")).text
            page = await client.get(f"/stories/{story.story}")
            assert "What editions said" in page.text
            assert f"/editions/{edition.id}" in page.text
            assert "Why its articles are together" in page.text
            assert (await client.get("/topics")).text.count("/stories/") > 2
            assert (await client.get("/topics/Nonsense")).status_code == 404
            assert (await client.get(f"/like?story={story.story}")).status_code == 200
            word = max(re.findall(r"[A-Za-z]{4,}", story.sources[0].title), key=len)
            found = await client.get("/search", params={"q": f"title:{word}"})
            assert f"/stories/{story.story}" in found.text
            assert "<mark>" in found.text
            copies = (await client.get("/search?q=ferry")).text
            snippets = re.findall(r'<p class="snippet"[^>]*>(.*?)</p>', copies, re.DOTALL)
            assert len(snippets) == len(set(snippets)) > 1, "a text that several carry is shown once"
            assert "Nothing matches" in (await client.get("/search", params={"q": word, "source": "nobody"})).text
            for asset in re.findall(r'(?:href|src)="(/static/[^"]+)"', front.text):
                assert "immutable" in (await client.get(asset)).headers["cache-control"]
        await program.aclose()


async def test_editions_of_one_slot_are_one_line_and_one_report(tmp_path: Path) -> None:
    two = DIGEST.replace('"folder:out"', '"folder:out", "folder:other"')
    with newsroom(tmp_path, "northwire", "harbour", more=two) as (program, clock, _server):
        await program.fetching.fetch()
        await grouped(program)
        other = next(one for one in program.config.recipients(program.config.digests[0]) if "other" in one.address)
        await program.editions.send("daily", other)
        clock.advance(timedelta(hours=1))
        made = await program.editions.send("daily")
        assert len({one.slot for one in made}) == 1
        assert len(made) == 2, "one recipient knows the stories"
        longest = max(made, key=lambda one: len(one.items))
        async with client_of(program) as client:
            front = (await client.get("/")).text
            assert front.count("data-item") == 2, "a line for each slot"
            assert "For recipients who had got other stories before:" in front
            assert all(f"/editions/{one.id}" in front for one in made)
            assert f'<h2 dir="auto"><a href="/editions/{longest.id}">' in front
            assert "The daily: " not in front, "the digest is named below"
        await program.aclose()


async def test_many_editions_of_one_slot_leave_room_for_the_older_ones(tmp_path: Path) -> None:
    with app_of(tmp_path, DIGEST) as program:
        for number in range(NEWEST + 5):
            send(program.db, edition([], digest="daily", audience=f"a{number}"), [])
        for day in range(1, NEWEST):
            send(program.db, edition([], digest="daily", slot=NOW - day * DAY), [])
        async with client_of(program) as client:
            front = (await client.get("/")).text
            assert front.count("data-item") == NEWEST
            assert front.count("/editions/daily-") == NEWEST + OTHERS
            assert f"and {NEWEST + 4 - OTHERS} more" in front
            assert "Older editions" not in front
            send(program.db, edition([], digest="daily", slot=NOW - NEWEST * DAY), [])
            assert "Older editions" in (await client.get("/")).text
            first = (await client.get("/", params={"month": f"{NOW:%Y-%m}"})).text
            assert first.count("data-item") == NOW.day


async def test_an_error_of_a_query_points_at_its_column_and_nothing_is_markup(tmp_path: Path) -> None:
    with app_of(tmp_path, DIGEST) as program:
        async with client_of(program) as client:
            answer = await client.get("/search", params={"q": "rates AND (fed"})
            assert answer.status_code == 422
            assert "Column 15" in answer.text
            hostile = '"><script>alert(1)</script>'
            for name in ("q", "since", "topic", "source", "language", "before", "month"):
                for path in ("/search", "/", "/like"):
                    text = (await client.get(path, params={name: hostile, "story": hostile})).text
                    assert "<script>alert" not in text
            assert (await client.post("/like", data={"text": "x"})).status_code == 403, "no form token"


async def test_an_older_page_of_today_is_shown_at_once_and_replaced_afterwards(tmp_path: Path) -> None:
    with newsroom(tmp_path, "northwire") as (program, clock, _):
        await program.fetching.fetch()
        program.stories.group()
        async with client_of(program) as client:
            first = await client.get("/today")
            clock.advance(timedelta(minutes=3))
            assert (await client.get("/today")).text == first.text
            later = [await client.get("/today") for _ in range(50)]
            assert later[-1].text != first.text
            clock.advance(timedelta(hours=2))
            assert (await client.get("/today")).text not in (first.text, later[-1].text)
        await program.aclose()


READ = (
    "/",
    "/today",
    "/topics",
    "/search?q=a",
    "/like",
    "/editions/x",
    "/stories/x",
    "/digests/daily.xml",
    "/saved.xml",
    "/metrics",
)
FOREIGN = ("evil.example:8440", "127.0.0.1.evil.example", "localhost.evil.example", "[::1].evil.example", "a@127.0.0.1")


@pytest.mark.parametrize("host", FOREIGN)
async def test_no_page_is_read_under_a_foreign_host_name(tmp_path: Path, host: str) -> None:
    """DNS rebinding: a page of another site may have a name that leads here."""
    with app_of(tmp_path, DIGEST) as program:
        async with client_of(program) as client:
            for path in READ:
                assert (await client.get(path, headers={"host": host})).status_code == 421, path
            assert set((await client.get("/healthz", headers={"host": host})).json()) == {"status"}
            for own in ("127.0.0.1:8440", "localhost", "LOCALHOST:8440", "[::1]:8440", "news.localhost"):
                assert (await client.get("/", headers={"host": own})).status_code == 200, own
        await program.aclose()


async def test_a_public_host_name_is_ours_in_any_case(tmp_path: Path) -> None:
    with app_of(tmp_path, '[web]\npublic_url = "https://News.example.org"\n' + DIGEST) as program:
        async with client_of(program) as client:
            assert (await client.get("/", headers={"host": "news.Example.org"})).status_code == 200
            assert (await client.get("/", headers={"host": "news.example.com"})).status_code == 421


async def test_nothing_on_the_way_keeps_a_response(guarded: Program) -> None:
    async with client_of(guarded, "https://news.example.org") as client:
        for headers in ({}, {"authorization": "Bearer open sesame"}):
            for path in (*READ, "/healthz", "/manage", "/sign-in", "/nothing", "/websub/x", "/unsubscribe/x"):
                response = await client.get(f"/read{path}", headers=headers)
                cached = response.headers["cache-control"]
                assert "no-store" in cached or "private" in cached, path
                assert response.headers["x-content-type-options"] == "nosniff", path
                assert response.headers["referrer-policy"] in ("no-referrer", "same-origin"), path
        answer = await sign_in(client)
        assert "set-cookie" in answer.headers
        assert answer.headers["cache-control"] == "no-store"


def test_a_search_for_many_words_in_long_texts_goes_on_at_the_next_page(tmp_path: Path) -> None:
    """A query of 160 words names none that an index could look for."""
    words = " OR ".join(f"w{number}" for number in range(160))
    with app_of(tmp_path, DIGEST) as program:
        store = program.db
        publish(store, [entry(f"e{n}", title=f"Number {n}", text="storm " * 40_000) for n in range(4)])
        found, pages, filters = set[str](), 0, search.Filters(f"{words} OR storm")
        while pages < 9:
            page = search.find(store, filters, NOW, wording(None))
            pages += 1
            found |= {str(article.title) for story in page.stories for article in story.articles}
            if page.before is None:
                break
            filters = replace(filters, before=page.before)
        assert found == {f"Number {n}" for n in range(4)}
        assert 3 < pages < 9
