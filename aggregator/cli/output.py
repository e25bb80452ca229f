"""Output of commands: lines, tables, JSON; and durations and times as options."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from aggregator.cli.tables import table_lines, terminal_columns
from aggregator.observe.redact import redact

# Whether `-q` was given. Global, like the log level: functions here are also called in threads, where click has no
# current command.
_quiet = threading.Event()


def set_quiet(quiet: bool) -> None:
    """Turn notes and progress of this process off or on."""
    _quiet.set() if quiet else _quiet.clear()


def is_quiet() -> bool:
    """Whether notes and progress are off."""
    return _quiet.is_set()


def jsonable(value: Any) -> Any:
    """Convert for JSON: times to ISO 8601 in UTC, durations to seconds, sets to sorted lists, others to text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def print_json(row: Mapping[str, Any]) -> None:
    """Print one JSON object on one line."""
    click.echo(redact(json.dumps(row, ensure_ascii=False, default=jsonable)))


def print_line(text: str = "") -> None:
    """Print one line, with secrets replaced."""
    click.echo(redact(text))


def print_note(text: str) -> None:
    """Print a line to standard error, so that a pipe gets results only; nothing with -q."""
    if not _quiet.is_set():
        click.echo(redact(text), err=True)


def print_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table that fits the terminal; into a pipe or file each row is one line."""
    for line in table_lines(head, rows, terminal_columns()):
        print_line(line)


def parse_duration(text: str) -> timedelta:
    """Parse a duration from the command line. Raises click.BadParameter."""
    from aggregator.config.units import duration

    try:
        return duration(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a duration such as 24h, 90m or 7d") from None


class DurationParameter(click.ParamType[timedelta]):
    """The option type of a duration such as `24h`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Parse the duration."""
        del param, ctx
        return value if isinstance(value, timedelta) else parse_duration(str(value))


_LARGEST = 2**63 - 1


class WholeNumber(click.IntRange):
    """The option type of a whole number with bounds."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Parse the number; say which ones are valid. None is larger than a database can store."""
        try:
            number = super().convert(value, param, ctx)
        except click.BadParameter:
            bounds = f"of {self.min} or more" if self.max is None else f"from {self.min} to {self.max}"
            self.fail(f"{value!r} is not a whole number {bounds}", param, ctx)
        if number > _LARGEST:
            self.fail(f"{value!r} is too large", param, ctx)
        return number


class TimeParameter(click.ParamType[datetime]):
    """The option type of a time: ISO 8601 (local time without a zone), or a duration such as `3h` before now."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Parse the time; the result is in UTC."""
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
