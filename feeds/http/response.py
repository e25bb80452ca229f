"""What a response means. Pure; the client and the fake share it, so that they cannot differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from feeds.errors import AccessRefused, Gone, HttpStatus, ProtocolFailed, RateLimited, TooManyRedirects
from feeds.http import headers as fields
from feeds.http.base import Request
from feeds.model import Fetched, Redirect, Validators
from feeds.urls import join_url


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers of one response."""

    status: int
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class ReceivedBody:
    """A decoded body. `cut` if its end is missing; `wire_bytes` is the size before decoding."""

    data: bytes
    cut: bool = False
    wire_bytes: int = 0


def redirect_target(head: Head, url: str) -> str | None:
    """Return the absolute URL that a redirect names, parsed as browsers do; None if the response is no redirect.

    Raises ProtocolFailed for a redirect without a valid URL.
    """
    if head.status not in fields.REDIRECTS:
        return None
    location = head.headers.get("location", "").strip()
    if not location:
        raise ProtocolFailed(f"the server redirects ({head.status}) without a Location")
    target = join_url(url, location)
    if target is None:
        raise ProtocolFailed("the server redirects to something that is not an http or https URL")
    return target


def check_redirects(redirects: Sequence[Redirect], limit: int, *, repeated: bool) -> None:
    """Raise TooManyRedirects when there are more than `limit`, or when the last one repeats an earlier request."""
    if len(redirects) > limit:
        raise TooManyRedirects(f"more than {limit} redirects")
    if repeated:
        raise TooManyRedirects("the URL redirects in a loop")


def raise_for_status(head: Head, redirects: Sequence[Redirect], now: datetime) -> None:
    """Raise the error for a status; return for 200, 203 and 304.

    410 means that the feed is gone only if no temporary redirect led to it.
    """
    status = head.status
    if status in (200, 203, 304):
        return
    wait = fields.retry_after(head.headers, now)
    if status == 410 and all(hop.permanent for hop in redirects):
        raise Gone(410)
    if status == 429 or (status == 503 and wait is not None):
        raise RateLimited(status, retry_after=wait)
    if status == 401:
        raise AccessRefused(status, "the server asks for a user name and a password (401)")
    if status in (403, 503) and _is_challenge(head):
        raise AccessRefused(status, f"the server checks for robots and refuses this program ({status})")
    if status == 403:
        message = "the server refuses this program (403): a login is missing, or it takes it for a robot"
        raise AccessRefused(status, message)
    if 200 <= status < 300:
        raise HttpStatus(status, f"the server answered {status}, which has no feed in it")
    raise HttpStatus(status, retry_after=wait)


def _is_challenge(head: Head) -> bool:
    """Whether a refusal says that it is a robot check, by the headers of the usual services."""
    server = head.headers.get("server", "").lower()
    marked = head.headers.get("cf-mitigated", "") or head.headers.get("x-datadome", "")
    return bool(marked) or server.startswith(("ddos-guard", "sucuri", "akamaighost", "imperva", "qrator"))


def fetched(
    request: Request,
    head: Head,
    body: ReceivedBody | None,
    *,
    final_url: str,
    redirects: Sequence[Redirect],
    now: datetime,
    elapsed: float,
) -> Fetched:
    """Return the result of a fetch; `body` is None for 304.

    A cut body keeps no validators, so that the next response is complete, but it keeps its hash, so that the same
    fragment is not parsed twice. Raises ProtocolFailed for a 304 to a request without conditions.
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
        redirects=tuple(redirects),
        freshness=fields.freshness(head.headers, now),
        wire_bytes=wire,
        elapsed=elapsed,
        truncated=cut,
    )


def as_dict(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers with lower-case names."""
    return {name.lower(): value for name, value in headers.items()}
