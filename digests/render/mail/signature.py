"""DKIM signatures (RFC 6376, RFC 8463), where the program signs and not the relay. Needs the extra `dkim`."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field

from digests.errors import BadMessage

# RFC 8058 3.1 wants both List-Unsubscribe fields signed; From and Subject twice, so that adding a second one breaks it.
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
_ED25519 = bytes.fromhex("06032b6570")  # its name in a key's DER (RFC 8410 section 7); the 32 octets begin at the 17th
_ALGORITHMS = {"rsa": b"rsa-sha256", "ed25519": b"ed25519-sha256"}


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A private key: PEM for `rsa`, 32 octets in base64 for `ed25519`. `domain` must align with From."""

    domain: str
    selector: str
    private: bytes = field(repr=False)
    kind: str = "rsa"


def read_key(domain: str, selector: str, file: bytes) -> DkimKey:
    """The key that a file holds: PEM of either algorithm, as openssl writes it, or an Ed25519 key's 32 octets in base64."""
    if not file.lstrip().startswith(b"-----"):
        return DkimKey(domain, selector, file.strip(), "ed25519")
    try:
        der = base64.b64decode(b"".join(line for line in file.splitlines() if re.fullmatch(rb"[A-Za-z0-9+/=]+", line)))
    except binascii.Error:
        der = b""
    if _ED25519 in der[:16] and len(der) >= 48:
        return DkimKey(domain, selector, base64.b64encode(der[16:48]), "ed25519")
    return DkimKey(domain, selector, file)


def verifies(message: bytes, record: bytes) -> bool:
    """Whether a message's signature holds by the published key in `record`, a TXT record (RFC 6376 section 3.6)."""
    try:
        import dkim
    except ImportError as error:  # pragma: no cover - the extra is installed in development
        raise BadMessage("verifying needs the package dkimpy: install the extra `dkim`") from error
    try:
        return bool(dkim.DKIM(message).verify(dnsfunc=lambda name, timeout=5: record))  # noqa: ARG005 - dkimpy's interface
    except dkim.DKIMException:
        return False


def sign(message: bytes, *keys: DkimKey) -> bytes:
    """`message` with a signature by each key in front; give the RSA key first and Ed25519 beside it, not alone."""
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
