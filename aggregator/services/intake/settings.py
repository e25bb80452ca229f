"""The settings of fetching, read from the configuration."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from aggregator import __version__
from aggregator.config.feed_access import access_table, common_access
from aggregator.config.schema import Config
from feeds.decide import PollSettings
from feeds.http import FetchSettings
from feeds.http.access import AccessTable

MOST_PARSE_WORKERS = 8  # without a number in the configuration


@dataclass(frozen=True, slots=True)
class FetchingSettings:
    """The settings of fetching. `full_text`: never, teaser or always; `public_url`: where hubs reach the pages."""

    http: FetchSettings
    polling: PollSettings
    full_text: str
    parse_workers: int
    public_url: str
    access: AccessTable = field(default_factory=AccessTable)


def fetching_settings(config: Config) -> FetchingSettings:
    """Read the settings of fetching from the configuration."""
    return FetchingSettings(
        http=fetch_settings(config),
        polling=PollSettings(
            min_interval=config.fetch.min_interval.total_seconds(),
            max_interval=config.fetch.max_interval.total_seconds(),
        ),
        full_text=config.fetch.full_text,
        parse_workers=config.fetch.parse_workers or min(_processors(), MOST_PARSE_WORKERS),
        public_url=config.web.public_url.rstrip("/"),
        access=access_table(config),
    )


def _processors() -> int:
    """Return how many processors this process may use."""
    usable = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(usable(0)) if usable else os.cpu_count() or 1


def fetch_settings(config: Config) -> FetchSettings:
    """Read the limits of requests from the configuration."""
    fetch = config.fetch
    return FetchSettings(
        timeout=fetch.timeout.total_seconds(),
        max_bytes=fetch.max_bytes,
        max_redirects=fetch.max_redirects,
        concurrency=fetch.concurrency,
        per_host=fetch.per_host,
        host_delay=fetch.host_delay.total_seconds(),
        user_agent=fetch.user_agent or f"aggregator-digest/{__version__}",
        contact=fetch.contact or config.web.public_url,
        allow_private=fetch.allow_private,
        access=common_access(access_table(config)),
    )
