"""The progress line: what it says, and that only a terminal gets it."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aggregator.cli import output, tables
from aggregator.cli import progress as shown
from aggregator.cli.progress import BYTES, ProgressLine, counted, nothing_shown, progress, progress_text


@pytest.mark.parametrize(
    ("unit", "done", "total", "seconds", "text"),
    [
        ("entries", 0, 2000, 3.2, "work: 0:03"),
        ("entries", 20, 2000, 0.1, "work: 20 of 2,000 entries"),
        ("entries", 500, 2000, 20.0, "work: 500 of 2,000 entries, 25/s, 1:00 left"),
        ("feeds", 3, None, 4.0, "work: 3 feeds, 0.8/s, 0:04"),
        ("feeds", 5, 4, 4000.0, "work: 5 feeds, 0.0/s, 1:06:40"),
        (BYTES, 2_500_000_000, 5_000_000_000, 10.0, "work: 2,500.0 of 5,000.0 MB, 250.0 MB/s, 0:10 left"),
    ],
)
def test_the_line_has_amount_rate_and_time(unit: str, done: int, total: int | None, seconds: float, text: str) -> None:
    assert progress_text("work", unit, done, total, seconds) == text


def test_the_line_is_drawn_over_itself_and_erased() -> None:
    now, stream = [0.0], io.StringIO()
    line = ProgressLine("work", "feeds", stream, lambda: now[0])
    line.clear()
    assert stream.getvalue() == ""
    line(1, 2, "日本 " * 60)
    now[0] = 2.0
    line.draw()
    line.clear()
    first, drawn, erased = stream.getvalue().split("\r\x1b[K")
    assert first == erased == ""
    assert drawn.startswith("work: 1 of 2 feeds, 0.5/s, 0:02 left 日本")
    assert tables.display_width(drawn.rstrip("\r")) <= 79


def test_items_are_counted_after_they_were_used() -> None:
    seen: list[int] = []
    items = counted("ab", lambda done, total=None, note="": seen.append(done))
    assert next(items) == "a"
    assert seen == []
    assert list(items) == ["b"]
    assert seen == [1, 2]


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[int]:
    """Standard error is a terminal, standard output a file; yields the other end of the terminal.

    No fixture, because pytest sets both again after fixtures.
    """
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as stderr, (tmp_path / "out").open("w") as stdout:
        monkeypatch.setattr(sys, "stderr", stderr)
        monkeypatch.setattr(sys, "stdout", stdout)
        monkeypatch.setattr(shown, "_FIRST", 0.0)
        shown.set_shown(True)  # a command that ran in this process may have turned it off
        output.set_quiet(False)
        yield ours
    os.close(ours)


def test_a_terminal_gets_the_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with terminal(monkeypatch, tmp_path) as end, progress("work", "feeds") as step:
        assert step is not nothing_shown
        step(7, None, "North")
        text = ""
        while "7 feeds" not in text:  # drawn from another thread
            text += os.read(end, 1000).decode()
    assert "work: 7 feeds North" in text


def test_nothing_is_shown_to_programs_and_with_quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with terminal(monkeypatch, tmp_path):
        assert shown.on_terminal()
        shown.set_shown(False)
        with progress("work", "feeds") as step:
            assert step is nothing_shown
        shown.set_shown(True)
        output.set_quiet(True)
        assert not shown.on_terminal()
        output.set_quiet(False)
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "w") as pipe:
            monkeypatch.setattr(sys, "stdout", pipe)
            assert not shown.on_terminal()
        monkeypatch.setattr(sys, "stderr", io.StringIO())
        assert not shown.on_terminal()
