"""Progress of long commands: one line on the terminal with the amount done, its rate and the time left."""

from __future__ import annotations

import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TextIO, TypeVar

from aggregator.cli.output import is_quiet
from aggregator.cli.tables import shorten

if TYPE_CHECKING:
    from aggregator.services.program import Program

T = TypeVar("T")

BYTES = "MB"  # the unit of amounts that are given in bytes
_FIRST = 0.5  # seconds before the line is shown: a short command shows none
_INTERVAL = 0.25
_SMALLEST_RATE_TIME = 1.0  # seconds; before, a rate says nothing
_off = threading.Event()
_CLEAR = "\r\x1b[K"  # to the first column, and erase the line (ECMA-48)


class Progress(Protocol):
    """Takes what is done so far, of how much if that is known, and what was done last."""

    def __call__(self, done: int, total: int | None = None, note: str = "") -> None:
        """Report progress; cheap, and may be called from any thread."""


def nothing_shown(done: int, total: int | None = None, note: str = "") -> None:
    """Take progress that nobody sees."""


def set_shown(shown: bool) -> None:
    """Turn the progress of this process on or off; it is off for output that a program reads."""
    _off.clear() if shown else _off.set()


def on_terminal() -> bool:
    """Whether progress can be shown: standard error is a terminal, and standard output is no pipe."""
    if _off.is_set() or is_quiet() or not sys.stderr.isatty():
        return False
    try:
        return not stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode)
    except (OSError, ValueError):  # a standard output without a file
        return True


@contextmanager
def progress(label: str, unit: str) -> Iterator[Progress]:
    """Show progress on a terminal while the block runs. `unit` is a plural such as `entries`, or BYTES."""
    if not on_terminal():
        yield nothing_shown
        return
    line = ProgressLine(label, unit, sys.stderr, time.monotonic)
    ended = threading.Event()
    thread = threading.Thread(target=_redraw, args=(line, ended), daemon=True)
    thread.start()
    try:
        yield line
    finally:
        ended.set()
        thread.join()


def counted(items: Iterable[T], step: Progress) -> Iterator[T]:
    """Yield the items and report how many there were."""
    for count, item in enumerate(items, start=1):
        yield item
        step(count)


async def group_waiting(program: Program) -> None:
    """Group all waiting entries and show the progress."""
    with progress("grouping", "entries") as step:
        await program.stories.update(step)


def _redraw(line: ProgressLine, ended: threading.Event) -> None:
    """Draw until the end, also while nothing is reported, so that the seconds go on."""
    pause = _FIRST
    while not ended.wait(pause):
        line.draw()
        pause = _INTERVAL
    line.clear()


class ProgressLine:
    """The state of one progress line."""

    def __init__(self, label: str, unit: str, stream: TextIO, clock: Callable[[], float]) -> None:
        self._label = label
        self._unit = unit
        self._stream = stream
        self._clock = clock
        self._began = clock()
        self._done = 0
        self._total: int | None = None
        self._note = ""
        self._drawn = False

    def __call__(self, done: int, total: int | None = None, note: str = "") -> None:
        """Keep what is done; the next drawing shows it."""
        self._done, self._total, self._note = done, total, note

    def draw(self) -> None:
        """Write the line; the cursor returns to its beginning, so that other output overwrites it."""
        text = progress_text(self._label, self._unit, self._done, self._total, self._clock() - self._began)
        text = shorten(f"{text} {self._note}", _columns(self._stream) - 1)
        self._stream.write(f"{_CLEAR}{text}\r")
        self._stream.flush()
        self._drawn = True

    def clear(self) -> None:
        """Erase the line."""
        if self._drawn:
            self._stream.write(_CLEAR)
            self._stream.flush()


def progress_text(label: str, unit: str, done: int, total: int | None, seconds: float) -> str:
    """Return the text of a progress line, such as `grouping: 500 of 2,000 entries, 25/s, 1:00 left`."""
    if not done:
        return f"{label}: {_clock_time(seconds)}"
    if total is not None and total < done:  # more than was expected
        total = None
    amount = _amount(done, unit) if total is None else f"{_amount(done, unit)} of {_amount(total, unit)}"
    parts = [f"{label}: {amount} {unit}"]
    if seconds >= _SMALLEST_RATE_TIME:
        rate = done / seconds
        parts.append(f"{_rate(rate, unit)}/s")
        parts.append(f"{_clock_time((total - done) / rate)} left" if total else _clock_time(seconds))
    return ", ".join(parts)


def _amount(count: int, unit: str) -> str:
    return f"{count / 1e6:,.1f}" if unit == BYTES else f"{count:,}"


def _rate(rate: float, unit: str) -> str:
    if unit == BYTES:
        return f"{rate / 1e6:,.1f} MB"
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"


def _clock_time(seconds: float) -> str:
    """Return minutes and seconds, and hours if there are any."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
