"""Fetching over HTTP.

`base` has the interface (`Source`) and its values, `client` the implementation over the network (`HttpSource`),
`fake` the one for tests. Importing this package imports no network library: `HttpSource` is imported when it is first
used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.http.base import FetchSettings, Request, Source

if TYPE_CHECKING:
    from feeds.http.client import HttpSource

__all__ = ["FetchSettings", "HttpSource", "Request", "Source"]


def __getattr__(name: str) -> object:
    if name == "HttpSource":
        from feeds.http.client import HttpSource

        return HttpSource
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
