"""The keys of `[fetch]` and `[[feed]]` for feeds that are not open to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from aggregator.config.model.headers import header_problem
from aggregator.config.model.table import Field, Table, reject

if TYPE_CHECKING:  # `model.validation` looks these names up when it makes a model
    from pydantic import AfterValidator

    from aggregator.config.types import CookieNames, Cookies, HeaderNames, Headers

ENVIRONMENT = "environment"
DIRECT = "direct"


def _line(value: str) -> str:
    if header_problem(value) or not value.isascii():
        reject("has characters that cannot be sent in a header", "ASCII text in one line")
    return value


def _proxy(value: str) -> str:
    if value in ("", DIRECT, ENVIRONMENT):
        return value
    from feeds.http.access import Proxy

    expected = 'a URL such as "http://proxy.example.org:3128", "environment" or "direct"'
    try:
        proxy = Proxy.parse(value)
    except ValueError as error:
        return reject(str(error), expected)
    if proxy.password:
        reject("contains a password", "the URL without it, and proxy_password_env or proxy_password_file")
    return value


class AccessKeys(Table):
    """How to reach feeds that are not open to everybody."""

    user_agent: Annotated[str, AfterValidator(_line)] = Field(
        default="", description="The whole User-Agent, instead of the default."
    )
    headers: Headers = Field(default={}, description='More headers, such as `{ Accept-Language = "de" }`.')
    headers_env: HeaderNames = Field(
        default={},
        description='Headers with the environment variables that hold their values: `{ X-Api-Key = "VARIABLE" }`.',
    )
    headers_file: HeaderNames = Field(default={}, description="Headers with the files that hold their values.")
    cookies: Cookies = Field(default={}, description='Cookies, such as `{ consent = "yes" }`.')
    cookies_env: CookieNames = Field(
        default={}, description="Cookies with the environment variables that hold their values."
    )
    cookies_file: CookieNames = Field(default={}, description="Cookies with the files that hold their values.")
    user: str = Field(default="", description="User name for HTTP's basic authentication.")
    password_env: str = Field(default="", description="Environment variable with the password of `user`.")
    password_file: str = Field(default="", description="File with that password.")
    ca_file: str = Field(
        default="",
        description="File with certificates (PEM) that are trusted in addition to the public ones, such as that of "
        "your own authority.",
    )
    proxy: Annotated[str, AfterValidator(_proxy)] = Field(
        default="",
        description="HTTP proxy: `http://user@host:port` or `https://…`; `environment`: the one that HTTP_PROXY, "
        "HTTPS_PROXY, ALL_PROXY and NO_PROXY name; `direct`: none. SOCKS is not supported.",
    )
    proxy_password_env: str = Field(default="", description="Environment variable with the proxy's password.")
    proxy_password_file: str = Field(default="", description="File with that password.")
