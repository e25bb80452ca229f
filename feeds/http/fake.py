"""A `Fetcher` without a network, for tests, with the same values and errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from feeds.errors import ConnectFailed, FetchError
from feeds.http import guard
from feeds.http.base import FetchSettings, Request
from feeds.http.decoding import Body
from feeds.http.response import (
    Head,
    ReceivedBody,
    as_dict,
    check_redirects,
    fetched,
    raise_for_status,
    redirect_target,
)
from feeds.model import Fetched, Redirect


@dataclass(frozen=True, slots=True)
class Page:
    """One response. With `etag` or `last_modified` it is 304 to a request that names them."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    last_modified: str | None = None


@dataclass
class MemoryFetcher:
    """Responds from `pages` by URL: with a `Page`, or by raising an error; a URL that is missing raises ConnectFailed.

    `requests` records what was sent. `now` is the time of every response.
    """

    pages: dict[str, Page | FetchError] = field(default_factory=dict)
    settings: FetchSettings = field(default_factory=FetchSettings)
    now: datetime = datetime(2024, 1, 1, tzinfo=UTC)
    requests: list[Request] = field(default_factory=list)

    async def post(self, request: Request) -> int:
        """See `Hub.post`: the status of the page at that URL."""
        self.requests.append(request)
        page = self.pages.get(request.url, ConnectFailed(url=request.url))
        if isinstance(page, FetchError):
            raise page
        return page.status

    async def fetch(self, request: Request) -> Fetched:
        """See `Fetcher.fetch`."""
        self.requests.append(request)
        try:
            return self._fetch(request)
        except FetchError as error:
            error.url = error.url or guard.printable_url(request.url)
            raise

    def _fetch(self, request: Request) -> Fetched:
        url = guard.parse_target(request.url).url
        sent, redirects = {url}, list[Redirect]()
        while True:
            page = self._page(url, request)
            head = _head(page, request)
            location = redirect_target(head, url)
            if location is None:
                break
            url = guard.parse_target(location).url
            redirects.append(Redirect(url, head.status))
            check_redirects(redirects, self.settings.max_redirects, repeated=url in sent)
            sent.add(url)
        raise_for_status(head, redirects, self.now)
        body = None if head.status == 304 else self._receive(page, head)
        return fetched(request, head, body, final_url=url, redirects=redirects, now=self.now, elapsed=0.0)

    def _page(self, url: str, request: Request) -> Page:
        target = guard.parse_target(url)
        if target.address is not None:
            trusted = self.settings.allow_private or (
                request.allow_private and target.host == guard.parse_target(request.url).host
            )
            guard.literal_address(target.host, allow_private=trusted)
        page = self.pages.get(url)
        if page is None:
            raise ConnectFailed(f"no connection to {target.host}")
        if isinstance(page, FetchError):
            raise page
        return page

    def _receive(self, page: Page, head: Head) -> ReceivedBody:
        body = Body(head.headers.get("content-encoding", ""), self.settings.max_bytes)
        body.feed(page.body)
        data, cut = body.finish()
        return ReceivedBody(data, cut, body.wire_bytes)


def _head(page: Page, request: Request) -> Head:
    headers = as_dict(page.headers)
    known = request.validators
    if page.etag:
        headers["etag"] = page.etag
    if page.last_modified:
        headers["last-modified"] = page.last_modified
    same = (page.etag and known.etag == page.etag) or (
        page.last_modified and not known.etag and known.last_modified == page.last_modified
    )
    return Head(304 if page.status == 200 and same else page.status, headers)
