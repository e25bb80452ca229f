"""Imports from accounts at other aggregators, over real HTTP against servers that behave as their documents say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.aggregator.cli.conftest import Done, Shell
from tests.support.serving import Serving

TOKEN = "right-token-4711"
MINE = '[[feed]]\nurl = "https://known.example/feed"\nname = "Known"\n'


def miniflux_feed(url: object, title: object = "A feed", category: object = "All", **more: object) -> dict[str, Any]:
    """A record of Miniflux; see its API's "Get Feeds"."""
    return {
        "id": 42,
        "user_id": 1,
        "feed_url": url,
        "site_url": "https://example.org/",
        "title": title,
        "disabled": False,
        "category": {"id": 1, "user_id": 1, "title": category},
        **more,
    }


def reader_feed(url: str, title: str = "A feed", label: str = "") -> dict[str, Any]:
    """A record of the Google Reader API as FreshRSS writes it."""
    categories = [{"id": f"user/-/label/{label}", "label": label}] if label else []
    return {"id": "feed/7", "title": title, "categories": categories, "url": url, "htmlUrl": "https://example.org/"}


class Aggregator(Serving):
    """Both APIs. `body` replaces the list of feeds; `seen` are method, path, headers and form of the requests."""

    def __init__(self) -> None:
        self.miniflux: list[Any] = []
        self.reader: list[Any] = []
        self.body: bytes | None = None
        self.moved = ""
        self.seen: list[tuple[str, str, dict[str, str], dict[str, list[str]]]] = []
        here = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._respond({})

            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._respond(parse_qs(text))

            def _respond(self, form: dict[str, list[str]]) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                here.seen.append((self.command, self.path, headers, form))
                status, body = here.respond(self.command, self.path, headers, form)
                if here.moved:
                    status = 302
                self.send_response(status)
                if here.moved:
                    self.send_header("Location", here.moved + self.path)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
                pass

        super().__init__(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        self.base = f"http://127.0.0.1:{self.port}"

    def respond(self, method: str, path: str, headers: dict[str, str], form: dict[str, list[str]]) -> tuple[int, bytes]:
        parts = urlsplit(path)
        if (method, parts.path) == ("GET", "/v1/feeds"):
            if headers.get("x-auth-token") != TOKEN:
                return 401, b'{"error_message":"Access Unauthorized"}'
            return 200, self.body or json.dumps(self.miniflux).encode()
        if (method, parts.path) == ("POST", "/api/greader.php/accounts/ClientLogin"):
            if form != {"Email": ["ann"], "Passwd": [TOKEN]}:
                return 401, b"Unauthorized!"
            return 200, b"SID=ann/8e6845e089\nLSID=null\nAuth=ann/8e6845e089\n"
        if (method, path) == ("GET", "/api/greader.php/reader/api/0/subscription/list?output=json"):
            if headers.get("authorization") != "GoogleLogin auth=ann/8e6845e089":
                return 401, b"Unauthorized!"
            return 200, self.body or json.dumps({"subscriptions": self.reader}).encode()
        return 404, b"<!doctype html><title>Not found</title>"


@pytest.fixture
def account() -> Iterator[Aggregator]:
    with Aggregator() as server:
        yield server


@pytest.fixture
def mover(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("AGGREGATOR_IMPORT_TOKEN", TOKEN)
    shell.write(MINE)
    return shell


def read(shell: Shell, account: Aggregator, program: str = "miniflux", *more: str) -> Done:
    user = () if program == "miniflux" else ("--user", "ann")
    done = shell("import", program, account.base, "--allow-private", *user, *more)
    assert TOKEN not in done.out + done.err
    return done


def subscribed(shell: Shell) -> list[tuple[str, str, str | None]]:
    return [(row["url"], row["name"], row["topic"]) for row in shell("feeds", "--json").rows]


def test_the_feeds_of_miniflux_with_their_categories(mover: Shell, account: Aggregator):
    account.miniflux = [
        miniflux_feed("https://one.example/feed", "One", "Science"),
        miniflux_feed("https://two.example/feed", "Zwei &amp; mehr"),
        miniflux_feed("https://known.example/feed", "Mine"),
        miniflux_feed("https://one.example/feed", "One again", "Sport"),
        miniflux_feed("https://off.example/feed", "Off", disabled=True),
    ]
    done = read(mover, account)
    assert done.status == 0, done.err
    assert "2 feeds added" in done.out
    assert "https://known.example/feed is already subscribed" in done.err
    assert "switched off in miniflux: https://off.example/feed" in done.err
    assert sorted(subscribed(mover)) == [
        ("https://known.example/feed", "Known", None),
        ("https://one.example/feed", "One", "Science"),
        ("https://two.example/feed", "Zwei & mehr", None),
    ]
    assert mover.config.read_text(encoding="utf-8").startswith(MINE)
    assert [(method, path) for method, path, _, _ in account.seen] == [("GET", "/v1/feeds")]
    again = read(mover, account)
    assert (again.status, "0 feeds added" in again.out) == (0, True)


@pytest.mark.parametrize(("program", "path"), [("freshrss", ""), ("freshrss", "/i/"), ("greader", "/api/greader.php")])
def test_the_feeds_of_a_google_reader_account(mover: Shell, account: Aggregator, program: str, path: str):
    account.reader = [
        reader_feed("https://one.example/feed", "One", "Science"),
        reader_feed("https://two.example/feed", "Two", "Uncategorized"),
        {"id": "feed/https://old.example/feed", "title": "Old form"},
    ]
    done = mover("import", program, account.base + path, "--user", "ann", "--allow-private")
    assert done.status == 0, done.err
    assert set(subscribed(mover)) - {("https://known.example/feed", "Known", None)} == {
        ("https://one.example/feed", "One", "Science"),
        ("https://two.example/feed", "Two", None),
        ("https://old.example/feed", "Old form", None),
    }
    assert [method for method, *_ in account.seen] == ["POST", "GET"]
    assert not [path for _, path, _, _ in account.seen if TOKEN in path]


def test_folders_can_be_ignored_and_the_variable_be_another(
    mover: Shell, account: Aggregator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("AGGREGATOR_IMPORT_TOKEN")
    monkeypatch.setenv("OTHER", TOKEN)
    account.miniflux = [miniflux_feed("https://one.example/feed", "One", "Science")]
    assert read(mover, account, "miniflux", "--no-topics", "--token-env", "OTHER").status == 0
    assert ("https://one.example/feed", "One", None) in subscribed(mover)


@pytest.mark.parametrize("program", ["miniflux", "freshrss"])
def test_a_wrong_token_is_said_and_never_shown(mover: Shell, account: Aggregator, monkeypatch, program: str):
    monkeypatch.setenv("AGGREGATOR_IMPORT_TOKEN", "wrong-token-0815")
    done = read(mover, account, program)
    assert done.status == 1
    assert "(401)" in done.err
    assert "hint" in done.err
    assert "wrong-token-0815" not in done.out + done.err
    assert mover.config.read_text(encoding="utf-8") == MINE


BODIES = {
    "a web page": b"<!doctype html><title>Sign in</title>",
    "cut off": b'[{"feed_url": "https://one.exa',
    "another document": b'{"feeds": 7}',
    "a text": b'"feeds"',
    "nested deeply": b"[" * 200_000,
    "a huge list": b"[" + b",".join([b"{}"] * 25_001) + b"]",
    "bytes": bytes(range(256)),
}


@pytest.mark.parametrize("program", ["miniflux", "freshrss"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_what_is_no_list_of_feeds_changes_nothing(mover: Shell, account: Aggregator, program: str, body: bytes):
    account.body = body if program == "miniflux" else body.replace(b"[", b'{"subscriptions": [', 1)
    done = read(mover, account, program)
    assert done.status == 1
    assert "[account]" in done.err or "[too-large]" in done.err
    assert "Traceback" not in done.err
    assert mover.config.read_text(encoding="utf-8") == MINE


def test_bad_records_are_named_and_cost_the_others_nothing(mover: Shell, account: Aggregator):
    account.miniflux = [
        None,
        [],
        "https://text.example/feed",
        {"title": "no url"},
        miniflux_feed(7),
        miniflux_feed("javascript:alert(1)"),
        miniflux_feed("https://evil.example/\x1b[31mred"),
        miniflux_feed("https://one.example/feed", {"a": 1}, ["x"]),
        miniflux_feed("https://two.example/feed", "T\x1b]0;x\x07itle", None),
        miniflux_feed("https://three.example/feed", "x" * 100_000, category="\n"),
    ]
    done = read(mover, account)
    assert done.status == 0, done.err
    assert "records without the URL of a feed: 5" in done.err
    assert "not a URL: javascript:alert(1)" in done.err
    assert "\x1b" not in done.out + done.err
    urls = {url for url, *_ in subscribed(mover)}
    assert {"https://one.example/feed", "https://two.example/feed", "https://three.example/feed"} <= urls
    assert not [url for url in urls if "evil" in url or "javascript" in url]


@pytest.mark.parametrize("program", ["miniflux", "freshrss"])
def test_a_redirect_to_another_server_gets_no_token(mover: Shell, account: Aggregator, program: str):
    with Aggregator() as other:
        other.miniflux = [miniflux_feed("https://one.example/feed")]
        account.moved = other.base
        done = read(mover, account, program)
        assert done.status == 1
        assert not [one for one in other.seen if TOKEN in repr(one)]
    assert mover.config.read_text(encoding="utf-8") == MINE


def test_what_is_missing_is_said_before_any_request(mover: Shell, account: Aggregator, monkeypatch: pytest.MonkeyPatch):
    assert "needs the URL" in mover("import", "miniflux").err
    assert "needs --user" in mover("import", "freshrss", account.base).err
    assert "must be one of miniflux" in mover("import", "feedly", account.base).err
    assert "No such file" in mover("import", "missing.opml").err
    monkeypatch.delenv("AGGREGATOR_IMPORT_TOKEN")
    done = mover("import", "miniflux", account.base)
    assert (done.status, "AGGREGATOR_IMPORT_TOKEN" in done.err) == (1, True)
    monkeypatch.setenv("AGGREGATOR_IMPORT_TOKEN", TOKEN)
    done = mover("import", "miniflux", account.base)
    assert ("[ssrf]" in done.err, "add --allow-private" in done.err) == (True, True)
    assert account.seen == []
