"""How commands print: tables, JSON lines, times, progress. Text of feeds is never trusted to be printable."""

from __future__ import annotations

import json
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from aggregator.observe.redact import redact

# Whether `-q` was given. Of the process, like the level of its logs: helpers are also called in threads, where click
# knows no current command.
_quiet = threading.Event()
_STEPS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def silence(quiet: bool) -> None:
    """Set whether notes and progress are left out in this process."""
    _quiet.set() if quiet else _quiet.clear()


def clean(text: str) -> str:
    """One line without control characters: a title must not move the cursor or colour the screen (ECMA-48 escapes)."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def jsonable(value: Any) -> Any:
    """Plain values for JSON: instants as ISO 8601 in UTC, durations in seconds, sets sorted."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def json_line(row: Mapping[str, Any]) -> None:
    """One object on one line, keys in the order given."""
    click.echo(redact(json.dumps(row, ensure_ascii=False, default=jsonable)))


def line(text: str = "") -> None:
    """One line of plain text."""
    click.echo(redact(text))


def note(text: str) -> None:
    """A word to the person at the terminal: on standard error, so that a pipe holds results only; nothing with -q."""
    if not _quiet.is_set():
        click.echo(redact(text), err=True)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns with two blanks between; the last column runs free."""
    cells = [[clean(str(cell)) if cell is not None else "" for cell in row] for row in rows]
    widths = [max(width(row[i]) for row in [list(head), *cells]) for i in range(len(head) - 1)]
    for row in [list(head), *cells]:
        padded = [cell + " " * (widths[i] - width(cell)) for i, cell in enumerate(row[:-1])]
        line("  ".join([*padded, row[-1]]).rstrip())


def width(text: str) -> int:
    """Columns a text takes on a terminal: wide characters take two, combining ones none (UAX 11)."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def shorten(text: str, columns: int) -> str:
    """The text cut to a number of columns."""
    text = clean(text)
    if width(text) <= columns:
        return text
    kept = ""
    for char in text:
        if width(kept + char) > columns - 1:
            break
        kept += char
    return kept.rstrip() + "…"


def span(length: timedelta) -> str:
    """A duration in its largest unit: `3h`."""
    seconds = abs(length.total_seconds())
    for unit, size in _STEPS:
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return "0s"


def when(at: datetime | None, now: datetime) -> str:
    """An instant as a person says it: `3h ago`, `in 20m`, `never`."""
    if at is None:
        return "never"
    return f"in {span(at - now)}" if at > now else f"{span(now - at)} ago"


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal, a plain line for each step elsewhere. What it yields is called once a step, with a line about it.

    Lines go to standard output, the bar to standard error.
    """
    quiet = _quiet.is_set()
    if quiet or not sys.stderr.isatty() or not total:
        yield (lambda _: None) if quiet else line
        return
    with click.progressbar(
        length=total, label=label, file=sys.stderr, item_show_func=lambda text: shorten(text or "", 40)
    ) as bar:
        yield lambda text: bar.update(1, text)


def parse_span(text: str) -> timedelta:
    """A duration from the command line. Raises click.BadParameter."""
    from aggregator.config.units import duration

    try:
        return duration(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a duration such as 24h, 90m or 7d") from None


class Span(click.ParamType[timedelta]):
    """A duration such as `24h` as an option's value."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read it."""
        del param, ctx
        return value if isinstance(value, timedelta) else parse_span(str(value))


class Instant(click.ParamType[datetime]):
    """An instant: ISO 8601, local time when it names no zone; or a duration such as `3h` for that long ago."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read it, aware and in UTC."""
        if isinstance(value, datetime):
            return value
        from aggregator.config.units import duration
        from aggregator.system.clock import SystemClock

        try:
            return SystemClock().now() - duration(str(value))
        except ValueError:
            pass
        try:
            return datetime.fromisoformat(str(value)).astimezone(UTC)
        except ValueError:
            self.fail(f"{value!r} is not a time such as 2026-03-01T07:00 or 3h", param, ctx)
