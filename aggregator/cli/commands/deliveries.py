"""`deliveries`: lists deliveries and settles those with an unknown outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aggregator.cli.base import Command, Failure, Group, current_options
from aggregator.cli.commands.composing import drained, print_others, require_sent, tried_deliveries
from aggregator.cli.completion import edition_ids, unsettled_deliveries
from aggregator.cli.output import WholeNumber

if TYPE_CHECKING:
    from aggregator.cli.rows import DeliveryRow
    from aggregator.config import Config
    from aggregator.store.records import DeliveryRecord

STATES = ("queued", "sending", "dot", "sent", "failed", "unknown", "expired")


@click.group(
    "deliveries",
    cls=Group,
    examples=("aggregator deliveries list --state unknown", "aggregator deliveries settle 12 sent"),
)
def deliveries_command() -> None:
    """List deliveries, and settle those with an unknown outcome."""


@deliveries_command.command(
    "list", examples=("aggregator deliveries list", "aggregator deliveries list --state failed --json")
)
@click.option("--state", "wanted", type=click.Choice(STATES), help="Only deliveries in this state.")
@click.option("--edition", shell_complete=edition_ids, help="Only deliveries of this edition.")
@click.option("--limit", type=WholeNumber(min=1), default=50, show_default=True, help="Maximum number of lines.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def list_deliveries_command(wanted: str | None, edition: str | None, limit: int, *, as_json: bool) -> None:
    """List deliveries of editions and letters, newest first."""
    from aggregator.cli.database import opened_database
    from aggregator.cli.output import print_json, print_note, print_table
    from aggregator.cli.tables import shorten
    from aggregator.store.outgoing import deliveries as store
    from aggregator.system.clock import SystemClock
    from aggregator.system.spans import relative_time
    from digests.outbox import State

    config, now = current_options().load(), SystemClock().now()
    with opened_database(config) as db:
        rows = store.list_deliveries(db, states=[State(wanted)] if wanted else None, edition_id=edition, limit=limit)
    if as_json:
        for row in rows:
            print_json(delivery_fields(row))
        return
    if not rows:
        print_note("no deliveries")
        return
    cells = [
        (
            row.id,
            row.state,
            relative_time(row.updated, now),
            row.attempts,
            shorten(row.shown, 40),
            _content(row),
            row.detail,
        )
        for row in rows
    ]
    print_table(("ID", "STATE", "SINCE", "TRIES", "TO", "WHAT", "DETAIL"), cells)


def _content(row: DeliveryRecord) -> str:
    """Return the edition's id, or the purpose of the letter."""
    return row.edition_id or f"letter: {row.purpose}"


def delivery_fields(row: DeliveryRecord) -> DeliveryRow:
    """Return a delivery with the keys of the JSON output."""
    return {
        "id": row.id,
        "purpose": str(row.purpose),
        "edition": row.edition_id,
        "digest": row.digest,
        "to": row.shown,
        "state": row.state.value,
        "attempts": row.attempts,
        "subject": row.subject,
        "message_id": row.message_id,
        "created": row.created,
        "updated": row.updated,
        "next_try": row.next_try,
        "sent_at": row.sent_at,
        "reply_code": row.reply_code,
        "detail": row.detail,
    }


@click.command("deliver", cls=Command, examples=("aggregator deliver", "aggregator deliver --now"))
@click.option("--now", "hurry", is_flag=True, help="Also what waits for its next try after a failure.")
def deliver_command(*, hurry: bool) -> None:
    """Deliver what is queued until nothing is due.

    Exits with 1 if a delivery that was tried failed, with 3 if all failed permanently.
    """
    import asyncio

    asyncio.run(_deliver(current_options().load(), hurry=hurry))


async def _deliver(config: Config, *, hurry: bool) -> None:
    import asyncio

    from aggregator.cli.output import print_line
    from aggregator.services.program import opened_program

    async with opened_program(config) as program:
        report = await asyncio.to_thread(drained, program, hurry=hurry)
        tried = await asyncio.to_thread(tried_deliveries, program.db, report)
    if not tried and not report.expired:
        print_line("nothing to deliver")
    print_others(tried, report)
    require_sent(tried, report)


@deliveries_command.command(
    "settle", examples=("aggregator deliveries settle 12 sent", "aggregator deliveries settle 12 resend")
)
@click.argument("delivery", type=WholeNumber(min=1), metavar="ID", shell_complete=unsettled_deliveries)
@click.argument("outcome", type=click.Choice(["sent", "resend"]))
def settle_command(delivery: int, outcome: str) -> None:
    """Set the outcome of a delivery where it is unknown.

    sent: it arrived. resend: send it again, with the same Message-ID.
    """
    from aggregator.cli.database import opened_database
    from aggregator.cli.output import print_line
    from aggregator.store.outgoing import deliveries as store
    from aggregator.system.clock import SystemClock

    with opened_database(current_options().load()) as db:
        try:
            store.settle(db, delivery, outcome == "sent", SystemClock().now())
        except ValueError as error:
            hint = "`aggregator deliveries list --state unknown` lists the deliveries to settle"
            raise Failure(str(error), hint) from error
    print_line(f"delivery {delivery}: {'sent' if outcome == 'sent' else 'will be sent again'}")
