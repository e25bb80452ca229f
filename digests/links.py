"""Signed links, with which a recipient can do one thing by one click until the link expires.

itsdangerous makes the tokens: data and expiry as JSON in base64url, signed by HMAC-SHA256 with a salt that names the
purpose. A token is therefore invalid for another purpose, and one of another program with the same key is invalid here.
Keys are given newest first; the first one signs, all are accepted.

Mails of earlier versions contain tokens of another form: `payload.signature`, where the signature is HMAC-SHA256 over a
label, the purpose and the payload. They are accepted until they expire.
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
_MAX_TOKEN = 2048  # characters; longer tokens are refused without decoding


def make_token(keys: Sequence[bytes], purpose: str, data: Mapping[str, str], expires: datetime) -> str:
    """Return a token; the same arguments give the same one. `expires` is cut to seconds. ValueError without a key."""
    if not keys or not all(keys):
        raise ValueError("a key is needed to sign")
    return str(_serializer(keys, purpose).dumps({"d": dict(data), "e": int(expires.timestamp())}))


def token_data(keys: Sequence[bytes], token: str, purpose: str, now: datetime) -> dict[str, str]:
    """Return the data of a valid token. LinkError if it is forged, expired, or for another purpose.

    Only for an expired token, whose signature is valid, does the error give the reason.
    """
    usable = [key for key in keys if key]
    if not usable or len(token) > _MAX_TOKEN or not all(map(_is_canonical, token.split("."))):
        raise LinkError
    document = next(filter(None, _documents(usable, token, purpose)), None)
    if document is None:
        raise LinkError
    if now >= datetime.fromtimestamp(document["e"], UTC):
        raise LinkError("this link has expired")
    return {str(name): str(value) for name, value in document["d"].items()}


def _serializer(keys: Sequence[bytes], purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        list(reversed(keys)),  # itsdangerous takes the newest last
        salt=_SALT + purpose,
        serializer_kwargs={"sort_keys": True, "ensure_ascii": False},
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )


def _documents(keys: Sequence[bytes], token: str, purpose: str) -> Iterator[dict[str, Any] | None]:
    """Yield the token's content, read in the present form and then in the old one; None for an invalid signature."""
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


def _is_canonical(part: str) -> bool:
    """Whether the part is the canonical base64 of its bytes: other spellings of the same bytes are refused."""
    try:
        return base64_encode(base64_decode(part)) == part.encode()
    except (BadData, UnicodeEncodeError):
        return False
