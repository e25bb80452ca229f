"""From composed editions to what is stored with them: bytes for every recipient, made once and sent as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aggregator.pipeline.compose import Composed
from aggregator.store.records import EditionDraft, NewDelivery, RecipientRecord
from digests import codec, links
from digests.model import Edition, Links
from digests.render.mime import Envelope, build, message_id
from digests.render.renderer import MailParts, Renderer
from digests.render.signature import DkimKey, sign

UNSUBSCRIBE = "unsubscribe"
LINK_LIFE = timedelta(days=400)  # an old mail's unsubscribe link must still work a year later
_SLOT = "READER-TOKEN"  # stands in the rendered text where each reader's own token goes


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a mail comes from, and what only the operator knows. `public_url` without a slash at its end; empty: no web."""

    address: str = "digest@localhost.localdomain"
    name: str = "News digest"
    domain: str = "localhost.localdomain"
    owner: str | None = None
    public_url: str = ""
    keys: tuple[bytes, ...] = field(default=(), repr=False)  # sign links, newest first
    dkim: DkimKey | None = field(default=None, repr=False)
    max_age: timedelta = timedelta(hours=24)


def draft(
    composed: Composed, recipients: Sequence[RecipientRecord], renderer: Renderer, sender: Sender
) -> EditionDraft:
    """The edition with a delivery for each recipient. Renders each output once, however many readers there are."""
    edition = composed.edition
    outputs = Outputs(edition, renderer, sender)
    deliveries = tuple(outputs.delivery(recipient) for recipient in recipients)
    return EditionDraft(
        edition=edition,
        document=codec.dump(edition),
        subject=renderer.subject(edition),
        deliveries=deliveries,
        recipient_ids=tuple(r.id for r in recipients),
        notes=tuple(outputs.notes),
        articles={pick.story.id: tuple(s.article for s in pick.story.sources) for pick in composed.choice.picks},
    )


class Outputs:
    """Every output of one edition, each rendered when it is first asked for. `notes` tell of broken user templates."""

    def __init__(self, edition: Edition, renderer: Renderer, sender: Sender, copy: int = 0) -> None:
        self.edition = edition
        self._renderer = renderer
        self._sender = sender
        self._copy = copy
        self._parts: MailParts | None = None
        self._page: str | None = None
        self.notes: list[str] = []

    def delivery(self, recipient: RecipientRecord) -> NewDelivery:
        """What goes to this recipient, complete."""
        media_type, filename, body = self._body(recipient)
        return NewDelivery(
            recipient_id=recipient.id,
            message_id=self._message_id(recipient.key),
            body=body,
            sender=self._sender.address,
            media_type=media_type,
            filename=filename,
            expires=self.edition.composed + self._sender.max_age,
        )

    def _body(self, recipient: RecipientRecord) -> tuple[str, str, bytes]:
        name = self.edition.id
        match recipient.channel:
            case "folder":
                return "text/html", f"{name}.html", self.page().encode()
            case "webhook":
                return "application/json", f"{name}.json", self._renderer.json(self.edition).content.encode()
            case "notify":
                return "text/plain", f"{name}.txt", self._renderer.text(self.edition, self._links()).content.encode()
            case _:
                return "message/rfc822", f"{name}.eml", self.message(recipient.address, recipient.key)

    def page(self) -> str:
        """The HTML page."""
        if self._page is None:
            page = self._renderer.page(self.edition, self._links(personal=False))
            self._noted(page.notes)
            self._page = page.content
        return self._page

    def message(self, address: str, key: str) -> bytes:
        """The mail to one reader, signed if there is a key."""
        if self._parts is None:
            self._parts = self._renderer.parts(self.edition, self._links())
            self._noted(self._parts.notes)
        token = self._token(key)
        html = self._parts.html.content.replace(_SLOT, token)
        text = self._parts.text.content.replace(_SLOT, token)
        message = build(self.edition, self._envelope(address, key, token), html, text)
        return sign(message, self._sender.dkim) if self._sender.dkim else message

    def _noted(self, notes: Sequence[str]) -> None:
        self.notes.extend(note for note in notes if note not in self.notes)

    def _message_id(self, key: str) -> str:
        # A copy that a person asked for is a message of its own: mail stores drop a second one with the same id.
        who = f"{self.edition.audience}/{key}" + (f"/copy {self._copy}" if self._copy else "")
        return message_id(self.edition.digest, self.edition.slot, who, self._sender.domain)

    def _links(self, *, personal: bool = True) -> Links:
        web = self._sender.public_url
        if not web:
            return Links()
        return Links(
            web=f"{web}/editions/{self.edition.id}",
            story=f"{web}/stories/{{story}}",
            unsubscribe=f"{web}/unsubscribe/{_SLOT}" if personal and self._sender.keys else None,
        )

    def _token(self, key: str) -> str:
        if not self._sender.keys:
            return _SLOT
        expires = _days(self.edition.composed + LINK_LIFE)
        return links.sign(self._sender.keys, UNSUBSCRIBE, {"recipient": key, "digest": self.edition.digest}, expires)

    def _envelope(self, address: str, key: str, token: str) -> Envelope:
        sender = self._sender
        web = sender.public_url if sender.keys else ""
        # RFC 8058 one-click needs https; without it the mailto alone is offered.
        one_click = f"{web}/unsubscribe/{token}" if web.startswith("https://") else None
        return Envelope(
            sender=sender.address,
            sender_name=sender.name,
            recipient=address if "@" in address else sender.address,
            message_id=self._message_id(key),
            date=self.edition.composed,
            list_id=f"{_label(self.edition.digest)}.{sender.domain}",
            list_name=self.edition.title,
            unsubscribe_url=one_click,
            owner=sender.owner,
            archive_url=f"{web}/editions/{self.edition.id}" if web else None,
        )


def _label(digest: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in digest.lower()).strip("-") or "digest"


def _days(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
