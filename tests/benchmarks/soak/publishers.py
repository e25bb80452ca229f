"""Honest and hostile publishers on loopback: each feed has an address of its own in 127.0.0.0/8."""

from __future__ import annotations

import gzip
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.hostile_texts import TEXTS

HONEST = 200
FIRST_ENTRIES, ENTRY_SECONDS = 3, 120.0  # of each honest feed: at the start, and between two entries
_PLACES = [
    "Alder",
    "Brack",
    "Colt",
    "Dun",
    "East",
    "Farrow",
    "Glass",
    "Hollin",
    "Inver",
    "Jessop",
    "Kess",
    "Lund",
    "Marl",
    "North",
    "Orr",
    "Pell",
    "Quill",
    "Ross",
    "Soria",
    "Tav",
]
_ENDS = ["moor", "by", "ford", "mere", "wold", "dale", "pool", "beck", "larn", "stead"]
_NEWS = (
    "reopened its footbridge after repairs|carpenters replaced sixty oak beams",
    "elected a new mayor|the count lasted until midnight",
    "lost its last bakery|rents had doubled within a year",
    "won the regional singing prize|judges praised the programme",
    "closed two schools|pipes had burst in the frost",
    "sold its vineyard|grape sugar reached a record level",
    "opened a burns ward|surgeons trained abroad for it",
    "rejected the toll|drivers had signed a petition",
)
_PARAGRAPH = "<p>The parliament passed the law on Friday, the speaker said. It takes effect in January.</p>"


def honest_host(number: int) -> str:
    """The address of an honest feed."""
    return f"127.3.{number // 200}.{number % 200 + 1}"


def hostile_host(number: int) -> str:
    """The address of a hostile feed."""
    return f"127.4.0.{number + 1}"


class World(ThreadingHTTPServer):
    """All publishers. `freeze` ends the publishing, so that all that was published can be polled."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("0.0.0.0", 0), _Handler)
        self.began = time.monotonic()
        self.frozen: float | None = None
        self.hostile_requests = 0
        self._thread = threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True)

    def start(self) -> None:
        """Serve in a thread."""
        self._thread.start()

    def freeze(self) -> None:
        """Publish nothing new from now on."""
        self.frozen = time.monotonic()

    def published(self, number: int) -> list[str]:
        """The guids that an honest feed has published."""
        passed = (self.frozen or time.monotonic()) - self.began - number % int(ENTRY_SECONDS)
        return [f"honest-{number}-{n}" for n in range(FIRST_ENTRIES + max(0, int(passed // ENTRY_SECONDS)))]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that left."""


def _honest(server: World, number: int) -> bytes:
    items = []
    for n, guid in enumerate(server.published(number)):
        place = f"{_PLACES[number % 20]}{_ENDS[number // 20]}{chr(97 + n % 26)}"
        what, detail = _NEWS[(number * 7 + n * 3) % len(_NEWS)].split("|")
        text = (
            f"{place} {what}, said the council. {detail.capitalize()}. About {17 + 13 * n + number} people "
            f"of {place} came to see it."
        )
        items.append(
            f"<item><title>{place} {what}</title><guid isPermaLink='false'>{guid}</guid>"
            f"<pubDate>{format_datetime(datetime.now(UTC))}</pubDate><description>"
            f"{escape(text * 3)}</description></item>"
        )
    return _rss(f"Honest {number}", reversed(items))


def _rss(title: str, items: Iterator[str] | list[str]) -> bytes:
    head = f"<?xml version='1.0'?><rss version='2.0'><channel><title>{title}</title><language>en</language>"
    return (head + "".join(items) + "</channel></rss>").encode()


def _teasers(host: str, kinds: list[str]) -> bytes:
    stamp = int(time.monotonic())
    return _rss(
        "Pages",
        [
            f"<item><title>Page {kind} {stamp}</title><guid>{kind}-{stamp}</guid><link>http://{host}/page/{kind}/{stamp}</link>"
            f"<description>In short ...</description></item>"
            for kind in kinds
        ],
    )


def _flood() -> bytes:
    make = random.Random()
    return _rss(
        "Flood",
        [f"<item><guid>{make.getrandbits(80)}</guid><title>x {make.random()}</title></item>" for _ in range(4000)],
    )


