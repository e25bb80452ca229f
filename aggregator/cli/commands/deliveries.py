"""`deliveries`: what went out, what waits, and what only a person can settle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.base import Failure, Group, state

if TYPE_CHECKING:
    from aggregator.store.records import DeliveryRecord

STATES = ("queued", "sending", "dot", "sent", "failed", "unknown", "expired")


@click.group(
    "deliveries",
    cls=Group,
    examples=("aggregator deliveries list --state unknown", "aggregator deliveries settle 12 sent"),
)
def deliveries_command() -> None:
    """List deliveries, and settle those whose outcome is unknown."""


@deliveries_command.command(
    "list", examples=("aggregator deliveries list", "aggregator deliveries list --state failed --json")
)
@click.option("--state", "wanted", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--edition", help="Only those of this edition.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="Most lines.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_command(wanted: str | None, edition: str | None, limit: int, *, as_json: bool) -> None:
    """List deliveries of editions and letters, newest first."""
    from aggregator.cli.database import opened
    from aggregator.cli.output import json_line, note, shorten, table, when
    from aggregator.store.outgoing import deliveries as store
    from aggregator.system.clock import SystemClock
    from digests.outbox import State

    config, now = state().load(), SystemClock().now()
    with opened(config) as db:
        rows = store.list_deliveries(db, states=[State(wanted)] if wanted else None, edition_id=edition, limit=limit)
    if as_json:
        for row in rows:
            json_line(facts(row))
        return
    if not rows:
        note("no deliveries")
        return
    cells = [
        (row.id, row.state, when(row.updated, now), row.attempts, shorten(_shown(row), 40), _what(row), row.detail)
        for row in rows
    ]
    table(("ID", "STATE", "SINCE", "TRIES", "TO", "WHAT", "DETAIL"), cells)


def _what(row: DeliveryRecord) -> str:
    """The edition, or the kind of letter."""
    return row.edition_id or f"letter: {row.purpose}"


def _shown(row: DeliveryRecord) -> str:
    """The reader without the secrets of an address."""
    from digests.channels.recipient import Recipient

    return Recipient(row.channel, row.address).shown


def facts(row: DeliveryRecord) -> dict[str, Any]:
    """One delivery under stable keys."""
    return {
        "id": row.id,
        "purpose": str(row.purpose),
        "edition": row.edition_id,
        "digest": row.digest,
        "to": _shown(row),
        "state": str(row.state),
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


@deliveries_command.command(
    "settle", examples=("aggregator deliveries settle 12 sent", "aggregator deliveries settle 12 resend")
)
@click.argument("delivery", type=int, metavar="ID")
@click.argument("outcome", type=click.Choice(["sent", "resend"]))
def settle_command(delivery: int, outcome: str) -> None:
    """Say what became of a delivery whose outcome is unknown.

    sent: it arrived. resend: send it again, with the same Message-ID.
    """
    from aggregator.cli.database import opened
    from aggregator.cli.output import line
    from aggregator.store.outgoing import deliveries as store
    from aggregator.system.clock import SystemClock

    with opened(state().load()) as db:
        try:
            store.settle(db, delivery, outcome == "sent", SystemClock().now())
        except ValueError as error:
            raise Failure(
                str(error), "`aggregator deliveries list --state unknown` lists those that wait to be settled"
            ) from error
    line(f"delivery {delivery}: {'sent' if outcome == 'sent' else 'will be sent again'}")
