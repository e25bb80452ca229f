"""The pages of recipients, of suppressed addresses and of deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator.services.manage.people import KnownRecipient, known_recipients, resume
from aggregator.store.outgoing import deliveries as delivery_store
from aggregator.store.outgoing import recipients as recipient_store
from aggregator.store.records import DeliveryRecord
from aggregator.web import forms
from aggregator.web.look import shown_title
from aggregator.web.manage.management import Management, recipient_name
from digests.channels.kinds import Channels
from digests.channels.recipient import Recipient
from digests.outbox import State
from digests.reasons import _
from digests.render.view.measures import relative_time
from digests.render.view.wording import Wording

ON_PAGE, FEW = 60, 15  # recipients on one page, and without a search
MOST_NAMED = 200  # characters of an address that recipients are filtered by
DELIVERIES = 100  # on the page
STATES = {
    State.QUEUED: _("waits"),
    State.SENDING: _("is being sent"),
    State.DOT: _("is being sent"),
    State.SENT: _("sent"),
    State.FAILED: _("failed"),
    State.UNKNOWN: _("outcome unknown"),
    State.EXPIRED: _("expired before a server took it"),
}
_SUBSCRIPTIONS = {
    "pending": _("{digest} (not confirmed yet)"),
    "left": _("{digest} (unsubscribed)"),
}
_FORMATS = {"html": _("formatted"), "text": _("plain text")}
_BY_HAND = _("by hand")
_PAUSED = _("paused")  # the reason of `known_recipients` for a recipient without one


@dataclass(frozen=True, slots=True)
class RecipientLine:
    """A recipient in the list."""

    name: str
    digests: str
    facts: str
    stopped: str
    address: str  # of a stopped mail recipient, for the form that ends it


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """A delivery in the list."""

    id: int
    to: str
    state: str
    what: str
    edition: str
    facts: str
    detail: str
    unknown: bool
    failed: bool


@dataclass(frozen=True, slots=True)
class PeoplePages:
    """Handles the requests of recipients and deliveries."""

    base: Management

    def routes(self) -> list[Route]:
        """Return the routes of recipients and deliveries."""
        return [
            self.base.route("/manage/recipients", self.recipients, ["GET", "POST"]),
            self.base.route("/manage/deliveries", self.deliveries, ["GET", "POST"]),
        ]

    async def recipients(self, request: Request) -> Response:
        """List recipients and suppressed addresses; suppress an address, or send to it again."""
        if request.method == "POST":
            return await self._change(request)
        return await self._recipients(request)

    async def _recipients(self, request: Request, error: str = "") -> Response:
        program, found, words = self.base.program, await self.base.snapshot(), self.base.words(request)
        page = forms.page_number(request.query_params.get("page", ""))
        named = request.query_params.get("q", "")[:MOST_NAMED].strip() if request.method == "GET" else ""
        everyone = await run_in_threadpool(known_recipients, self.base.config(found), program.db)
        suppressed = await run_in_threadpool(recipient_store.list_suppressed, program.db)
        wanted = [one for one in everyone if _has_name(one, named.casefold())]
        shown = wanted[(page - 1) * ON_PAGE : page * ON_PAGE]

        def link(number: int) -> str:
            return self.base.look.link("/manage/recipients", q=named, page=str(number))

        return await self.base.page(
            request,
            "recipients.html",
            _("Recipients"),
            status=422 if error else 200,
            recipients=[_recipient_line(one, words) for one in shown],
            count=len(everyone),
            suppressed=[(one.address, words.word(one.reason), words.day(one.since)) for one in suppressed[:500]],
            named=named,
            has_search=len(everyone) > FEW,
            before=link(page - 1) if page > 1 else "",
            after=link(page + 1) if len(wanted) > page * ON_PAGE else "",
            error=error,
        )

    async def _change(self, request: Request) -> Response:
        fields = await self.base.fields(request)
        db, now = self.base.program.db, self.base.program.clock.now()
        address = forms.first(fields, "address")
        if forms.first(fields, "action") == "allow":
            await run_in_threadpool(resume, db, Recipient(Channels.MAIL, address))
            return self.base.then("/manage/recipients", "allowed")
        try:
            recipient = Recipient.by_mail(address)
        except ValueError:
            return await self._recipients(request, self.base.words(request).t("This is not a mail address."))
        await run_in_threadpool(recipient_store.suppress, db, recipient.address, _BY_HAND, now)
        return self.base.then("/manage/recipients", "suppressed")

    async def deliveries(self, request: Request) -> Response:
        """List the newest deliveries; settle one with an unknown outcome."""
        if request.method == "POST":
            return await self._settle(request)
        program, now, words = self.base.program, self.base.program.clock.now(), self.base.words(request)
        wanted, edition = request.query_params.get("state", ""), request.query_params.get("edition", "")
        states = [State(wanted)] if wanted in list(State) else None
        rows = await run_in_threadpool(
            lambda: delivery_store.list_deliveries(
                program.db, states=states, edition_id=edition or None, limit=DELIVERIES
            )
        )
        counts = await run_in_threadpool(delivery_store.counts, program.db)
        return await self.base.page(
            request,
            "deliveries.html",
            _("Deliveries"),
            deliveries=[_delivery_line(row, now, words) for row in rows],
            states=[(state.value, words.t(STATES[state]), words.number(n)) for state, n in sorted(counts.items())],
            wanted=wanted if states else "",
            edition=edition,
            most=DELIVERIES,
        )

    async def _settle(self, request: Request) -> Response:
        fields = await self.base.fields(request)
        key, outcome = forms.positive(forms.first(fields, "delivery")), forms.first(fields, "outcome")
        if key is None or outcome not in ("sent", "resend"):
            return await self.base.missing(request, _("There is no such delivery"))
        db, now = self.base.program.db, self.base.program.clock.now()
        try:
            await run_in_threadpool(delivery_store.settle, db, key, outcome == "sent", now)
        except ValueError:
            return await self.base.missing(request, _("There is no such delivery"))
        return self.base.then("/manage/deliveries", "settled")


def _has_name(one: KnownRecipient, part: str) -> bool:
    """Whether a recipient, as the page shows it, or one of its digests has this in its name."""
    return any(part in text.casefold() for text in (recipient_name(one.recipient), *one.digests))


def _recipient_line(one: KnownRecipient, words: Wording) -> RecipientLine:
    named = [
        words.t(_SUBSCRIPTIONS[state], digest=name) if state in _SUBSCRIPTIONS else name
        for name, state in one.digests.items()
    ]
    facts = [one.language, one.zone, words.t(_FORMATS[one.format]) if one.format in _FORMATS else one.format]
    is_mail = one.recipient.channel == Channels.MAIL
    return RecipientLine(
        name=recipient_name(one.recipient),
        digests=words.t(", ").join(named) or words.t("no digest"),
        facts=" · ".join(filter(None, facts)),
        stopped=words.word(one.stopped),
        address=one.recipient.address if is_mail else "",
    )


def _delivery_line(row: DeliveryRecord, now: datetime, words: Wording) -> DeliveryLine:
    when = relative_time(row.updated, now, words)
    tries = f" · {words.n('{count} try', '{count} tries', row.attempts)}" if row.attempts else ""
    return DeliveryLine(
        id=row.id,
        to=recipient_name(Recipient(row.channel, row.address)),
        state=words.t(STATES[row.state]),
        what=shown_title(row.subject or row.edition_id or words.t("Letter: {purpose}", purpose=row.purpose)),
        edition=row.edition_id or "",
        facts=f"{when}{tries}",
        detail=row.detail.removeprefix("waits: "),  # the state says it
        unknown=row.state == State.UNKNOWN,
        failed=row.state in (State.FAILED, State.UNKNOWN, State.EXPIRED),
    )
