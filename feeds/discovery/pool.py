"""Extracting articles off the event loop, in processes that can be killed and are no parsers of feeds.

A page that exceeds the processor time or the memory, or kills its process, costs itself an `ExtractLimit`.
"""

from __future__ import annotations

import pickle
from functools import partial
from typing import Protocol, Self, cast

from feeds.errors import ExtractFailed, ExtractLimit
from feeds.model import ExtractedArticle
from feeds.process.limited import MEBIBYTE, LimitedProcess
from feeds.process.pool import ProcessPool
from feeds.process.values import INSTANTS, load_values

MAX_PAGE = 4 * MEBIBYTE  # bytes; longer pages are cut
CPU_SECONDS, MEMORY_BYTES = 8.0, 512 * MEBIBYTE  # of one page
WORKERS = 2  # one hostile page must not keep all others waiting
_HANDLER = "feeds.discovery.worker:article_handler"
_CLASSES = frozenset({("feeds.model", "ExtractedArticle")}) | INSTANTS


class Pages(Protocol):
    """Extracts the articles of pages."""

    async def extract(self, html: bytes, url: str) -> ExtractedArticle:
        """Return the article of a page. Raises ExtractFailed."""
        ...


class PagePool:
    """Extracts articles in `workers` processes, each with `cpu_seconds` of processor time a page and `memory_bytes`.

    The processes start when they are first needed. An async context manager; leaving it ends them.
    """

    def __init__(
        self, workers: int = WORKERS, cpu_seconds: float = CPU_SECONDS, memory_bytes: int = MEMORY_BYTES
    ) -> None:
        make = partial(LimitedProcess, _HANDLER, cpu_seconds=cpu_seconds, memory_bytes=memory_bytes)
        self._processes = ProcessPool(make, workers)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._processes.__aexit__()

    async def extract(self, html: bytes, url: str) -> ExtractedArticle:
        """Return the article of a page. Raises ExtractLimit past a limit, else ExtractFailed."""
        try:
            response = await self._processes.run(pickle.dumps((html[:MAX_PAGE], url), protocol=5))
        except OSError as error:
            raise ExtractLimit(f"the article on the page could not be extracted: {error}", url=url) from None
        found, message = _result(response)
        if not isinstance(found, ExtractedArticle):
            raise ExtractFailed(message or None, url=url)
        return found


def _result(response: bytes) -> tuple[object, str]:
    try:
        found, message = cast("tuple[object, object]", load_values(response, _CLASSES))
    except Exception:  # noqa: BLE001 - a process taken over can send anything
        return None, ""
    return found, str(message)
