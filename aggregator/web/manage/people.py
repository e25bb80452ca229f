"""The pages of recipients, of suppressed addresses and of deliveries."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator.services.manage.people import KnownRecipient, known_recipients, resume
from aggregator.store.outgoing import deliveries as delivery_store
from aggregator.store.outgoing import recipients as recipient_store
from aggregator.store.records import DeliveryRecord
from aggregator.system.spans import relative_time
from aggregator.web import forms
from aggregator.web.look import shown_title
from aggregator.web.manage.management import Management, recipient_name
from digests.channels.kinds import Channels
from digests.channels.recipient import Recipient
from digests.outbox import State

ON_PAGE = 60  # recipients
DELIVERIES = 100  # on the page
WORDS = {
    State.QUEUED: "waits",
    State.SENDING: "is being sent",
    State.DOT: "is being sent",
    State.SENT: "sent",
    State.FAILED: "failed",
    State.UNKNOWN: "unknown: perhaps it arrived",
    State.EXPIRED: "expired before a server took it",
}


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
        program, found = self.base.program, await self.base.snapshot()
        page = forms.page_number(request.query_params.get("page", ""))
        everyone = await run_in_threadpool(known_recipients, self.base.config(found), program.db)
        suppressed = await run_in_threadpool(recipient_store.list_suppressed, program.db)
        shown = everyone[(page - 1) * ON_PAGE : page * ON_PAGE]
        return await self.base.page(
            request,
            "recipients.html",
            "Recipients",
            status=422 if error else 200,
            recipients=[_recipient_line(one) for one in shown],
            count=len(everyone),
            suppressed=[(one.address, one.reason, f"{one.since:%Y-%m-%d}") for one in suppressed[:500]],
            before=page - 1,
            after=page + 1 if len(everyone) > page * ON_PAGE else 0,
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
            return await self._recipients(request, "This is not a mail address.")
        await run_in_threadpool(recipient_store.suppress, db, recipient.address, "by hand", now)
        return self.base.then("/manage/recipients", "suppressed")

    async def deliveries(self, request: Request) -> Response:
        """List the newest deliveries; settle one with an unknown outcome."""
        if request.method == "POST":
            return await self._settle(request)
        program, now = self.base.program, self.base.program.clock.now()
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
            "Deliveries",
            deliveries=[_delivery_line(row, relative_time(row.updated, now)) for row in rows],
            states=[(state.value, WORDS[state].partition(":")[0], count) for state, count in sorted(counts.items())],
            wanted=wanted if states else "",
            edition=edition,
            most=DELIVERIES,
        )

    async def _settle(self, request: Request) -> Response:
        fields = await self.base.fields(request)
        key, outcome = forms.positive(forms.first(fields, "delivery")), forms.first(fields, "outcome")
        if key is None or outcome not in ("sent", "resend"):
            return await self.base.missing(request, "delivery")
        db, now = self.base.program.db, self.base.program.clock.now()
        try:
            await run_in_threadpool(delivery_store.settle, db, key, outcome == "sent", now)
        except ValueError:
            return await self.base.missing(request, "delivery with an unknown outcome")
        return self.base.then("/manage/deliveries", "settled")


def _recipient_line(one: KnownRecipient) -> RecipientLine:
    named = [name if state == "active" else f"{name} ({state})" for name, state in one.digests.items()]
    facts = [one.language, one.zone, one.format]
    is_mail = one.recipient.channel == Channels.MAIL
    return RecipientLine(
        name=recipient_name(one.recipient),
        digests=", ".join(named) or "no digest",
        facts=" · ".join(filter(None, facts)),
        stopped=one.stopped,
        address=one.recipient.address if is_mail else "",
    )


def _delivery_line(row: DeliveryRecord, when: str) -> DeliveryLine:
    tries = {0: "", 1: " · 1 try"}.get(row.attempts, f" · {row.attempts} tries")
    return DeliveryLine(
        id=row.id,
        to=recipient_name(Recipient(row.channel, row.address)),
        state=WORDS[row.state],
        what=shown_title(row.subject or row.edition_id or f"letter: {row.purpose}"),
        edition=row.edition_id or "",
        facts=f"{when}{tries}",
        detail=row.detail,
        unknown=row.state == State.UNKNOWN,
        failed=row.state in (State.FAILED, State.UNKNOWN, State.EXPIRED),
    )
