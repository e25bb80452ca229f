"""Whether work in another thread makes progress or hangs, and interrupting a step that computes for too long."""

from __future__ import annotations

import asyncio
import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

LONGEST_STEP = timedelta(seconds=60)  # of processor time, for an entry or a story; most take some milliseconds


class Hung(Exception):
    """a step computed for longer than its limit"""

    def __init__(self) -> None:
        super().__init__((type(self).__doc__ or "").strip())


class Stopped(BaseException):
    """nobody waits for the result of a step any more"""


async def interruptible(
    function: Callable[Parameters, Result], /, *arguments: Parameters.args, **named: Parameters.kwargs
) -> Result:
    """Compute in a thread, and stop the computation when the caller is cancelled: it must not write anything.

    Otherwise the thread would compute on beside its successor.
    """
    computing = HangDetector()

    def compute() -> Result:
        with computing.step():
            return function(*arguments, **named)

    running = asyncio.ensure_future(asyncio.to_thread(compute))
    with stopping(computing, running):
        return await asyncio.shield(running)


@contextmanager
def stopping(computing: HangDetector, running: asyncio.Future[Any]) -> Iterator[None]:
    """Stop the steps of a thread when the block is cancelled; `running` is the thread's result."""
    try:
        yield
    except asyncio.CancelledError:
        running.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody waits for it any more
        computing.stop()
        raise


class HangDetector:
    """When running work last made progress. One thread works; others may ask. `monotonic` returns seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._last: float | None = None  # None while nothing runs
        self._lock = threading.Lock()
        self._step: tuple[int, float] | None = None  # the thread, and its processor seconds when the step began
        self._interrupted = False  # an error may not have been raised in the step yet
        self._stopped = False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Work until the block ends."""
        self._last = self._monotonic()
        try:
            yield
        finally:
            self._last = None

    def note(self) -> None:
        """Note that a step was done."""
        if self._last is not None:
            self._last = self._monotonic()

    @contextmanager
    def step(self) -> Iterator[None]:
        """Compute one step until the block ends. It must not write anything.

        `interrupt` may raise Hung in it, and `stop` Stopped.
        """
        self.note()
        thread = threading.get_ident()
        with self._lock:
            if self._stopped:
                raise Stopped
            self._step, self._interrupted = (thread, _processor_seconds(thread)), False
        try:
            yield
        finally:
            with self._lock:
                self._step = None
                late, self._interrupted = self._interrupted, False
            if late:  # and the step may have ended in the same moment
                _let_it_come()

    def hangs(self, limit: timedelta) -> bool:
        """Whether a step has taken longer than `limit`."""
        last = self._last
        return last is not None and self._monotonic() - last > limit.total_seconds()

    def interrupt(self, limit: timedelta) -> bool:
        """Raise Hung in a step that has computed for longer than `limit`; return whether there was one.

        Its processor time counts, so that a busy machine and a paused process interrupt nothing. Python raises the
        error between two of its instructions: a call into a library that does not return is not interrupted.
        """
        with self._lock:
            if self._step is None:
                return False
            thread, began = self._step
            if _processor_seconds(thread) - began <= limit.total_seconds():
                return False
            self._step, self._interrupted = None, True
            _raise_in(thread, Hung)
            return True

    def stop(self) -> None:
        """Raise Stopped in the step that computes, and in each that begins later.

        It is no Exception, so that code which handles the errors of one story does not go on with the next one.
        """
        with self._lock:
            self._stopped = True
            if self._step is not None:
                (thread, _), self._step, self._interrupted = self._step, None, True
                _raise_in(thread, Stopped)


def _processor_seconds(thread: int) -> float:
    """Return the processor time of a thread; where the system does not tell, the time that passes."""
    clock_of = getattr(time, "pthread_getcpuclockid", None)  # not on macOS and Windows
    return time.clock_gettime(clock_of(thread)) if clock_of else time.monotonic()


def _raise_in(thread: int, error: type[BaseException]) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))


def _let_it_come() -> None:
    """Take up an error that was set in this thread and not raised yet.

    It cannot be taken back instead: Python 3.11 would then look for an error at every instruction for the rest
    of the process, and hang where a profiler or a measurement of coverage follows it.
    """
    try:
        for _ in range(3):  # an error from another thread is raised at the end of a round at the latest
            pass
    except (Hung, Stopped):
        pass
