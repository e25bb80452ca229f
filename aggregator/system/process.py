"""The name under which a process holds leases, and whether the process of such a name has died."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path

_NAMESPACE = Path("/proc/self/ns/pid")


def make() -> str:
    """A name for this process that no other ever has: machine, process number, and chance."""
    return f"{_machine()}:{os.getpid()}:{secrets.token_hex(4)}"


def died(owner: str) -> bool:
    """Whether the process of this name is known to be gone. False when it runs, or runs where we cannot look."""
    machine, _, rest = owner.partition(":")
    number = rest.partition(":")[0]
    if machine != _machine() or not number.isdecimal():
        return False
    if int(number) == os.getpid():
        return True  # the number is ours now, and the name was not
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def _machine() -> str:
    """The host, and the space in which its process numbers count: two containers may both have a process 1."""
    try:
        space = f"/{_NAMESPACE.stat().st_ino}"
    except OSError:
        space = ""  # not Linux
    return socket.gethostname().replace(":", "-") + space
