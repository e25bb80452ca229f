"""`recipients`: who reads, kept in the database beside those that the configuration names."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.base import Failure, Group, state

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.recipients.lists import ReaderLine
    from aggregator.recipients.opt_in import Invited
    from aggregator.services.program import Program
    from aggregator.store import Database
    from aggregator.store.records import RecipientConfigRow
    from digests.channels.recipient import Recipient

digest_option = click.option("--digest", "digests", multiple=True, metavar="NAME", help="The digest; may be repeated.")
confirmed_option = click.option(
    "--confirmed", is_flag=True, help="The readers have agreed already: do not ask them by mail where pages are public."
)


@click.group(
    "recipients",
    cls=Group,
    examples=("aggregator recipients add ann@example.org --digest morning", "aggregator recipients import readers.csv"),
)
def recipients_command() -> None:
    """List, add and remove readers that are kept in the database."""


@recipients_command.command("list", examples=("aggregator recipients list", "aggregator recipients list --json"))
@digest_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_command(digests: tuple[str, ...], *, as_json: bool) -> None:
    """List every reader with what comes, and what stands against it."""
    from aggregator.cli.database import opened
    from aggregator.cli.output import json_line, note, table
    from aggregator.store.outgoing import recipients, subscriptions

    with opened(state().load()) as db:
        readers = recipients.list_recipients(db)
        standings: dict[Recipient, dict[str, str]] = {}
        for row in subscriptions.list_subscriptions(db):
            standings.setdefault(row.recipient, {})[row.digest] = row.state
        blocked = recipients.suppressed(db, [r.address for r in readers])
    rows = [
        {
            "recipient": r.recipient.shown,
            "digests": standings.get(r.recipient, {}),
            "language": r.language,
            "zone": r.zone,
            "format": r.format,
            "stopped": blocked.get(r.address) or (r.reason if r.paused else ""),
        }
        for r in readers
        if not digests or set(digests) & set(standings.get(r.recipient, {}))
    ]
    if as_json:
        for facts in rows:
            json_line(facts)
    elif not rows:
        note("no recipients")
    else:
        table(("RECIPIENT", "LANGUAGE", "ZONE", "FORMAT", "DIGESTS", "STOPPED"), [_cells(facts) for facts in rows])


def _cells(facts: dict[str, Any]) -> tuple[str, ...]:
    named = [name if standing == "active" else f"{name} ({standing})" for name, standing in facts["digests"].items()]
    own = (facts["language"] or "-", facts["zone"] or "-", facts["format"] or "-")
    return (facts["recipient"], *own, ", ".join(named) or "-", facts["stopped"])


@recipients_command.command(
    "add",
    examples=(
        "aggregator recipients add ann@example.org --digest morning",
        "aggregator recipients add ann@example.org --digest morning --language de --zone Europe/Berlin --confirmed",
    ),
)
@click.argument("addresses", nargs=-1, required=True, metavar="ADDR…")
@digest_option
@click.option("--language", help="Language of dates and fixed texts.")
@click.option("--zone", help="Time zone of the dates, such as Europe/Berlin.")
@click.option("--format", "form", type=click.Choice(["html", "text"]), help="Formatted mail, or text alone.")
@confirmed_option
def add_command(
    addresses: tuple[str, ...],
    digests: tuple[str, ...],
    language: str | None,
    zone: str | None,
    form: str | None,
    *,
    confirmed: bool,
) -> None:
    """Add readers by mail address. Where the pages are public, each is asked by mail and gets nothing before it confirms."""
    from aggregator.recipients import lists as reader_lists

    config = state().load()
    wanted = _digests(config, digests)
    own = {"language": language or "", "zone": zone or "", "format": form or ""}
    names = [d.name for d in config.digests]
    lines = [reader_lists.checked(n, a, {"address": a, **own}, names) for n, a in enumerate(addresses, 1)]
    for one in lines:
        if isinstance(one, reader_lists.BadLine):
            raise click.BadParameter(f"{one.text!r}: {one.why}")
    _put([one for one in lines if isinstance(one, reader_lists.ReaderLine)], wanted, confirmed=confirmed)


@recipients_command.command(
    "import",
    examples=("aggregator recipients import readers.csv", "aggregator recipients import list.txt --digest morning"),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@digest_option
@confirmed_option
def import_command(file: Path, digests: tuple[str, ...], *, confirmed: bool) -> None:
    """Read readers from a CSV file: address, digests, language, zone, format, state; or one address a line.

    Who left a digest, bounced or complained stays away. A bad line is told and costs no other.
    """
    from aggregator.cli.output import note
    from aggregator.recipients import lists as reader_lists

    config = state().load()
    data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    found = list(reader_lists.read(data.decode("utf-8", "replace"), [d.name for d in config.digests]))
    for one in found:
        if isinstance(one, reader_lists.BadLine):
            note(f"line {one.number}: {one.why}")
    good = [line for line in found if isinstance(line, reader_lists.ReaderLine)]
    fallback = _digests(config, digests) if digests or not all(line.digests for line in good) else []
    _put(good, fallback, confirmed=confirmed)
    if found and not good:
        raise Failure(
            "no line could be used", "one address a line, or columns named " + ", ".join(reader_lists.COLUMNS)
        )


@recipients_command.command("export", examples=("aggregator recipients export readers.csv",))
@click.argument("file", required=False, type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
def export_command(file: Path | None) -> None:
    """Write the readers of the database as CSV, those who left included."""
    from aggregator.cli.database import opened
    from aggregator.cli.output import note
    from aggregator.recipients import lists as reader_lists
    from aggregator.store.outgoing import recipients, subscriptions

    with opened(state().load()) as db:
        text = reader_lists.written(recipients.list_recipients(db), subscriptions.list_subscriptions(db))
    if file is None or str(file) == "-":
        click.echo(text, nl=False)
        return
    file.write_text(text, encoding="utf-8")
    note(f"wrote {file}")


@recipients_command.command("remove", examples=("aggregator recipients remove ann@example.org --digest morning",))
@click.argument("addresses", nargs=-1, required=True, metavar="ADDR…")
@digest_option
def remove_command(addresses: tuple[str, ...], digests: tuple[str, ...]) -> None:
    """Take readers off digests, or off all. What waits for them in the outbox ends."""
    from aggregator.cli.output import line
    from aggregator.store.outgoing import subscriptions

    config = state().load()

    def act(db: Database, one: Recipient, now: datetime) -> None:
        gone = subscriptions.drop(db, one, list(digests) or None, now)
        named = [d.name for d in config.digests if one in config.recipients(d)]
        if gone:
            line(f"{one.key}: removed from {', '.join(gone)}")
        if named:
            line(f"{one.key}: {config.path} names it in {', '.join(named)}; take it out there")
        elif not gone:
            line(f"{one.key}: was on no list")

    _each(config, addresses, act)


@recipients_command.command("resume", examples=("aggregator recipients resume ann@example.org",))
@click.argument("addresses", nargs=-1, required=True, metavar="ADDR…")
def resume_command(addresses: tuple[str, ...]) -> None:
    """Send again to addresses that were paused or suppressed, after their trouble was fixed."""
    from aggregator.cli.output import line
    from aggregator.store.outgoing import recipients

    def act(db: Database, one: Recipient, _: datetime) -> None:
        found = next(iter(recipients.find(db, [one])), None)
        lifted = recipients.allow(db, one.address)
        if found is not None and found.paused:
            recipients.resume(db, found.id)
            lifted = True
        line(f"{one.key}: {'gets mail again' if lifted else 'was not stopped'}")

    _each(state().load(), addresses, act)


@recipients_command.command(
    "suppress", examples=("aggregator recipients suppress ann@example.org --reason complained",)
)
@click.argument("addresses", nargs=-1, required=True, metavar="ADDR…")
@click.option("--reason", default="by hand", show_default=True, help="Why.")
def suppress_command(addresses: tuple[str, ...], reason: str) -> None:
    """Never send to these addresses again, whatever names them."""
    from aggregator.cli.output import line
    from aggregator.store.outgoing import recipients

    def act(db: Database, one: Recipient, now: datetime) -> None:
        recipients.suppress(db, one.address, reason, now)
        line(f"{one.key}: gets nothing more")

    _each(state().load(), addresses, act)


def _each(config: Config, addresses: Sequence[str], act: Callable[[Database, Recipient, datetime], None]) -> None:
    from aggregator.cli.commands.composing import recipient
    from aggregator.services.program import Program

    wanted = [recipient(config, text) for text in addresses]
    program = Program.open(config)
    try:
        for one in wanted:
            act(program.db, one, program.clock.now())
    finally:
        program.close()


def _digests(config: Config, names: Collection[str]) -> list[str]:
    from aggregator.cli.commands.composing import chosen

    return [chosen(config, name) for name in names or [""]]


def _put(lines: Sequence[ReaderLine], fallback: Sequence[str], *, confirmed: bool) -> None:
    from aggregator.cli.output import line
    from aggregator.services.program import Program
    from aggregator.store.records import RecipientConfigRow

    config = state().load()
    program = Program.open(config)
    try:
        for one in lines:
            row = RecipientConfigRow(one.recipient, one.language, one.zone, one.format)
            for name in one.digests or fallback:
                line(
                    f"{one.recipient.key}: {name}: {_put_down(program, row, name, left=one.left, confirmed=confirmed)}"
                )
    finally:
        program.close()


def _put_down(program: Program, row: RecipientConfigRow, name: str, *, left: bool, confirmed: bool) -> str:
    """Put a reader down for a digest; what came of it, in words."""
    from aggregator.store.outgoing import recipients, subscriptions
    from aggregator.store.outgoing.subscriptions import Standing

    now = program.clock.now()
    if left:
        subscriptions.leave(program.db, row.recipient, name, now)
        return "left, as the list says"
    if recipients.suppressed(program.db, [row.recipient.address]):
        return "suppressed; `aggregator recipients resume` lifts it"
    known = subscriptions.standings(program.db, name).get(row.recipient)
    if known is Standing.LEFT:
        return "has left and is not put back"
    if known is not Standing.ACTIVE and not confirmed and program.config.web.public_url:
        return _asked(program.recipients.invite(row, name))
    subscriptions.ask(program.db, row, [name], Standing.ACTIVE, now)
    return "added"


def _asked(invited: Invited) -> str:
    from aggregator.recipients.opt_in import Invited

    match invited:
        case Invited.QUEUED:
            return "a letter to confirm is queued; the daemon or the next `send` sends it"
        case Invited.WAITING:
            return "was asked to confirm already, within the last day"
        case Invited.SUPPRESSED:
            return "suppressed; `aggregator recipients resume` lifts it"
        case Invited.TOO_MANY:
            return "not asked: too many letters to confirm within an hour; add it again later"
