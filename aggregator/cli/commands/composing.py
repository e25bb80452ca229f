"""`digest` and `send`: composes an edition to look at, or to deliver."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.base import NOTHING, USAGE, Command, CommonOptions, Failure, current_options
from aggregator.cli.completion import digest_names, recipient_names
from aggregator.cli.output import TimeParameter
from aggregator.system.counts import count_of

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.pipeline.compose import Composed
    from aggregator.pipeline.deliver import DeliveryReport
    from aggregator.services.editions import EditionsService
    from aggregator.services.program import Program
    from aggregator.store import Database
    from aggregator.store.records import DeliveryRecord
    from digests.channels.recipient import Recipient
    from digests.model import Edition

FORMATS = ("html", "text", "eml", "json", "atom")


@click.command(
    "digest",
    cls=Command,
    examples=(
        "aggregator digest",
        "aggregator digest morning --format html --out morning.html --open",
        "aggregator digest morning --at 2026-03-01T07:00",
    ),
)
@click.argument("name", default="", metavar="[NAME]", shell_complete=digest_names)
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="Output format [text; html for a file or the browser]."
)
@click.option(
    "--out", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), help="File to write [standard output]."
)
@click.option("--open", "show", is_flag=True, help="Open it in the browser.")
@click.option(
    "--at",
    type=TimeParameter(),
    metavar="TIME",
    help="Compose as of an earlier time: 2026-03-01T07:00, or 3h for that long ago.",
)
def digest_command(name: str, form: str | None, out: Path | None, at: datetime | None, *, show: bool) -> None:
    """Compose a digest and show what would be sent now. Records nothing, sends nothing.

    NAME may be left out when there is one digest.
    """
    import asyncio

    from aggregator.system.clock import SystemClock

    options = current_options()
    config = options.load()
    name = digest_argument(config, name)
    if at is not None and at > SystemClock().now():
        raise click.BadParameter(f"{at:%Y-%m-%d %H:%M} UTC is in the future; give an earlier time", param_hint="--at")
    form = form or ("html" if show or (out and str(out) != "-") else "text")
    data = asyncio.run(_compose_output(config, name, at, form))
    write_output(data, form, out, name=name, show=show, options=options)


async def _compose_output(config: Config, name: str, at: datetime | None, form: str) -> bytes:
    import asyncio

    from aggregator.cli.progress import group_waiting, progress
    from aggregator.services.program import opened_program

    async with opened_program(config) as program:
        await group_waiting(program)
        with progress("composing", "stories"):
            composed = await program.editions.compose(name, at)
        if not composed:
            raise Failure(f"{name} has nothing to show", "run `aggregator fetch` first")
        return await asyncio.to_thread(render_edition, program.editions, composed[0].edition, form)


def digest_argument(config: Config, name: str, *, alerts: bool = False) -> str:
    """Return the named digest, or with `alerts` the named alert too; without a name the only digest. Raises Failure."""
    from aggregator.config.checks import closest

    names = [digest.name for digest in config.digests]
    if name in names or (alerts and name in (one.name for one in config.outputs)):
        return name
    if not names:
        raise Failure(f"there is no [[digest]] in {config.path}", "add one; docs/configuration.md shows how", USAGE)
    if not name and len(names) == 1:
        return names[0]
    if alerts:
        names = [one.name for one in config.outputs]
    listed = ", ".join(names)
    if not name:
        raise click.UsageError(f"which digest? there are: {listed}")
    hint = closest(name, names)
    problem = f"there is no digest {name!r}; there are: {listed}"
    raise Failure(problem, f"did you mean {hint}?" if hint else "", USAGE)


def render_edition(editions: EditionsService, edition: Edition, form: str) -> bytes:
    """Render an edition in one format; print the problems of the user's template."""
    from aggregator.cli.errors import print_error
    from aggregator.pipeline.issue import Outputs
    from aggregator.store.records import RecipientRecord
    from digests.channels.recipient import Recipient

    renderer = editions.renderer(edition.digest)
    outputs = Outputs(edition, renderer, editions.sender())
    match form:
        case "eml":
            data = outputs.message(RecipientRecord(0, Recipient.by_mail("reader@example.org")))
        case "html":
            data = outputs.page().encode()
        case "text":
            data = renderer.text(edition).content.encode()
        case "atom":
            data = renderer.atom([edition]).content.encode()
        case _:
            data = renderer.json(edition).content.encode()
    for problem in outputs.notes:
        print_error(problem)
    return data


