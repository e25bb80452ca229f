"""The pages of feeds over the real application: health, fetch now, add, pause, remove, import and export."""

from __future__ import annotations

import re
import tomllib
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from aggregator.config.load import load
from aggregator.services.program import Program
from aggregator.store.intake import feeds as feed_store
from tests.support.apps import DIGEST, app_of, newsroom
from tests.support.managing import client_of, form_fields, press
from tests.support.site import GRID, Site

pytestmark = pytest.mark.anyio
COMMENT = "# my own words\n"
PRIVATE = COMMENT + "[fetch]\nallow_private = true\n"
HOSTILE = '"><script>alert(1)</script> \u202eevil\u202c 😀 ' + "x" * 2_000
OPML = """<?xml version="1.0" encoding="iso-8859-1"?><opml version="2.0"><body><outline text="Science"><outline \
text="Nörd" type="rss" xmlUrl="https://north.example/feed"/></outline>
<outline text="South" type="rss" xmlUrl="https://south.example/feed"/><outline text="Odd" type="rss" \
xmlUrl="javascript:alert(1)"/></body></opml>"""


def feeds_in(program: Program) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(program.config.path.read_text("utf-8")).get("feed", [])
    return found


async def test_the_list_and_a_feed_show_health_and_charts(tmp_path: Path) -> None:
    down = '[[feed]]\nurl = "http://127.0.0.1:9/feed"\nname = "Down"\nallow_private = true\n'
    with newsroom(tmp_path, "northwire", "harbour", more=down + DIGEST) as (program, _, _server):
        async with client_of(program) as client:
            page = await client.get("/manage/feeds")
            assert page.text.count("data-item") == 3
            names = dict(re.findall(r'href="(/manage/feeds/\d+)">([^<]+)<', page.text))
            for path, name in names.items():
                fetched = await press(client, await client.get(path), "Fetch now")
                if name == "Down":
                    assert 'role="alert"' in fetched.text
                    assert "failing" in fetched.text
                else:
                    assert re.search(r"Fetched: \d+ new, 0 changed", fetched.text)
                    assert re.search(r"read: \d+, new: \d+", fetched.text)
            assert "With problems (1)" in (await client.get("/manage/feeds")).text
            only = await client.get("/manage/feeds?show=problems")
            assert only.text.count("data-item") == 1
            assert "<svg" not in only.text, "it brought nothing"
            assert (await client.get("/manage/feeds")).text.count("<svg") == 2
            named = await client.get("/manage/feeds?q=DOW")
            assert named.text.count("data-item") == 1
            assert "All (1)" in named.text
            assert "No feed has this" in (await client.get("/manage/feeds?q=nowhere&show=paused")).text
        await program.aclose()


async def test_a_feed_is_found_shown_and_only_then_written(tmp_path: Path) -> None:
    with newsroom(tmp_path, "harbour", more=PRIVATE + DIGEST) as (program, _, _server):
        wanted = feeds_in(program)[0]["url"]
        program.config.path.write_text(program.config.path.read_text("utf-8").replace(wanted, "https://a.example/f"))
        await program.reconfigure(load(program.config.path))
        before = program.config.path.read_text("utf-8")
        async with client_of(program) as client:
            page = await client.get("/manage/feeds/add")
            found = await press(client, page, "Look for the feed", url=wanted)
            assert program.config.path.read_text("utf-8") == before, "nothing is written before it was seen"
            assert found.text.count("<li dir=") > 2
            done = await press(client, found, "Subscribe", name="My “feed”", topic="Science")
            assert done.url.path == "/manage/feeds"
            assert "Written to the configuration" in done.text
            assert "My “feed”" in done.text, "shown before the daemon has reloaded"
            again = await press(client, found, "Subscribe")
            assert "already subscribed" in again.text
        assert program.config.path.read_text("utf-8").count(COMMENT) == 1
        assert feeds_in(program)[-1] == {"url": wanted, "name": "My “feed”", "topic": "Science"}
        await program.aclose()


async def test_an_url_without_a_feed_is_explained(tmp_path: Path) -> None:
    with app_of(tmp_path, DIGEST) as program:
        async with client_of(program) as client:
            page = await client.get("/manage/feeds/add")
            for url, words in (("http://127.0.0.1:1/", "--allow-private"), ("", "Write the URL"), (HOSTILE, "")):
                answer = await press(client, page, "Look for the feed", url=url)
                assert answer.status_code == 422
                assert words in answer.text
                assert "<script>alert" not in answer.text
            forged = await press(client, page, "Look for the feed", url="file:///etc/passwd", action="subscribe")
            assert forged.status_code == 422
        assert feeds_in(program) == []
        await program.aclose()


