"""The pool against real worker processes."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
from io import BytesIO
from pathlib import Path

import pytest

from feeds import opml
from feeds.errors import NotAFeed, NotAList, ParseCrashed, ParseError, ParseTimedOut
from feeds.parse.pool import MEBIBYTE, InlineParser, ParsePool, _Reader, read_list

pytestmark = pytest.mark.anyio

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour Gazette</title>
<item><guid>1</guid><title>Ferry runs again</title><link>http://example.org/1</link>
<pubDate>Mon, 06 May 2024 10:00:00 GMT</pubDate><enclosure url="http://example.org/a.mp3" type="audio/mpeg" length="5"/>
</item></channel></rss>"""


async def test_a_worker_reads_what_the_caller_would_read():
    async with ParsePool() as pool:
        far = await pool.parse(RSS, "http://example.org/feed", {})
    near = await InlineParser().parse(RSS, "http://example.org/feed", {})
    assert far == near
    assert far.entries[0].title == "Ferry runs again"


async def test_one_worker_serves_many_and_is_started_only_when_needed():
    async with ParsePool(workers=1) as pool:
        assert pool.started == 0
        feeds = await asyncio.gather(*(pool.parse(RSS, f"http://example.org/{n}", {}) for n in range(5)))
        assert pool.started == 1
    assert {feed.title for feed in feeds} == {"Harbour Gazette"}


@pytest.mark.parametrize("make", [ParsePool, InlineParser])
async def test_errors_of_the_parser_arrive_by_their_code(make: type[ParsePool | InlineParser]):
    async with make() as parser:
        with pytest.raises(NotAFeed) as caught:
            await parser.parse(b"\x89PNG\r\n\x1a\n", "http://example.org/feed", {})
    assert caught.value.code == "not-a-feed"


@pytest.fixture
def broken_parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers find, ahead of the real parser, one that does what the body tells it to."""
    package = tmp_path / "broken"
    package.mkdir()
    (package / "sitecustomize.py").write_text(BROKEN)
    monkeypatch.syspath_prepend(str(package))


BROKEN = """
import feeds.parse, os, sys

def parse(body, url, headers, known=()):
    if b"channel" in body:
        return real(body, url, headers, known)
    exec(body, {"os": os, "sys": sys})

real, feeds.parse.parse = feeds.parse.parse, parse
"""

FAULTS = {
    "endless loop": (b"while True: pass", ParseTimedOut),
    "endless loop in C": (b"sum(range(10**12))", ParseTimedOut),
    "memory": (b"x = bytearray(10**10)", ParseCrashed),
    "many small pieces": (b"x = [bytes(10**5) for _ in range(10**5)]", ParseCrashed),
    "sudden death": (b"os._exit(3)", ParseCrashed),
    "killed": (b"os.kill(os.getpid(), 9)", ParseCrashed),
    "recursion": (b"f = lambda: f()\nf()", ParseCrashed),
    "an error of its own": (b"1/0", ParseCrashed),
    "talks into the answers": (b"os.write(1, b'garbage' * 100)\nraise ZeroDivisionError", ParseCrashed),
}


@pytest.mark.usefixtures("broken_parser")
@pytest.mark.parametrize(("body", "error"), FAULTS.values(), ids=FAULTS)
async def test_a_worker_that_fails_costs_one_feed_only(body: bytes, error: type[ParseError]):
    async with ParsePool(cpu_seconds=1.0, memory_bytes=256 * MEBIBYTE) as pool:
        with pytest.raises(error) as caught:
            await pool.parse(body, "http://example.org/bad", {})
        assert caught.value.url == "http://example.org/bad"
        good = await pool.parse(RSS, "http://example.org/feed", {})
        assert good.title == "Harbour Gazette"


@pytest.mark.usefixtures("broken_parser")
async def test_what_a_worker_sends_is_not_trusted():
    hostile = b"import pickle\nclass E:\n def __reduce__(self): return os.system, ('true',)\ndata = pickle.dumps(E())\n"
    hostile += b"sys._getframe(3).f_locals['outgoing'].write(len(data).to_bytes(4, 'big') + data)\n"
    hostile += b"sys._getframe(3).f_locals['outgoing'].flush()"
    async with ParsePool() as pool:
        with pytest.raises(ParseCrashed):
            await pool.parse(hostile, "http://example.org/bad", {})
        assert (await pool.parse(RSS, "http://example.org/feed", {})).title == "Harbour Gazette"


@pytest.mark.usefixtures("broken_parser")
async def test_a_worker_does_not_see_the_secrets_of_the_program(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SMTP_PASSWORD", "hidden")
    async with ParsePool() as pool:
        with pytest.raises(ParseCrashed, match="KeyError"):
            await pool.parse(b"os.environ['SMTP_PASSWORD']", "http://example.org/feed", {})


@pytest.mark.usefixtures("broken_parser")
async def test_giving_up_on_an_answer_does_not_hand_it_to_the_next():
    async with ParsePool(workers=1) as pool:
        await pool.parse(RSS, "http://example.org/feed", {})
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await pool.parse(b"import time; time.sleep(60)", "http://example.org/slow", {})
        assert (await pool.parse(RSS, "http://example.org/feed", {})).title == "Harbour Gazette"
        assert pool.started == 2


async def test_a_worker_that_died_while_idle_is_replaced():
    async with ParsePool() as pool:
        await pool.parse(RSS, "http://example.org/feed", {})
        (worker,) = pool._idle
        worker._process.kill()
        await worker._process.wait()
        assert (await pool.parse(RSS, "http://example.org/feed", {})).title == "Harbour Gazette"
        assert pool.started == 2


async def test_signals_for_the_whole_group_do_not_end_a_worker():
    async with ParsePool() as pool:
        await pool.parse(RSS, "http://example.org/feed", {})
        (worker,) = pool._idle
        os.kill(worker._process.pid, signal.SIGTERM)
        os.kill(worker._process.pid, signal.SIGINT)
        await pool.parse(RSS, "http://example.org/feed", {})
        assert pool.started == 1


def test_the_reader_knows_the_model_and_nothing_else():
    with pytest.raises(pickle.UnpicklingError, match="no part of a feed"):
        _Reader(BytesIO(pickle.dumps(os.getcwd))).load()


OUTLINE = '<outline type="rss" text="t{0}" xmlUrl="https://news.example/{0}"/>'


def listing(count: int) -> bytes:
    return f"<opml><body>{''.join(OUTLINE.format(n) for n in range(count))}</body></opml>".encode()


def test_a_list_is_read_in_a_process_as_it_would_be_in_ours() -> None:
    folders = b'<opml><body><outline text="News &amp; more">' + listing(3)[12:-14] + b"</outline></body></opml>"
    assert read_list(folders) == opml.read(folders)
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
