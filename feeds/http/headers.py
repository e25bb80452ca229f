"""The meaning of response headers: validators, freshness, Retry-After. Pure; header names are lower case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from feeds.model import Validators

RETRY_AFTER_CAP = 24 * 3600.0
"""Seconds. A longer wait is cut to this."""

MAX_VALIDATOR = 1024  # characters; a longer one is not sent back
REDIRECTS = frozenset({301, 302, 303, 307, 308})


def collect(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the headers by lower-case name, repeated ones joined by a comma (RFC 9110, 5.3), without cookies."""
    found: dict[str, str] = {}
    for name, value in raw:
        key = name.decode("ascii", "replace").lower()
        if key in ("set-cookie", "set-cookie2"):
            continue
        try:
            text = value.decode("utf-8")
        except UnicodeDecodeError:
            text = value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def validators(headers: Mapping[str, str], body_hash: str | None) -> Validators:
    """Return the validators for the next request."""
    return Validators(_validator(headers.get("etag")), _validator(headers.get("last-modified")), body_hash)


def _validator(value: str | None) -> str | None:
    value = (value or "").strip()
    return value if value and len(value) <= MAX_VALIDATOR and value.isascii() and value.isprintable() else None


def conditions(known: Validators) -> list[tuple[str, str]]:
    """Return the conditional request headers (RFC 9110, 13.1).

    Old Apache versions add "-gzip" to the tag of a compressed response and then do not recognize it, so both are sent.
    """
    found: list[tuple[str, str]] = []
    etag = _validator(known.etag)
    if etag:
        plain = etag.removesuffix('-gzip"')
        found.append(("If-None-Match", etag if plain == etag else f'{etag}, {plain}"'))
    modified = _validator(known.last_modified)
    if modified:
        found.append(("If-Modified-Since", modified))
    return found


def http_date(value: str | None) -> datetime | None:
    """Return an HTTP date in UTC, None if it is invalid."""
    if not value:
        return None
    try:
        instant = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    try:
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except OverflowError:
        return None


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that Retry-After asks to wait, 0 to `RETRY_AFTER_CAP`; None if it is missing or invalid.

    It is seconds or a date (RFC 9110, 10.2.3). A date is compared with the response's Date if it has one, else with
    `now`.
    """
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    seconds = _number(value)
    if seconds is None:
        date = http_date(value)
        if date is None:
            return None
        seconds = (date - (http_date(headers.get("date")) or now)).total_seconds()
    return min(max(seconds, 0.0), RETRY_AFTER_CAP)


def freshness(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long the response stays fresh (RFC 9111, 4.2): max-age less Age, else Expires less Date, else None."""
    directives = _directives(headers.get("cache-control", ""))
    if "no-cache" in directives or "no-store" in directives:
        return timedelta(0)
    age = _number(directives.get("max-age", ""))
    if age is not None:
        return _span(age - (_number(headers.get("age", "")) or 0.0))
    if "expires" not in headers:
        return None
    expires = http_date(headers["expires"])
    if expires is None:
        return timedelta(0)  # an invalid date such as "0" means stale (RFC 9111, 5.3)
    return _span((expires - (http_date(headers.get("date")) or now)).total_seconds())


def _span(seconds: float) -> timedelta:
    return timedelta(seconds=min(max(seconds, 0.0), 366 * 86400.0))


def _directives(value: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in value.lower().split(","):
        name, _, argument = part.partition("=")
        found.setdefault(name.strip(), argument.strip().strip('"'))
    return found


def _number(value: str) -> float | None:
    value = value.strip()
    if not value or len(value) > 15 or not value.isascii() or not value.replace(".", "", 1).isdigit():
        return None
    return float(value)
