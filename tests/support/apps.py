"""A whole program in one process for tests: real SQLite, a clock the test moves, feeds from the demo's publisher."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aggregator.config.load import load
from aggregator.demo.outlets import OUTLETS
from aggregator.demo.publish import SELECTORS
from aggregator.demo.serve import Publisher, publisher
from aggregator.demo.two_days import YESTERDAY
from aggregator.services.program import Program
from aggregator.system.clock import ManualClock

DIGEST = '[[digest]]\nname = "daily"\ntitle = "The daily"\nschedule = "0 18 * * *"\nzone = "UTC"\nto = ["folder:out"]\n'


def feed_tables(server: Publisher, *keys: str) -> str:
    """`[[feed]]` tables for these outlets of the demo."""
    return "".join(
        f'[[feed]]\nurl = "{server.url(o)}"\nname = "{o.name}"\nlanguage = "{o.language}"\nallow_private = true\n'
        + (SELECTORS if o.format == "page" else "")
        for o in OUTLETS
        if o.key in keys
    )


@contextmanager
def app_of(folder: Path, text: str, clock: ManualClock | None = None) -> Iterator[Program]:
    """An program over a configuration, its database in `folder`."""
    file = folder / "config.toml"
    file.write_text(f'[storage]\nurl = "sqlite:///news.db"\n{text}', encoding="utf-8")
    program = Program.open(load(file), clock or ManualClock(YESTERDAY))
    try:
        yield program
    finally:
        program.close()


@contextmanager
def newsroom(folder: Path, *keys: str, more: str = DIGEST) -> Iterator[tuple[Program, ManualClock, Publisher]]:
    """A program that is subscribed to these outlets of the demo, on loopback, as of the evening of the first day."""
    clock = ManualClock(YESTERDAY)
    with publisher(YESTERDAY) as server, app_of(folder, more + feed_tables(server, *keys), clock) as program:
        yield program, clock, server
