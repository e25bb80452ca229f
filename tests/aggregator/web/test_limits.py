"""The pages' server against clients that want to hold it: slow ones, many, ones that lie about lengths or go away."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import resource
import time
import tracemalloc
from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from aggregator.observe import logs
from aggregator.observe.metrics import Metrics
from aggregator.services.program import Program
from aggregator.web import limits
from aggregator.web.server import serve
from tests.support.apps import DIGEST, app_of

pytestmark = pytest.mark.anyio
Client = tuple[asyncio.StreamReader, asyncio.StreamWriter]
WEB = '[web]\nlisten = "127.0.0.1:0"\n'


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    with app_of(
        tmp_path,
        WEB + 'public_url = "https://news.example"\n' + DIGEST.replace("[[digest]]", "[[digest]]\nopen = true", 1),
    ) as made:
        yield made


@asynccontextmanager
async def running(program: Program) -> AsyncIterator[int]:
    async with serve(program, Metrics()) as port:
        assert port
        yield port


async def connected(port: int, data: bytes = b"") -> Client:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    return reader, writer


async def answer(port: int, request: bytes = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") -> bytes:
    reader, writer = await connected(port, request)
    async with asyncio.timeout(10):
        data = await reader.read()
    writer.close()
    return data


async def closed(client: Client) -> bool:
    try:
        async with asyncio.timeout(5):
            return not await client[0].read(1)
    except ConnectionError:
        return True


async def test_idle_half_requests_keep_nobody_out(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_CONNECTIONS", 20)
    async with running(program) as port:
        half = [await connected(port, b"GET / HTTP/1.1\r\nHost: x\r\nX-a: ") for _ in range(60)]
        began = time.monotonic()
        for _ in range(5):
            assert (await answer(port)).startswith(b"HTTP/1.1 200")
        assert time.monotonic() - began < 5
        assert await closed(half[0]), "the oldest made room"
        for _, writer in half:
            writer.close()


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HTTP/1.1\r\nX-a: ",
        b"POST /subscribe/daily HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na",
        b"POST /websub/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["nothing", "half a head", "half a form", "half a push", "nothing more"],
)
async def test_a_client_that_stops_is_cut_off(program: Program, monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    monkeypatch.setattr(limits, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.5)
    async with running(program) as port:
        reader, writer = await connected(port, begun)
        async with asyncio.timeout(10):
            with suppress(ConnectionError):
                while await reader.read(1000):
                    pass
        writer.close()


async def test_a_slow_body_does_not_last_by_dripping(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.5)
    async with running(program) as port:
        head = b"POST /subscribe/daily HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n"
        reader, writer = await connected(port, head)
        ended = asyncio.create_task(reader.read())
        async with asyncio.timeout(10):
            while not ended.done():
                writer.write(b"a")
                await asyncio.sleep(0.02)
        writer.close()
        with suppress(ConnectionError):
            await ended


async def test_a_body_for_nobody_is_not_read(program: Program) -> None:
    async with running(program) as port:
        await answer(port)
        tracemalloc.start()
        try:
            head = b"POST /websub/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 14680064\r\n\r\n"
            clients = [await connected(port, head + b"x" * 100_000) for _ in range(20)]
            firsts = [await reader.readline() for reader, _ in clients]
            assert tracemalloc.get_traced_memory()[1] < 15_000_000
        finally:
            tracemalloc.stop()
        assert set(firsts) == {b"HTTP/1.1 410 Gone\r\n"}
        for _, writer in clients:
            writer.close()


@pytest.mark.parametrize("path", ["/websub/x", "/subscribe/daily", "/healthz"])
async def test_two_lengths_are_refused(program: Program, path: str) -> None:
    request = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    )
    async with running(program) as port:
        data = await answer(port, request.encode())
    assert data.startswith(b"HTTP/1.1 400")
    assert data.count(b"HTTP/1.1") == 1, "what follows is no request"


async def test_more_requests_than_the_limit_are_asked_to_wait() -> None:
    gate = asyncio.Event()
    sent: list[int] = []

    async def app(scope: object, receive: object, send: object) -> None:
        await gate.wait()

    async def send(message: dict[str, object]) -> None:
        if "status" in message:
            sent.append(int(str(message["status"])))

    async def receive() -> dict[str, object]:
        return {}

    limited = limits.RequestLimits(app, most=2, seconds=0.2)  # type: ignore[arg-type]
    await asyncio.gather(*(limited({"type": "http"}, receive, send) for _ in range(5)))  # type: ignore[arg-type]
    assert sent == [503] * 5, "three at once, two after their time"


@pytest.mark.parametrize("path", ["/subscribe/daily", "/unsubscribe/x", "/websub/x"])
async def test_slow_bodies_keep_nobody_out(program: Program, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\na".encode()
    async with running(program) as port:
        slow = [await connected(port, head) for _ in range(2 * limits.MOST_REQUESTS)]
        for _ in range(5):
            assert (await answer(port)).startswith(b"HTTP/1.1 200")
        for _, writer in slow:
            writer.close()


async def test_clients_that_do_not_read_keep_nobody_out() -> None:
    async def app(scope: object, receive: object, send: limits.Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    all_begun = asyncio.Event()
    begun: list[int] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        if "status" in message:
            begun.append(message["status"])
        if len(begun) == 5:
            all_begun.set()
        await all_begun.wait()

    async def receive() -> MutableMapping[str, Any]:
        return {}

    limited = limits.RequestLimits(app, most=2, seconds=60.0)  # type: ignore[arg-type]
    await asyncio.gather(*(limited({"type": "http"}, receive, send) for _ in range(5)))
    assert begun == [200] * 5


async def test_clients_that_go_away_leave_no_traceback(program: Program) -> None:
    out = io.StringIO()
    handler = logs.setup(logging.INFO, stream=out)
    try:
        async with running(program) as port:
            for path in ("/subscribe/daily", "/websub/x", "/"):
                head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\na".encode()
                _, writer = await connected(port, head)
                await asyncio.sleep(0.05)
                writer.transport.abort()
            await answer(port)
    finally:
        logging.getLogger().removeHandler(handler)
    assert "Traceback" not in out.getvalue()


def test_descriptors_are_kept_for_the_daemon() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        assert limits.most_connections(64) == limits.MOST_CONNECTIONS
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
        assert limits.most_connections(64) == limits.MOST_CONNECTIONS
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 256
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize(("soft", "most"), [(256, 92), (180, 16), (4096, 256)])
def test_few_descriptors_leave_few_connections(soft: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, soft))
    assert limits.most_connections(64) == most


@pytest.mark.parametrize(
    ("more", "headers", "details"),
    [
        ("", "", True),
        ('public_url = "https://news.example"\n', "", False),
        ('public_url = "https://news.example"\ntoken_file = "token"\n', "", False),
        ('token_file = "token"\n', "Authorization: Bearer wrong\r\n", False),
        ('token_file = "token"\n', "Authorization: Bearer open sesame\r\n", True),
    ],
)
async def test_strangers_learn_only_whether_it_works(tmp_path: Path, more: str, headers: str, details: bool) -> None:
    (tmp_path / "token").write_text("open sesame")
    (tmp_path / "token").chmod(0o600)
    with app_of(tmp_path, WEB + more + DIGEST) as program:
        async with running(program) as port:
            data = await answer(
                port, f"GET /healthz HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n".encode()
            )
    facts = json.loads(data.partition(b"\r\n\r\n")[2])
    assert facts["status"] == "ok"
    assert (set(facts) > {"status"}) is details