def write_output(data: bytes, form: str, out: Path | None, *, name: str, show: bool, options: CommonOptions) -> None:
    """Write an output to a file, the browser or standard output."""
    from aggregator.cli.output import print_note
    from aggregator.system.files import make_private_folder, write_private

    if show and out is None:
        import tempfile

        out = Path(tempfile.mkdtemp(prefix="aggregator-")) / f"{name}.{'txt' if form == 'text' else form}"
    if out is None or str(out) == "-":
        sys.stdout.buffer.write(data if data.endswith(b"\n") else data + b"\n")
        sys.stdout.buffer.flush()
        return
    make_private_folder(out.parent)
    write_private(out, data)
    if not options.quiet:
        print_note(f"wrote {out}")
    if show:
        click.launch(str(out.resolve()))


@click.command(
    "send",
    cls=Command,
    examples=(
        "aggregator send morning",
        "aggregator send morning --to me@example.org",
        "aggregator send morning --dry-run",
        "aggregator send --due",
    ),
)
@click.argument("name", default="", metavar="[NAME]", shell_complete=digest_names)
@click.option("--due", is_flag=True, help="Every digest whose slot has come, each slot once.")
@click.option(
    "--to",
    metavar="ADDR",
    shell_complete=recipient_names,
    help="Only to this recipient: a mail address, folder:PATH, maildir:PATH.",
)
@click.option("--dry-run", is_flag=True, help="Print the deliveries that would be made; record and send nothing.")
def send_command(name: str, to: str | None, *, due: bool, dry_run: bool) -> None:
    """Compose an edition of NAME and deliver it now to all of its recipients.

    With --due instead of NAME it serves the schedules as the daemon does, also in each recipient's zone, so that cron
    needs one line for all digests, every few minutes.

    Mail of NAME that is still queued goes out first. Who got an edition in the same minute gets no second one. Exits
    with 1 if a delivery that was tried failed, with 3 if all failed permanently.
    """
    import asyncio

    config = current_options().load()
    if due:
        if name or to or dry_run:
            raise click.UsageError("--due takes no NAME and no other option")
        asyncio.run(_send_due(config))
        return
    name = digest_argument(config, name)
    only = recipient_argument(config, to) if to else None
    asyncio.run(_dry_run(config, name, only) if dry_run else _send(config, name, only))


def recipient_argument(config: Config, text: str) -> Recipient:
    """Parse a recipient from the command line. Raises click.BadParameter."""
    from digests.channels.recipient import EXAMPLES, parse_recipient

    try:
        return parse_recipient(text, config.folder)
    except ValueError as error:
        raise click.BadParameter(f"{error}; such as {EXAMPLES}") from None


async def _dry_run(config: Config, name: str, only: Recipient | None) -> None:
    import asyncio

    from aggregator.cli.output import print_line
    from aggregator.cli.progress import group_waiting, progress
    from aggregator.recipients.subscribers import must_be_welcome
    from aggregator.services.program import opened_program

    async with opened_program(config) as program:
        if only:
            await asyncio.to_thread(must_be_welcome, program.db, only, name)
        await group_waiting(program)
        with progress("composing", "stories"):
            found = await program.editions.compose(name)
        for composed in found:
            print_line(edition_line(composed.edition))
            for one in [only] if only else all_recipients(composed):
                print_line(f"  would go to {one.shown}")


def all_recipients(composed: Composed) -> list[Recipient]:
    """Return all recipients of an edition."""
    return [*(known.recipient for known in composed.recipients), *composed.fresh]


def edition_line(edition: Edition) -> str:
    """Describe an edition in one line."""
    from aggregator.cli.tables import printable

    amount = f"{count_of(len(edition.items), 'story')}, {count_of(edition.words, 'word')}"
    return f"{edition.id}: {printable(edition.title)}, {amount}"


async def _send(config: Config, name: str, only: Recipient | None) -> None:
    import asyncio

    from aggregator.cli.output import print_line
    from aggregator.cli.progress import group_waiting, progress
    from aggregator.services.program import opened_program

    async with opened_program(config) as program:
        await group_waiting(program)
        earlier = await asyncio.to_thread(program.delivery.retry_now, name)
        completed = await asyncio.to_thread(tried_deliveries, program.db, earlier)
        # Who just got a late edition needs no note that nothing is new since.
        late = any(one.digest == name for one in completed)
        with progress("composing", "stories"):
            editions = await program.editions.send(name, only=only, skip_quiet=late)
        if not editions and not late:
            print_line(f"{name}: no edition, for nothing is new")
        await _deliver(program, editions, earlier)


