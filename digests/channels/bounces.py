"""Delivery reports (RFC 3464), complaints (RFC 5965), and return addresses that name the delivery (VERP). Pure.

Anybody can send a report. It proves something only if it holds the return address of a delivery, which `return_address`
signs. A Message-ID that the caller knows is a hint.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digests.render.mail.parts import MimePart, read_fields, read_part, walk

_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})")
# Bounded, so that a long field takes no time worth mentioning.
_MESSAGE_ID = re.compile(r"<[^<>\s@]{1,250}@[^<>\s@]{1,250}>")
_ADDRESS = re.compile(r"[^\s<>@:;,\"]{1,250}@[^\s<>@:;,\"]{1,250}")
# The fields that may hold the address that a report was sent to; each mail server writes one of them.
_SENT_TO = ("x-original-to", "delivered-to", "envelope-to", "x-envelope-to", "to", "cc")
_MAX_REPORT = 1_000_000  # bytes; a report quotes a message at most
_MAX_GROUPS = 50  # recipients of one report; a delivery of ours has one
_MAX_BOUNCES = 20
_MAX_ADDRESSES = 50
_RETURN_ADDRESS = re.compile(r"\+[0-9A-Za-z]+-[0-9a-f]{16}@")
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
    whole = list(walk(read_part(message)))
    message_id = next(filter(None, (_id_of(quoted) for quoted in _quoted(whole))), None)
    found: list[Bounce] = []
    for part in whole:
        if part.kind in ("message/delivery-status", "message/global-delivery-status"):
            found.extend(_delivery_status(part, message_id))
        elif part.kind == "message/feedback-report":
            found.extend(_complaint(part, message_id))
    return tuple(dict.fromkeys(found))[:_MAX_BOUNCES]


def return_addresses(message: bytes) -> tuple[str, ...]:
    """The addresses in a report that may be the return address of a delivery.

    Those that the report was sent to, the return path of the quoted message, and the envelope sender that a complaint names.
    """
    if len(message) > _MAX_REPORT:
        return ()
    whole = list(walk(read_part(message)))
    values = [value for name, value in whole[0].fields if name in _SENT_TO]
    for quoted in _quoted(whole):
        values += [value for name, value in quoted if name == "return-path"]
    for part in whole:
        if part.kind == "message/feedback-report":
            values += [group.get("original-mail-from", "") for group in _field_groups(part)]
    return tuple(dict.fromkeys(one for value in values for one in _ADDRESS.findall(value)))[:_MAX_ADDRESSES]


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


def has_token(sender: str) -> bool:
    """Whether the envelope sender of a delivery is a return address with a token."""
    return _RETURN_ADDRESS.search(sender) is not None


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


def _delivery_status(part: MimePart, message_id: str | None) -> Iterator[Bounce]:
    for fields in _field_groups(part):
        recipient = _address(fields.get("final-recipient", "")) or _address(fields.get("original-recipient", ""))
        action = _words(fields.get("action", "")).lower()
        if recipient and action:
            status = _STATUS.search(_words(fields.get("status", "")))
            diagnostic = _words(fields.get("diagnostic-code", ""))[:300]
            yield Bounce(recipient, action, status[0] if status else None, message_id, diagnostic)


def _complaint(part: MimePart, message_id: str | None) -> Iterator[Bounce]:
    for fields in _field_groups(part):
        recipient = _address(fields.get("original-rcpt-to", "")) or _address(fields.get("removal-recipient", ""))
        if _words(fields.get("feedback-type", "")).lower() in ("abuse", "fraud", "opt-out", "opt-out-list"):
            yield Bounce(recipient, "complained", None, message_id, _words(fields.get("user-agent", ""))[:300])


def _field_groups(part: MimePart) -> Iterator[dict[str, str]]:
    """The groups of fields of a report part, each by name; the first value of a name counts."""
    for block in re.split(rb"\r?\n[ \t]*\r?\n", part.content, maxsplit=_MAX_GROUPS)[:_MAX_GROUPS]:
        yield dict(reversed(list(read_fields(block))))


def _quoted(parts: Sequence[MimePart]) -> Iterator[tuple[tuple[str, str], ...]]:
    """The header fields of the messages that a report quotes."""
    for part in parts[1:]:
        if part.kind in ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"):
            yield read_part(part.content).fields


def _id_of(fields: Sequence[tuple[str, str]]) -> str | None:
    found = next(filter(None, (_MESSAGE_ID.search(value) for name, value in fields if name == "message-id")), None)
    return found[0] if found else None


def _address(value: str) -> str:
    """The address of `rfc822; reader@example.org`."""
    found = _ADDRESS.search(_words(value).rpartition(";")[2])
    return found[0] if found else ""


def _words(text: str) -> str:
    """A field's value on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
