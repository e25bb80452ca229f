"""`editions`, `show-edition`, `resend`: what went out before."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.base import Command, Failure, state
from aggregator.cli.commands.composing import FORMATS

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.pipeline.deliver import DeliveryReport
    from aggregator.services.editions import EditionsService
    from aggregator.store import Database
    from aggregator.store.records import DeliveryRecord, EditionRecord
    from digests.channels.recipient import Recipient


@click.command("editions", cls=Command, examples=("aggregator editions", "aggregator editions morning --json"))
@click.argument("digest", default="", metavar="[DIGEST]")
@click.option("--limit", type=click.IntRange(min=1), default=30, show_default=True, help="Most lines.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def editions_command(digest: str, limit: int, *, as_json: bool) -> None:
    """List the editions that were composed, newest first."""
    from aggregator.cli.database import opened
    from aggregator.cli.output import json_line, note, table, when
    from aggregator.store.editions.editions import editions
    from aggregator.system.clock import SystemClock

    now = SystemClock().now()
    with opened(state().load()) as db:
        rows = editions(db, digest or None, limit=limit)
    if as_json:
        for row in rows:
            json_line(facts(row))
        return
    if not rows:
        note("no editions yet: `aggregator send NAME` makes one, and the daemon on schedule")
        return
    table(
        ("EDITION", "DIGEST", "COMPOSED", "STORIES", "SUBJECT"),
        [(r.id, r.digest, when(r.composed, now), r.items, r.subject) for r in rows],
    )


def facts(row: EditionRecord) -> dict[str, Any]:
    """One edition under stable keys."""
    return {
        "id": row.id,
        "digest": row.digest,
        "slot": row.slot,
        "composed": row.composed,
        "period_start": row.period_start,
        "period_end": row.period_end,
        "stories": row.items,
        "quiet": row.quiet,
        "title": row.title,
        "subject": row.subject,
    }


@click.command(
    "show-edition",
    cls=Command,
    examples=("aggregator show-edition ID", "aggregator show-edition ID --format html --out old.html"),
)
@click.argument("edition", metavar="ID")
@click.option("--format", "form", type=click.Choice(FORMATS), help="What to make [text; html for the browser].")
@click.option(
    "--out", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), help="File to write [standard output]."
)
@click.option("--open", "show", is_flag=True, help="Open it in the browser.")
def show_edition_command(edition: str, form: str | None, out: Path | None, *, show: bool) -> None:
    """Show an edition as it was frozen."""
    import asyncio

    from aggregator.cli.commands.composing import write

    now = state()
    form = form or ("html" if show else "text")
    data = asyncio.run(_rendered(now.load(), edition, form))
    write(data, form, out, name=edition, show=show, now=now)


async def _rendered(config: Config, edition: str, form: str) -> bytes:
    import asyncio

    from aggregator.cli.commands.composing import render
    from aggregator.services.program import opened

    async with opened(config) as program:
        return await asyncio.to_thread(lambda: render(program.editions, program.editions.edition(edition), form))


@click.command("resend", cls=Command, examples=("aggregator resend ID", "aggregator resend ID --to me@example.org"))
@click.argument("edition", metavar="ID")
@click.option("--to", metavar="ADDR", help="Only to this reader.")
def resend_command(edition: str, to: str | None) -> None:
    """Send an edition once more, as a message of its own, to its readers or to ADDR."""
    import asyncio

    from aggregator.cli.commands.composing import must_be_sent, recipient, tell

    config = state().load()
    deliveries, report = asyncio.run(_resend(config, edition, recipient(config, to) if to else None))
    tell(deliveries)
    must_be_sent(deliveries, report)


async def _resend(config: Config, edition: str, only: Recipient | None) -> tuple[list[DeliveryRecord], DeliveryReport]:
    import asyncio

    from aggregator.services.program import opened

    async with opened(config) as program:
        added = await asyncio.to_thread(_queue, program.db, program.editions, edition, only, program.clock.now())
        report = await asyncio.to_thread(program.delivery.deliver, None)
        return await asyncio.to_thread(lambda: [delivery_by(program.db, key) for key in added]), report


def delivery_by(db: Database, key: int) -> DeliveryRecord:
    """One delivery as it stands now."""
    from aggregator.store.outgoing import deliveries as store

    return store.delivery_by(db, key)


def _queue(
    db: Database, editions: EditionsService, edition_id: str, only: Recipient | None, now: datetime
) -> list[int]:
    """Put one more copy into the outbox for each reader, with a Message-ID of its own, and return the new ids.

    A mail store drops a second message with the Message-ID of the first, so a copy that a person asked for is another message.
    """
    from collections import Counter

    from aggregator.pipeline.issue import Outputs
    from aggregator.store.outgoing import deliveries as store
    from aggregator.store.outgoing import recipients
    from digests.channels.recipient import Recipient

    frozen = editions.edition(edition_id)
    before = store.list_deliveries(db, edition_id=edition_id, limit=None)
    earlier = dict.fromkeys(Recipient(row.channel, row.address) for row in before)
    wanted = _welcome(db, [only] if only else list(earlier), frozen.digest)
    if not wanted:
        raise Failure(f"edition {edition_id} went to nobody who still wants it", "name a reader with --to")
    copies = Counter(row.recipient_key for row in before)
    renderer, sender = editions.renderer(frozen.digest), editions.sender()
    added = []
    for reader in recipients.ensure(db, wanted, now):
        outputs = Outputs(frozen, renderer, sender, copy=copies[reader.recipient.key])
        added.append(store.add_copy(db, edition_id, outputs.delivery(reader), now, renderer.subject(frozen)))
    return added


def _welcome(db: Database, wanted: list[Recipient], digest: str) -> list[Recipient]:
    """Those to whom something may be sent; the others are named, and one that was asked for alone is an error."""
    from aggregator.cli.output import note
    from aggregator.recipients.subscribers import must_be_welcome
    from aggregator.store.errors import RecipientStopped

    found = []
    for one in wanted:
        try:
            must_be_welcome(db, one, digest)
            found.append(one)
        except RecipientStopped as error:
            if len(wanted) == 1:
                raise
            note(f"left out: {error}")
    return found
