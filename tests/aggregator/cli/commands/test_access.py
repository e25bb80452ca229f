"""Feeds that need a login, headers or cookies: what is sent, and that no output shows the secrets."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.aggregator.cli.conftest import Shell
from tests.support.serving import Serving
from tests.support.site import GRID, rss

PASSWORD, KEY, SESSION, HEADER = "open-sesame-77", "key-from-a-file-88", "session-of-99", "header-in-the-file-66"
SECRETS = (PASSWORD, KEY, SESSION, HEADER, base64.b64encode(f"ann:{PASSWORD}".encode()).decode())


class Members(Serving):
    """A publisher whose feeds only members can read. `seen` are the request headers."""

    def __init__(self) -> None:
        self.seen: list[dict[str, str]] = []
        members = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                members.seen.append(headers)
                login = "Basic " + base64.b64encode(f"ann:{PASSWORD}".encode()).decode()
                known = headers.get("authorization") == login and headers.get("x-key") == KEY
                body = rss("Members", ("Storm cuts power line", GRID)) if known else b"members only"
                self.send_response(200 if known else 401)
                self.send_header("WWW-Authenticate", 'Basic realm="members"')
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
                pass

        super().__init__(ThreadingHTTPServer(("127.0.0.1", 0), Handler))


@pytest.fixture
def members() -> Iterator[Members]:
    with Members() as server:
        yield server


@pytest.fixture
def member(shell: Shell, members: Members, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("MEMBER_PASSWORD", PASSWORD)
    monkeypatch.setenv("MEMBER_SESSION", SESSION)
    Path("key").write_text(f"{KEY}\n", encoding="utf-8")
    shell.write(
        f"""[fetch]
full_text = "never"

[[feed]]
url = "http://127.0.0.1:{members.port}/feed.xml"
name = "Members"
allow_private = true
user = "ann"
password_env = "MEMBER_PASSWORD"
headers = {{ X-Mine = "{HEADER}" }}
headers_file = {{ X-Key = "key" }}
cookies_env = {{ session = "MEMBER_SESSION" }}
"""
    )
    return shell


def test_a_feed_gets_its_login_header_and_cookie_and_no_output_shows_them(member: Shell, members: Members):
    fetched = member("-vv", "fetch")
    assert fetched.status == 0, fetched.err
    [seen] = members.seen
    assert (seen["x-key"], seen["x-mine"], seen["cookie"]) == (KEY, HEADER, f"session={SESSION}")
    for command in (("feeds",), ("feeds", "--json"), ("export",), ("export", "--with-passwords"), ("doctor",)):
        shown = member("-vv", *command)
        assert not [secret for secret in SECRETS if secret in shown.out + shown.err], command
    assert not [secret for secret in SECRETS if secret in fetched.out + fetched.err]
    stored = b"".join(path.read_bytes() for path in Path("data").iterdir() if path.is_file())
    assert not [secret for secret in SECRETS if secret.encode() in stored]


def test_a_refusal_says_what_to_set_and_shows_no_secret(member: Shell):
    Path("key").write_text("another-key-55", encoding="utf-8")
    done = member("-vv", "fetch")
    assert done.status == 3
    assert "401" in done.out + done.err
    assert "password" in done.out + done.err
    shown = member("feeds", "--json")
    assert shown.rows[0]["code"] == "http-401"
    assert not [secret for secret in (*SECRETS, "another-key-55") if secret in done.out + done.err + shown.out]


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        (lambda patch: patch.delenv("MEMBER_PASSWORD"), "password_env"),
        (lambda patch: patch.delenv("MEMBER_SESSION"), "cookies_env.session"),
        (lambda _: Path("key").unlink(), "headers_file.X-Key"),
        (lambda _: Path("key").write_text("two\nlines", encoding="utf-8"), "headers_file.X-Key"),
    ],
)
def test_a_missing_secret_is_named_by_its_key_and_nothing_is_sent(
    member: Shell, members: Members, monkeypatch: pytest.MonkeyPatch, spoil, key
):
    spoil(monkeypatch)
    done = member("fetch")
    assert done.status == 3
    assert key in done.out + done.err
    assert members.seen == []
    assert key in member("doctor").out


def test_another_feed_is_fetched_all_the_same(member: Shell, site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("MEMBER_PASSWORD")
    url = site.feed("/open.xml", rss("Open", ("A", GRID)))
    with member.config.open("a", encoding="utf-8") as file:
        file.write(f'[[feed]]\nurl = "{url}"\nname = "Open"\nallow_private = true\n')
    assert member("fetch").status == 0
