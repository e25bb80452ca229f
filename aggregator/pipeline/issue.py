"""From composed editions to what is stored with them: bytes for every recipient, made once and sent as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from secrets import token_hex

from aggregator.pipeline.compose import Composed
from aggregator.store.records import EditionDraft, NewDelivery, RecipientRecord
from digests import codec, links
from digests.channels import bounces
from digests.channels.kinds import Channels, Output
from digests.channels.recipient import Recipient
from digests.model import Edition, Links
from digests.render.mail.mime import HeaderValues, edition_mail, message_id
from digests.render.mail.signature import DkimKey, dkim_signed
from digests.render.renderer import MailParts, Renderer

UNSUBSCRIBE, SETTINGS, FEEDBACK, READ = "unsubscribe", "settings", "feedback", "read"
"""What a signed link is for: each token serves one purpose."""
FEED_LENGTH = 20  # editions in a feed of them
LINK_LIFE = timedelta(days=400)  # an old mail's unsubscribe link must still work a year later
FEEDBACK_LIFE = timedelta(days=30)
# Stand in the rendered text where each reader's own tokens go. Drawn anew by each process: a feed that could name one in an
# address of its own would be sent a reader's token with the first click. The feedback token comes twice a story: its stand-in is
# as long as itself, so that what was measured to fit still fits.
_UNSUBSCRIBE_SLOT, _SETTINGS_SLOT = f"READER-UNSUBSCRIBE-{token_hex(16)}", f"READER-SETTINGS-{token_hex(16)}"
_FEEDBACK_SLOT = f"READER-FEEDBACK-{token_hex(16)}".ljust(96, "-")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a mail comes from, and what only the operator knows. `public_url` without a slash at its end; empty: no web."""

    address: str = "digest@localhost.localdomain"
    name: str = "News digest"
    domain: str = "localhost.localdomain"
    operator: str | None = None
    public_url: str = ""
    keys: tuple[bytes, ...] = field(default=(), repr=False)  # sign links, newest first
    dkim: tuple[DkimKey, ...] = field(default=(), repr=False)  # each signs
    max_age: timedelta = timedelta(hours=24)
    guarded: bool = False  # the pages ask for a token, so links to them must carry a key
    bounces: str = ""  # mailbox that delivery reports go to; empty: the sender's own

    @property
    def key(self) -> bytes:
        """The key that signs; empty for a sender of what is not stored."""
        return self.keys[0] if self.keys else b""

    def return_path(self, identity: str) -> str:
        """Where a report about this message comes back to (VERP): it names the delivery and cannot be forged."""
        if not (self.bounces and self.keys):
            return self.address
        return bounces.return_address(self.keys[0], bounces.delivery_token(identity), self.bounces)

    def signed(self, message: bytes) -> bytes:
        """The message with a signature by each DKIM key; as it is without a key."""
        return dkim_signed(message, *self.dkim) if self.dkim else message


def draft(
    composed: Composed,
    recipients: Sequence[RecipientRecord],
    renderer: Renderer,
    sender: Sender,
    earlier: Callable[[], Sequence[Edition]] = tuple,
) -> EditionDraft:
    """The edition with a delivery for each recipient. Renders each output once, however many readers there are."""
    edition = composed.edition
    outputs = Outputs(edition, renderer, sender, earlier=earlier)
    deliveries = tuple(outputs.delivery(recipient) for recipient in recipients)
    return EditionDraft(
        edition=edition,
        document=codec.edition_to_json(edition),
        subject=renderer.subject(edition),
        deliveries=deliveries,
        recipient_ids=tuple(r.id for r in recipients),
        notes=tuple(outputs.notes),
        articles={pick.story.id: tuple(s.article for s in pick.story.sources) for pick in composed.choice.picks},
    )


@dataclass(frozen=True, slots=True)
class _Taste:
    """How a reader wants an edition told: what is rendered is shared by all of one taste."""

    language: str
    zone: str
    text_only: bool = False


