"""What a feed needs besides its URL: a user agent, headers, cookies, a login, a certificate authority, a proxy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit

from feeds.errors import FetchError, ProxyFailed
from feeds.http.guard import Target, parse_target

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy: `url` is http or https, with host and port, without credentials."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> Proxy:
        """Parse a URL such as `http://me:password@proxy.example:3128`. Raises ValueError."""
        parts = urlsplit(text if "://" in text else f"http://{text}")
        try:
            port = parts.port
        except ValueError:  # its text would show a part of a password with a slash
            raise ValueError("this is not the URL of an HTTP proxy") from None
        if parts.scheme.startswith("socks"):
            raise ValueError("SOCKS proxies are not supported")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("this is not the URL of an HTTP proxy")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        url = f"{parts.scheme}://{host}:{port or (443 if parts.scheme == 'https' else 80)}"
        return cls(url, unquote(parts.username or ""), unquote(parts.password or ""))


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach a feed and its pages.

    `user_agent`, `ca_file` and the proxy count for every request. `headers`, `cookies` and `login` (user and password)
    are sent only to the origin of `url`, also after redirects; without `url` nowhere. `missing` is why a secret is
    unavailable: nothing is sent then.
    """

    user_agent: str = ""
    ca_file: str = ""
    proxy: Proxy | None = None
    environment_proxy: bool = False  # the proxy that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY name
    url: str = ""
    headers: Pairs = field(default=(), repr=False)
    cookies: Pairs = field(default=(), repr=False)
    login: tuple[str, str] | None = field(default=None, repr=False)
    missing: str = ""

    def covers(self, target: Target) -> bool:
        """Whether headers, cookies and login may be sent to a target."""
        if not self.url or not (self.headers or self.cookies or self.login):
            return False
        try:
            return target.origin == parse_target(self.url).origin
        except FetchError:
            return False

    def proxy_for(self, target: Target) -> Proxy | None:
        """Return the proxy for a target; None without one. Raises ProxyFailed for an unusable one of the environment.

        The environment is read as by curl: lower case before upper case, NO_PROXY lists hosts and domains.
        """
        if not self.environment_proxy:
            return self.proxy
        import urllib.request  # imported late: it brings the standard library's own client

        proxies = urllib.request.getproxies_environment()
        named = proxies.get(target.scheme) or proxies.get("all")
        if not named or urllib.request.proxy_bypass(target.authority):
            return None
        try:
            return Proxy.parse(named)
        except ValueError as error:
            raise ProxyFailed(f"the proxy that the environment names cannot be used: {error}") from error


@dataclass(frozen=True, slots=True)
class AccessTable:
    """The access of each feed by its configured URL; `common` counts for all others."""

    common: Access = field(default_factory=Access)
    by_feed: Mapping[str, Access] = field(default_factory=dict)

    def of(self, url: str) -> Access:
        """Return the access of a feed."""
        return self.by_feed.get(url) or replace(self.common, url=url)
