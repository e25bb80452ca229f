"""The process in which hostile bytes are read: `python -m feeds.parse.worker CPU_SECONDS MEMORY_BYTES`.

It has no work but this: a length and a pickled `(body, url, headers, known)`, or `(body,)` for a subscription list, on standard input, a
length and a pickled answer on standard output, until the input ends. The kernel holds its limits: SIGPROF ends it in the middle of any loop, also
one in C; the address space cannot grow past the cap. It ignores SIGINT and SIGTERM, which a terminal or a service
manager sends to the whole group: the parent decides when it ends, by closing its input or by SIGKILL.
"""

from __future__ import annotations

import gc
import os
import pickle
import resource
import signal
import sys
from pathlib import Path
from typing import BinaryIO

from feeds.errors import ParseError
from feeds.model import Parsed, Subscription

LENGTH = 4  # bytes, big-endian, in front of every message

Question = tuple[bytes, str, dict[str, str], tuple[bytes, ...]] | tuple[bytes]
Answer = tuple[Parsed | tuple[Subscription, ...] | None, str, str, int]
"""A feed or a list's feeds, or None with the error's code and message; and how much memory the process holds now, in bytes."""


def main() -> None:
    """Answer until the input ends."""
    cpu_seconds, memory_bytes = float(sys.argv[1]), int(sys.argv[2])
    incoming, outgoing = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a parser that prints must not speak into the answers
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _warm_up()
    _collect_seldom()
    _limit_memory(memory_bytes)
    while (question := _read(incoming)) is not None:
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        answer = _answer(question)
        data = pickle.dumps(answer, protocol=5)
        signal.setitimer(signal.ITIMER_PROF, 0)
        outgoing.write(len(data).to_bytes(LENGTH, "big") + data)
        outgoing.flush()


def _warm_up() -> None:
    """Import what parsing needs before the memory is limited and the first body waits."""
    from feeds.parse import parse

    try:
        parse(b"<rss><channel><title>.</title></channel></rss>", "http://localhost/", {})
    except ParseError:
        return


def _collect_seldom() -> None:
    """Look for reference cycles after so many objects as a large feed has: a feed leaves hardly any, and looking is a tenth of the work."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _limit_memory(cap: int) -> None:
    """Cap the address space at `cap`, but leave at least half of it on top of what the libraries have mapped."""
    limit = max(cap, _pages(0) + cap // 2)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(stream: BinaryIO) -> Question | None:
    head = stream.read(LENGTH)
    if len(head) < LENGTH:
        return None
    data = stream.read(int.from_bytes(head, "big"))
    question: Question = pickle.loads(data)  # noqa: S301 - from our own parent
    return question


def _answer(question: Question) -> Answer:
    try:
        return _read_as_asked(question), "", "", _pages(1)
    except ParseError as error:
        return None, error.code, error.message, _pages(1)
    except MemoryError:
        return None, "parse-crash", "the parser ran out of memory", _pages(1)
    except RecursionError:
        return None, "parse-crash", "the feed is nested too deeply", _pages(1)
    except Exception as error:  # noqa: BLE001 - the border of the process: every fault becomes an answer
        return None, "parse-crash", f"the parser failed: {type(error).__name__}: {error}"[:300], _pages(1)


def _read_as_asked(question: Question) -> Parsed | tuple[Subscription, ...]:
    if len(question) == 1:
        from feeds import opml

        return tuple(opml.read(question[0]))
    from feeds.parse import parse

    body, url, headers, known = question
    return parse(body, url, headers, frozenset(known))


def _pages(column: int) -> int:
    """Bytes of address space (0) or memory (1) of this process; 0 where there is no /proc."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[column]) * resource.getpagesize()
    except (OSError, MemoryError):
        return 0


if __name__ == "__main__":
    main()
