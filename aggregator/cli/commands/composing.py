"""`digest` and `send`: an edition to look at, and an edition that goes out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.base import NOTHING, Command, Failure, State, state
from aggregator.cli.output import Instant

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.pipeline.compose import Composed
    from aggregator.pipeline.deliver import DeliveryReport
    from aggregator.services.editions import EditionsService
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
@click.argument("name", default="", metavar="[NAME]")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="What to make [text; html for a file or the browser]."
)
@click.option(
    "--out", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), help="File to write [standard output]."
)
@click.option("--open", "show", is_flag=True, help="Open it in the browser.")
@click.option(
    "--at",
    type=Instant(),
    metavar="TIME",
    help="Compose as of an earlier time: 2026-03-01T07:00, or 3h for that long ago.",
)
def digest_command(name: str, form: str | None, out: Path | None, at: datetime | None, *, show: bool) -> None:
    """Compose a digest and show what would go out now. Records nothing, sends nothing.

    NAME may be left out when there is one digest.
    """
    import asyncio

    now = state()
    config = now.load()
    name = chosen(config, name)
    form = form or ("html" if show or (out and str(out) != "-") else "text")
    data = asyncio.run(_composed(config, name, at, form))
    write(data, form, out, name=name, show=show, now=now)


async def _composed(config: Config, name: str, at: datetime | None, form: str) -> bytes:
    import asyncio

    from aggregator.services.program import opened

    async with opened(config) as program:
        await program.stories.update()
        composed = await program.editions.compose(name, at)
        if not composed:
            raise Failure(f"{name} has nothing to show", "`aggregator fetch` first")
        return await asyncio.to_thread(render, program.editions, composed[0].edition, form)


def chosen(config: Config, name: str) -> str:
    """The digest that is meant: the one named, or the only one. Raises Failure."""
    from aggregator.config.checks import closest

    names = [digest.name for digest in config.digests]
    if name in names:
        return name
    if not names:
        raise Failure(f"there is no [[digest]] in {config.path}", "add one; docs/configuration.md shows how")
    if not name and len(names) == 1:
        return names[0]
    listed = ", ".join(names)
    if not name:
        raise click.UsageError(f"which digest? there are: {listed}")
    hint = closest(name, names)
    raise Failure(f"there is no digest {name!r}; there are: {listed}", f"did you mean {hint}?" if hint else "")


def render(editions: EditionsService, edition: Edition, form: str) -> bytes:
    """One output of an edition; what went wrong with a user's template is told."""
    from aggregator.cli.errors import say
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
        say(problem)
    return data


def write(data: bytes, form: str, out: Path | None, *, name: str, show: bool, now: State) -> None:
    """Put an output where it was asked for: a file, the browser, standard output."""
    from aggregator.cli.output import note

    if show and out is None:
        import tempfile

        out = Path(tempfile.mkdtemp(prefix="aggregator-")) / f"{name}.{'txt' if form == 'text' else form}"
    if out is None or str(out) == "-":
        sys.stdout.buffer.write(data if data.endswith(b"\n") else data + b"\n")
        sys.stdout.buffer.flush()
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(data)
    if not now.quiet:
        note(f"wrote {out}")
    if show:
        click.launch(str(out.resolve()))


@click.command(
    "send",
    cls=Command,
    examples=(
        "aggregator send morning",
        "aggregator send morning --to me@example.org",
        "aggregator send morning --dry-run",
    ),
)
@click.argument("name")
@click.option("--to", metavar="ADDR", help="Only to this reader: a mail address, folder:PATH, maildir:PATH.")
@click.option("--dry-run", is_flag=True, help="Say what would go to whom; record nothing, send nothing.")
def send_command(name: str, to: str | None, *, dry_run: bool) -> None:
    """Compose an edition of NAME and deliver it now, to all of its readers.

    Leaves with 1 if a delivery failed, with 3 if every one failed for good.
    """
    import asyncio

    config = state().load()
    name = chosen(config, name)
    only = recipient(config, to) if to else None
    asyncio.run(_rehearse(config, name, only) if dry_run else _send(config, name, only))


def recipient(config: Config, text: str) -> Recipient:
    """A recipient given on the command line. Raises click.BadParameter."""
    from digests.channels.recipient import EXAMPLES, parse_recipient

    try:
        return parse_recipient(text, config.folder)
    except ValueError as error:
        raise click.BadParameter(f"{error}; such as {EXAMPLES}") from None


async def _rehearse(config: Config, name: str, only: Recipient | None) -> None:
    import asyncio

    from aggregator.cli.output import line
    from aggregator.recipients.subscribers import must_be_welcome
    from aggregator.services.program import opened

    async with opened(config) as program:
        if only:
            await asyncio.to_thread(must_be_welcome, program.db, only, name)
        await program.stories.update()
        for composed in await program.editions.compose(name):
            line(about(composed.edition))
            for one in [only] if only else recipients_of(composed):
                line(f"  would go to {one.key}")


def recipients_of(composed: Composed) -> list[Recipient]:
    """Everyone an edition is for."""
    return [*(known.recipient for known in composed.recipients), *composed.fresh]


def about(edition: Edition) -> str:
    """An edition in one line."""
    from aggregator.cli.output import clean

    stories = len(edition.items)
    return f"{edition.id}: {clean(edition.title)}, {stories} {'story' if stories == 1 else 'stories'}, {edition.words} words"


async def _send(config: Config, name: str, only: Recipient | None) -> None:
    import asyncio

    from aggregator.cli.output import line
    from aggregator.services.program import opened

    async with opened(config) as program:
        await program.stories.update()
        editions = await program.editions.send(name, only=only)
        report = await asyncio.to_thread(program.delivery.deliver, None)
        deliveries: list[DeliveryRecord] = []
        for edition in editions:
            line(about(edition))
            found = await asyncio.to_thread(list_deliveries, program.db, edition.id)
            tell(found)
            deliveries += found
    must_be_sent(deliveries, report)


def list_deliveries(db: Database, edition: str) -> list[DeliveryRecord]:
    """The deliveries of an edition as they stand."""
    from aggregator.store.outgoing import deliveries as store

    return store.list_deliveries(db, edition_id=edition, limit=None)


def tell(deliveries: Sequence[DeliveryRecord]) -> None:
    """Say what became of each delivery."""
    from aggregator.cli.output import clean, line
    from digests.channels.recipient import Recipient

    for delivery in deliveries:
        detail = f": {clean(delivery.detail)}" if delivery.detail else ""
        line(f"  {delivery.state} {Recipient(delivery.channel, delivery.address).shown}{detail}")


def must_be_sent(deliveries: Sequence[DeliveryRecord], report: DeliveryReport) -> None:
    """Raise Failure when a delivery failed: with status 3 when all of them failed for good, else with 1.

    What waits for the next try counts when the present run tried it in vain.
    """
    lost = [one for one in deliveries if one.state in ("failed", "expired")]
    waiting = [
        one for one in deliveries if one.state == "unknown" or (one.state == "queued" and one.id in report.failures)
    ]
    failed = [*lost, *waiting]
    if not failed:
        return
    hint = "`aggregator deliveries list` shows each with its reason"
    if len(lost) == len(deliveries):
        raise Failure("no delivery went out", hint, NOTHING)
    raise Failure(f"{len(failed)} of {len(deliveries)} deliveries did not go out", hint)