class Outputs:
    """Every output of one edition, each rendered when it is first asked for. `notes` tell of broken user templates.

    `earlier` gives the editions before this one, newest first, for outputs that hold several.
    """

    def __init__(
        self,
        edition: Edition,
        renderer: Renderer,
        sender: Sender,
        copy: int = 0,
        earlier: Callable[[], Sequence[Edition]] = tuple,
    ) -> None:
        self.edition = edition
        self._renderer = renderer
        self._sender = sender
        self._copy = copy
        self._earlier = earlier
        self._parts: dict[_Taste, MailParts] = {}
        self._pages: dict[_Taste, str] = {}
        self.notes: list[str] = []

    def delivery(self, recipient: RecipientRecord) -> NewDelivery:
        """What goes to this recipient, complete."""
        media_type, filename, body = self._body(recipient)
        identity = self._message_id(recipient.recipient)
        return NewDelivery(
            recipient_id=recipient.id,
            message_id=identity,
            body=body,
            sender=self._sender.return_path(identity),
            media_type=media_type,
            filename=filename,
            expires=self.edition.composed + self._sender.max_age,
        )

    def _body(self, recipient: RecipientRecord) -> tuple[str, str, bytes]:
        edition, name = self._told_to(recipient), self.edition.id
        match recipient.recipient.kind.output:
            case Output.PAGE:
                return "text/html", f"{name}.html", self.page(recipient).encode()
            case Output.BOOK:
                book, notes = self._renderer.book(edition, self._links(edition, personal=False))
                self._noted(notes)
                return "application/epub+zip", f"{name}.epub", book
            case Output.FEED:
                editions = (edition, *self._earlier())[:FEED_LENGTH]
                feed = self._renderer.atom(editions, feed_links(self._sender))
                return feed.media_type, f"{edition.digest}.xml", feed.content.encode()
            case Output.DATA:
                return "application/json", f"{name}.json", self._renderer.json(edition).content.encode()
            case Output.COMPACT:
                text = self._renderer.text(edition, self._links(edition, personal=False))
                return "text/plain", f"{name}.txt", text.content.encode()
            case Output.MAIL:
                return "message/rfc822", f"{name}.eml", self.message(recipient)

    def page(self, recipient: RecipientRecord | None = None) -> str:
        """The HTML page, as this recipient wants it told."""
        taste = self._taste(recipient)
        if taste not in self._pages:
            edition = self._told_to(recipient)
            page = self._renderer.page(edition, self._links(edition, personal=False))
            self._noted(page.notes)
            self._pages[taste] = page.content
        return self._pages[taste]

    def message(self, recipient: RecipientRecord) -> bytes:
        """The mail to one reader, signed if there is a key."""
        taste = self._taste(recipient)
        edition = self._told_to(recipient)
        if taste not in self._parts:
            self._parts[taste] = self._renderer.parts(edition, self._links(edition))
            self._noted(self._parts[taste].notes)
        parts, tokens = self._parts[taste], self._tokens(recipient)
        html, text = _filled(parts.html.content, tokens), _filled(parts.text.content, tokens)
        envelope = self._envelope(recipient.recipient, tokens[_UNSUBSCRIBE_SLOT])
        return self._sender.signed(edition_mail(edition, envelope, None if taste.text_only else html, text))

    def _taste(self, recipient: RecipientRecord | None) -> _Taste:
        language = (recipient.language if recipient else None) or self.edition.language
        zone = (recipient.zone if recipient else None) or self.edition.zone
        return _Taste(language, zone, text_only=recipient is not None and recipient.format == "text")

    def _told_to(self, recipient: RecipientRecord | None) -> Edition:
        taste = self._taste(recipient)
        return replace(self.edition, language=taste.language, zone=taste.zone)

    def _noted(self, notes: Sequence[str]) -> None:
        self.notes.extend(note for note in notes if note not in self.notes)

    def _message_id(self, recipient: Recipient) -> str:
        # A copy that a person asked for is a message of its own: mail stores drop a second one with the same id.
        who = f"{self.edition.audience}/{recipient.key}" + (f"/copy {self._copy}" if self._copy else "")
        return message_id(self.edition.digest, self.edition.slot, who, self._sender.domain, self._sender.key)

    def _links(self, edition: Edition, *, personal: bool = True) -> Links:
        """The addresses around an edition; where readers reach no pages, the owner is written to."""
        web = self._sender.public_url
        if not web:
            return Links(operator=self._sender.operator or self._sender.address)
        personal = personal and bool(self._sender.keys)
        key = self._page_key(edition)
        return Links(
            web=f"{web}/editions/{edition.id}{key}",
            story=f"{web}/stories/{{story}}{key}",
            unsubscribe=f"{web}/unsubscribe/{_UNSUBSCRIBE_SLOT}" if personal else None,
            settings=f"{web}/settings/{_SETTINGS_SLOT}" if personal else None,
            more=f"{web}/more/{{story}}/{_FEEDBACK_SLOT}" if personal else None,
            less=f"{web}/less/{{story}}/{_FEEDBACK_SLOT}" if personal else None,
        )

    def _page_key(self, edition: Edition) -> str:
        """Pages that ask for a token let the readers of an edition in: the key is the edition's, it tells nothing of them."""
        if not (self._sender.guarded and self._sender.keys):
            return ""
        expires = _days(edition.composed + LINK_LIFE)
        return "?key=" + links.make_token(self._sender.keys, READ, {"edition": edition.id}, expires)

    def _tokens(self, recipient: RecipientRecord) -> dict[str, str]:
        """This reader's own tokens, by what stands for them in the text."""
        keys, composed = self._sender.keys, self.edition.composed
        if not keys:
            return {_UNSUBSCRIBE_SLOT: ""}
        late, soon = _days(composed + LINK_LIFE), _days(composed + FEEDBACK_LIFE)
        who = {"recipient": recipient.recipient.key}
        return {
            _UNSUBSCRIBE_SLOT: links.make_token(keys, UNSUBSCRIBE, {**who, "digest": self.edition.digest}, late),
            _SETTINGS_SLOT: links.make_token(keys, SETTINGS, who, late),
            _FEEDBACK_SLOT: links.make_token(keys, FEEDBACK, {"r": str(recipient.id)}, soon),
        }

    def _envelope(self, recipient: Recipient, token: str) -> HeaderValues:
        sender, edition = self._sender, self.edition
        web = sender.public_url
        # RFC 8058 one-click needs https; without it the mailto alone is offered.
        one_click = f"{web}/unsubscribe/{token}" if token and web.startswith("https://") else None
        return HeaderValues(
            sender=sender.address,
            sender_name=sender.name,
            recipient=recipient.address if recipient.channel == Channels.MAIL else sender.address,
            message_id=self._message_id(recipient),
            date=edition.composed,
            list_id=f"{_label(edition.digest)}.{sender.domain}",
            list_name=edition.title,
            unsubscribe_url=one_click,
            operator=sender.operator,
            archive_url=f"{web}/editions/{edition.id}{self._page_key(edition)}" if web else None,
            feedback_id=f"{_label(edition.digest)}:{_label(sender.domain)}:digest:aggregator" if sender.dkim else None,
        )


def feed_links(sender: Sender) -> Links:
    """The addresses in a feed of editions, which is read by anybody who has its address."""
    web = sender.public_url
    return Links(web=f"{web}/editions/{{edition}}", story=f"{web}/stories/{{story}}") if web else Links()


def _filled(text: str, tokens: Mapping[str, str]) -> str:
    for slot, token in tokens.items():
        text = text.replace(slot, token)
    return text


def _label(digest: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in digest.lower())[:63].strip("-") or "digest"


def _days(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
