"""The pool against real processes; the limits themselves are tested in `tests.feeds.process`."""

from __future__ import annotations

import asyncio
import os
import pickle
from datetime import timedelta
from pathlib import Path

import pytest

from feeds import opml
from feeds.errors import NotAFeed, NotAList, ParseCrashed, ParseError, ParseTimedOut
from feeds.model import GuidOrigin
from feeds.parse.pool import MEBIBYTE, InlineParser, ParsePool, read_list
from feeds.process.values import INSTANTS, load_values

pytestmark = pytest.mark.anyio

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour Gazette</title>
<item><guid>1</guid><title>Ferry runs again</title><link>http://example.org/1</link>
<pubDate>Mon, 06 May 2024 10:00:00 GMT</pubDate><enclosure url="http://example.org/a.mp3" type="audio/mpeg" length="5"/>
</item></channel></rss>"""


async def test_a_process_parses_as_the_caller_would():
    async with ParsePool() as pool:
        far = await pool.parse(RSS, "http://example.org/feed", {})
    near = await InlineParser().parse(RSS, "http://example.org/feed", {})
    assert far == near
    assert far.entries[0].title == "Ferry runs again"


async def test_one_process_parses_many_feeds():
    async with ParsePool(workers=1) as pool:
        feeds = await asyncio.gather(*(pool.parse(RSS, f"http://example.org/{n}", {}) for n in range(5)))
    assert {feed.title for feed in feeds} == {"Harbour Gazette"}


@pytest.mark.parametrize("make", [ParsePool, InlineParser])
async def test_errors_of_the_parser_arrive_by_their_code(make: type[ParsePool | InlineParser]):
    async with make() as parser:
        with pytest.raises(NotAFeed) as caught:
            await parser.parse(b"\x89PNG\r\n\x1a\n", "http://example.org/feed", {})
    assert caught.value.code == "not-a-feed"


@pytest.fixture
def broken_parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes import, ahead of the real parser, one that executes the body."""
    package = tmp_path / "broken"
    package.mkdir()
    (package / "sitecustomize.py").write_text(BROKEN)
    monkeypatch.syspath_prepend(str(package))


BROKEN = """
import feeds.parse, os, sys

def parse(body, url, headers, known=(), page=None):
    if b"channel" in body:
        return real(body, url, headers, known, page)
    exec(body, {"os": os, "sys": sys})

real, feeds.parse.parse = feeds.parse.parse, parse
"""

FAULTS = {
    "endless loop": (b"while True: pass", ParseTimedOut),
    "memory": (b"x = bytearray(10**10)", ParseCrashed),
    "killed": (b"os.kill(os.getpid(), 9)", ParseCrashed),
    "an error of its own": (b"1/0", ParseCrashed),
}


@pytest.mark.usefixtures("broken_parser")
@pytest.mark.parametrize(("body", "error"), FAULTS.values(), ids=FAULTS)
async def test_a_process_that_fails_costs_one_feed_only(body: bytes, error: type[ParseError]):
    async with ParsePool(cpu_seconds=1.0, memory_bytes=256 * MEBIBYTE) as pool:
        with pytest.raises(error) as caught:
            await pool.parse(body, "http://example.org/bad", {})
        assert caught.value.url == "http://example.org/bad"
        good = await pool.parse(RSS, "http://example.org/feed", {})
        assert good.title == "Harbour Gazette"


@pytest.mark.usefixtures("broken_parser")
@pytest.mark.parametrize(
    "made", ["type('E', (), {'__reduce__': lambda self: (os.system, ('true',))})()", "3", "(1, 2)"]
)
async def test_what_a_process_sends_is_not_trusted(made: str):
    hostile = f"""
import pickle
out, data = sys._getframe(4).f_locals['outgoing'], pickle.dumps({made})
out.write(b'+' + len(data).to_bytes(4, 'big') + data)
out.flush()"""
    async with ParsePool() as pool:
        with pytest.raises(ParseCrashed):
            await pool.parse(hostile.encode(), "http://example.org/bad", {})


def test_only_classes_of_the_model_are_unpickled():
    with pytest.raises(pickle.UnpicklingError, match="not allowed"):
        load_values(pickle.dumps(os.getcwd), INSTANTS)


OUTLINE = '<outline type="rss" text="t{0}" xmlUrl="https://news.example/{0}"/>'


def listing(count: int) -> bytes:
    return f"<opml><body>{''.join(OUTLINE.format(n) for n in range(count))}</body></opml>".encode()


class AsGetattr:
    """Pickled as Python 3.11.2 pickles a member of an enumeration."""

    def __init__(self, kind: type, name: str) -> None:
        self.call = (getattr, (kind, name))

    def __reduce__(self) -> object:
        return self.call


def test_members_of_enumerations_arrive_from_each_python_and_nothing_else_is_looked_up() -> None:
    allowed = {("feeds.model", "GuidOrigin"), *INSTANTS}
    member = next(iter(GuidOrigin))
    for value in (member, AsGetattr(GuidOrigin, member.name)):
        assert load_values(pickle.dumps(value), allowed) is member
    with pytest.raises(pickle.UnpicklingError, match="not allowed"):
        load_values(pickle.dumps(AsGetattr(timedelta, "__subclasses__")), allowed)
    with pytest.raises(KeyError):
        load_values(pickle.dumps(AsGetattr(GuidOrigin, "__class__")), allowed)


def test_a_list_is_read_in_a_process_as_it_would_be_in_ours() -> None:
    folders = b'<opml><body><outline text="News &amp; more">' + listing(3)[12:-14] + b"</outline></body></opml>"
    assert read_list(folders) == opml.read_opml(folders)
    assert [one.folder for one in read_list(folders)] == [("News & more",)] * 3
    with pytest.raises(NotAList):
        read_list(b"no list")


def test_a_hostile_list_takes_no_more_than_it_may() -> None:
    with pytest.raises(ParseTimedOut):
        read_list(listing(200_000), cpu_seconds=0.3)
    with pytest.raises(ParseCrashed):
        read_list(listing(100_000), memory_bytes=8 * MEBIBYTE)


def test_a_process_that_dies_or_answers_nonsense_is_a_crash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for body in ("raise SystemExit(3)", "import sys; sys.stdout.write('nonsense'); raise SystemExit"):
        (tmp_path / "sitecustomize.py").write_text(body)
        monkeypatch.syspath_prepend(str(tmp_path))
        with pytest.raises(ParseCrashed):
            read_list(listing(1))
