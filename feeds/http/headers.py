"""What response headers mean: validators, freshness, waiting times, where to go next. Pure; names are lower case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from feeds.model import Validators

RETRY_AFTER_CAP = 24 * 3600.0
"""Seconds. A server that asks for more is believed for a day, then asked again."""

MAX_VALIDATOR = 1024  # characters; a longer one is not worth sending back
REDIRECTS = frozenset({301, 302, 303, 307, 308})


def collect(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Header fields by lower-case name; repeated ones joined by a comma (RFC 9110, 5.3). Cookies are dropped here."""
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
    """What to send back next time."""
    return Validators(_validator(headers.get("etag")), _validator(headers.get("last-modified")), body_hash)


def _validator(value: str | None) -> str | None:
    value = (value or "").strip()
    return value if value and len(value) <= MAX_VALIDATOR and value.isascii() and value.isprintable() else None


def conditions(known: Validators) -> list[tuple[str, str]]:
    """The conditional request headers for what is known (RFC 9110, 13.1).

    Apache once marked the tag of a compressed answer with "-gzip" and then did not know it again: both are sent.
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
    """An HTTP date in UTC, or None for anything that is not one."""
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
    """Seconds to wait from Retry-After (seconds or a date), from 0 to `RETRY_AFTER_CAP`; None if not or badly said.

    A date is measured against the server's own clock where it tells it.
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
    """How long the answer stays good (RFC 9111, 4.2): max-age less Age, else Expires less Date; None if not said."""
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
        return timedelta(0)  # "Expires: 0" and the like: already stale (RFC 9111, 5.3)
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
