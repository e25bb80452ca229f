"""`editions`, `show-edition`, `resend`, `publish`: lists, prints, resends and publishes stored editions."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.base import Command, Failure, current_options
from aggregator.cli.commands.composing import FORMATS, digest_argument, drained
from aggregator.cli.completion import digest_names, edition_ids, recipient_names
from aggregator.cli.output import WholeNumber
from aggregator.system.counts import count_of

if TYPE_CHECKING:
    from aggregator.cli.rows import EditionRow
    from aggregator.config import Config
    from aggregator.pipeline.deliver import DeliveryReport
    from aggregator.services.editions import EditionsService
    from aggregator.store import Database
    from aggregator.store.records import DeliveryRecord, EditionRecord
    from aggregator.web.site.files import Written
    from digests.channels.recipient import Recipient


@click.command("editions", cls=Command, examples=("aggregator editions", "aggregator editions morning --json"))
@click.argument("digest", default="", metavar="[DIGEST]", shell_complete=digest_names)
@click.option("--limit", type=WholeNumber(min=1), default=30, show_default=True, help="Maximum number of lines.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def editions_command(digest: str, limit: int, *, as_json: bool) -> None:
    """List the composed editions, newest first."""
    from aggregator.cli.database import opened_database
    from aggregator.cli.output import print_json, print_note, print_table
    from aggregator.store.editions.editions import editions
    from aggregator.system.clock import SystemClock
    from aggregator.system.spans import relative_time

    config, now = current_options().load(), SystemClock().now()
    with opened_database(config) as db:
        rows = editions(db, digest or None, limit=limit)
    if digest and not rows:
        digest_argument(config, digest, alerts=True)  # raises for an unknown name
    if as_json:
        for row in rows:
            print_json(edition_fields(row))
        return
    if not rows:
        print_note("no editions yet: `aggregator send NAME` makes one, and the daemon on schedule")
        return
    print_table(
        ("EDITION", "DIGEST", "COMPOSED", "STORIES", "SUBJECT"),
        [(r.id, r.digest, relative_time(r.composed, now), r.items, r.subject) for r in rows],
    )


def edition_fields(row: EditionRecord) -> EditionRow:
    """Return an edition with the keys of the JSON output."""
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
@click.argument("edition", metavar="ID", shell_complete=edition_ids)
@click.option("--format", "form", type=click.Choice(FORMATS), help="Output format [text; html for the browser].")
@click.option(
    "--out", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), help="File to write [standard output]."
)
@click.option("--open", "show", is_flag=True, help="Open it in the browser.")
def show_edition_command(edition: str, form: str | None, out: Path | None, *, show: bool) -> None:
    """Show an edition as it was composed."""
    import asyncio

    from aggregator.cli.commands.composing import write_output

    options = current_options()
    form = form or ("html" if show else "text")
    data = asyncio.run(_render_stored(options.load(), edition, form))
    write_output(data, form, out, name=edition, show=show, options=options)


async def _render_stored(config: Config, edition: str, form: str) -> bytes:
    import asyncio

    from aggregator.cli.commands.composing import render_edition
    from aggregator.services.program import opened_program

    async with opened_program(config) as program:
        return await asyncio.to_thread(
            lambda: render_edition(program.editions, program.editions.edition(edition), form)
        )


@click.command("resend", cls=Command, examples=("aggregator resend ID", "aggregator resend ID --to me@example.org"))
@click.argument("edition", metavar="ID", shell_complete=edition_ids)
@click.option("--to", metavar="ADDR", shell_complete=recipient_names, help="Only to this recipient.")
def resend_command(edition: str, to: str | None) -> None:
    """Send an edition again, as a new message, to its recipients or to ADDR."""
    import asyncio

    from aggregator.cli.commands.composing import print_deliveries, recipient_argument, require_sent

    config = current_options().load()
    deliveries, report = asyncio.run(_resend(config, edition, recipient_argument(config, to) if to else None))
    print_deliveries(deliveries)
    require_sent(deliveries, report)


async def _resend(config: Config, edition: str, only: Recipient | None) -> tuple[list[DeliveryRecord], DeliveryReport]:
    import asyncio

    from aggregator.services.program import opened_program

    async with opened_program(config) as program:
        added = await asyncio.to_thread(_queue_copies, program.db, program.editions, edition, only, program.clock.now())
        report = await asyncio.to_thread(drained, program)
        return await asyncio.to_thread(lambda: [load_delivery(program.db, key) for key in added]), report


def load_delivery(db: Database, key: int) -> DeliveryRecord:
    """Return a delivery in its present state."""
    from aggregator.store.outgoing import deliveries as store

    return store.delivery_by(db, key)


def _queue_copies(
    db: Database, editions: EditionsService, edition_id: str, only: Recipient | None, now: datetime
) -> list[int]:
    """Add one more copy to the outbox for each recipient, with a new Message-ID, and return the new ids.

    Mail servers drop a second message with the same Message-ID.
    """
    from collections import Counter

    from aggregator.pipeline.issue import Outputs
    from aggregator.store.outgoing import deliveries as store
    from aggregator.store.outgoing import recipients
    from digests.channels.recipient import Recipient

    stored = editions.edition(edition_id)
    before = store.list_deliveries(db, edition_id=edition_id, limit=None)
    earlier = dict.fromkeys(Recipient(row.channel, row.address) for row in before)
    wanted = _allowed(db, [only] if only else list(earlier), stored.digest)
    if not wanted:
        raise Failure(f"nobody who got edition {edition_id} still wants it", "name a recipient with --to")
    copies = Counter(row.recipient_key for row in before)
    renderer, sender = editions.renderer(stored.digest), editions.sender()
    added = []
    for stored_recipient in recipients.ensure(db, wanted, now):
        outputs = Outputs(stored, renderer, sender, copy=copies[stored_recipient.recipient.key])
        added.append(store.add_copy(db, edition_id, outputs.delivery(stored_recipient), now, renderer.subject(stored)))
    return added


def _allowed(db: Database, wanted: list[Recipient], digest: str) -> list[Recipient]:
    """Return those who may get mail and print the others. Raises RecipientStopped when the only one may not."""
    from aggregator.cli.output import print_note
    from aggregator.recipients.subscribers import must_be_welcome
    from aggregator.store.errors import RecipientStopped

    allowed = []
    for one in wanted:
        try:
            must_be_welcome(db, one, digest)
            allowed.append(one)
        except RecipientStopped as error:
            if len(wanted) == 1:
                raise
            print_note(f"skipped: {error}")
    return allowed


@click.command(
    "publish",
    cls=Command,
    examples=(
        "aggregator publish ./site",
        "aggregator publish /var/www/news --digest morning --url https://news.example.org",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--digest",
    "digests",
    multiple=True,
    metavar="NAME",
    shell_complete=digest_names,
    help="The digest; may be repeated [all].",
)
@click.option("--url", default="", metavar="URL", help="Where the site will be; for the links in its Atom feeds.")
def publish_command(folder: Path, digests: tuple[str, ...], url: str) -> None:
    """Write the archive as files that any web server can serve: editions, their stories, topics, search, Atom.

    Only files that have changed are written. Files that it wrote earlier and that are no longer part of the site are
    removed; others in DIR stay. Everybody who reaches the site can read these editions.
    """
    import asyncio

    from aggregator.cli.output import print_line
    from aggregator.services.intake.fetching import is_url

    if url and not is_url(url):
        raise click.BadParameter(f"{url!r} is not a URL such as https://news.example.org", param_hint="--url")
    config = current_options().load()
    names = tuple(digest_argument(config, name) for name in digests) or tuple(one.name for one in config.digests)
    written = asyncio.run(_publish(config, folder, names, url))
    print_line(f"{count_of(written.files, 'file')} in {folder}: {written.changed} written, {written.removed} removed")


async def _publish(config: Config, folder: Path, digests: tuple[str, ...], url: str) -> Written:
    import asyncio

    from aggregator.cli.progress import counted, progress
    from aggregator.services.program import opened_program
    from aggregator.web.site.files import write_site
    from aggregator.web.site.pages import Site

    async with opened_program(config) as program:
        try:
            with progress("publishing", "files") as step:
                files = counted(Site(program, digests, url).files(), step)
                return await asyncio.to_thread(write_site, folder, files)
        except OSError as error:
            problem = f"{error.filename or folder}: {error.strerror}"
            raise Failure(problem, "name a folder that you may write to") from error
