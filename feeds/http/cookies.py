"""The cookies of one fetch: what a server sets while it redirects."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

_SETS = frozenset((b"set-cookie", b"set-cookie2"))


class Cookies:
    """Cookies by the rules of the standard library. Without any, nothing is made."""

    def __init__(self) -> None:
        self._jar: httpx.Cookies | None = None

    def keep(self, url: str, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Keep what the response to `url` sets."""
        if not any(name.lower() in _SETS for name, _ in headers):
            return
        if self._jar is None:
            self._jar = httpx.Cookies()
        self._jar.extract_cookies(httpx.Response(200, headers=headers, request=_request(url)))

    def header(self, url: str) -> str:
        """Return the Cookie header for a request to `url`; empty without one."""
        if self._jar is None:
            return ""
        request = _request(url)
        self._jar.set_cookie_header(request)
        return str(request.headers.get("cookie", ""))

    def written(self) -> str:
        """Return all cookies as text, the same for the same ones."""
        if self._jar is None:
            return ""
        return repr(sorted((cookie.domain, cookie.path, cookie.name, cookie.value) for cookie in self._jar.jar))


def _request(url: str) -> httpx.Request:
    return httpx.Request("GET", url.partition("?")[0])  # the query has no say in cookies
