"""What one request costs us, beside a bare httpx loop on the same publisher.

    python -m tests.benchmarks.fetch [--feeds 500] [--repeat 3] [--per-host 9]
    python -m tests.benchmarks.fetch --bench DIR …      the whole program beside other readers: see `beside`

A publisher in a process of its own serves feeds on many loopback hosts: first whole (40 entries, gzip), then unchanged
(304). Prints a line for each scenario and client: seconds of wall and of processor time (ours only, not the
publisher's), milliseconds of processor time a request, and the ratio to the bare loop. Medians over the repeats,
clients in turn.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from feeds.http import FetchSettings, HttpFetcher, Request
from feeds.model import Validators
from tests.benchmarks import beside

ETAG = '"1"'
ITEM = "<item><guid>{n}</guid><title>Entry number {n}</title><link>http://127.0.0.1/{n}</link><description>{text}</description></item>"
FEED = "<rss version='2.0'><channel><title>A feed</title>{}</channel></rss>".format(
    "".join(ITEM.format(n=n, text=" ".join(str((n * 7919 + k) % 9973) for k in range(150))) for n in range(40))
).encode()
CONCURRENCY = 64
Fetch = Callable[[str, bool], Awaitable[None]]


@dataclass(frozen=True)
class Cost:
    wall: float
    processor: float


class Publisher(asyncio.Protocol):
    """The least that answers: 304 to whoever names the tag, else the feed."""

    whole = gzip.compress(FEED)
    whole = (
        f"HTTP/1.1 200 OK\r\nETag: {ETAG}\r\nContent-Encoding: gzip\r\nContent-Type: application/rss+xml\r\n"
        f"Content-Length: {len(whole)}\r\n\r\n"
    ).encode() + whole
    same = f"HTTP/1.1 304 Not Modified\r\nETag: {ETAG}\r\n\r\n".encode()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            asked, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            self.transport.write(self.same if b"if-none-match" in asked.lower() else self.whole)


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Publisher, "0.0.0.0", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def measure(urls: list[str], fetch: Fetch, known: bool) -> Cost:
    """Fetch everything once, so many at a time."""
    waiting = iter(urls)

    async def work() -> None:
        for url in waiting:
            await fetch(url, known)

    wall, processor = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
    return Cost(time.perf_counter() - wall, time.process_time() - processor)


async def bare(urls: list[str], known: bool) -> Cost:
    """httpx as its documentation has it, at its best setting for one request a host."""
    limits = httpx.Limits(max_connections=CONCURRENCY, max_keepalive_connections=0)
    async with httpx.AsyncClient(follow_redirects=True, timeout=10, limits=limits, trust_env=False) as client:

        async def fetch(url: str, known: bool) -> None:
            answer = await client.get(url, headers={"If-None-Match": ETAG} if known else {})
            assert answer.status_code == (304 if known else 200)

        return await measure(urls, fetch, known)


async def ours(urls: list[str], known: bool) -> Cost:
    """Our source with all its checks."""
    validators = Validators(ETAG, None, "unknown") if known else Validators()
    async with HttpFetcher(FetchSettings(allow_private=True, per_host=8)) as source:

        async def fetch(url: str, known: bool) -> None:
            fetched = await source.fetch(Request(url, validators))
            assert fetched.unchanged == known

        return await measure(urls, fetch, known)


async def run(port: int, feeds: int, repeat: int, per_host: int) -> None:
    urls = [f"http://127.0.{n // per_host % 250}.{1 + n // per_host // 250}:{port}/feed{n}" for n in range(feeds)]
    clients = {"httpx": bare, "ours": ours}
    for known in (False, True):
        costs: dict[str, list[Cost]] = {name: [] for name in clients}
        for _ in range(repeat):
            for name, client in clients.items():
                costs[name].append(await client(urls, known))
        base = statistics.median(cost.processor for cost in costs["httpx"])
        for name, spent in costs.items():
            wall = statistics.median(cost.wall for cost in spent)
            processor = statistics.median(cost.processor for cost in spent)
            print(
                f"{'unchanged' if known else 'whole':10}{name:6} wall {wall:6.2f} s  cpu {processor:6.2f} s  "
                f"{processor / feeds * 1000:5.2f} ms a request  {feeds / wall:6.0f} requests/s  ratio "
                f"{processor / base:.2f}"
            )


def compare(words: list[str]) -> None:
    """The whole program beside other readers."""
    parser = argparse.ArgumentParser(
        description="Our program beside other readers, in a bench outside this repository."
    )
    parser.add_argument("--bench", required=True, metavar="DIR")
    parser.add_argument("--python", default=sys.executable, help="an interpreter with what the bench needs")
    parser.add_argument("--program", default=sys.executable, help="an interpreter in which our program is installed")
    parser.add_argument("--contestants", default=beside.CONTESTANTS)
    parser.add_argument("--sizes", default="500")
    parser.add_argument("--scenarios", default="s123")
    parser.add_argument("--reps", type=int, default=1)
    parser.add_argument("--feeds", type=int, default=2000, help="feeds that the bench's publisher holds")
    parser.add_argument("--port", type=int, default=8400)
    parser.add_argument("--results", help="a file to keep the bench's lines in")
    beside.run(parser.parse_args(words))


async def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--per-host", type=int, default=9)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args(words)
    if arguments.serve:
        await serve()
        return
    publisher = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.fetch", "--serve"), stdout=asyncio.subprocess.PIPE
    )
    assert publisher.stdout is not None
    try:
        port = int(await publisher.stdout.readline())
        await run(port, arguments.feeds, arguments.repeat, arguments.per_host)
    finally:
        publisher.kill()
        await publisher.wait()


if __name__ == "__main__":
    if any(word.startswith("--bench") for word in sys.argv[1:]):
        compare(sys.argv[1:])
    else:
        asyncio.run(main(sys.argv[1:]))
