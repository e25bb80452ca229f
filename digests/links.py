"""Signed links: what a reader may do with one click, for how long, and for nothing else.

A token is `payload.signature`, both base64url without padding. The payload is JSON: purpose, data, expiry. The signature is
HMAC-SHA256 (RFC 2104) over a fixed label, the purpose and the payload, so that a token for one purpose, or of another
program with the same key, is worth nothing for another. Keys are given newest first; the first signs, all are accepted.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from digests.errors import LinkError

_LABEL = b"digest-link-1"
_MAX_TOKEN = 2048  # characters; longer ones are not even looked at


def sign(keys: Sequence[bytes], purpose: str, data: Mapping[str, str], expires: datetime) -> str:
    """Make a token. The same arguments give the same token. `expires` is cut to seconds. ValueError without a key."""
    if not keys or not all(keys):
        raise ValueError("a key is needed to sign")
    document = {"p": purpose, "d": dict(data), "e": int(expires.timestamp())}
    payload = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return f"{_text(payload)}.{_text(_mac(keys[0], purpose, payload))}"


def read(keys: Sequence[bytes], token: str, purpose: str, now: datetime) -> dict[str, str]:
    """Check a token and return its data. LinkError if it is forged, stale, or for another purpose.

    The error says which only for a stale one, whose signature held.
    """
    payload, mac = _parts(token)
    if not any(hmac.compare_digest(_mac(key, purpose, payload), mac) for key in keys if key):
        raise LinkError
    document = json.loads(payload)  # ours: the signature held
    if now >= datetime.fromtimestamp(document["e"], UTC):
        raise LinkError("this link has expired")
    return {str(name): str(value) for name, value in document["d"].items()}


def _parts(token: str) -> tuple[bytes, bytes]:
    payload, dot, mac = token.partition(".")
    if len(token) > _MAX_TOKEN or not dot:
        raise LinkError
    return _bytes(payload), _bytes(mac)


def _mac(key: bytes, purpose: str, payload: bytes) -> bytes:
    return hmac.new(key, b"\0".join((_LABEL, purpose.encode(), payload)), hashlib.sha256).digest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    """Decode strictly: exactly one spelling of a token is valid."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise LinkError from error
    if _text(data) != text:
        raise LinkError
    return data
