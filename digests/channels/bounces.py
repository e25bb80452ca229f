"""Delivery reports (RFC 3464), complaints (RFC 5965), and return addresses that name the delivery (VERP). Pure.

Anybody can send a report. It counts only if it names a message of ours: by the token in the address that it was sent to,
which `return_address` signs, or by a Message-ID that the caller knows.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message

_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})")
_MESSAGE_ID = re.compile(r"<[^<>\s]+@[^<>\s]+>")
_ADDRESS = re.compile(r"[^\s<>@;,]+@[^\s<>@;,]+")
_MAX_REPORT = 1_000_000  # bytes; a report quotes a message at most
_MAC_LENGTH = 16  # hexadecimal digits, 64 bits: enough for an address that can only pause one recipient


@dataclass(frozen=True, slots=True)
class Bounce:
    """One recipient's part of a report. `status` as RFC 3463 has it; `diagnostic` in the server's words, one line.

    `action`: failed, delayed, delivered, relayed, expanded; or `complained` for a spam report. `message_id` is of the message
    that came back, None if the report does not say.
    """

    recipient: str
    action: str
    status: str | None = None
    message_id: str | None = None
    diagnostic: str = ""

    @property
    def permanent(self) -> bool:
        """Whether it failed for good: the report says `failed` and its status, if there is one, is of class 5."""
        return self.action == "failed" and (self.status is None or self.status.startswith("5."))

    @property
    def reply_class(self) -> int:
        """500 where it failed for good, else 400: what a reply code would begin with."""
        return 500 if self.permanent else 400

    @property
    def address_is_bad(self) -> bool:
        """Whether the address itself is invalid (5.1.x, 5.2.1), and not this message refused, now or by a policy."""
        return self.permanent and self.status is not None and bool(re.match(r"5\.1\.|5\.2\.1$", self.status))


def read(message: bytes) -> tuple[Bounce, ...]:
    """Read the bounces in a message; none if it is no report. Never raises; anything over a megabyte is no report."""
    if len(message) > _MAX_REPORT:
        return ()
    parsed = email.message_from_bytes(message, policy=email.policy.compat32)  # lenient: it never raises while parsing
    parts = list(parsed.walk())
    message_id = _returned_id(parts)
    found: list[Bounce] = []
    for part in parts:
        if part.get_content_type() in ("message/delivery-status", "message/global-delivery-status"):
            found.extend(_delivery_status(part, message_id))
        elif part.get_content_type() == "message/feedback-report":
            found.extend(_complaint(part, message_id))
    return tuple(dict.fromkeys(found))


def token(message_id: str) -> str:
    """Make the token of a delivery from its Message-ID: 20 hexadecimal digits, the same every time."""
    return hashlib.sha256(message_id.encode()).hexdigest()[:20]


def return_address(key: bytes, token: str, mailbox: str) -> str:
    """Make the envelope sender that names the delivery of a report: `mailbox+token-mac@domain`.

    `token` is of letters and digits, such as a delivery's number. ValueError otherwise, or without a key.
    """
    if not key or not token.isascii() or not token.isalnum():
        raise ValueError("a key, and a token of letters and digits, are needed")
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+{token}-{_mac(key, token)}@{domain}"


def returned_token(keys: Sequence[bytes], address: str) -> str | None:
    """Read the token back from the address a report was sent to; None if it is not one of ours."""
    tail = address.rpartition("@")[0].rpartition("+")[2]
    token, _, mac = tail.rpartition("-")
    if not token.isascii() or not token.isalnum() or not mac.isascii():
        return None
    lower = mac.lower()  # some servers change the case of a local part
    return token if any(hmac.compare_digest(_mac(key, token), lower) for key in keys if key) else None


def _mac(key: bytes, token: str) -> str:
    return hmac.new(key, b"digest-return-1\0" + token.lower().encode(), hashlib.sha256).hexdigest()[:_MAC_LENGTH]


def _delivery_status(part: Message, message_id: str | None) -> Iterator[Bounce]:
    for fields in _field_groups(part):
        recipient = _address(fields.get("Final-Recipient")) or _address(fields.get("Original-Recipient"))
        action = _words(fields.get("Action")).lower()
        if recipient and action:
            status = _STATUS.search(_words(fields.get("Status")))
            diagnostic = _words(fields.get("Diagnostic-Code"))[:300]
            yield Bounce(recipient, action, status[0] if status else None, message_id, diagnostic)


def _complaint(part: Message, message_id: str | None) -> Iterator[Bounce]:
    for fields in _field_groups(part):
        recipient = _address(fields.get("Original-Rcpt-To")) or _address(fields.get("Removal-Recipient"))
        if _words(fields.get("Feedback-Type")).lower() in ("abuse", "fraud", "opt-out", "opt-out-list"):
            yield Bounce(recipient, "complained", None, message_id, _words(fields.get("User-Agent"))[:300])


def _field_groups(part: Message) -> list[Message]:
    """The groups of fields in a report part, whether the parser took it apart or left it as text."""
    payload = part.get_payload()
    if isinstance(payload, list):
        groups = [group for group in payload if isinstance(group, Message)]
        # A feedback report is parsed as one message whose fields are its headers.
        return [one for group in groups for one in (group, *_text_groups(group))]
    return _text_groups(part)


def _text_groups(part: Message) -> list[Message]:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return []
    blocks = re.split(rb"\r?\n[ \t]*\r?\n", payload)
    return [
        email.message_from_bytes(block + b"\n\n", policy=email.policy.compat32) for block in blocks if block.strip()
    ]


def _returned_id(parts: Sequence[Message]) -> str | None:
    """The Message-ID of the quoted message: of its part, or of its headers as text."""
    for part in parts[1:]:
        if part.get_content_type() == "message/rfc822":
            continue  # its content is a part of its own and comes next
        if part.get_content_type() in ("text/rfc822-headers", "message/global-headers"):
            text = part.get_payload(decode=True)
            raw = email.message_from_bytes(text if isinstance(text, bytes) else b"").get("Message-ID")
        else:
            raw = part.get("Message-ID")
        found = _MESSAGE_ID.search(_words(raw))
        if found:
            return found[0]
    return None


def _address(value: object) -> str:
    """The address of `rfc822; reader@example.org`."""
    found = _ADDRESS.search(_words(value).rpartition(";")[2])
    return found[0] if found else ""


def _words(value: object) -> str:
    """A field's value on one line, without control characters."""
    text = "" if value is None else str(value)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
