"""The interface for fetching feeds, pages and robots.txt files, and its settings and requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from feeds.http.access import Access, Pairs
from feeds.model import Fetched, Validators

ACCEPT_FEED = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.5, */*;q=0.1"
)
ACCEPT_PAGE = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
ACCEPT_TEXT = "text/plain, */*;q=0.1"

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """The limits of every fetch; the defaults are the documented limits.

    `timeout` and `connect_timeout` are seconds: the first for the whole fetch with all its redirects (waiting for
    other requests to the host not counted), the second for one IP address. `max_bytes` limits a body before and after
    decoding, `max_header_bytes` the headers. `concurrency` counts requests to all hosts, `per_host` to one;
    `host_delay` is the shortest time in seconds between the starts of two requests to one host. `contact` is a mail
    address or page where publishers reach the operator. `allow_private` permits private and loopback addresses for
    every feed (link-local and metadata addresses are always refused). `access` counts for requests without their own.
    """

    timeout: float = 20.0
    connect_timeout: float = 8.0
    max_bytes: int = 15 * MEBIBYTE
    max_header_bytes: int = 64 * 1024
    max_redirects: int = 10
    concurrency: int = 64
    per_host: int = 2
    host_delay: float = 0.0
    user_agent: str = "aggregator-digest/0.1"
    contact: str = ""
    allow_private: bool = False
    access: Access = field(default_factory=Access)

    @property
    def agent(self) -> str:
        """The User-Agent header. The contact is added to a bare product token; a longer value is sent unchanged."""
        agent = "".join(c for c in self.user_agent if 31 < ord(c) < 127).strip()
        if " " in agent:
            return agent
        contact = "".join(c for c in self.contact if 31 < ord(c) < 127 and c not in "()")
        note = f"+{contact}; feed reader" if contact else "feed reader"
        return f"{agent} ({note})"


@dataclass(frozen=True, slots=True)
class Request:
    """One URL to fetch. `validators` make it conditional; `allow_private` permits private addresses for its host.

    `access` replaces that of the settings. A request with a `form` is a POST; its redirects are not followed.
    """

    url: str
    validators: Validators = field(default_factory=Validators)
    allow_private: bool = False
    accept: str = ACCEPT_FEED
    access: Access | None = None
    form: Pairs = field(default=(), repr=False)


class Hub(Protocol):
    """Sends forms to a hub."""

    async def post(self, request: Request) -> int:
        """Send a request with a form and return the status of the response, of any kind. Raises FetchError."""
        ...


class Fetcher(Protocol):
    """Fetches URLs."""

    async def fetch(self, request: Request) -> Fetched:
        """Fetch one URL and follow redirects.

        A `Fetched` without a body means "unchanged": 304, or a body with the hash `request.validators.body_hash`.
        Raises FetchError, with one class and a stable code for each cause.
        """
        ...
