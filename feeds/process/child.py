"""The child process: `python -m feeds.process.child MODULE:FUNCTION CPU_SECONDS MEMORY_BYTES RESPONSE_BYTES [ARG...]`.

`FUNCTION(*ARGUMENTS)` imports what the work needs and returns the handler, a function from bytes to bytes. Requests
come on standard input as a length and that many bytes; responses go to standard output as a status, a length and that
many bytes, until the input ends. The kernel enforces the limits: SIGPROF ends the process in the middle of any loop,
also of one in C, and the address space cannot grow past its limit.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

LENGTH = 4  # bytes of a length, big-endian
DONE, LAST, FAILED = b"+", b".", b"!"  # a response; a response before the process ends; why there is none, likewise

Handler = Callable[[bytes], bytes]


def main() -> None:
    """Handle requests until the input ends or a request fails."""
    task, cpu_seconds, memory_bytes, response_bytes = (
        sys.argv[1],
        float(sys.argv[2]),
        int(sys.argv[3]),
        int(sys.argv[4]),
    )
    incoming, outgoing = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get into the responses
    # A terminal or a service manager sends these to the whole group; the parent decides when this process ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    gc.disable()  # imports leave hardly any garbage
    module, _, function = task.partition(":")
    handler: Handler = getattr(import_module(module), function)(*sys.argv[5:])
    _collect_seldom()
    _limit(memory_bytes)
    status = DONE
    while status == DONE and (request := _receive(incoming)) is not None:
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        status, response = _handled(handler, request, response_bytes)
        signal.setitimer(signal.ITIMER_PROF, 0)
        if status == DONE and _statm(1) > memory_bytes // 2:
            status = LAST  # memory that was used once may never be given back
        outgoing.write(status + len(response).to_bytes(LENGTH, "big") + response)
        outgoing.flush()


def _receive(stream: BinaryIO) -> bytes | None:
    head = stream.read(LENGTH)
    return stream.read(int.from_bytes(head, "big")) if len(head) == LENGTH else None


def _handled(handler: Handler, request: bytes, response_bytes: int) -> tuple[bytes, bytes]:
    try:
        response = handler(request)
    except MemoryError:
        return FAILED, b"it ran out of memory"
    except RecursionError:
        return FAILED, b"the input is nested too deeply"
    except Exception as error:  # noqa: BLE001 - the boundary of the process: every error becomes a response
        return FAILED, f"{type(error).__name__}: {error}"[:300].encode("utf-8", "replace")
    if len(response) > response_bytes:
        return FAILED, f"the result is larger than {response_bytes} bytes".encode()
    return DONE, response


def _collect_seldom() -> None:
    """Look for reference cycles less often: one request leaves hardly any, and looking is a tenth of the work."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


def _limit(memory_bytes: int) -> None:
    """Limit the address space, but leave half of the limit on top of what the libraries have mapped; write no files."""
    limit = max(memory_bytes, _statm(0) + memory_bytes // 2)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _statm(column: int) -> int:
    """Return the bytes of address space (0) or resident memory (1) of this process; 0 where there is no /proc."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[column]) * resource.getpagesize()
    except (OSError, MemoryError):
        return 0


if __name__ == "__main__":
    main()
