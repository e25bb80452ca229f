"""What may be sent as a header or a cookie."""

from __future__ import annotations

import re
from collections.abc import Mapping

from aggregator.config.model.table import reject

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110, 5.6.2
_COOKIE_VALUE = re.compile(r"[^\x00-\x20;\x7f]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_OTHER_KEYS = {
    "user-agent": "user_agent",
    "cookie": "cookies",
    "proxy-authorization": "proxy and proxy_password_env",
}
_OWN_HEADERS = frozenset(
    {
        "host",
        "connection",
        "content-length",
        "transfer-encoding",
        "accept-encoding",
        "te",
        "upgrade",
        "if-none-match",
        "if-modified-since",
    }
)


def header_problem(value: str) -> str:
    """Return why a value cannot be sent as a header; empty if it can."""
    return "contains control characters" if _CONTROL.search(value) else ""


def cookie_problem(value: str) -> str:
    """Return why a value cannot be sent as a cookie; empty if it can."""
    return "" if _COOKIE_VALUE.fullmatch(value) else "contains a space, a semicolon or control characters"


def header_names(table: Mapping[str, str]) -> Mapping[str, str]:
    """Validate the names of headers, whatever the values are."""
    for name in table:
        if not _TOKEN.fullmatch(name):
            reject(f'"{name}" is not the name of a header', "a name such as X-Api-Key")
        if name.lower() in _OTHER_KEYS:
            reject(f"{name} cannot be set here", f"the key {_OTHER_KEYS[name.lower()]}")
        if name.lower() in _OWN_HEADERS:
            reject(f"{name} cannot be set", "another header; the program sends its own")
    return table


def cookie_names(table: Mapping[str, str]) -> Mapping[str, str]:
    """Validate the names of cookies, whatever the values are."""
    for name in table:
        if not _TOKEN.fullmatch(name):
            reject(f'"{name}" is not the name of a cookie', "a name such as session")
    return table
