"""How long readers wait while the daemon polls: 50 readers beside a daemon with 500 feeds that change every minute.

    python -m tests.benchmarks.page_load [--readers 50] [--feeds 500] [--seconds 60] [--warm 60]

Everything is on loopback; the daemon is its own process. Each reader opens a page and looks at it for half a second to
two and a half. The readers begin when there are stories, after `--warm` seconds at the latest; a run takes at most
three minutes. Prints the percentiles of the seconds that a response took, for all pages and for each kind, the share
of a core that the daemon used, and the responses that failed. Returns 1 if any failed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
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
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx

REQUEST_SECONDS, STOP_SECONDS = 20.0, 20.0
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
def daemon(folder: Path, feeds: int, publisher: int) -> Iterator[tuple[str, int]]:
    """Run the daemon; yields the URL of its pages and its process id."""
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
        yield f"http://127.0.0.1:{port}", running.pid
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


async def wait_for_stories(base: str, seconds: float) -> None:
    """Wait until the daemon has stories. Raises TimeoutError if its pages do not open."""
    end, opened = time.monotonic() + seconds, False
    async with httpx.AsyncClient(base_url=base, timeout=REQUEST_SECONDS) as client:
        while time.monotonic() < end:
            with suppress(httpx.TransportError):
                page = await client.get("/topics")
                opened = page.is_success
                if "/stories/" in page.text:
                    return
            await asyncio.sleep(1)
    if not opened:
        raise TimeoutError(f"the pages do not open within {seconds:.0f} s")


async def read(base: str, end: float, seed: int, times: dict[str, list[float]], failed: Counter[str]) -> None:
    """Open pages until the end; add how long each took under its kind, and count those that failed."""
    chance, paths = random.Random(seed), list(PAGES)
    await asyncio.sleep(chance.uniform(0, 2.5))  # readers do not come in the same moment
    async with httpx.AsyncClient(base_url=base, timeout=REQUEST_SECONDS) as client:
        while time.monotonic() < end:
            path = chance.choice(paths)
            kind = "/stories/…" if path.startswith("/stories/") else path
            start = time.perf_counter()
            try:
                page = (await client.get(path)).raise_for_status()
                if path == "/topics/Other":
                    paths = [*PAGES, *re.findall(r'href="(/stories/[^"]+)"', page.text)[:6]]
            except httpx.HTTPStatusError as error:
                failed[f"{kind}: {error.response.status_code}"] += 1
            except httpx.TransportError as error:
                failed[f"{kind}: {type(error).__name__}"] += 1
            times[kind].append(time.perf_counter() - start)
            await asyncio.sleep(chance.uniform(0.5, 2.5))


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process used (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def line(name: str, times: Sequence[float]) -> str:
    """Return the percentiles of a list of seconds."""
    found = sorted(times)
    shares = " ".join(f"{found[min(len(found) - 1, int(len(found) * share))]:7.3f}" for share in (0.5, 0.9, 0.99))
    return f"{name:20} {len(found):6} {shares} {found[-1]:7.3f}"


async def measure(base: str, pid: int, readers: int, seconds: float) -> bool:
    """Let the readers read, and print how long they waited. Returns whether every page came."""
    times: dict[str, list[float]] = defaultdict(list)
    failed: Counter[str] = Counter()
    start, used = time.monotonic(), processor_seconds(pid)
    await asyncio.gather(*(read(base, start + seconds, seed, times, failed) for seed in range(readers)))
    share = (processor_seconds(pid) - used) / (time.monotonic() - start)
    print(f"{'page':20} {'count':>6} {'p50':>7} {'p90':>7} {'p99':>7} {'max':>7}")
    for name in sorted(times):
        print(line(name, times[name]))
    print(line("all", [one for found in times.values() for one in found]))
    print(f"the daemon used {share:.0%} of a core; failed: {dict(failed) or 'none'}")
    return not failed


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--warm", type=float, default=60.0)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        feeds_served() as publisher,
        daemon(Path(folder), chosen.feeds, publisher) as (base, pid),
    ):
        asyncio.run(wait_for_stories(base, chosen.warm))
        return 0 if asyncio.run(measure(base, pid, chosen.readers, chosen.seconds)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
