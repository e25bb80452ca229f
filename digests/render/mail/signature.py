"""Makes DKIM signatures (RFC 6376, RFC 8463), if the program signs and not the relay. Needs the extra `dkim`."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field

from digests.errors import BadMessage

# RFC 8058 3.1 requires both List-Unsubscribe fields. From and Subject are listed twice: adding another is detected.
SIGNED = (
    b"from",
    b"from",
    b"to",
    b"subject",
    b"subject",
    b"date",
    b"message-id",
    b"reply-to",
    b"mime-version",
    b"content-type",
    b"list-id",
    b"list-unsubscribe",
    b"list-unsubscribe-post",
    b"auto-submitted",
)
_ED25519 = bytes.fromhex("06032b6570")  # the algorithm in a key's DER (RFC 8410 section 7); the key is octets 17 to 48
_ALGORITHMS = {"rsa": b"rsa-sha256", "ed25519": b"ed25519-sha256"}


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A private key: PEM for `rsa`, 32 octets in base64 for `ed25519`. `domain` must align with From."""

    domain: str
    selector: str
    private: bytes = field(repr=False)
    kind: str = "rsa"


def dkim_key(domain: str, selector: str, file: bytes) -> DkimKey:
    """Return the key of a file: PEM of either algorithm, as openssl writes it, or an Ed25519 key's octets in base64."""
    if not file.lstrip().startswith(b"-----"):
        return DkimKey(domain, selector, file.strip(), "ed25519")
    try:
        der = base64.b64decode(b"".join(line for line in file.splitlines() if re.fullmatch(rb"[A-Za-z0-9+/=]+", line)))
    except binascii.Error:
        der = b""
    if _ED25519 in der[:16] and len(der) >= 48:
        return DkimKey(domain, selector, base64.b64encode(der[16:48]), "ed25519")
    return DkimKey(domain, selector, file)


def signature_is_valid(message: bytes, record: bytes) -> bool:
    """Whether a message's signature is valid for the public key in the TXT record `record` (RFC 6376 section 3.6)."""
    try:
        import dkim
    except ImportError as error:  # pragma: no cover - the extra is installed in development
        raise BadMessage("verifying needs the package dkimpy: install the extra `dkim`") from error
    try:
        return bool(dkim.DKIM(message).verify(dnsfunc=lambda *_, **__: record))
    except dkim.DKIMException:
        return False


def dkim_signed(message: bytes, *keys: DkimKey) -> bytes:
    """Return `message` with a signature of each key in front. Give the RSA key first; Ed25519 alone is not enough."""
    try:
        import dkim
    except ImportError as error:  # pragma: no cover - the extra is installed in development
        raise BadMessage("signing needs the package dkimpy: install the extra `dkim`") from error
    present = {line.split(b":", 1)[0].lower() for line in message.partition(b"\r\n\r\n")[0].split(b"\r\n")}
    wanted = [name for name in SIGNED if name in present]
    signatures = b""
    for key in keys:
        try:
            signatures += dkim.sign(
                message,
                key.selector.encode("ascii"),
                key.domain.encode("idna"),
                key.private,
                canonicalize=(b"relaxed", b"relaxed"),
                signature_algorithm=_ALGORITHMS[key.kind],
                include_headers=wanted,
            )
        except (dkim.DKIMException, KeyError, ValueError) as error:
            raise BadMessage(f"the DKIM key {key.selector}._domainkey.{key.domain} cannot sign: {error}") from error
    return signatures + message