_NO_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32)])
_ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
_BILLION = (
    f'<!DOCTYPE r [<!ENTITY a0 "ha">{_ENTITIES}]><rss><channel><item><title>&a9;</title></item></channel></rss>'
).encode()


def _texts() -> bytes:
    """Entries whose texts and titles are made to take those long that group, choose and summarize them."""
    return _rss(
        "Texts",
        [
            f"<item><guid>{name}</guid><title>{escape(text(900)).translate(_NO_CONTROLS)}</title><description>"
            f"{escape('Officials said 12 people died. ' + text(60_000)).translate(_NO_CONTROLS)}</description></item>"
            for name, text in TEXTS.items()
        ]
        + [f"<item><title>{'9' * 400} people died</title><description>About {'8' * 400} fled.</description></item>"],
    )


FEEDS: dict[str, Callable[[], bytes]] = {
    "bomb": lambda: gzip.compress(b"<rss>" + b" " * 64 * 2**20),
    "deep": lambda: b"<rss><channel>" + b"<a>" * 300_000,
    "attributes": lambda: b"<rss><channel><item " + b" ".join(b"a%d='x'" % n for n in range(200_000)) + b"/>",
    "entities": lambda: _BILLION,
    "titles": lambda: _rss("T", [f"<item><title>{'a - ' * 20_000}{n}</title></item>" for n in range(40)]),
    "garbage": lambda: random.Random(1).randbytes(2_000_000),
    "html": lambda: (
        b"<html><meta http-equiv=refresh content='0;url=http://127.0.0.1:1/'>" + b"<link rel=alternate " * 200_000
    ),
    "flood": _flood,
    "texts": _texts,
    "silent": lambda: b"",
    "drip": lambda: b"",
    "redirects": lambda: b"",
    "head": lambda: b"",
}
PAGES: dict[str, Callable[[], bytes]] = {
    "paragraphs": lambda: b"<html><body><article>" + _PARAGRAPH.encode() * 80_000,
    "distinct": lambda: (
        b"<article>" + b"".join(b"<p>Item %d word%d passed on day %d.</p>" % (n, n, n) for n in range(80_000))
    ),
    "links": lambda: b"<article>" + b"<p><a href='/x'>abc def</a></p>" * 150_000,
    "dates": lambda: b"<body>" + b'<time datetime="2026-01-0">1 Jan</time> 2026-11-1 ' * 100_000,
    "deep": lambda: b"<body>" + b"<div>" * 200 + b"<b>" * 300_000,
    "title": lambda: b"<title>" + b"a - " * 1_500_000,
    "json": lambda: b"<script type='application/ld+json'>" + b"[" * 2_000_000,
    "spaces": lambda: b"<article><p>a" + b" \n" * 3_000_000 + b"b",
}
_ROBOTS = "User-agent: *\n" + "".join(f"Allow: *{n:x}*a*a*a*a*a*a*a*a\n" for n in range(16_000))


class _Handler(BaseHTTPRequestHandler):
    server: World

    def do_GET(self) -> None:
        host = self.connection.getsockname()[0]
        if host.startswith("127.3."):
            _, _, high, low = (int(part) for part in host.split("."))
            self._send(_honest(self.server, high * 200 + low - 1))
            return
        self.server.hostile_requests += 1
        kind, _, page = self.path.strip("/").partition("/")
        if kind == "robots.txt":
            self._send(_ROBOTS.encode(), "text/plain")
        elif kind == "page":
            self._send(PAGES[page.partition("/")[0]](), "text/html")
        elif kind == "pages":
            self._send(_teasers(self.headers["Host"], list(PAGES)))
        elif kind in ("silent", "drip", "redirects", "head"):
            self._misbehave(kind)
        else:
            self._send(FEEDS[kind](), coding="gzip" if kind == "bomb" else "")

    def _misbehave(self, kind: str) -> None:
        if kind == "redirects":
            self.send_response(302)
            self.send_header("Location", f"/redirects/{random.random()}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        piece = {"silent": b"", "drip": b"<", "head": b"X: y\r\n" * 2000}[kind]
        if kind != "silent":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if kind == "drip" else b""))
        for _ in range(40):
            self.wfile.write(piece)
            time.sleep(0.5)

    def _send(self, body: bytes, media: str = "application/rss+xml", coding: str = "") -> None:
        self.send_response(200)
        self.send_header("Content-Type", media)
        if coding:
            self.send_header("Content-Encoding", coding)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
