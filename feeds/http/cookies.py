"""The cookies of one fetch: what a server sets while it redirects."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

_SETS = frozenset((b"set-cookie", b"set-cookie2"))
_MAX_URL = 60_000  # characters; httpx refuses URLs of more than 65,536


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

    def header(self, url: str) -> bytes:
        """Return the Cookie header for a request to `url`; empty without one. Letters beyond ASCII are in UTF-8."""
        if self._jar is None:
            return b""
        request = _request(url)
        self._jar.set_cookie_header(request)
        return next((value for name, value in request.headers.raw if name.lower() == b"cookie"), b"")

    def written(self) -> str:
        """Return all cookies as text, the same for the same ones."""
        if self._jar is None:
            return ""
        return repr(sorted((cookie.domain, cookie.path, cookie.name, cookie.value) for cookie in self._jar.jar))


def _request(url: str) -> httpx.Request:
    """Return a request as the jar needs it: without the query, which does not matter for cookies."""
    request = httpx.Request("GET", url.partition("?")[0][:_MAX_URL])
    request.headers.encoding = "utf-8"  # httpx guesses ASCII for headers without any other letter
    return request
