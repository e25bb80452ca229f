"""Fetching over HTTP.

`base` has the interface (`Fetcher`) and its values, `client` the implementation over the network (`HttpFetcher`),
`fake` the one for tests. Importing this package imports no network library: `HttpFetcher` is imported when it is first
used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.http.base import Fetcher, FetchSettings, Request

if TYPE_CHECKING:
    from feeds.http.client import HttpFetcher

__all__ = ["FetchSettings", "Fetcher", "HttpFetcher", "Request"]


def __getattr__(name: str) -> object:
    if name == "HttpFetcher":
        from feeds.http.client import HttpFetcher

        return HttpFetcher
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
