"""What an answer means, apart from how it came: shared by the real source and the fake, so that they cannot differ. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from feeds.errors import Gone, HttpStatus, ProtocolFailed, RateLimited, TooManyRedirects
from feeds.http import headers as fields
from feeds.http.base import Request
from feeds.model import Fetched, Redirect, Validators
from feeds.urls import join


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers of one answer."""

    status: int
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Receipt:
    """A body that came: decoded, and whether it was cut short. `wire_bytes` before decoding."""

    data: bytes
    cut: bool = False
    wire_bytes: int = 0


def next_hop(head: Head, url: str) -> str | None:
    """Where a redirect leads, absolute, read as browsers do; None if the answer is no redirect.

    Raises `ProtocolFailed` for a redirect that says no address.
    """
    if head.status not in fields.REDIRECTS:
        return None
    location = head.headers.get("location", "").strip()
    if not location:
        raise ProtocolFailed(f"the server redirects ({head.status}) and does not say where")
    onward = join(url, location)
    if onward is None:
        raise ProtocolFailed("the server redirects to something that is no web address")
    return onward


def check_trail(trail: Sequence[Redirect], start: str, limit: int) -> None:
    """Raise `TooManyRedirects` when the last hop is one too many, or leads to where we have been."""
    if len(trail) > limit:
        raise TooManyRedirects(f"more than {limit} redirects")
    if trail[-1].url in (start, *(hop.url for hop in trail[:-1])):
        raise TooManyRedirects("the address redirects in a circle")


def raise_for_status(head: Head, trail: Sequence[Redirect], now: datetime) -> None:
    """Raise the error that a status says; return for 2xx with a body to read, and for 304.

    410 is final only for the address itself: behind a temporary redirect it is an error like any other.
    """
    status = head.status
    if status in (200, 203, 304):
        return
    wait = fields.retry_after(head.headers, now)
    if status == 410 and all(hop.permanent for hop in trail):
        raise Gone(410)
    if status == 429 or (status == 503 and wait is not None):
        raise RateLimited(status, retry_after=wait)
    if 200 <= status < 300:
        raise HttpStatus(status, f"the server answered {status}, which brings no feed")
    raise HttpStatus(status, retry_after=wait)


def fetched(
    request: Request,
    head: Head,
    body: Receipt | None,
    *,
    final_url: str,
    trail: Sequence[Redirect],
    now: datetime,
    elapsed: float,
) -> Fetched:
    """The finished answer; `body` None for 304.

    A body cut short keeps no validators, so that the next request brings it whole; its hash is kept, because the same
    fragment need not be parsed twice. Raises `ProtocolFailed` for a 304 to a question that set no condition.
    """
    known = request.validators
    data, cut, wire = (None, False, 0) if body is None else (body.data, body.cut, body.wire_bytes)
    if data is None:
        if not fields.conditions(known):
            raise ProtocolFailed("the server answered 304 to an unconditional request")
        fresh = fields.validators(head.headers, known.body_hash)
        kept = Validators(fresh.etag or known.etag, fresh.last_modified or known.last_modified, known.body_hash)
    else:
        digest = blake2b(data, digest_size=16).hexdigest()
        kept = Validators(body_hash=digest) if cut else fields.validators(head.headers, digest)
        if digest == known.body_hash:
            data = None
    return Fetched(
        url=request.url,
        final_url=final_url,
        status=head.status,
        headers=dict(head.headers),
        body=data,
        validators=kept,
        redirects=tuple(trail),
        freshness=fields.freshness(head.headers, now),
        wire_bytes=wire,
        elapsed=elapsed,
        truncated=cut,
    )


def as_dict(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers given by hand, with lower-case names."""
    return {name.lower(): value for name, value in headers.items()}
