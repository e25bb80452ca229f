"""Posts editions as JSON over HTTP, signed by the Standard Webhooks specification, with an idempotency key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable

import httpx

from digests.channels.base import BeforeDot, Parcel, Receipt
from digests.channels.settings import WebhookSettings
from digests.errors import ChannelError, OutcomeUnknown, RecipientRefused, TemporaryFailure

_NOT_NOW = frozenset({408, 425, 429})
_GONE = frozenset({404, 410})
# With these errors the server cannot have received any part of the request.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class WebhookChannel:
    """Posts each parcel to its recipient's URL. Redirects are not followed, because their target is not checked.

    `clock` returns the Unix time for the signature.
    """

    name = "webhook"
    server = "webhook"

    def __init__(
        self,
        settings: WebhookSettings,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._client: httpx.Client | None = None

    def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
        """Post the parcel; see `Channel.deliver`. Without a response the outcome is unknown."""
        url = self._checked(parcel.recipient)
        body = payload(parcel)
        headers = self._headers(parcel, body)
        if self.settings.check is not None:
            self.settings.check(str(url))
        before_dot()
        try:
            with self._open().stream("POST", url, content=body, headers=headers) as response:
                summary = self._summary(response)
        except _NEVER_SENT as error:
            raise TemporaryFailure(f"cannot connect: {error}") from error
        except httpx.HTTPError as error:
            raise OutcomeUnknown(f"no answer: {str(error) or type(error).__name__}") from error
        if response.is_success:
            return Receipt(summary, url.host)
        raise error_of_response(response, summary)

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()
        self._client = None

    def _open(self) -> httpx.Client:
        if self._client is None:
            self._client = httpx.Client(
                timeout=self.settings.seconds,
                follow_redirects=False,
                trust_env=False,
                transport=self.settings.transport,
            )
        return self._client

    def _checked(self, address: str) -> httpx.URL:
        try:
            url = httpx.URL(address)
        except httpx.InvalidURL as error:
            raise RecipientRefused("not a URL", status="5.1.3") from error
        if url.scheme not in ("http", "https") or not url.host:
            raise RecipientRefused("not a URL of http or https", status="5.1.3")
        return url

    def _headers(self, parcel: Parcel, body: bytes) -> dict[str, str]:
        stamp = str(int(self._clock()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": parcel.message_id,
            "webhook-id": parcel.message_id,
            "webhook-timestamp": stamp,
        }
        if self.settings.secret:
            headers["webhook-signature"] = signature(self.settings.secret, parcel.message_id, stamp, body)
        return headers

    def _summary(self, response: httpx.Response) -> str:
        """Return the status and the beginning of the response's text; the rest is not read."""
        text = b""
        for chunk in response.iter_raw(1024):
            text += chunk
            if len(text) >= self.settings.max_reply_bytes:
                break
        return f"{response.status_code} {' '.join(text.decode('utf-8', 'replace').split())}".strip()[:300]


def payload(parcel: Parcel) -> bytes:
    """Return the JSON of a parcel: the same bytes on every try. A body that is not UTF-8 is in `content_base64`."""
    document = {"id": parcel.message_id, "media_type": parcel.media_type, "filename": parcel.filename}
    try:
        document["content"] = parcel.body.decode()
    except UnicodeDecodeError:
        document["content_base64"] = base64.b64encode(parcel.body).decode()
    return json.dumps(document, sort_keys=True, ensure_ascii=False).encode()


def signature(secret: bytes, message_id: str, stamp: str, body: bytes) -> str:
    """Return the signature of `id.timestamp.body` (Standard Webhooks 1.0): `v1,` and the HMAC-SHA256 in base64."""
    signed = b".".join((message_id.encode(), stamp.encode(), body))
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def error_of_response(response: httpx.Response, summary: str) -> ChannelError:
    """Return the error for a response: 429 and 5xx are temporary, others refuse this recipient."""
    if response.status_code in _NOT_NOW or response.status_code >= 500:
        return TemporaryFailure(summary, retry_after=response.extensions.get("retry_after"))
    return RecipientRefused(summary, status="5.1.1" if response.status_code in _GONE else "5.7.0")