async def _send_due(config: Config) -> None:
    import asyncio

    from aggregator.cli.output import print_line
    from aggregator.cli.progress import group_waiting, progress
    from aggregator.services.program import opened_program

    async with opened_program(config) as program:
        earlier = await asyncio.to_thread(program.delivery.drain)
        await group_waiting(program)  # an alert is due when its sources are placed in a story
        names = await asyncio.to_thread(program.editions.due_names)
        editions: list[Edition] = []
        for name in names:
            with progress("composing", "stories"):
                made = await program.editions.serve_due(name)
            if not made:
                print_line(f"{name}: no edition, for nothing is new")
            editions += made
        await _deliver(program, editions, earlier)


def drained(program: Program, *, hurry: bool = False) -> DeliveryReport:
    """Deliver until nothing is due, and write the sites of files with new editions. Raises Failure if one fails."""
    from aggregator.cli.progress import progress
    from aggregator.web.site.refresh import refresh_sites

    with progress("delivering", "messages"):
        report = program.delivery.retry_now() if hurry else program.delivery.drain()
    with progress("publishing", "files"):
        problems = refresh_sites(program)
    if problems:
        hint = "everything else is delivered; `aggregator deliver` tries the site again"
        raise Failure("; ".join(problems), hint)
    return report


async def _deliver(program: Program, editions: Sequence[Edition], earlier: DeliveryReport) -> None:
    """Deliver what is queued, print it, and fail if a delivery that was tried failed."""
    import asyncio

    from aggregator.cli.output import print_line

    report = earlier.then(await asyncio.to_thread(drained, program))
    deliveries: list[DeliveryRecord] = []
    for edition in editions:
        print_line(edition_line(edition))
        found = await asyncio.to_thread(edition_deliveries, program.db, edition.id)
        print_deliveries(found)
        deliveries += found
    shown = {one.id for one in deliveries}
    others = await asyncio.to_thread(tried_deliveries, program.db, report)
    others = [one for one in others if one.id not in shown]
    print_others(others, report)
    require_sent([*deliveries, *others], report)


def tried_deliveries(db: Database, report: DeliveryReport) -> list[DeliveryRecord]:
    """Return the deliveries that a run tried, in their present states."""
    from aggregator.store.outgoing import deliveries as store

    return store.list_deliveries(db, ids=report.tried, limit=None)


def print_others(others: Sequence[DeliveryRecord], report: DeliveryReport) -> None:
    """Print what a run did with deliveries that were queued before: tried, or stale."""
    from itertools import groupby

    from aggregator.cli.output import print_line

    queued_before = sorted([*others, *report.expired], key=_content_of)
    for content, found in groupby(queued_before, _content_of):
        print_line(f"{content}: queued before")
        print_deliveries(list(found))


def _content_of(delivery: DeliveryRecord) -> str:
    return delivery.edition_id or f"letter: {delivery.purpose}"


def edition_deliveries(db: Database, edition: str) -> list[DeliveryRecord]:
    """Return the deliveries of an edition in their present states."""
    from aggregator.store.outgoing import deliveries as store

    return store.list_deliveries(db, edition_id=edition, limit=None)


def print_deliveries(deliveries: Sequence[DeliveryRecord]) -> None:
    """Print the state of each delivery."""
    from aggregator.cli.output import print_line
    from aggregator.cli.tables import printable

    for delivery in deliveries:
        detail = f": {printable(delivery.detail)}" if delivery.detail else ""
        print_line(f"  {delivery.state} {delivery.shown}{detail}")


def require_sent(deliveries: Sequence[DeliveryRecord], report: DeliveryReport) -> None:
    """Raise Failure when a delivery failed: with exit status 3 when all failed permanently, else with 1.

    A delivery that waits for its next try counts as failed if this run tried it.
    """
    lost = [one for one in deliveries if one.state in ("failed", "expired")]
    waiting = [
        one for one in deliveries if one.state == "unknown" or (one.state == "queued" and one.id in report.failures)
    ]
    failed = [*lost, *waiting]
    if not failed:
        return
    hint = "`aggregator deliveries list` shows the reasons"
    if len(lost) == len(deliveries):
        raise Failure("no delivery was sent", hint, NOTHING)
    raise Failure(f"{len(failed)} of {len(deliveries)} deliveries were not sent", hint)
