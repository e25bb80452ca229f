"""Parsing off the event loop, in processes that can be killed.

A few workers are started when first needed and live on. One that passes its processor time or memory, or dies, costs the
feed it was reading a `ParseTimedOut` or `ParseCrashed`, and is replaced. What a worker sends back is unpickled with
a reader that knows the classes of `feeds.model` and nothing else: a parser taken over by a feed cannot reach further.
"""

from __future__ import annotations

import asyncio
import io
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Collection, Mapping
from typing import Self

from feeds.errors import NotAFeed, NotAList, ParseCrashed, ParseError, ParseTimedOut
from feeds.model import Parsed, Subscription
from feeds.parse.worker import LENGTH, Answer

MEBIBYTE = 1024 * 1024
MAX_ANSWER = 128 * MEBIBYTE
CPU_SECONDS, MEMORY_BYTES = 5.0, 512 * MEBIBYTE  # of one body
WALL_FACTOR = 4.0  # a worker on a busy machine gets so much more wall time than processor time …
WALL_GRACE = 20.0  # … and this many seconds on top, for starting and for being scheduled
_ERRORS: dict[str, type[ParseError]] = {
    kind.code: kind for kind in (ParseError, NotAFeed, NotAList, ParseTimedOut, ParseCrashed)
}
_CLASSES = {
    ("feeds.model", name)
    for name in ("Parsed", "Hints", "Tombstone", "Entry", "Enclosure", "GuidOrigin", "Subscription")
} | {("datetime", name) for name in ("datetime", "timedelta", "timezone")}


class InlineParser:
    """The same port in the calling process: for tests, and for one-off commands on trusted bytes. No limits hold."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def parse(self, body: bytes, url: str, headers: Mapping[str, str], known: Collection[bytes] = ()) -> Parsed:
        """The feed in `body`, as `feeds.parse.parse` reads it. Raises `ParseError`."""
        from feeds.parse import parse

        return parse(body, url, headers, known)


class ParsePool:
    """`workers` processes, each with `cpu_seconds` of processor time a body and `memory_bytes` of address space.

    An async context manager; leaving it ends the workers.
    """

    def __init__(self, workers: int = 1, cpu_seconds: float = CPU_SECONDS, memory_bytes: int = MEMORY_BYTES) -> None:
        self._cpu_seconds = cpu_seconds
        self._memory_bytes = memory_bytes
        self._wall_seconds = cpu_seconds * WALL_FACTOR + WALL_GRACE
        self._turns = asyncio.Semaphore(max(workers, 1))
        self._idle: list[_Worker] = []
        self.started = 0  # workers ever started: one more for each that was replaced

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        idle, self._idle = self._idle, []
        for worker in idle:
            await worker.stop()

    async def parse(self, body: bytes, url: str, headers: Mapping[str, str], known: Collection[bytes] = ()) -> Parsed:
        """The feed in `body`; `url`, `headers` and `known` as for `feeds.parse.parse`.

        Raises `ParseError`: what the parser said, `ParseTimedOut` or `ParseCrashed`.
        """
        question = pickle.dumps((body, url, dict(headers), tuple(known)), protocol=5)
        async with self._turns:
            worker = await self._worker()
            try:
                parsed, code, message, resident = await self._ask(worker, question)
            except ParseError as error:
                error.url = url
                raise
            if resident > self._memory_bytes // 2 or code == "parse-crash":
                await worker.stop()  # what it once took it may not give back
            else:
                self._idle.append(worker)
        if not isinstance(parsed, Parsed):
            raise _ERRORS.get(code, ParseError)(message or None, url=url)
        return parsed

    async def _worker(self) -> _Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
            await worker.stop()
        self.started += 1
        return await _Worker.start(self._cpu_seconds, self._memory_bytes)

    async def _ask(self, worker: _Worker, question: bytes) -> Answer:
        """One answer, or the worker is gone for good, whatever went wrong."""
        try:
            async with asyncio.timeout(self._wall_seconds):
                return await worker.ask(question)
        except TimeoutError:
            await worker.stop()
            raise ParseTimedOut from None
        except (EOFError, ConnectionError, pickle.UnpicklingError):
            status = await worker.stop()
            raise (ParseTimedOut if status == -signal.SIGPROF else ParseCrashed) from None
        except BaseException:
            worker.kill()  # the caller gave up: its answer must not reach the next one
            raise


def read_list(data: bytes, cpu_seconds: float = CPU_SECONDS, memory_bytes: int = MEMORY_BYTES) -> list[Subscription]:
    """The feeds of an OPML file, as `feeds.opml.read` finds them, in a process of its own that ends with it. Blocks.

    Raises `NotAList`, `ParseTimedOut` or `ParseCrashed`.
    """
    question = pickle.dumps((data,), protocol=5)
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            _command(cpu_seconds, memory_bytes),
            input=len(question).to_bytes(LENGTH, "big") + question,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            timeout=cpu_seconds * WALL_FACTOR + WALL_GRACE,
            check=False,
        )
        found, code, message, _ = _Reader(io.BytesIO(done.stdout[LENGTH:])).load()
    except subprocess.TimeoutExpired:
        raise ParseTimedOut from None
    except (EOFError, pickle.UnpicklingError):
        raise (ParseTimedOut if done.returncode == -signal.SIGPROF else ParseCrashed) from None
    if found is None:
        raise _ERRORS.get(code, ParseError)(message or None)
    return list(found)


def _command(cpu_seconds: float, memory_bytes: int) -> tuple[str, ...]:
    return (sys.executable, "-P", "-X", "utf8", "-m", "feeds.parse.worker", str(cpu_seconds), str(memory_bytes))


def _environment() -> dict[str, str]:
    """Only what Python needs to find this package: no secrets."""
    return {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


class _Worker:
    """One process and its two pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        assert process.stdin is not None
        assert process.stdout is not None
        self._in = process.stdin
        self._out = process.stdout

    @classmethod
    async def start(cls, cpu_seconds: float, memory_bytes: int) -> _Worker:
        """A new process. It inherits no secrets: its environment is only what Python needs to find this package."""
        process = await asyncio.create_subprocess_exec(
            *_command(cpu_seconds, memory_bytes),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=MEBIBYTE,
            env=_environment(),
        )
        return cls(process)

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def ask(self, question: bytes) -> Answer:
        """Send and receive. Raises `EOFError` or `ConnectionError` when the process dies of it."""
        self._in.write(len(question).to_bytes(LENGTH, "big"))
        self._in.write(question)
        await self._in.drain()
        length = int.from_bytes(await self._out.readexactly(LENGTH), "big")
        if length > MAX_ANSWER:
            raise pickle.UnpicklingError("the answer is too large")
        answer: Answer = _Reader(io.BytesIO(await self._out.readexactly(length))).load()
        return answer

    def kill(self) -> None:
        """End it now; the loop's child watcher collects it."""
        if self.alive:
            self._process.kill()
        self._in.close()

    async def stop(self) -> int:
        """End it and wait. The exit status, negative for a signal."""
        self._in.close()
        try:
            async with asyncio.timeout(0.2 if self.alive else None):
                return await self._process.wait()
        except TimeoutError:
            self._process.kill()
            return await self._process.wait()


class _Reader(pickle.Unpickler):
    """Values of the model only."""

    def find_class(self, module: str, name: str) -> object:
        """The class, if it is one of ours. Raises `pickle.UnpicklingError`."""
        if (module, name) not in _CLASSES:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a feed")
        return super().find_class(module, name)
