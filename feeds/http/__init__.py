"""The only room that talks to the network.

`base` has the port (`Source`) and its values, `client` the real source, `fake` the one for tests. Importing this package
imports no network library: take `HttpSource` from `feeds.http.client`.
"""

from feeds.http.base import FetchSettings, Request, Source

__all__ = ["FetchSettings", "Request", "Source"]
