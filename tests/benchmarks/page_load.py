"""How long readers wait while the daemon polls: 50 readers beside a daemon with 500 feeds that change every minute.

    python -m tests.benchmarks.page_load [--readers 50] [--feeds 500] [--seconds 120] [--warm 60]

Everything is on loopback; the daemon is its own process. Each reader opens a page and looks at it for half a second to
two and a half. Prints the percentiles of the seconds that a response took, for all pages and for each kind of page.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx

PAGES = ("/", "/topics", "/search", "/search?q=harbour", "/saved", "/manage/feeds", "/manage/digests", "/topics/Other")
_ITEM = (
    "<item><title>Town {key} hears of harbour {n}</title><link>http://127.0.0.1/{key}/{n}</link>"
    "<guid>{key}-{n}</guid><description>The harbour of Town {key} was closed on Monday after {n} people complained, "
    "the mayor of {key} said.</description></item>"
)


class _Feeds(BaseHTTPRequestHandler):
    """Feeds of eight items, one of them new each minute."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with the feed of the path; there is no robots.txt."""
        key, newest = self.path.strip("/"), int(time.time() // 60)
        items = "".join(_ITEM.format(key=key, n=newest - back) for back in range(8))
        body = f"<rss version='2.0'><channel><title>F {key}</title>{items}</channel></rss>".encode()
        known = key != "robots.txt"
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body) if known else 0))
        self.end_headers()
        if known:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


class _Server(socketserver.ThreadingMixIn, HTTPServer):
    daemon_threads = True
    request_queue_size = 512


@contextmanager
def feeds_served() -> Iterator[int]:
    """Serve the feeds; yields the port."""
    server = _Server(("127.0.0.1", 0), _Feeds)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def daemon(folder: Path, feeds: int, publisher: int) -> Iterator[str]:
    """Run the daemon; yields the URL of its pages."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    tables = "".join(
        f'[[feed]]\nurl = "http://127.0.0.1:{publisher}/{n}"\nname = "Feed {n}"\nallow_private = true\n'
        'interval = "1m"\n'
        for n in range(feeds)
    )
    text = (
        '[storage]\nurl = "sqlite:///news.db"\n[fetch]\nmin_interval = "1m"\nper_host = 32\n'
        f'[web]\nlisten = "127.0.0.1:{port}"\n[[digest]]\nname = "d"\nto = ["folder:out"]\n{tables}'
    )
    file = folder / "config.toml"
    file.write_text(text, "utf-8")
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "aggregator", "--config", str(file), "run"], stdout=log, stderr=log
        )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(60)


async def read(base: str, end: float, seed: int, times: dict[str, list[float]]) -> None:
    """Open pages until the end; add how long each took under its kind."""
    chance, paths = random.Random(seed), list(PAGES)
    async with httpx.AsyncClient(base_url=base, timeout=60) as client:
        while time.monotonic() < end:
            path = chance.choice(paths)
            start = time.perf_counter()
            page = (await client.get(path)).raise_for_status()
            times["/stories/…" if path.startswith("/stories/") else path].append(time.perf_counter() - start)
            if path == "/topics/Other":
                paths = [*PAGES, *re.findall(r'href="(/stories/[^"]+)"', page.text)[:6]]
            await asyncio.sleep(chance.uniform(0.5, 2.5))


def line(name: str, times: Sequence[float]) -> str:
    """Return the percentiles of a list of seconds."""
    found = sorted(times)
    shares = " ".join(f"{found[min(len(found) - 1, int(len(found) * share))]:7.3f}" for share in (0.5, 0.9, 0.99))
    return f"{name:20} {len(found):6} {shares} {found[-1]:7.3f}"


async def measure(base: str, readers: int, seconds: float) -> None:
    """Let the readers read, and print how long they waited."""
    times: dict[str, list[float]] = defaultdict(list)
    end = time.monotonic() + seconds
    await asyncio.gather(*(read(base, end, seed, times) for seed in range(readers)))
    print(f"{'page':20} {'count':>6} {'p50':>7} {'p90':>7} {'p99':>7} {'max':>7}")
    for name in sorted(times):
        print(line(name, times[name]))
    print(line("all", [one for found in times.values() for one in found]))


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--warm", type=float, default=60.0)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        feeds_served() as publisher,
        daemon(Path(folder), chosen.feeds, publisher) as base,
    ):
        time.sleep(chosen.warm)
        asyncio.run(measure(base, chosen.readers, chosen.seconds))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
