"""Those who connect to the pages: readers and a probe whose waiting is measured, and clients that attack.

    python -m tests.benchmarks.soak.visitors PORT SECONDS readers|attack

`readers` prints the figures as JSON.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import re
import sys
import time
from collections import Counter
from contextlib import suppress

READERS = 20
_LINK = re.compile(r'href="[^"]*?(/(?:editions|stories)/[\w:.-]+)')
_RANDOM = random.Random(7)


async def get(port: int, path: str) -> tuple[int, str, float]:
    """Request a page as a browser would; the status (0 for none), the body, the seconds."""
    began = time.monotonic()
    data = b""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(20):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
                data = await reader.read()
            finally:
                writer.close()
    status = int(data[9:12]) if data.startswith(b"HTTP/1.1 ") else 0
    return status, data.decode("utf-8", "replace"), time.monotonic() - began


class Visits:
    """The seconds and statuses of many requests."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.statuses: Counter[int] = Counter()

    def add(self, status: int, seconds: float) -> None:
        """Count one request."""
        self.seconds.append(seconds)
        self.statuses[status] += 1

    def figures(self) -> dict[str, object]:
        """Number, percentiles in seconds, statuses."""
        ordered = sorted(self.seconds) or [0.0]
        at = {f"p{share}": round(ordered[min(len(ordered) - 1, len(ordered) * share // 100)], 3) for share in (50, 99)}
        return {"requests": len(self.seconds), **at, "max": round(ordered[-1], 3), "statuses": dict(self.statuses)}


async def read_pages(port: int, end: float, visits: Visits) -> None:
    """One reader: the list, then what it links to."""
    known = ["/"]
    while time.monotonic() < end:
        path = _RANDOM.choice(known)
        status, body, seconds = await get(port, path)
        visits.add(status, seconds)
        if status == 200:
            known = ["/", "/digests/soak.xml", *_LINK.findall(body)[:50]]
        await asyncio.sleep(_RANDOM.uniform(0.5, 1.5))


async def probe(port: int, end: float, visits: Visits) -> None:
    """Request /healthz, five times a second."""
    while time.monotonic() < end:
        status, _, seconds = await get(port, "/healthz")
        visits.add(status, seconds)
        await asyncio.sleep(0.2)


async def readers(port: int, seconds: float) -> None:
    """Readers and probe; prints the figures."""
    end = time.monotonic() + seconds
    health, pages = Visits(), Visits()
    await asyncio.gather(probe(port, end, health), *(read_pages(port, end, pages) for _ in range(READERS)))
    print(json.dumps({"healthz": health.figures(), "pages": pages.figures()}))


async def hold(port: int, end: float, head: bytes, piece: bytes, pause: float) -> None:
    """Keep a request unfinished; begin again when it is closed."""
    while time.monotonic() < end:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(_source(), 0))
            try:
                writer.write(head)
                while time.monotonic() < end and not writer.is_closing():
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(pause)
            finally:
                writer.transport.abort()
        await asyncio.sleep(0.5)


async def send(port: int, end: float, requests: itertools.cycle[bytes], pause: float) -> None:
    """Send requests one by one, each over its own connection; leave before the end of every third response."""
    for number, request in enumerate(requests):
        if time.monotonic() >= end:
            return
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(10):
                reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(_source(), 0))
                try:
                    writer.write(request.replace(b"NUMBER", b"%06d" % number))
                    await reader.read(-1 if number % 3 else 10)
                finally:
                    writer.transport.abort()
        await asyncio.sleep(pause)


def _source() -> str:
    """Another client each time."""
    return f"127.5.{_RANDOM.randrange(250)}.{_RANDOM.randrange(1, 250)}"


def _form(path: str, body: str, more: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n{more}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


FORGED = [
    _form("/subscribe/soak", "address=victim%2BNUMBER@target.example "),
    _form("/subscribe/soak", "address=v.i.c.t.i.m@TARGET.example"),
    _form("/subscribe/soak", "address=person@hNUMBER.flooded.example "),
    _form("/unsubscribe/forged", "List-Unsubscribe=One-Click"),
    _form("/settings/forged", "action=leave"),
    _form("/confirm/forged", ""),
    _form("/websub/forged", "<rss/>", "X-Hub-Signature: sha1=00\r\n"),
    b"POST /subscribe/soak HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"GET /editions/NUMBER HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00 not HTTP\r\n\r\n",
]


async def attack(port: int, seconds: float) -> None:
    """All attackers at once."""
    end = time.monotonic() + seconds
    half = b"GET / HTTP/1.1\r\nHost: x\r\nX-a: "
    body = b"POST /subscribe/soak HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\na"
    push = b"POST /websub/nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    await asyncio.gather(
        *(hold(port, end, half, b"a", 3.0) for _ in range(300)),
        *(hold(port, end, body, b"a", 1.0) for _ in range(80)),
        *(hold(port, end, push, b"10000\r\n" + b"x" * 65536 + b"\r\n", 0.5) for _ in range(10)),
        *(send(port, end, itertools.cycle(FORGED), 0.2) for _ in range(4)),
    )


if __name__ == "__main__":
    what = {"readers": readers, "attack": attack}[sys.argv[3]]
    asyncio.run(what(int(sys.argv[1]), float(sys.argv[2])))
