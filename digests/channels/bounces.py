"""Reads delivery reports (RFC 3464) and complaints (RFC 5965); makes return addresses of deliveries (VERP). Pure.

Anybody can send a report. It is proof only if it contains the return address of a delivery, which `return_address`
signs. A known Message-ID is only a hint.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from digests.render.mail.parts import MimePart, read_fields, read_part, walk

_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})")
# Bounded, so that a long field takes little time.
_MESSAGE_ID = re.compile(r"<[^<>\s@]{1,250}@[^<>\s@]{1,250}>")
_ADDRESS_ENDS = re.compile(r"[\s<>:;,\"]+")
_MAX_ADDRESS = 320  # characters (RFC 3696, with its erratum 254)
# The fields that may contain the address that a report was sent to; each mail server writes one of them.
_SENT_TO = ("x-original-to", "delivered-to", "envelope-to", "x-envelope-to", "to", "cc")
_MAX_REPORT = 1_000_000  # bytes; a report quotes a message at most
_MAX_GROUPS = 50  # recipients of one report; a delivery of ours has one
_MAX_BOUNCES = 20
_MAX_ADDRESSES = 50
_RETURN_ADDRESS = re.compile(r"\+[0-9A-Za-z]+-[0-9a-f]{16}@")
_MAX_TOKEN, _MAX_FIELD = 2000, 4000
_REPLY_MARKS = ("re:", "aw:", "sv:", "fwd:", "wg:")
_MAC_LENGTH = 16  # hexadecimal digits, 64 bits: enough for an address that can only pause one recipient


@dataclass(frozen=True, slots=True)
class Bounce:
    """One recipient's part of a report. `status` is that of RFC 3463; `diagnostic` is the server's text on one line.

    `action` is failed, delayed, delivered, relayed, expanded, or `complained` for a spam report. `message_id` is that
    of the returned message, None if the report does not say.
    """

    recipient: str
    action: str
    status: str | None = None
    message_id: str | None = None
    diagnostic: str = ""

    @property
    def permanent(self) -> bool:
        """Whether it failed permanently: the action is `failed` and the status, if there is one, is of class 5."""
        return self.action == "failed" and (self.status is None or self.status.startswith("5."))

    @property
    def reply_class(self) -> int:
        """The class of an equivalent SMTP reply: 500 if it failed permanently, else 400."""
        return 500 if self.permanent else 400

    @property
    def address_is_bad(self) -> bool:
        """Whether the address itself is invalid (5.1.x, 5.2.1), and not only this message refused."""
        return self.permanent and self.status is not None and bool(re.match(r"5\.1\.|5\.2\.1$", self.status))


def bounces_in(message: bytes) -> tuple[Bounce, ...]:
    """Return the bounces in a message; none if it is not a report or over a megabyte. Never raises."""
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
    """Return the addresses in a report that may be the return address of a delivery.

    They are the recipients of the report, the return path of the quoted message, and the envelope sender in a
    complaint.
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
    return tuple(dict.fromkeys(one for value in values for one in _addresses(value)))[:_MAX_ADDRESSES]


def unsubscribe_request(message: bytes) -> tuple[str, str] | None:
    """Return the sender and the token of a mail that asks to unsubscribe; None for any other mail. Never raises.

    The subject is `unsubscribe`, then the token of the List-Unsubscribe field, which some programs cut into pieces.
    Automatic replies do not count. The sender proves nothing.
    """
    fields = dict(reversed(read_part(message[:_MAX_REPORT]).fields))
    if fields.get("auto-submitted", "no").strip().lower() != "no":
        return None
    words = _decoded(fields.get("subject", "")).split()
    while words and words[0].lower() in _REPLY_MARKS:
        words.pop(0)
    if not words or words[0].lower().rstrip(":") != "unsubscribe":
        return None
    return _address(_decoded(fields.get("from", ""))), "".join(words[1:])[:_MAX_TOKEN]


def _decoded(value: str) -> str:
    """Return a field's value with its encoded words (RFC 2047) decoded; as it is where that fails."""
    try:
        return str(make_header(decode_header(value[:_MAX_FIELD])))
    except (ValueError, LookupError, HeaderParseError):
        return value[:_MAX_FIELD]


def delivery_token(message_id: str) -> str:
    """Return the token of a delivery, computed from its Message-ID: 20 hexadecimal digits."""
    return hashlib.sha256(message_id.encode()).hexdigest()[:20]


def return_address(key: bytes, token: str, mailbox: str) -> str:
    """Return the envelope sender that identifies a delivery: `mailbox+token-mac@domain`.

    ValueError without a key, or if `token` has other characters than letters and digits.
    """
    if not key or not token.isascii() or not token.isalnum():
        raise ValueError("a key, and a token of letters and digits, are needed")
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+{token}-{_mac(key, token)}@{domain}"


def has_token(sender: str) -> bool:
    """Whether the envelope sender of a delivery is a return address with a token."""
    return _RETURN_ADDRESS.search(sender) is not None


def returned_token(keys: Sequence[bytes], address: str) -> str | None:
    """Return the token of a return address; None if we did not sign it."""
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
        action = _one_line(fields.get("action", "")).lower()
        if recipient and action:
            status = _STATUS.search(_one_line(fields.get("status", "")))
            diagnostic = _one_line(fields.get("diagnostic-code", ""))[:300]
            yield Bounce(recipient, action, status[0] if status else None, message_id, diagnostic)


def _complaint(part: MimePart, message_id: str | None) -> Iterator[Bounce]:
    for fields in _field_groups(part):
        recipient = _address(fields.get("original-rcpt-to", "")) or _address(fields.get("removal-recipient", ""))
        if _one_line(fields.get("feedback-type", "")).lower() in ("abuse", "fraud", "opt-out", "opt-out-list"):
            yield Bounce(recipient, "complained", None, message_id, _one_line(fields.get("user-agent", ""))[:300])


def _field_groups(part: MimePart) -> Iterator[dict[str, str]]:
    """Yield the groups of fields of a report part as name and value; the first value of a name counts."""
    for block in re.split(rb"\r?\n[ \t]*\r?\n", part.content, maxsplit=_MAX_GROUPS)[:_MAX_GROUPS]:
        yield dict(reversed(list(read_fields(block))))


def _quoted(parts: Sequence[MimePart]) -> Iterator[tuple[tuple[str, str], ...]]:
    """Yield the header fields of the messages that a report quotes."""
    for part in parts[1:]:
        if part.kind in ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"):
            yield read_part(part.content).fields


def _id_of(fields: Sequence[tuple[str, str]]) -> str | None:
    found = next(filter(None, (_MESSAGE_ID.search(value) for name, value in fields if name == "message-id")), None)
    return found[0] if found else None


def _address(value: str) -> str:
    """Return the address of `rfc822; ann@example.org`."""
    return next(_addresses(_one_line(value).rpartition(";")[2]), "")


def _addresses(value: str) -> Iterator[str]:
    """Yield the addresses in a field's value. Takes linear time."""
    for word in _ADDRESS_ENDS.split(value):
        local, _, domain = word.partition("@")
        if local and domain and "@" not in domain and len(word) <= _MAX_ADDRESS:
            yield word


def _one_line(text: str) -> str:
    """Return a field's value on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
