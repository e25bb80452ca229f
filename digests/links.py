"""Signed links: what a recipient may do with one click, for how long, and for nothing else.

A token is made by itsdangerous: the data and the expiry as JSON in base64url, signed by HMAC-SHA256 with a salt that names the
purpose. So a token for one purpose, or of another program with the same key, is not valid for another. Keys are given newest
first; the first signs, all are accepted.

Mails that were sent by earlier versions carry tokens of another form: `payload.signature`, where the payload names its purpose and
the signature is HMAC-SHA256 over a label, the purpose and the payload. They are accepted until they expire.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from itsdangerous.encoding import base64_decode, base64_encode

from digests.errors import LinkError

_SALT = "digest-link-2 "  # then the purpose
_OLD_LABEL = b"digest-link-1"
_MAX_TOKEN = 2048  # characters; longer ones are refused unread


def sign(keys: Sequence[bytes], purpose: str, data: Mapping[str, str], expires: datetime) -> str:
    """Make a token. The same arguments give the same token. `expires` is cut to seconds. ValueError without a key."""
    if not keys or not all(keys):
        raise ValueError("a key is needed to sign")
    return str(_serializer(keys, purpose).dumps({"d": dict(data), "e": int(expires.timestamp())}))


def read(keys: Sequence[bytes], token: str, purpose: str, now: datetime) -> dict[str, str]:
    """Check a token and return its data. LinkError if it is forged, expired, or for another purpose.

    The error names the reason only for an expired token, whose signature is valid.
    """
    usable = [key for key in keys if key]
    if not usable or len(token) > _MAX_TOKEN or not all(map(_canonical, token.split("."))):
        raise LinkError
    document = next(filter(None, _documents(usable, token, purpose)), None)
    if document is None:
        raise LinkError
    if now >= datetime.fromtimestamp(document["e"], UTC):
        raise LinkError("this link has expired")
    return {str(name): str(value) for name, value in document["d"].items()}


def _serializer(keys: Sequence[bytes], purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        list(reversed(keys)),  # itsdangerous wants the newest last
        salt=_SALT + purpose,
        serializer_kwargs={"sort_keys": True, "ensure_ascii": False},
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )


def _documents(keys: Sequence[bytes], token: str, purpose: str) -> Iterator[dict[str, Any] | None]:
    """What the token holds, read in the present form and in the old one; None where its signature is not valid."""
    try:
        yield _serializer(keys, purpose).loads(token)
    except BadData:
        yield None
    payload, _, signature = token.partition(".")
    try:
        signed, mac = base64_decode(payload), base64_decode(signature)
    except BadData:
        return
    message = b"\0".join((_OLD_LABEL, purpose.encode(), signed))
    if any(hmac.compare_digest(hmac.new(key, message, hashlib.sha256).digest(), mac) for key in keys):
        yield json.loads(signed)


def _canonical(part: str) -> bool:
    """Whether a part is spelled as we spell it: base64 can be written in several ways that mean the same."""
    try:
        return base64_encode(base64_decode(part)) == part.encode()
    except (BadData, UnicodeEncodeError):
        return False
