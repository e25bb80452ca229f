"""Feeds on loopback that a test writes item by item, read by a whole program whose clock the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from aggregator.services.program import Program
from aggregator.system.clock import ManualClock
from digests.model import Edition
from feeds.http.fake import Page
from tests.support.apps import app_of
from tests.support.items import Item, document
from tests.support.origin import Origin


@dataclass
class Press:
    """A program, its clock, and the feeds that it reads."""

    program: Program
    clock: ManualClock
    origin: Origin
    languages: dict[str, str]
    items: dict[str, list[Item]] = field(default_factory=dict)

    async def publish(self, outlet: str, at: datetime, title: str, text: str) -> None:
        """Publish an item at a time, and let the program read it at once."""
        self.clock.set(at)
        number = sum(map(len, self.items.values()))
        self.items.setdefault(outlet, []).append(Item(f"{outlet}-{number}", title, text, at))
        self.serve(outlet)
        await self.program.fetching.fetch(force=True)
        self.program.stories.group()

    def serve(self, outlet: str) -> None:
        body = document(*self.items.get(outlet, []), title=outlet.title())
        language = self.languages.get(outlet, "en").encode()
        body = body.replace(b"<language>en</language>", b"<language>" + language + b"</language>")
        self.origin.on(f"/{outlet}", Page(body))

    async def due(self, at: datetime) -> list[Edition]:
        """Serve what is due at a time, as the daemon and `send --due` do."""
        self.clock.set(at)
        names = self.program.editions.due_names()
        found = [made for name in names for made in await self.program.editions.serve_due(name)]
        await asyncio.to_thread(self.program.delivery.drain)
        return found


@asynccontextmanager
async def press(
    folder: Path, text: str, start: datetime, outlets: tuple[str, ...], languages: dict[str, str] | None = None
) -> AsyncIterator[Press]:
    """Start a program that has read the outlets' empty feeds, so that all they publish is news."""
    async with Origin() as origin:
        feeds = "".join(
            f'[[feed]]\nurl = "{origin.url(f"/{one}")}"\nname = "{one.title()}"\nallow_private = true\n'
            for one in outlets
        )
        clock = ManualClock(start)
        with app_of(folder, f'[fetch]\nfull_text = "never"\n{text}{feeds}', clock) as program:
            made = Press(program, clock, origin, languages or {})
            for one in outlets:
                made.serve(one)
            try:
                await program.fetching.fetch()
                yield made
            finally:
                await program.aclose()