async def test_a_feed_is_paused_resumed_and_removed(tmp_path: Path) -> None:
    with newsroom(tmp_path, "northwire", "harbour", more=COMMENT + DIGEST) as (program, _, _server):
        (first, second) = feeds_in(program)
        async with client_of(program) as client:
            key = feed_store.feed(program.db, first["url"]).id
            page = await client.get(f"/manage/feeds/{key}")
            paused = await press(client, page, "Pause")
            assert feeds_in(program)[0]["enabled"] is False
            assert "Paused (1)" in paused.text
            await program.reconfigure(load(program.config.path))
            resumed = await press(client, await client.get("/manage/feeds?show=paused"), "Resume")
            assert "Paused (0)" in resumed.text
            assert feeds_in(program) == [first, second]
            await program.reconfigure(load(program.config.path))
            ask = await press(client, await client.get(f"/manage/feeds/{key}"), "Remove")
            assert "Nothing has changed yet" in ask.text
            assert len(feeds_in(program)) == 2
            await press(client, ask, "Remove it")
            assert feeds_in(program) == [second]
        assert COMMENT in program.config.path.read_text("utf-8")
        await program.aclose()


async def test_a_list_is_shown_before_it_is_imported_and_exported_again(tmp_path: Path) -> None:
    with app_of(tmp_path, COMMENT + DIGEST) as program:
        async with client_of(program) as client:
            page = await client.get("/manage/feeds/import")
            preview = await press(client, page, "Show its feeds", file=OPML.encode("iso-8859-1"))
            assert "New: 2. Already subscribed: 0. Without a valid URL: 1." in preview.text
            assert feeds_in(program) == []
            done = await press(client, preview, "Subscribe to those that are checked")
            assert done.url.path == "/manage/feeds"
            assert feeds_in(program) == [
                {"url": "https://north.example/feed", "name": "Nörd", "topic": "Science"},
                {"url": "https://south.example/feed", "name": "South"},
            ]
            export = await client.get("/manage/feeds.opml")
            assert 'xmlUrl="https://north.example/feed"' in export.text
            preview = await press(client, page, "Show its feeds", file=export.content)
            assert "New: 0. Already subscribed: 2." in preview.text
            path, _, fields = form_fields(page, "Show its feeds")
            forged = await client.post(path, data=fields, files={"url": ("x", b"\xff\xfe"), "file": ("x", b"\xff")})
            assert forged.status_code == 422, "bytes that are no text"
            bad = await press(client, page, "Show its feeds", file=b"\x89PNG no list")
            assert bad.status_code == 422
            damaged = await press(
                client,
                page,
                "Show its feeds",
                file=OPML.replace("south.", "new.").replace("South", HOSTILE.replace('"', "")).encode(),
            )
            assert "<script>alert" not in damaged.text
            _, _, fields = form_fields(damaged, "Subscribe to those that are checked")
            for tables in ("[", '[{"url": 3}]', '{"url": "x"}', "[[]]", "null"):
                answer = await client.post("/manage/feeds/import", data=fields | {"tables": tables})
                assert answer.status_code in (200, 422)
        assert len(feeds_in(program)) == 2


async def test_two_browsers_and_a_hand_edit_lose_nothing(tmp_path: Path) -> None:
    with app_of(tmp_path, '[[feed]]\nurl = "https://a.example/f"\n') as program:
        async with client_of(program) as client:
            key = feed_store.feed(program.db, "https://a.example/f").id
            one = await client.get(f"/manage/feeds/{key}")
            other = await client.get(f"/manage/feeds/{key}")
            await press(client, one, "Pause")
            late = await press(client, other, "Pause")
            assert late.status_code == 409
            assert "has changed since" in late.text
            assert "enabled = false" in unescape(late.text)
            text = program.config.path.read_text("utf-8") + "# by hand\n"
            program.config.path.write_text(text, "utf-8")
            late = await press(client, one, "Remove")
            late = await press(client, late, "Remove it", version="0")
            assert late.status_code == 409
            assert program.config.path.read_text("utf-8") == text


