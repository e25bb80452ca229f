"""A process that has died is known by its name, and no living one is taken for it; threads share memory."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from aggregator.system import process


def test_a_living_process_has_not_died_and_its_name_is_its_own() -> None:
    assert process.lease_holder() != process.lease_holder()
    living = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = process.lease_holder().replace(f":{os.getpid()}:", f":{living.pid}:")
    assert not process.has_ended(name)
    living.kill()
    living.communicate()
    assert process.has_ended(name)


def test_our_own_number_under_another_name_is_of_a_dead_process() -> None:
    assert process.has_ended(process.lease_holder())


def test_of_another_machine_or_an_unreadable_name_nothing_is_known() -> None:
    assert not process.has_ended("elsewhere/1:1:aaaa")
    assert not process.has_ended("")
    assert not process.has_ended(process.lease_holder().split(":")[0] + ":x:y")
    assert not process.has_ended(
        process.lease_holder().split(":")[0] + ":1:init"
    )  # runs always, and may be another user's


_ARENAS_OF_TEN_THREADS = """
import ctypes, sys, threading
from aggregator.system import process
if sys.argv[1] == "shared":
    process.share_arenas()
together = threading.Barrier(10)
def allocate():
    together.wait()
    kept = [bytes(5000) for _ in range(100)]
    together.wait()
threads = [threading.Thread(target=allocate) for _ in range(10)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
libc.malloc_info(0, ctypes.c_void_p(libc.fdopen(1, b"w")))
libc.fflush(None)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")
def test_ten_threads_allocate_from_two_arenas() -> None:
    def arenas(way: str) -> int:
        command = [sys.executable, "-c", _ARENAS_OF_TEN_THREADS, way]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.count("<heap nr=")

    assert arenas("shared") <= 2 < arenas("default")
