"""The name under which a process holds leases, whether that process has ended, and how it allocates memory."""

from __future__ import annotations

import ctypes
import gc
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NAMESPACE = Path("/proc/self/ns/pid")
_M_ARENA_MAX = -8  # mallopt(3)
_ARENAS = 2


def lease_holder() -> str:
    """Return a name for this process that no other ever has: machine, process number, random digits."""
    return f"{_machine()}:{os.getpid()}:{secrets.token_hex(4)}"


def has_ended(holder: str) -> bool:
    """Whether the process of this name is known to have ended. False when it runs on another machine."""
    machine, _, rest = holder.partition(":")
    number = rest.partition(":")[0]
    if machine != _machine() or not number.isdecimal():
        return False
    if int(number) == os.getpid():
        return True  # the process number was given to us, under another name
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


@contextmanager
def no_collection() -> Iterator[None]:
    """Let Python look for no cycles of garbage while many objects are made that stay: it takes a tenth of that time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def share_arenas() -> None:
    """Let all threads allocate from two arenas of glibc, as MALLOC_ARENA_MAX=2 does; without glibc do nothing.

    By default each of some 40 threads keeps an arena of its own, which grows to the largest work that it ever did. Call
    it before threads start.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return  # another C library, or Windows
    mallopt(_M_ARENA_MAX, _ARENAS)


def _machine() -> str:
    """Return the host name and its process namespace: two containers may both have a process 1."""
    try:
        space = f"/{_NAMESPACE.stat().st_ino}"
    except OSError:
        space = ""  # not Linux
    return socket.gethostname().replace(":", "-") + space