async def test_a_read_only_or_invalid_file_says_what_to_put_in(tmp_path: Path) -> None:
    with app_of(tmp_path, '[[feed]]\nurl = "https://a.example/f"\n') as program:
        async with client_of(program) as client:
            key = feed_store.feed(program.db, "https://a.example/f").id
            page = await client.get(f"/manage/feeds/{key}")
            program.config.path.chmod(0o444)
            answer = await press(client, page, "Pause")
            assert answer.status_code == 409
            assert "read-only" in answer.text
            assert "enabled = false" in answer.text
            program.config.path.chmod(0o644)
            program.config.path.write_text("[[feed]\n", "utf-8")
            page = await client.get("/manage/feeds")
            assert page.status_code == 200
            assert "configuration file is invalid" in page.text
            assert "a.example" in page.text, "what the daemon uses is shown"
            page = await client.get(f"/manage/feeds/{key}")
            assert (await press(client, page, "Pause")).status_code in (409, 422)
            assert program.config.path.read_text("utf-8") == "[[feed]\n"


async def test_wrong_ids_foreign_forms_and_public_pages_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app_of(tmp_path, '[[feed]]\nurl = "https://a.example/f"\nname = "<i>R&D</i>"\n') as program:
        async with client_of(program) as client:
            for key in ("0", "-1", "99999999999999999999", "abc", "%00", "١"):
                assert (await client.get(f"/manage/feeds/{key}")).status_code == 404
            page = await client.get("/manage/feeds?show=%3Cscript%3E&page=99999999999")
            assert page.status_code == 200
            assert "&lt;i&gt;R&amp;D&lt;/i&gt;" in page.text
            path, _, fields = form_fields(await client.get("/manage/feeds/1"), "Pause")
            for broken in ({"form_token": "x"}, {"form_token": ""}):
                assert (await client.post(path, data=fields | broken)).status_code == 403
            foreign = {"origin": "https://evil.example"}
            assert (await client.post(path, data=fields, headers=foreign)).status_code == 403
            rebound = {"host": "evil.example"}
            assert (await client.get("/manage/feeds", headers=rebound)).status_code == 403
            assert (await client.get("/manage/feeds/change")).status_code == 404
        assert feeds_in(program)[0].get("enabled") is None
    folder = tmp_path / "public"
    folder.mkdir()
    with app_of(folder, '[web]\npublic_url = "https://news.example.org"\n') as program:
        async with client_of(program, "https://news.example.org") as client:
            assert (await client.get("/manage/feeds")).status_code == 403
            assert "/manage" not in (await client.get("/")).text
    monkeypatch.setenv("PAGES_TOKEN", "open sesame")
    folder = tmp_path / "guarded"
    folder.mkdir()
    web = '[web]\ntoken_env = "PAGES_TOKEN"\npublic_url = "https://news.example.org/read"\n'
    with app_of(folder, web + '[[feed]]\nurl = "https://a.example/f"\n') as program:
        async with client_of(program, "https://news.example.org") as client:
            assert (await client.get("/read/manage/feeds")).status_code == 401
            assert (await client.post("/read/manage/feeds/change", data={"url": "x"})).status_code == 401
            ended = await client.post("/read/manage/feeds/change", data={"url": "x"}, headers={"accept": "text/html"})
            assert ended.status_code == 403
            assert "You are signed out" in ended.text
            await client.post("/read/sign-in", data={"token": "open sesame"})
            page = await client.get("/read/manage")
            assert page.url.path == "/read/manage/feeds"
            paused = await press(client, await client.get("/read/manage/feeds/1"), "Pause")
            assert paused.url.path == "/read/manage/feeds"
            assert 'href="/manage' not in paused.text
        assert feeds_in(program)[0]["enabled"] is False


LIST = "<title>Town <i>news</i></title>" + "".join(
    f'<article class="teaser"><h2><a href="/news/{n}">The council decides on bridge {n}</a></h2>'
    f'<time datetime="2026-03-1{n}T08:00:00Z">x</time><p>{GRID}</p></article>'
    for n in range(5)
)


async def test_a_page_without_a_feed_is_read_by_selectors_that_were_shown(tmp_path: Path) -> None:
    with Site() as site, app_of(tmp_path, PRIVATE + DIGEST) as program:
        wanted = site.page("/news/", LIST)
        async with client_of(program) as client:
            none = await press(client, await client.get("/manage/feeds/add"), "Look for the feed", url=wanted)
            assert none.status_code == 422
            found = await press(client, none, "Read the page itself")
            assert found.text.count("The council decides on bridge") == 5
            assert "article.teaser" in found.text
            assert feeds_in(program) == []
            assert (await press(client, found, "Subscribe", **{"page.item": "]"})).status_code == 422
            assert feeds_in(program) == []
            await press(client, found, "Subscribe", topic="Politics")
            (feed,) = feeds_in(program)
            assert (feed["url"], feed["topic"]) == (wanted, "Politics")
            assert feed["page"]["item"] == "article.teaser"
        await program.aclose()


