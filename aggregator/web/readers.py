"""What a reader does by a link in a mail: leave, change, confirm, say more or less of this. A GET asks, a POST acts at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator.app import App
from aggregator.config import recipients as addresses
from aggregator.config.zone import known as zone_known
from aggregator.pipeline import welcome
from aggregator.pipeline.issue import FEEDBACK, SETTINGS, UNSUBSCRIBE
from aggregator.store import recipients, subscriptions, told
from aggregator.store.records import RecipientConfigRow
from aggregator.store.subscriptions import Standing
from aggregator.web import forms, pages
from digests import links
from digests.errors import LinkError
from digests.render.language import catalogues

FORMATS = {"html": "formatted", "text": "plain text"}


def routes(app: App, page: Callable[..., Response]) -> list[Route]:
    """The routes of readers; `page` makes a response of HTML and a status."""
    desk = ReaderDesk(app, page)
    both = ["GET", "POST"]
    return [
        Route("/unsubscribe/{token}", desk.unsubscribe, methods=both),
        Route("/settings/{token}", desk.settings, methods=both),
        Route("/confirm/{token}", desk.confirm, methods=both),
        *(Route(f"/{say}/{{story}}/{{token}}", desk.feedback, methods=both) for say in ("more", "less")),
        Route("/subscribe/{digest}", desk.subscribe, methods=both),
    ]


@dataclass(frozen=True, slots=True)
class ReaderDesk:
    """Answers readers' requests."""

    app: App
    page: Callable[..., Response]

    async def unsubscribe(self, request: Request) -> Response:
        """Ask, or leave one digest (RFC 8058)."""
        data = self._read(request, UNSUBSCRIBE)
        if isinstance(data, Response):
            return data
        title = self._title(data["digest"])
        if request.method != "POST":
            field = ("List-Unsubscribe", "One-Click")
            return self.page(pages.ask(f"Unsubscribe from “{title}”?", "Unsubscribe", field))
        now = self.app.clock.now()
        await run_in_threadpool(subscriptions.leave, self.app.db, data["recipient"], data["digest"], now)
        return self.page(pages.message("You are unsubscribed", f"You will get no more of “{title}”."))

    async def confirm(self, request: Request) -> Response:
        """Ask, or begin to send what the address was put down for."""
        data = self._read(request, welcome.CONFIRM)
        if isinstance(data, Response):
            return data
        title = self._title(data["digest"])
        if request.method != "POST":
            return self.page(pages.ask(f"Get “{title}” by mail?", "Yes, send it to me"))
        await run_in_threadpool(welcome.confirm, self.app.db, data, self.app.clock.now())
        return self.page(pages.message("Confirmed", f"The next “{title}” comes to you by mail."))

    async def feedback(self, request: Request) -> Response:
        """Ask, or note that a reader wants more or less like a story that the reader was told."""
        data = self._read(request, FEEDBACK)
        if isinstance(data, Response):
            return data
        say, story, reader = request.url.path.split("/")[1], request.path_params["story"], int(data["r"])
        if not await run_in_threadpool(told.was_told, self.app.db, reader, story):
            return self.page(pages.message("This link does not work", "The story is no longer here."), 404)
        if request.method != "POST":
            return self.page(pages.ask(f"{say.capitalize()} like this?", f"Yes, {say}"))
        value = 1 if say == "more" else -1
        now = self.app.clock.now()
        await run_in_threadpool(recipients.add_feedback, self.app.db, reader, story, value, now)
        return self.page(pages.message("Noted", f"There will be {say} like this."))

    async def settings(self, request: Request) -> Response:
        """Show a reader's settings, or change them."""
        data = self._read(request, SETTINGS)
        if isinstance(data, Response):
            return data
        key, saved = data["recipient"], ""
        if request.method == "POST":
            try:
                saved = await run_in_threadpool(self._change, key, await forms.fields(request))
            except ValueError as error:
                return self.page(pages.message("Not changed", str(error) or "the form is too long"), 422)
        return self.page(await run_in_threadpool(self._shown, key, saved))

    async def subscribe(self, request: Request) -> Response:
        """Show the form of an open digest, or write to the address that was typed."""
        digest = self.app.config.digest(request.path_params["digest"])
        if digest is None or not digest.open or not digest.enabled:
            return self.page(pages.message("There is nothing to subscribe to", "Check the address."), 404)
        title = digest.title or digest.name
        if request.method != "POST":
            return self.page(pages.subscribe(title, catalogues(), digest.language))
        try:
            row = _asked(await forms.fields(request))
        except ValueError as error:
            return self.page(pages.message("Not subscribed", str(error) or "the form is too long"), 422)
        await run_in_threadpool(self.app.invite, row, digest.name)
        # The same answer whatever is known of the address: a form must not tell who reads what.
        text = f"If “{title}” can be sent to this address, a mail is on its way. Open the link in it to confirm."
        return self.page(pages.message("Look into your mailbox", text))

    def _read(self, request: Request, purpose: str) -> dict[str, str] | Response:
        try:
            return links.read(self.app.sender().keys, request.path_params["token"], purpose, self.app.clock.now())
        except LinkError as error:
            return self.page(pages.message("This link does not work", str(error)), 404)

    def _title(self, name: str) -> str:
        digest = self.app.config.digest(name)
        return (digest.title if digest else "") or name

    def _standings(self, key: str) -> dict[str, bool]:
        """Every digest that concerns this reader, and whether it comes."""
        known = {row.digest: row.state for row in subscriptions.list_subscriptions(self.app.db, keys=[key])}
        named = [d.name for d in self.app.config.digests if key in {r.key for r in self.app.config.recipients(d)}]
        return {
            name: known.get(name, Standing.ACTIVE) == Standing.ACTIVE
            for name in dict.fromkeys([*named, *known])
            if self.app.config.digest(name) and known.get(name) != Standing.PENDING
        }

    def _shown(self, key: str, saved: str) -> str:
        found = next(iter(recipients.find(self.app.db, [key])), None)
        chosen = {name: (self._title(name), comes) for name, comes in self._standings(key).items()}
        view = pages.SettingsView(
            reader=key.partition(":")[2],
            language=(found.language if found else None) or "",
            zone=(found.zone if found else None) or "",
            form=(found.format if found else None) or "html",
            digests=chosen,
            saved=saved,
        )
        return pages.settings(view, catalogues(), FORMATS)

    def _change(self, key: str, fields: forms.Fields) -> str:
        now, standings = self.app.clock.now(), self._standings(key)
        if _first(fields, "action") == "leave":
            subscriptions.leave_all(self.app.db, key, list(standings), now)
            return "You are unsubscribed from everything."
        row = RecipientConfigRow(key, _language(fields), _zone(fields), _form(fields))
        recipients.ensure(self.app.db, [row], now)
        wanted = set(fields.get("digest", ()))
        for name, comes in standings.items():
            if comes and name not in wanted:
                subscriptions.leave(self.app.db, key, name, now)
            elif not comes and name in wanted:
                subscriptions.join(self.app.db, key, name, now)
        return "Saved."


def _asked(fields: forms.Fields) -> RecipientConfigRow:
    address = addresses.mail_address(_first(fields, "address"))
    return RecipientConfigRow(f"mail:{address}", _language(fields), _zone(fields), None)


def _first(fields: forms.Fields, name: str) -> str:
    return (fields.get(name) or [""])[0].strip()


def _language(fields: forms.Fields) -> str | None:
    given = _first(fields, "language")
    if given and given not in catalogues():
        raise ValueError("there is no such language here")
    return given or None


def _zone(fields: forms.Fields) -> str | None:
    given = _first(fields, "zone")
    if given and not zone_known(given):
        raise ValueError("there is no such time zone; write it as Europe/Berlin")
    return given or None


def _form(fields: forms.Fields) -> str | None:
    given = _first(fields, "format")
    if given and given not in FORMATS:
        raise ValueError("there is no such format")
    return given or None
