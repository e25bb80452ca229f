"""Builds a mail as bytes. They are built and signed once, then stored and sent unchanged.

Both parts have the same content, the text first (RFC 2046 5.1.4). The same input gives the same bytes: there is no
clock and no random boundary. `headers` says why the header fields are not written by Python's email package.
"""

from __future__ import annotations

import base64
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
from digests.render.mail.pictures import MailPicture, named_in
from digests.render.mail.transfer import encode
from digests.render.view.clean import safe_url
from digests.render.view.subject import cut, one_line, subject

_MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+>")
_LONGEST_NAME = 60  # characters: more than any inbox shows, and in ASCII it fits on the field's first line
_KEYED = 40  # hexadecimal digits, 160 bits; earlier versions wrote 32 without a key
_LABEL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)+")


@dataclass(frozen=True, slots=True)
class HeaderValues:
    """The values of one mail's header fields.

    `list_id` is `label.domain`, always the same for a digest (RFC 2919). `unsubscribe_url` takes a POST (RFC 8058) and
    must be https; `unsubscribe_mailto` is a mail address, by default the operator's or the sender's. `date` is when the
    mail was composed. `subject` replaces the edition's own; a letter needs one.
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
    operator: str | None = None
    unsubscribe_subject: str = "unsubscribe"
    archive_url: str | None = None
    feedback_id: str | None = None
    auto_submitted: str = "auto-generated"
    subject: str | None = None


def edition_mail(
    edition: Edition, envelope: HeaderValues, html: str | None, text: str, pictures: Iterable[MailPicture] = ()
) -> bytes:
    """Return the message of an edition, ready to be signed; without `html` it has only the text.

    Of the pictures it has those that the HTML part names (RFC 2387).
    BadMessage if an address or identifier is not valid in a header.
    """
    sender = address(envelope.sender)
    own = _subject(envelope)
    sender_name = _name(envelope.sender_name) or _name(edition.title)
    fields = b"".join(_fields(envelope, sender_name, own or subject(edition), _list_fields(envelope, sender)))
    if html is None:
        return fields + b"MIME-Version: 1.0\r\n" + _part("plain", text) + b"\r\n"
    identity, shown = envelope.message_id, _part("html", html)
    named = named_in(html, pictures)
    if named:
        shown = _multipart('related; type="text/html"', identity, [shown, *map(_picture_part, named)])
    return (
        fields + b"MIME-Version: 1.0\r\n" + _multipart("alternative", identity, [_part("plain", text), shown]) + b"\r\n"
    )


def letter_mail(envelope: HeaderValues, text: str) -> bytes:
    """Return the message of a letter: plain text to one person, not about an edition, without list fields.

    BadMessage if it has no subject, or an address or identifier is not valid in a header.
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
    """Whether a Message-ID of ours has a keyed part. Earlier versions used hashes that anybody could compute."""
    return len(message_id.rpartition("@")[0].rpartition(".")[2]) == _KEYED


def _subject(envelope: HeaderValues) -> str:
    return cut(one_line(envelope.subject)) if envelope.subject else ""


def _fields(envelope: HeaderValues, sender_name: str, shown: str, listed: Iterable[bytes] = ()) -> Iterator[bytes]:
    """Yield the fields of every mail; `shown` is its subject, `listed` are the list fields."""
    yield headers.mailbox_field("From", sender_name, address(envelope.sender))
    yield headers.mailbox_field("To", _name(envelope.recipient_name), address(envelope.recipient))
    if envelope.reply_to:
        yield headers.mailbox_field("Reply-To", "", address(envelope.reply_to))
    yield headers.text_field("Subject", shown)
    yield headers.unfolded_field("Date", format_datetime(_aware(envelope.date).astimezone(UTC)))
    if not _MESSAGE_ID.fullmatch(envelope.message_id):
        raise BadMessage(f"{envelope.message_id[:80]!a} is not a Message-ID")
    yield headers.unfolded_field("Message-ID", envelope.message_id)
    yield from listed
    if envelope.auto_submitted:
        yield headers.unfolded_field("Auto-Submitted", envelope.auto_submitted)
    yield headers.unfolded_field("X-Auto-Response-Suppress", "All")  # Exchange reads this instead of Auto-Submitted
    if envelope.feedback_id:
        yield headers.unfolded_field("Feedback-ID", envelope.feedback_id)


