"""Rendering composed editions into deliveries: the bytes for every recipient, built once and stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from secrets import token_hex
from types import MappingProxyType

from aggregator.pipeline.compose import Composed
from aggregator.store.records import EditionDraft, NewDelivery, RecipientRecord
from digests import codec, links
from digests.channels import bounces
from digests.channels.kinds import Channels, Output
from digests.channels.recipient import Recipient
from digests.model import Edition
from digests.render.mail.mime import HeaderValues, edition_mail, message_id
from digests.render.mail.pictures import MailPicture
from digests.render.mail.signature import DkimKey, dkim_signed
from digests.render.page_links import BrowserLinks, Links
from digests.render.renderer import MailParts, Renderer

UNSUBSCRIBE, SETTINGS, FEEDBACK, READ = "unsubscribe", "settings", "feedback", "read"
"""The purposes of signed links; a token is valid for one purpose."""
FEED_LENGTH = 20  # editions in an Atom feed
LINK_LIFE = timedelta(days=400)  # an old mail's unsubscribe link must still work a year later
FEEDBACK_LIFE = timedelta(days=30)
# Placeholders for each recipient's tokens in the rendered text. Random in each process: a feed that could put one into
# a URL of its own would get a recipient's token with the first click. The feedback placeholder is as long as its token,
# which occurs twice a story, so that a mail that was measured to fit still fits.
_UNSUBSCRIBE_SLOT, _SETTINGS_SLOT = f"READER-UNSUBSCRIBE-{token_hex(16)}", f"READER-SETTINGS-{token_hex(16)}"
_FEEDBACK_SLOT = f"READER-FEEDBACK-{token_hex(16)}".ljust(96, "-")


@dataclass(frozen=True, slots=True)
class Sender:
    """The sender of mail. `operator` is a mail address; `public_url` has no slash at its end, empty: no pages."""

    address: str = "digest@localhost.localdomain"
    name: str = "News digest"
    domain: str = "localhost.localdomain"
    operator: str | None = None
    public_url: str = ""
    keys: tuple[bytes, ...] = field(default=(), repr=False)  # sign links, newest first
    dkim: tuple[DkimKey, ...] = field(default=(), repr=False)  # each signs
    max_age: timedelta = timedelta(hours=24)
    guarded: bool = False  # the pages require a token, so links to them must have a key
    bounces: str = ""  # address for bounces; empty: the sender's address

    @property
    def requests(self) -> str:
        """The address that takes requests to unsubscribe by mail."""
        return self.bounces or self.operator or self.address

    @property
    def key(self) -> bytes:
        """The key that signs; empty for a sender of what is not stored."""
        return self.keys[0] if self.keys else b""

    def return_path(self, identity: str) -> str:
        """Return the return address for bounces of this message (VERP); it is signed and identifies the delivery."""
        if not (self.bounces and self.keys):
            return self.address
        return bounces.return_address(self.keys[0], bounces.delivery_token(identity), self.bounces)

    def signed(self, message: bytes) -> bytes:
        """Return the message with a signature of each DKIM key."""
        return dkim_signed(message, *self.dkim) if self.dkim else message


def edition_draft(
    composed: Composed,
    recipients: Sequence[RecipientRecord],
    renderer: Renderer,
    sender: Sender,
    earlier: Callable[[], Sequence[Edition]] = tuple,
    pictures: Mapping[str, MailPicture] = MappingProxyType({}),
) -> EditionDraft:
    """Return the edition with a delivery for each recipient. Each output is rendered once for all."""
    edition = composed.edition
    outputs = Outputs(edition, renderer, sender, earlier=earlier, pictures=pictures)
    deliveries = tuple(outputs.delivery(recipient) for recipient in recipients)
    return EditionDraft(
        edition=edition,
        document=codec.edition_to_json(edition),
        subject=renderer.subject(edition),
        deliveries=deliveries,
        recipient_ids=tuple(r.id for r in recipients),
        notes=tuple(outputs.notes),
        groups=composed.groups,
        articles={pick.story.id: tuple(s.article for s in pick.story.sources) for pick in composed.choice.picks},
    )


@dataclass(frozen=True, slots=True)
class _Preferences:
    """A recipient's settings that change the output; recipients with equal settings share it."""

    language: str
    zone: str
    text_only: bool = False


