"""The port through which feeds, pages and robots files are read, and the values it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

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
    """The limits of every fetch; the defaults are the documented caps.

    `timeout` and `connect_timeout` are seconds: the first for the whole fetch with all its redirects (waiting for a turn
    not counted), the second for one address of one host. `max_bytes` bounds a body before and after decoding,
    `max_header_bytes` the header block. `concurrency` is over all hosts, `per_host` for one; `host_delay` is the
    least time in seconds between the starts of two requests to one host. `contact` is an address or page at which a
    publisher reaches the owner. `allow_private` lifts the ban on private and loopback addresses for every feed
    (link-local and metadata addresses stay refused).
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

    @property
    def agent(self) -> str:
        """The User-Agent line. A bare product token gets whom to ask behind it; anything longer is sent as it is."""
        agent = "".join(c for c in self.user_agent if 31 < ord(c) < 127).strip()
        if " " in agent:
            return agent
        contact = "".join(c for c in self.contact if 31 < ord(c) < 127 and c not in "()")
        note = f"+{contact}; feed reader" if contact else "feed reader"
        return f"{agent} ({note})"


@dataclass(frozen=True, slots=True)
class Request:
    """One address to read. `validators` make it conditional; `allow_private` trusts this address's own host."""

    url: str
    validators: Validators = field(default_factory=Validators)
    allow_private: bool = False
    accept: str = ACCEPT_FEED


class Hub(Protocol):
    """Whom a form can be sent to."""

    async def post(self, url: str, form: Mapping[str, str], *, allow_private: bool = False) -> int:
        """Send a form; return the answer's status, whatever it is. Redirects are not followed. Raises a `FetchError`."""
        ...


class Source(Protocol):
    """Where answers come from."""

    async def fetch(self, request: Request) -> Fetched:
        """Read one address, following redirects.

        A `Fetched` without a body means "unchanged": 304, or the same bytes as `request.validators.body_hash` says.
        Raises a `FetchError` for everything else: one class for each cause, with a stable code.
        """
        ...