def _name(text: str) -> str:
    """Return a display name without emoji and without characters that could be read as another address.

    Some clients decode a field before they parse it. Names that must be encoded therefore lose all address separators.
    """
    shown = cut(one_line(text), _LONGEST_NAME)
    parted = '@"\\<>' if shown.isascii() else '@"\\<>,;:[]'
    plain = "".join(" " if c in parted else c for c in shown if not _is_picture(c))
    return " ".join(plain.split())


def _is_picture(char: str) -> bool:
    return unicodedata.category(char) in ("So", "Sk") or "\ufe00" <= char <= "\ufe0f"  # variation selectors too


def _list_fields(envelope: HeaderValues, sender: str) -> Iterator[bytes]:
    """Yield the header fields of a mailing list (RFC 2369, RFC 2919, RFC 8058, RFC 5064)."""
    if envelope.list_id:
        if not _LABEL.fullmatch(envelope.list_id) or len(envelope.list_id) > 255:
            raise BadMessage(f"{envelope.list_id[:80]!a} is not a list identifier")
        # Programs look for the first angle bracket, even inside a quoted phrase.
        shown = cut(one_line(envelope.list_name)).translate({ord("<"): " ", ord(">"): " "})
        yield headers.labelled_field("List-Id", shown, envelope.list_id)
    yield headers.unfolded_field("List-Unsubscribe", ", ".join(f"<{uri}>" for uri in _unsubscribe(envelope, sender)))
    if envelope.unsubscribe_url:
        yield headers.unfolded_field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
    if envelope.operator:
        yield headers.unfolded_field("List-Owner", f"<{_mailto(envelope.operator)}>")
    if envelope.archive_url:
        yield headers.unfolded_field("Archived-At", f"<{_checked_url(envelope.archive_url, 'archive_url')}>")


def _unsubscribe(envelope: HeaderValues, sender: str) -> Iterator[str]:
    if envelope.unsubscribe_url:
        yield _checked_url(envelope.unsubscribe_url, "unsubscribe_url")
    to = envelope.unsubscribe_mailto or envelope.operator or sender
    given = to.removeprefix("mailto:")
    yield _mailto(given.partition("?")[0], envelope.unsubscribe_subject)


def _mailto(to: str, about: str = "") -> str:
    uri = f"mailto:{quote(address(to), safe='@+')}"
    return f"{uri}?subject={quote(about)}" if about else uri


def _checked_url(url: str, what: str) -> str:
    if re.search(r"[\s<>,]", url.strip()) or safe_url(url) is None:
        raise BadMessage(f"{what} {url[:80]!a} is not a URL")
    return safe_url(url) or ""


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise BadMessage("the date of a mail needs a zone")
    return at


def _part(subtype: str, content: str) -> bytes:
    encoding, body = encode(content)
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode() + body


def _picture_part(picture: MailPicture) -> bytes:
    head = (
        f"Content-Type: {picture.media_type}\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-ID: <{picture.content_id}>\r\nContent-Disposition: inline\r\n\r\n"
    )
    return head.encode() + base64.encodebytes(picture.data).replace(b"\n", b"\r\n").removesuffix(b"\r\n")


def _multipart(subtype: str, identity: str, parts: list[bytes]) -> bytes:
    boundary = _boundary(identity, parts)
    delimiter = b"--" + boundary
    head = f"Content-Type: multipart/{subtype};\r\n boundary=".encode() + b'"' + boundary + b'"\r\n\r\n'
    return head + b"".join(delimiter + b"\r\n" + part + b"\r\n" for part in parts) + delimiter + b"--"


def _boundary(identity: str, parts: list[bytes]) -> bytes:
    """Return a boundary computed from the parts: the same for the same message, and not contained in it."""
    seed = hashlib.sha256(identity.encode("utf-8", "replace") + b"".join(parts))
    while True:
        boundary = b"=_" + seed.hexdigest()[:40].encode()  # `=_` occurs in neither quoted-printable nor base64
        if not any(b"--" + boundary in part for part in parts):
            return boundary
        seed.update(b"again")
