"""The pages that links in mails lead to: unsubscribe, settings, confirm, feedback. A GET asks, a POST acts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator.config.schema import Config
from aggregator.config.zone import known as zone_known
from aggregator.pipeline.issue import FEEDBACK, SETTINGS, UNSUBSCRIBE
from aggregator.recipients import opt_in
from aggregator.recipients.opt_in import Invited
from aggregator.recipients.wording import preferred, wording
from aggregator.services.context import Context
from aggregator.services.program import Program
from aggregator.services.recipients import RecipientsService
from aggregator.store.editions import ledger
from aggregator.store.outgoing import recipients, subscriptions
from aggregator.store.outgoing.subscriptions import Standing
from aggregator.store.records import RecipientConfigRow
from aggregator.web import forms, pages
from aggregator.web.limits import ClientLimit
from aggregator.web.look import requested_wording
from digests import links
from digests.channels.kinds import on_own_network
from digests.channels.recipient import Recipient
from digests.errors import LinkError
from digests.reasons import _
from digests.render.view.wording import Wording, catalogues

_UNDO = "undo"  # the field of a form that takes a mark back
FORMATS = {"html": _("formatted"), "text": _("plain text")}


def routes(program: Program, page: Callable[..., Response]) -> list[Route]:
    """Return the routes of recipients; `page` makes a response from HTML and a status."""
    handlers = RecipientPages(program.context, lambda: program.config, program.recipients, program.link_keys, page)
    both = ["GET", "POST"]
    return [
        Route("/unsubscribe/{token}", handlers.unsubscribe, methods=both),
        Route("/settings/{token}", handlers.settings, methods=both),
        Route("/confirm/{token}", handlers.confirm, methods=both),
        *(Route(f"/{say}/{{story}}/{{token}}", handlers.feedback, methods=both) for say in ("more", "less")),
        Route("/subscribe/{digest}", handlers.subscribe, methods=both),
    ]


@dataclass(frozen=True, slots=True)
class RecipientPages:
    """Handles the requests of recipients. `config` gives the configuration in use."""

    context: Context
    config: Callable[[], Config]
    service: RecipientsService
    link_keys: Callable[[], Sequence[bytes]]
    page: Callable[..., Response]
    clients: ClientLimit = field(default_factory=ClientLimit)

    async def unsubscribe(self, request: Request) -> Response:
        """Ask, or unsubscribe from one digest (RFC 8058)."""
        data = self._link_data(request, UNSUBSCRIBE)
        if isinstance(data, Response):
            return data
        recipient, title = Recipient.from_key(data["recipient"]), self._title(data["digest"])
        words = await self._words(request, recipient, data["digest"])
        if request.method != "POST":
            question = words.t("Unsubscribe from “{title}”?", title=title)
            return self.page(pages.ask(words, question, words.t("Unsubscribe"), ("List-Unsubscribe", "One-Click")))
        now = self.context.clock.now()
        await run_in_threadpool(subscriptions.leave, self.context.db, recipient, data["digest"], now)
        done = words.t("You will get no more of “{title}”.", title=title)
        return self.page(pages.message(words, words.t("You are unsubscribed"), done))

    async def confirm(self, request: Request) -> Response:
        """Ask, or confirm the subscription of an address."""
        data = self._link_data(request, opt_in.CONFIRM)
        if isinstance(data, Response):
            return data
        title = self._title(data["digest"])
        recipient = Recipient.from_key(data["recipient"])
        words = await self._words(request, recipient, data["digest"], data.get("language"))
        if request.method != "POST":
            question = words.t("Get “{title}” by mail?", title=title)
            return self.page(pages.ask(words, question, words.t("Yes, send it to me")))
        await run_in_threadpool(opt_in.confirm, self.context.db, data, self.context.clock.now())
        done = words.t("The next “{title}” comes to you by mail.", title=title)
        return self.page(pages.message(words, words.t("Confirmed"), done))

    async def feedback(self, request: Request) -> Response:
        """Ask, store or undo that a recipient wants more or less like a story that was in one of their editions."""
        data = self._link_data(request, FEEDBACK)
        if isinstance(data, Response):
            return data
        more, story, recipient_id = (
            request.url.path.split("/")[-3] == "more",
            request.path_params["story"],
            int(data["r"]),
        )
        known = await run_in_threadpool(recipients.list_recipients, self.context.db, [recipient_id])
        words = await self._words(request, known[0].recipient if known else None)
        if not await run_in_threadpool(ledger.was_reported, self.context.db, recipient_id, story):
            removed = words.t("The story is no longer here.")
            return self.page(pages.message(words, words.t("This link does not work"), removed), 404)
        if request.method != "POST":
            question = words.t("More like this?") if more else words.t("Less like this?")
            return self.page(pages.ask(words, question, words.t("Yes, more") if more else words.t("Yes, less")))
        try:
            undone = _UNDO in await forms.form_fields(request)
        except ValueError as error:
            return self._refused(words, words.t("Not changed"), error)
        value = 0 if undone else 1 if more else -1
        now = self.context.clock.now()
        await run_in_threadpool(recipients.add_feedback, self.context.db, recipient_id, story, value, now)
        if undone:
            text = words.t("This story no longer counts for your selection.")
            return self.page(pages.message(words, words.t("Undone"), text))
        done = words.t("There will be more like this.") if more else words.t("There will be less like this.")
        return self.page(pages.noted(words, done, _UNDO))

    async def settings(self, request: Request) -> Response:
        """Show a recipient's settings, or change them."""
        data = self._link_data(request, SETTINGS)
        if isinstance(data, Response):
            return data
        recipient, saved = Recipient.from_key(data["recipient"]), ""
        if request.method == "POST":
            try:
                saved = await run_in_threadpool(self._change, recipient, await forms.form_fields(request))
            except ValueError as error:
                words = await self._words(request, recipient)
                return self._refused(words, words.t("Not changed"), error)
        words = await self._words(request, recipient)  # the language may have changed
        return self.page(await run_in_threadpool(self._settings_page, words, recipient, words.word(saved)))

    async def subscribe(self, request: Request) -> Response:
        """Show the form of an open digest, or send a confirmation mail to the given address."""
        digest = self.config().digest(request.path_params["digest"])
        if digest is None or not digest.open or not digest.enabled:
            words = await self._words(request)
            nothing = words.t("There is nothing to subscribe to")
            return self.page(pages.message(words, nothing, words.t("Check the address.")), 404)
        title, words = digest.title or digest.name, wording(digest.language)
        if request.method != "POST":
            return self.page(pages.subscribe(words, title, catalogues(), digest.language))
        try:
            row = _row_from_form(await forms.form_fields(request))
        except ValueError as error:
            return self._refused(words, words.t("Not subscribed"), error)
        if not self.clients.allows(request.client.host if request.client else "", self.context.clock.now()):
            invited = Invited.TOO_MANY
        else:
            invited = await run_in_threadpool(self.service.invite, row, digest.name, stranger=True)
        if invited is Invited.TOO_MANY:
            later = words.t("Too many people subscribe at this moment. Try again in an hour.")
            return self.page(pages.message(words, words.t("Not subscribed"), later), 429)
        # The same response for every address: the form must not reveal who subscribes.
        text = words.t(
            "If “{title}” can be sent to this address, a mail waits to be sent. Open the link in it to confirm.",
            title=title,
        )
        return self.page(pages.message(words, words.t("Look into your mailbox"), text))

    def _refused(self, words: Wording, title: str, error: ValueError) -> Response:
        return self.page(pages.message(words, title, words.word(str(error) or _("the form is too long"))), 422)

    async def _words(
        self, request: Request, recipient: Recipient | None = None, name: str = "", chosen: str | None = None
    ) -> Wording:
        """Return the texts in the language of a recipient: chosen, else the digest's.

        Without a known recipient, the language that the browser asks for.
        """
        if recipient and not chosen:
            known = await run_in_threadpool(recipients.find, self.context.db, [recipient])
            chosen = known[0].language if known else None
            name = name or next(iter(await run_in_threadpool(self._received, recipient)), "")
        digest = self.config().digest(name) if name and not chosen else None
        return wording(chosen or (digest.language if digest else preferred(request.headers.get("accept-language", ""))))

    def _link_data(self, request: Request, purpose: str) -> dict[str, str] | Response:
        try:
            keys, now = self.link_keys(), self.context.clock.now()
            return links.token_data(keys, request.path_params["token"], purpose, now)
        except LinkError:
            words = requested_wording(request)
            text = words.t("It is not valid, or no longer. Use the link of a newer mail.")
            return self.page(pages.message(words, words.t("This link does not work"), text), 404)

    def _title(self, name: str) -> str:
        digest = self.config().digest(name)
        return (digest.title if digest else "") or name

    def _received(self, recipient: Recipient) -> dict[str, bool]:
        """Return the digests of this recipient by name, and whether they are sent."""
        known = {row.digest: row.state for row in subscriptions.list_subscriptions(self.context.db, only=recipient)}
        named = [d.name for d in self.config().digests if recipient in self.config().recipients(d)]
        return {
            name: known.get(name, Standing.ACTIVE) == Standing.ACTIVE
            for name in dict.fromkeys([*named, *known])
            if self.config().digest(name) and known.get(name) != Standing.PENDING
        }

    def _settings_page(self, words: Wording, recipient: Recipient, saved: str) -> str:
        found = next(iter(recipients.find(self.context.db, [recipient])), None)
        chosen = {name: (self._title(name), comes) for name, comes in self._received(recipient).items()}
        view = pages.SettingsView(
            reader=recipient.address,
            language=(found.language if found else None) or "",
            zone=(found.zone if found else None) or "",
            form=(found.format if found else None) or "html",
            digests=chosen,
            saved=saved,
        )
        return pages.settings(words, view, catalogues(), FORMATS)

    def _change(self, recipient: Recipient, fields: forms.Fields) -> str:
        now, received = self.context.clock.now(), self._received(recipient)
        if forms.first(fields, "action") == "leave":
            subscriptions.leave_all(self.context.db, recipient, list(received), now)
            return _("You are unsubscribed from everything.")
        row = RecipientConfigRow(recipient, _language(fields), _zone(fields), _form(fields))
        recipients.ensure(self.context.db, [row], now)
        wanted = set(fields.get("digest", ()))
        for name, comes in received.items():
            if comes and name not in wanted:
                subscriptions.leave(self.context.db, recipient, name, now)
            elif not comes and name in wanted:
                subscriptions.join(self.context.db, recipient, name, now)
        return _("Saved.")


def _row_from_form(fields: forms.Fields) -> RecipientConfigRow:
    try:
        recipient = Recipient.by_mail(forms.first(fields, "address"))
    except ValueError as error:
        raise ValueError(_("this is not a mail address")) from error
    if on_own_network(recipient.address.rpartition("@")[2]):  # a stranger must not write to root@localhost
        raise ValueError(_("this is not a mail address"))
    return RecipientConfigRow(recipient, _language(fields), _zone(fields), None)


def _language(fields: forms.Fields) -> str | None:
    given = forms.first(fields, "language")
    if given and given not in catalogues():
        raise ValueError(_("there is no such language here"))
    return given or None


def _zone(fields: forms.Fields) -> str | None:
    given = forms.first(fields, "zone")
    if given and not zone_known(given):
        raise ValueError(_("there is no such time zone; write it as Europe/Berlin"))
    return given or None


def _form(fields: forms.Fields) -> str | None:
    given = forms.first(fields, "format")
    if given and given not in FORMATS:
        raise ValueError(_("there is no such format"))
    return given or None
