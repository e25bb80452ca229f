"""Parsing off the event loop, in processes that can be killed.

A process that exceeds its processor time or memory, or dies, costs the feed it was parsing a `ParseTimedOut` or
`ParseCrashed`. What a process sends back is unpickled with the classes of `feeds.model` and nothing else, so that a
parser taken over by a feed cannot run code in this process.
"""

from __future__ import annotations

import pickle
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import Self

from feeds.errors import (
    EmptyResponse,
    NoItems,
    NotAFeed,
    NotAList,
    NotNews,
    NotNewsletter,
    ParseCrashed,
    ParseError,
    ParseTimedOut,
    RobotCheck,
)
from feeds.model import Newsletter, Parsed, Subscription
from feeds.parse.worker import Response
from feeds.process.limited import MEBIBYTE, LimitedProcess
from feeds.process.pool import ProcessPool
from feeds.process.values import INSTANTS, load_values

CPU_SECONDS, MEMORY_BYTES = 5.0, 512 * MEBIBYTE  # of one body
BACKLOG = 32  # bodies that wait before a further process is started: its start costs as much as parsing ten feeds
REPEATED = 1 / 8  # of the work of a new feed, for one whose items are known but for a few
_FEEDS, _LISTS = "feeds.parse.worker:feed_handler", "feeds.parse.worker:list_handler"
_PAGES, _MAILS = "feeds.parse.worker:page_handler", "feeds.parse.worker:mail_handler"
_ERRORS: dict[str, type[ParseError]] = {
    kind.code: kind
    for kind in (ParseError, NotAFeed, EmptyResponse, RobotCheck, NotNews, NoItems, NotNewsletter, NotAList)
}
_CLASSES = {
    ("feeds.model", name)
    for name in (
        "Parsed",
        "Hints",
        "Tombstone",
        "Entry",
        "Enclosure",
        "GuidOrigin",
        "Subscription",
        "ListedSitemap",
        "Newsletter",
    )
} | INSTANTS


class InlineParser:
    """Parses in the calling process, without limits: for tests, and for one-off commands on trusted bytes."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def parse(
        self,
        body: bytes,
        url: str,
        headers: Mapping[str, str],
        known: Collection[bytes] = (),
        page: Mapping[str, str] | None = None,
    ) -> Parsed:
        """Return the feed in `body`. Raises ParseError."""
        from feeds.parse import parse

        return parse(body, url, headers, known, page)


class ParsePool:
    """Parses feeds in up to `workers` processes, each with `cpu_seconds` of processor time a body and `memory_bytes`.

    An async context manager; leaving it ends the processes.
    """

    def __init__(self, workers: int = 1, cpu_seconds: float = CPU_SECONDS, memory_bytes: int = MEMORY_BYTES) -> None:
        make = partial(LimitedProcess, _FEEDS, cpu_seconds=cpu_seconds, memory_bytes=memory_bytes)
        self._processes = ProcessPool(make, workers, backlog=BACKLOG)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._processes.__aexit__()

    async def parse(
        self,
        body: bytes,
        url: str,
        headers: Mapping[str, str],
        known: Collection[bytes] = (),
        page: Mapping[str, str] | None = None,
    ) -> Parsed:
        """Return the feed in `body`; see `feeds.parse.parse`. Raises ParseError, also when the process fails."""
        selectors = dict(page) if page is not None else None
        request = pickle.dumps((body, url, dict(headers), frozenset(known), selectors), protocol=5)
        try:
            parsed = _result(await self._processes.run(request, REPEATED if known else 1.0))
        except ParseError as error:
            error.url = url
            raise
        except OSError as error:
            raise _process_error(error, url) from None
        if not isinstance(parsed, Parsed):
            raise ParseCrashed(url=url)
        return parsed


def propose_page(body: bytes, url: str, headers: Mapping[str, str]) -> tuple[dict[str, str], Parsed]:
    """Return selectors for the articles on a page, and what they find, from a process of its own. Blocks.

    Raises NoItems for a page without such a list, `ParseTimedOut` or `ParseCrashed`.
    """
    with closing(LimitedProcess(_PAGES, cpu_seconds=CPU_SECONDS, memory_bytes=MEMORY_BYTES)) as process:
        found = _run(process, (body, url, dict(headers)), url)
    selectors, parsed = found if isinstance(found, tuple) and len(found) == 2 else (None, None)
    if not isinstance(selectors, dict) or not isinstance(parsed, Parsed):
        raise ParseCrashed(url=url)
    return {str(key): str(value) for key, value in selectors.items()}, parsed


class MailReader:
    """Reads newsletters in a process with the limits of a feed. `close` ends it."""

    def __init__(self, cpu_seconds: float = CPU_SECONDS, memory_bytes: int = MEMORY_BYTES) -> None:
        self._process = LimitedProcess(_MAILS, cpu_seconds=cpu_seconds, memory_bytes=memory_bytes)

    def close(self) -> None:
        """End the process."""
        self._process.close()

    def read(self, message: bytes, allowed: Sequence[str] = ()) -> Newsletter:
        """Return the newsletter in a mail; see `read_newsletter`. Blocks. Raises ParseError, such as NotNewsletter."""
        found = _run(self._process, (message, tuple(allowed)))
        if not isinstance(found, Newsletter):
            raise ParseCrashed
        return found


def read_list(data: bytes, cpu_seconds: float = CPU_SECONDS, memory_bytes: int = MEMORY_BYTES) -> list[Subscription]:
    """Return the feeds of an OPML file, parsed in a process of its own that ends with it. Blocks.

    Raises `NotAList`, `ParseTimedOut` or `ParseCrashed`.
    """
    with closing(LimitedProcess(_LISTS, cpu_seconds=cpu_seconds, memory_bytes=memory_bytes)) as process:
        found = _run(process, (data,))
    if not isinstance(found, tuple):
        raise ParseCrashed
    return list(found)


def _run(process: LimitedProcess, arguments: tuple[object, ...], url: str | None = None) -> object:
    """Run a request in a process and return what it read. Raises ParseError, also when the process fails."""
    try:
        return _result(process.run(pickle.dumps(arguments, protocol=5)))
    except OSError as error:
        raise _process_error(error, url) from None


def _process_error(error: OSError, url: str | None = None) -> ParseError:
    if isinstance(error, TimeoutError):
        return ParseTimedOut(url=url)
    return ParseCrashed(f"the parser failed: {error}", url=url)


def _result(data: bytes) -> object:
    """Return what was read. Raises the parser's own ParseError, and ParseCrashed when the response is invalid."""
    try:
        response: Response = load_values(data, _CLASSES)  # type: ignore[assignment]
        result, code, message = response
    except Exception:  # noqa: BLE001 - a process taken over can send anything
        raise ParseCrashed from None
    if result is None:
        raise _ERRORS.get(code, ParseError)(message or None)
    return result
