"""Calls a function in a process of its own, to find out whether its arguments end the process that works with them.

A process that died may have been killed from outside, and then what it had in hand is not to blame. So the call is
repeated in a child process, and the parent sees how that one ends. If something outside kills this child in that short
time, but not the parent, the arguments are blamed wrongly.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from contextlib import closing
from typing import Any

from feeds.process.child import Handler
from feeds.process.limited import MEBIBYTE, LimitedProcess, ProcessDied

SECONDS = 20.0  # of processor time for one call; most take some milliseconds, and two seconds of imports
_MEMORY = 3072 * MEBIBYTE
Arguments = tuple[Any, ...]


def fault_of(function: Callable[..., object], arguments: Arguments, harmless: Arguments) -> str | None:
    """Return how a call ends or stops its process; None if it does neither, or if nothing is proved. Blocks.

    The function is called with `harmless` arguments first: if that call ends its process too, the cause is elsewhere.
    The function must be defined at the top of a module, and all arguments are pickled. An error that the call raises
    is no fault here.
    """
    try:
        first, second = pickle.dumps((function, harmless)), pickle.dumps((function, arguments))
    except Exception:  # noqa: BLE001 - what cannot be pickled raises errors of many kinds
        return None
    with closing(LimitedProcess(f"{__name__}:caller", cpu_seconds=SECONDS, memory_bytes=_MEMORY)) as process:
        if _end_of(process, first) is not None:
            return None
        return _end_of(process, second)


def _end_of(process: LimitedProcess, request: bytes) -> str | None:
    try:
        process.run(request)
    except TimeoutError:
        return f"a process of its own computed longer than {SECONDS:g} s"
    except ProcessDied as error:
        return f"a process of its own ended with status {error.status}"
    except ChildProcessError:  # what was sent is too large, or cannot be read there
        pass
    return None


def caller() -> Handler:
    """Return the handler of the child process."""

    def call(request: bytes) -> bytes:
        function, arguments = pickle.loads(request)  # noqa: S301 - of the parent
        try:
            function(*arguments)
        except MemoryError:
            os.abort()
        except Exception:  # noqa: BLE001, S110 - whoever calls the function handles its errors
            pass
        return b""

    return call