class Outputs:
    """All outputs of one edition, rendered at the first use. `notes` are the problems of the user's templates.

    `earlier` returns the editions before this one, newest first, for outputs with several editions. `pictures` are
    embedded in mails; they are by URL. `pages` is the URL of pages that are not public; `archive` that of the list
    of editions. `browser` is for a person who is signed in.
    """

    def __init__(
        self,
        edition: Edition,
        renderer: Renderer,
        sender: Sender,
        copy: int = 0,
        earlier: Callable[[], Sequence[Edition]] = tuple,
        pages: str = "",
        archive: str = "",
        browser: BrowserLinks | None = None,
        pictures: Mapping[str, MailPicture] = MappingProxyType({}),
    ) -> None:
        self.edition = edition
        self._renderer = renderer
        self._sender = sender
        self._copy = copy
        self._earlier = earlier
        self._pictures = pictures
        self._pages_url = sender.public_url or pages
        self._archive = archive or None
        self._browser = browser
        self._parts: dict[_Preferences, MailParts] = {}
        self._pages: dict[_Preferences, str] = {}
        self.notes: list[str] = []

    def delivery(self, recipient: RecipientRecord) -> NewDelivery:
        """Return the delivery for a recipient."""
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
        edition, name = self._localized(recipient), self.edition.id
        match recipient.recipient.kind.output:
            case Output.PAGE:
                return "text/html", f"{name}.html", self.page(recipient).encode()
            case Output.BOOK:
                book, notes = self._renderer.book(edition, self._links(edition, personal=False))
                self._add_notes(notes)
                return "application/epub+zip", f"{name}.epub", book
            case Output.FEED:
                earlier = (self._localized(recipient, one) for one in self._earlier())
                editions = (edition, *earlier)[:FEED_LENGTH]
                feed = self._renderer.atom(editions, feed_links(self._sender))
                return feed.media_type, f"{edition.digest}.xml", feed.content.encode()
            case Output.DATA:
                return "application/json", f"{name}.json", self._renderer.json(edition).content.encode()
            case Output.COMPACT:
                text = self._renderer.compact(edition, self._links(edition, personal=False))
                return "text/plain", f"{name}.txt", text.content.encode()
            case Output.MAIL:
                return "message/rfc822", f"{name}.eml", self.message(recipient)

    def page(self, recipient: RecipientRecord | None = None) -> str:
        """Return the HTML page in the recipient's language and time zone."""
        preferences = self._preferences(recipient)
        if preferences not in self._pages:
            edition = self._localized(recipient)
            page = self._renderer.page(edition, self._links(edition, personal=False))
            self._add_notes(page.notes)
            self._pages[preferences] = page.content
        return self._pages[preferences]

    def message(self, recipient: RecipientRecord) -> bytes:
        """Return the mail to a recipient, signed if there is a key."""
        preferences = self._preferences(recipient)
        edition = self._localized(recipient)
        if preferences not in self._parts:
            self._parts[preferences] = self._renderer.parts(edition, self._links(edition), self._pictures)
            self._add_notes(self._parts[preferences].notes)
        parts, tokens = self._parts[preferences], self._tokens(recipient)
        html, text = _fill_slots(parts.html.content, tokens), _fill_slots(parts.text.content, tokens)
        envelope = self._envelope(recipient.recipient, tokens[_UNSUBSCRIBE_SLOT], self._renderer.subject(edition))
        shown = None if preferences.text_only else html
        return self._sender.signed(edition_mail(edition, envelope, shown, text, self._pictures.values()))

    def _preferences(self, recipient: RecipientRecord | None, edition: Edition | None = None) -> _Preferences:
        own = edition or self.edition
        language = (recipient.language if recipient else None) or own.language
        zone = (recipient.zone if recipient else None) or own.zone
        return _Preferences(language, zone, text_only=recipient is not None and recipient.format == "text")

    def _localized(self, recipient: RecipientRecord | None, edition: Edition | None = None) -> Edition:
        """Return the edition, or an earlier one, in the recipient's language and time zone."""
        preferences = self._preferences(recipient, edition)
        return replace(edition or self.edition, language=preferences.language, zone=preferences.zone)

    def _add_notes(self, notes: Sequence[str]) -> None:
        self.notes.extend(note for note in notes if note not in self.notes)

    def _message_id(self, recipient: Recipient) -> str:
        # A requested copy is a new message, because mail servers drop a second one with the same id.
        who = f"{self.edition.audience}/{recipient.key}" + (f"/copy {self._copy}" if self._copy else "")
        return message_id(self.edition.digest, self.edition.slot, who, self._sender.domain, self._sender.key)

    def _links(self, edition: Edition, *, personal: bool = True) -> Links:
        """Return the links of an edition; without public pages, links that write to the operator."""
        web = self._sender.public_url
        key = self._page_key(edition)
        entries = f"{self._pages_url}/editions/{edition.id}/entries{key}" if self._pages_url else None
        if not web:
            subject = f"unsubscribe {_UNSUBSCRIBE_SLOT}" if personal and self._sender.keys else None
            story = f"{self._pages_url}/stories/{{story}}{key}" if self._pages_url else None
            return Links(
                entries=entries,
                story=story,
                archive=self._archive,
                browser=self._browser,
                operator=self._sender.requests,
                unsubscribe_subject=subject,
            )
        personal = personal and bool(self._sender.keys)
        return Links(
            web=f"{web}/editions/{edition.id}{key}",
            entries=entries,
            archive=self._archive,
            browser=self._browser,
            story=f"{web}/stories/{{story}}{key}",
            unsubscribe=f"{web}/unsubscribe/{_UNSUBSCRIBE_SLOT}" if personal else None,
            settings=f"{web}/settings/{_SETTINGS_SLOT}" if personal else None,
            more=f"{web}/more/{{story}}/{_FEEDBACK_SLOT}" if personal else None,
            less=f"{web}/less/{{story}}/{_FEEDBACK_SLOT}" if personal else None,
        )

    def _page_key(self, edition: Edition) -> str:
        """Return the key that opens an edition on pages that require a token. It does not identify the recipient."""
        if not (self._sender.guarded and self._sender.keys):
            return ""
        expires = _start_of_day(edition.composed + LINK_LIFE)
        return "?key=" + links.make_token(self._sender.keys, READ, {"edition": edition.id}, expires)

    def _tokens(self, recipient: RecipientRecord) -> dict[str, str]:
        """Return a recipient's tokens by their placeholders in the text."""
        keys, composed = self._sender.keys, self.edition.composed
        if not keys:
            return {_UNSUBSCRIBE_SLOT: ""}
        late, soon = _start_of_day(composed + LINK_LIFE), _start_of_day(composed + FEEDBACK_LIFE)
        who = {"recipient": recipient.recipient.key}
        return {
            _UNSUBSCRIBE_SLOT: links.make_token(keys, UNSUBSCRIBE, {**who, "digest": self.edition.digest}, late),
            _SETTINGS_SLOT: links.make_token(keys, SETTINGS, who, late),
            _FEEDBACK_SLOT: links.make_token(keys, FEEDBACK, {"r": str(recipient.id)}, soon),
        }

    def _envelope(self, recipient: Recipient, token: str, subject: str) -> HeaderValues:
        sender, edition = self._sender, self.edition
        web = sender.public_url
        # RFC 8058 one-click needs https; without it only the mailto link is used.
        one_click = f"{web}/unsubscribe/{token}" if token and web.startswith("https://") else None
        return HeaderValues(
            sender=sender.address,
            sender_name=sender.name,
            recipient=recipient.address if recipient.channel == Channels.MAIL else sender.address,
            message_id=self._message_id(recipient),
            date=edition.composed,
            subject=subject,
            list_id=f"{_label(edition.digest)}.{sender.domain}",
            list_name=edition.title,
            unsubscribe_url=one_click,
            operator=sender.operator,
            unsubscribe_mailto=sender.requests,
            unsubscribe_subject=f"unsubscribe {token}".strip(),
            archive_url=f"{web}/editions/{edition.id}{self._page_key(edition)}" if web else None,
            feedback_id=f"{_label(edition.digest)}:{_label(sender.domain)}:digest:aggregator" if sender.dkim else None,
        )


def feed_links(sender: Sender) -> Links:
    """Return the links in an Atom feed of editions, without personal tokens."""
    web = sender.public_url
    return Links(web=f"{web}/editions/{{edition}}", story=f"{web}/stories/{{story}}") if web else Links()


def _fill_slots(text: str, tokens: Mapping[str, str]) -> str:
    for slot, token in tokens.items():
        text = text.replace(slot, token)
    return text


def _label(digest: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in digest.lower())[:63].strip("-") or "digest"


def _start_of_day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
