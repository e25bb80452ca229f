"""A mail as bytes: built once, signed once, stored and sent as they are.

Two parts say the same, text first (RFC 2046 5.1.4). The same edition, envelope and parts give the same bytes: no clock, no
random boundary. See `headers` for why the fields are written by hand.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote

from digests.errors import BadMessage
from digests.model import Edition
from digests.render.mail import headers
from digests.render.mail.address import address
from digests.render.mail.transfer import encode
from digests.render.view.clean import link
from digests.render.view.subject import cut, line, subject

_MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+>")
_LONGEST_NAME = 60  # characters: more than any inbox shows, and in ASCII it fits on the field's first line
_KEYED = 40  # hexadecimal digits, 160 bits; earlier versions wrote 32 without a key
_LABEL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)+")


@dataclass(frozen=True, slots=True)
class HeaderValues:
    """Everything about one mail that is not its text.

    `list_id` is `label.domain`, stable for a digest (RFC 2919). `unsubscribe_url` takes a POST (RFC 8058) and must be
    https; `unsubscribe_mailto` is an address, by default the owner's or the sender's. `date` is when it was composed.
    `subject` replaces the edition's own; a letter needs one.
    """

    sender: str
    recipient: str
    message_id: str
    date: datetime
    sender_name: str = ""
    recipient_name: str = ""
    reply_to: str | None = None
    list_id: str | None = None
    list_name: str = ""
    unsubscribe_url: str | None = None
    unsubscribe_mailto: str | None = None
    owner: str | None = None
    archive_url: str | None = None
    feedback_id: str | None = None
    auto_submitted: str = "auto-generated"
    subject: str | None = None


def build(edition: Edition, envelope: HeaderValues, html: str | None, text: str) -> bytes:
    """The whole message, ready to be signed and sent; without `html` the text alone.

    BadMessage if an address or identifier cannot stand in a header.
    """
    sender = address(envelope.sender)
    own = _subject(envelope)
    sender_name = _name(envelope.sender_name) or _name(edition.title)
    fields = b"".join(_fields(envelope, sender_name, own or subject(edition), _list_fields(envelope, sender)))
    if html is None:
        return fields + b"MIME-Version: 1.0\r\n" + _part("plain", text) + b"\r\n"
    parts = [_part("plain", text), _part("html", html)]
    boundary = _boundary(envelope.message_id, parts)
    delimiter = b"--" + boundary
    fields += b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="' + boundary + b'"\r\n'
    body = b"".join(delimiter + b"\r\n" + part + b"\r\n" for part in parts)
    return fields + b"\r\n" + body + delimiter + b"--\r\n"


def build_letter(envelope: HeaderValues, text: str) -> bytes:
    """The whole message of a letter: plain text, to one person, about no edition. It belongs to no list.

    BadMessage if it has no subject, or an address or identifier cannot stand in a header.
    """
    own = _subject(envelope)
    if not own:
        raise BadMessage("a letter needs a subject")
    fields = b"".join(_fields(envelope, _name(envelope.sender_name), own))
    return fields + b"MIME-Version: 1.0\r\n" + _part("plain", text) + b"\r\n"


def message_id(digest: str, slot: datetime, recipient: str, domain: str, key: bytes = b"") -> str:
    """Make the Message-ID of a delivery: the same on every try and after every restart.

    It says nothing of the recipient, and nobody without `key` can compute the one of somebody else.
    """
    at = slot.astimezone(UTC).strftime("%Y%m%dT%H%MZ")
    content = "\0".join(("digest-message-1", digest, at, recipient)).encode("utf-8", "surrogatepass")
    label = re.sub(r"[^a-z0-9]+", "-", digest.lower()).strip("-")[:24] or "digest"
    host = address(f"postmaster@{domain}").rpartition("@")[2]
    keyed = hmac.new(key, content, hashlib.sha256).hexdigest()[:_KEYED]
    return f"<{label}.{at}.{keyed}@{host}>"


def is_keyed(message_id: str) -> bool:
    """Whether a Message-ID of ours has a keyed part. Those of earlier versions were hashes that anybody could compute."""
    return len(message_id.rpartition("@")[0].rpartition(".")[2]) == _KEYED


def _subject(envelope: HeaderValues) -> str:
    return cut(line(envelope.subject)) if envelope.subject else ""


def _fields(envelope: HeaderValues, sender_name: str, shown: str, listed: Iterable[bytes] = ()) -> Iterator[bytes]:
    """The fields of every mail; `shown` is its subject, `listed` are the fields of a list."""
    yield headers.mailbox("From", sender_name, address(envelope.sender))
    yield headers.mailbox("To", _name(envelope.recipient_name), address(envelope.recipient))
    if envelope.reply_to:
        yield headers.mailbox("Reply-To", "", address(envelope.reply_to))
    yield headers.text("Subject", shown)
    yield headers.whole("Date", format_datetime(_aware(envelope.date).astimezone(UTC)))
    if not _MESSAGE_ID.fullmatch(envelope.message_id):
        raise BadMessage(f"{envelope.message_id[:80]!a} is not a Message-ID")
    yield headers.whole("Message-ID", envelope.message_id)
    yield from listed
    if envelope.auto_submitted:
        yield headers.whole("Auto-Submitted", envelope.auto_submitted)
    yield headers.whole("X-Auto-Response-Suppress", "All")  # Exchange reads this instead of Auto-Submitted
    if envelope.feedback_id:
        yield headers.whole("Feedback-ID", envelope.feedback_id)


def _name(text: str) -> str:
    """A name as inboxes want it: short, without pictures, and nothing in it that reads as another address.

    Some readers decode a field before they parse it: what separates addresses goes from names that must be encoded.
    """
    shown = cut(line(text), _LONGEST_NAME)
    parted = '@"\\<>' if shown.isascii() else '@"\\<>,;:[]'
    plain = "".join(" " if c in parted else c for c in shown if not _is_picture(c))
    return " ".join(plain.split())


def _is_picture(char: str) -> bool:
    return unicodedata.category(char) in ("So", "Sk") or "\ufe00" <= char <= "\ufe0f"  # and what asks for one


def _list_fields(envelope: HeaderValues, sender: str) -> Iterator[bytes]:
    """RFC 2369, RFC 2919, RFC 8058, RFC 5064."""
    if envelope.list_id:
        if not _LABEL.fullmatch(envelope.list_id) or len(envelope.list_id) > 255:
            raise BadMessage(f"{envelope.list_id[:80]!a} is not a list identifier")
        # Readers of this field look for the first bracket, also inside a quoted phrase.
        shown = cut(line(envelope.list_name)).translate({ord("<"): " ", ord(">"): " "})
        yield headers.labelled("List-Id", shown, envelope.list_id)
    yield headers.whole("List-Unsubscribe", ", ".join(f"<{uri}>" for uri in _unsubscribe(envelope, sender)))
    if envelope.unsubscribe_url:
        yield headers.whole("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
    if envelope.owner:
        yield headers.whole("List-Owner", f"<{_mailto(envelope.owner)}>")
    if envelope.archive_url:
        yield headers.whole("Archived-At", f"<{_address_of(envelope.archive_url, 'archive_url')}>")


def _unsubscribe(envelope: HeaderValues, sender: str) -> Iterator[str]:
    if envelope.unsubscribe_url:
        yield _address_of(envelope.unsubscribe_url, "unsubscribe_url")
    to = envelope.unsubscribe_mailto or envelope.owner or sender
    given = to.removeprefix("mailto:")
    yield _mailto(given.partition("?")[0], "unsubscribe")


def _mailto(to: str, about: str = "") -> str:
    uri = f"mailto:{quote(address(to), safe='@+')}"
    return f"{uri}?subject={quote(about)}" if about else uri


def _address_of(url: str, what: str) -> str:
    if re.search(r"[\s<>,]", url.strip()) or link(url) is None:
        raise BadMessage(f"{what} {url[:80]!a} is not a web address")
    return link(url) or ""


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise BadMessage("the date of a mail needs a zone")
    return at


def _part(subtype: str, content: str) -> bytes:
    encoding, body = encode(content)
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode() + body


def _boundary(identity: str, parts: list[bytes]) -> bytes:
    """Made of what it separates: the same for the same message, and not in it."""
    seed = hashlib.sha256(identity.encode("utf-8", "replace") + b"".join(parts))
    while True:
        boundary = b"=_" + seed.hexdigest()[:40].encode()  # `=_` cannot stand in quoted-printable or base64
        if not any(b"--" + boundary in part for part in parts):
            return boundary
        seed.update(b"again")
