"""A computation in a thread ends when the task that waits for it is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from aggregator.system.hang import interruptible

pytestmark = pytest.mark.anyio


async def test_it_returns_and_raises_what_the_function_does() -> None:
    assert await interruptible(divmod, 7, 2) == (3, 1)
    assert await interruptible(sorted, "ba", reverse=True) == ["b", "a"]
    with pytest.raises(ZeroDivisionError):
        await interruptible(divmod, 7, 0)


async def test_a_computation_whose_caller_is_cancelled_ends() -> None:
    began, ended = threading.Event(), threading.Event()

    def hang() -> None:
        try:
            while True:
                began.set()
        finally:
            ended.set()

    task = asyncio.create_task(interruptible(hang))
    assert await asyncio.to_thread(began.wait, 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(ended.wait, 60)


async def test_a_computation_that_handles_its_errors_ends_too() -> None:
    """As one that leaves out a story at which the program fails, and goes on with the next one."""
    began, ended, give_up, tried = threading.Event(), threading.Event(), threading.Event(), []

    def each() -> None:
        for number in range(2):
            with contextlib.suppress(Exception):
                tried.append(number)
                while not give_up.is_set():
                    began.set()

    def work() -> None:
        try:
            each()
        finally:
            ended.set()

    task = asyncio.create_task(interruptible(work))
    assert await asyncio.to_thread(began.wait, 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(ended.wait, 10), give_up.set()
    assert tried == [0]


async def test_a_computation_that_has_not_begun_does_not_begin() -> None:
    blocked, begun = threading.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1))
    first = asyncio.create_task(asyncio.to_thread(blocked.wait))
    await asyncio.sleep(0)
    second = asyncio.create_task(interruptible(begun.set))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    blocked.set()
    await first
    await asyncio.to_thread(int)  # the thread has ended what it had before
    assert not begun.is_set()


_FOLLOWED = """
import sys, threading
from datetime import timedelta
from aggregator.system.hang import HangDetector, Hung

detector, began = HangDetector(), threading.Event()

def interrupt():
    began.wait()
    while not detector.interrupt(timedelta(-1)):
        pass

threading.Thread(target=interrupt).start()
try:
    with detector.step():
        while True:
            began.set()
except Hung:
    pass
sys.setprofile(lambda *_: None)
sorted([2, 1], key=lambda number: number)
sys.setprofile(None)
print("went on")
"""


def test_a_process_goes_on_after_an_interrupted_step_and_can_be_followed() -> None:
    done = subprocess.run([sys.executable, "-c", _FOLLOWED], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("went on\n", "")
