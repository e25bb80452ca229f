"""The records of feeds and polls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from feeds.model import FeedPlan, FeedState
from feeds.urls import same_host

if TYPE_CHECKING:  # polling unchanged feeds needs neither stories nor digests
    from digests.model import FeedTrouble
    from feeds.text.volatile import Observed


@dataclass(frozen=True, slots=True)
class FeedConfigRow:
    """A subscribed feed in the configuration. `options` are its other settings as JSON values."""

    url: str
    name: str = ""
    topic: str | None = None
    weight: float = 1.0
    language: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """A stored feed with its state. `state.url` is its current URL, `configured` the URL in the configuration."""

    id: int
    state: FeedState
    configured: str
    name: str = ""
    topic: str | None = None
    weight: float = 1.0
    language: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""  # the feed's own title
    site: str | None = None
    subscribed: bool = True
    added: datetime | None = None
    pushed_until: datetime | None = None  # its hub pushes news until then

    @property
    def url(self) -> str:
        """The URL to fetch."""
        return self.state.url

    @property
    def page(self) -> Mapping[str, str] | None:
        """The selectors by which a page is read; None for a feed."""
        return self.options.get("page")

    def allows_private(self, url: str) -> bool:
        """Whether a URL may be on a private network: the feed's permission covers its own host and no other."""
        return bool(self.options.get("allow_private", False)) and same_host(url, self.url)

    @property
    def label(self) -> str:
        """The name to show: the configured name, the feed's own title, or its host."""
        return self.name or self.title or host(self.url)


@dataclass(frozen=True, slots=True)
class FetchRecord:
    """The outcome of one fetch. `code` is the error code, None on success; `seen` is the number of entries in the feed.

    `added_bytes` is the size of the texts of new and changed entries.
    `title` and `site` replace the feed's stored ones, unless they are None.
    """

    at: datetime
    status: int | None = None
    code: str | None = None
    message: str = ""
    final_url: str = ""
    wire_bytes: int = 0
    elapsed: float = 0.0
    seen: int = 0
    added_bytes: int = 0
    parser: str = ""
    title: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class PageRefusal:
    """A page that is not the article of its entry. `code` is a value of `feeds.discovery.acceptance.PageProblem`."""

    link: str
    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PageMemory:
    """What is known of a feed's pages: its last entries with a page's text, and the links that were refused lately."""

    recent: tuple[tuple[str, str, str], ...] = ()  # guid, title, text
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class StoredText:
    """The text of a stored entry as its feed gave it, and what is known of its changes.

    `text` is None where the entry has the text of its page.
    """

    title: str
    link: str | None
    text: str | None
    content_hash: str
    observed: Observed | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """Changes of an entry's volatile sentences in a poll. `quiet`: nothing else changed, so it is no revision."""

    observed: Observed
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Poll:
    """The outcome of one poll, to be saved by `save_polls`.

    `item_notes` replaces the stored notes on the feed's items (see `feeds.parse.known`), unless it is None. `observed`
    is by guid. `due` is when the feed was due as the poll began: another stored time was set since, by a push.
    """

    feed_id: int
    plan: FeedPlan
    fetch: FetchRecord
    item_notes: bytes | None = None
    refused: tuple[PageRefusal, ...] = ()
    observed: Mapping[str, Observation] = field(default_factory=dict)
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class PastPoll:
    """One earlier poll of a feed, as it is stored."""

    feed_id: int
    at: datetime
    status: int | None
    code: str | None
    message: str
    final_url: str
    wire_bytes: int
    elapsed: float
    seen: int
    new: int
    changed: int
    added_bytes: int
    parser: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """The health of a feed. `entries` arrived in the window, at the rate `per_day`; `added_bytes` in the last day.

    `notes` are those of the last document that was parsed; `refused` are the pages that were refused in the window,
    newest first.
    """

    feed: FeedRecord
    entries: int
    per_day: float
    newest: datetime | None = None
    notes: tuple[str, ...] = ()
    refused: tuple[PageRefusal, ...] = ()
    added_bytes: int = 0

    @property
    def state(self) -> FeedState:
        """The feed's state."""
        return self.feed.state


@dataclass(frozen=True, slots=True)
class IntakeCounts:
    """What arrived in a period, for an edition's footer."""

    feeds_checked: int = 0
    feeds_failed: int = 0
    feeds_silent: int = 0
    articles: int = 0
    stories: int = 0
    troubles: tuple[FeedTrouble, ...] = ()


def host(url: str) -> str:
    """Return the host of a URL without `www.`, to name an outlet that has no other name."""
    try:
        return (urlsplit(url).hostname or url).removeprefix("www.")
    except ValueError:
        return url
