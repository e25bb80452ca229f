"""Ends a process that is frozen: a call into a library that computes for ever keeps all of its threads from running.

Nothing inside Python can interrupt such a call, so the kernel ends the process; the service manager starts it again.
"""

from __future__ import annotations

import asyncio
import faulthandler
import signal
import sys

LIMIT = 120.0  # seconds of processor time without a turn of the event loop
_EVERY = 1.0  # seconds; within one, not even a hundred threads of a library use up the limit


async def end_when_frozen(limit: float = LIMIT, every: float = _EVERY) -> None:
    """End the process by SIGPROF, with the stack of each thread on stderr, when this loop gets no turn for `limit`.

    Runs until it is cancelled. Processor time counts, so that a process that was stopped and continues, or a machine
    that slept, is not taken for frozen. Without these timers (Windows) it does nothing.
    """
    if not hasattr(signal, "setitimer"):
        return
    # After the stacks comes what the signal did before, which is to end the process.
    faulthandler.register(signal.SIGPROF, file=sys.__stderr__ or sys.stderr, all_threads=True, chain=True)
    try:
        while True:
            signal.setitimer(signal.ITIMER_PROF, limit)
            await asyncio.sleep(every)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.unregister(signal.SIGPROF)
