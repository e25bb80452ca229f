"""The name under which a process holds leases, and whether that process has ended."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path

_NAMESPACE = Path("/proc/self/ns/pid")


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


def _machine() -> str:
    """Return the host name and its process namespace: two containers may both have a process 1."""
    try:
        space = f"/{_NAMESPACE.stat().st_ino}"
    except OSError:
        space = ""  # not Linux
    return socket.gethostname().replace(":", "-") + space
