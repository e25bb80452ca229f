"""Opens what polling needs: the HTTP client, the parse processes and the readers of pages.

A module of its own, because importing all this takes a seventh of a `fetch` with nothing to do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from aggregator.pipeline.fetch import Intake
from aggregator.pipeline.fulltext import FullText
from aggregator.services.context import Context
from aggregator.services.intake.settings import FetchingSettings
from aggregator.store.intake import page_failures
from feeds.discovery.pool import PagePool
from feeds.http.client import HttpFetcher
from feeds.http.robots import RobotsRules
from feeds.parse.pool import ParsePool


@dataclass(frozen=True, slots=True)
class StoredPageFailures:
    """The pages that could not be read within the limits, in the database."""

    context: Context

    async def blocked(self, urls: Sequence[str]) -> set[str]:
        """Return which of these pages must not be fetched now, because they failed before."""
        return await asyncio.to_thread(page_failures.blocked, self.context.db, urls, self.context.clock.now())

    async def put(self, url: str, reason: str) -> None:
        """Note that a page failed."""
        await asyncio.to_thread(page_failures.put, self.context.db, url, reason, self.context.clock.now())


async def open_intake(
    opened: AsyncExitStack,
    context: Context,
    settings: FetchingSettings,
    *,
    may_begin: Callable[[], bool],
    on_stored: Callable[[Sequence[int]], None],
) -> Intake:
    """Open the ports of polling; `opened` closes them."""
    source = await opened.enter_async_context(HttpFetcher(settings.http, clock=context.clock.monotonic))
    parser = await opened.enter_async_context(ParsePool(settings.parse_workers))
    pages = await opened.enter_async_context(PagePool())
    failures = StoredPageFailures(context)
    return Intake(
        db=context.db,
        source=source,
        hub=source,
        parser=parser,
        clock=context.clock,
        holder=context.holder,
        settings=settings.polling,
        full_text=FullText(source, RobotsRules(source), pages, failures, settings.full_text, settings.access),
        pages=pages,
        concurrency=settings.http.concurrency,
        access=settings.access,
        may_begin=may_begin,
        on_stored=on_stored,
    )