async def test_the_settings_of_a_feed_change_and_its_comments_stay(tmp_path: Path) -> None:
    with app_of(tmp_path, '[[feed]]\nurl = "https://a.example/f" # mine\nname = "A"\n') as program:
        async with client_of(program) as client:
            page = await client.get("/manage/feeds/1")
            values = {"name": "", "topic": "Science", "weight": "2", "full_text": "never"}
            assert "Written to the configuration" in (await press(client, page, "Save", **values)).text
            assert feeds_in(program) == [
                {"url": "https://a.example/f", "topic": "Science", "weight": 2.0, "full_text": "never"}
            ]
            assert "# mine" in program.config.path.read_text("utf-8")
            page = await client.get("/manage/feeds/1")
            for wrong in ({"weight": "-1"}, {"weight": "much"}, {"full_text": "x"}):
                assert (await press(client, page, "Save", **wrong)).status_code == 422
            await press(client, page, "Save", topic="", weight="", full_text="")
            assert feeds_in(program) == [{"url": "https://a.example/f"}]


async def test_a_users_template_changes_one_block(tmp_path: Path) -> None:
    folder = tmp_path / "own" / "manage"
    folder.mkdir(parents=True)
    own = '{% extends "web/manage/feeds.html" %}{% block feeds %}mine: {{ feeds|length }}{% endblock %}'
    (folder / "feeds.html").write_text(own, "utf-8")
    with app_of(tmp_path, '[web]\ntemplates = "own"\n' + DIGEST) as program:
        async with client_of(program) as client:
            page = await client.get("/manage/feeds")
            assert "mine: 0" in page.text
            assert "Import OPML" in page.text


SECRET = """[[feed]]
url = "https://ann:hunter2@feeds.example/f?token=abcdef12"
topic = "Science"
enabled = %s
"""


async def test_pages_show_no_secret_of_a_url(tmp_path: Path) -> None:
    for enabled in ("true", "false"):
        folder = tmp_path / enabled
        folder.mkdir()
        with app_of(folder, SECRET % enabled) as program:
            async with client_of(program) as client:
                pages = [await client.get("/manage/feeds")]
                if enabled == "true":
                    pages.append(await client.get("/manage/feeds/1"))
                pages.append(await press(client, pages[-1], "Remove"))
                for page in pages:
                    shown = re.sub(r"<input[^>]*>", "", page.text)  # a form names its feed by the URL
                    assert "feeds.example" in shown
                    assert "hunter2" not in shown
                    assert "abcdef12" not in shown


async def test_settings_keep_the_topic_of_the_file_before_the_daemon_has_read_it(tmp_path: Path) -> None:
    with app_of(tmp_path, '[[feed]]\nurl = "https://a.example/f"\ntopic = "Science"\n') as program:
        async with client_of(program) as client:
            await press(client, await client.get("/manage/feeds/1"), "Save", topic="Politics")
            assert feeds_in(program)[0]["topic"] == "Politics"
            await press(client, await client.get("/manage/feeds/1"), "Save", weight="2")
        assert feeds_in(program)[0]["topic"] == "Politics"


@pytest.mark.parametrize(
    ("keys", "to", "moves"),
    [
        ("", "https://other.example/f", True),
        ("allow_private = true\n", "http://169.254.169.254/f", False),
        ('headers = { X-Api-Key = "hunter2" }\n', "https://other.example/f", False),
        ('headers = { X-Api-Key = "hunter2" }\n', "https://a.example/new", True),
    ],
)
async def test_what_a_feed_has_for_its_host_goes_to_no_other(tmp_path: Path, keys: str, to: str, moves: bool) -> None:
    with app_of(tmp_path, f'[[feed]]\nurl = "https://a.example/f"\n{keys}') as program:
        with program.db.write() as connection:  # as after a permanent redirect
            connection.execute(text("update feed set url = :to"), {"to": to})
        async with client_of(program) as client:
            done = await press(client, await client.get("/manage/feeds/1"), "Use the new URL")
        assert done.status_code == (200 if moves else 422)
        assert feeds_in(program)[0]["url"] == (to if moves else "https://a.example/f")


async def test_a_damaged_topic_in_an_imported_list_is_no_failure(tmp_path: Path) -> None:
    with app_of(tmp_path, DIGEST) as program:
        async with client_of(program) as client:
            page = await client.get("/manage/feeds/import")
            listed = await press(client, page, "Show its feeds", file=OPML.encode("latin-1"))
            wrong = '[{"url": "https://b.example/f", "topic": "a\\ud800b"}]'
            done = await press(client, listed, "Subscribe to those that are checked", tables=wrong)
            assert done.status_code == 200
        assert [one["url"] for one in feeds_in(program)] == ["https://b.example/f"]
