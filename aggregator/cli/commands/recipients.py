"""`recipients`: recipients in the database, in addition to those in the configuration."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.base import Failure, Group, current_options
from aggregator.cli.completion import digest_names, recipient_names, zone_names

if TYPE_CHECKING:
    from aggregator.cli.rows import RecipientRow
    from aggregator.config import Config
    from aggregator.recipients.lists import ReaderLine
    from aggregator.recipients.opt_in import Invited
    from aggregator.services.manage.people import KnownRecipient
    from aggregator.services.program import Program
    from aggregator.store import Database
    from aggregator.store.records import RecipientConfigRow
    from digests.channels.recipient import Recipient

digest_option = click.option(
    "--digest",
    "digests",
    multiple=True,
    metavar="NAME",
    shell_complete=digest_names,
    help="The digest; may be repeated.",
)
confirmed_option = click.option(
    "--confirmed", is_flag=True, help="The recipients have agreed already: do not ask them to confirm by mail."
)


@click.group(
    "recipients",
    cls=Group,
    examples=("aggregator recipients add ann@example.org --digest morning", "aggregator recipients import readers.csv"),
)
def recipients_command() -> None:
    """List, add and remove recipients in the database."""


@recipients_command.command("list", examples=("aggregator recipients list", "aggregator recipients list --json"))
@digest_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def list_recipients_command(digests: tuple[str, ...], *, as_json: bool) -> None:
    """List every recipient, of the configuration and the database, with its digests and the reason why it gets none."""
    from aggregator.cli.database import opened_database
    from aggregator.cli.output import print_json, print_note, print_table
    from aggregator.services.manage.people import known_recipients

    config = current_options().load()
    with opened_database(config) as db:
        everyone = known_recipients(config, db)
    for name in digests:
        if not any(name in one.digests for one in everyone):
            _digest_names(config, [name])  # raises for a name that is not configured either
    rows = [_fields(one) for one in everyone if not digests or set(digests) & set(one.digests)]
    if as_json:
        for fields in rows:
            print_json(fields)
    elif not rows:
        print_note("no recipients")
    else:
        print_table(
            ("RECIPIENT", "LANGUAGE", "ZONE", "FORMAT", "DIGESTS", "STOPPED"), [_cells(fields) for fields in rows]
        )


def _fields(one: KnownRecipient) -> RecipientRow:
    """Return a recipient with the keys of the JSON output."""
    return {
        "recipient": one.recipient.shown,
        "digests": one.digests,
        "language": one.language,
        "zone": one.zone,
        "format": one.format,
        "stopped": one.stopped,
    }


def _cells(row: RecipientRow) -> tuple[str, ...]:
    digests = [name if state == "active" else f"{name} ({state})" for name, state in row["digests"].items()]
    settings = (row["language"] or "-", row["zone"] or "-", row["format"] or "-")
    return (row["recipient"], *settings, ", ".join(digests) or "-", row["stopped"])


@recipients_command.command(
    "add",
    examples=(
        "aggregator recipients add ann@example.org --digest morning",
        "aggregator recipients add ann@example.org --digest morning --language de --zone Europe/Berlin --confirmed",
    ),
)
@click.argument("addresses", nargs=-1, required=True, metavar="ADDR...")
@digest_option
@click.option("--language", help="Language of dates and labels.")
@click.option("--zone", shell_complete=zone_names, help="Time zone of the dates, such as Europe/Berlin.")
@click.option("--format", "form", type=click.Choice(["html", "text"]), help="HTML mail, or plain text only.")
@confirmed_option
def add_recipients_command(
    addresses: tuple[str, ...],
    digests: tuple[str, ...],
    language: str | None,
    zone: str | None,
    form: str | None,
    *,
    confirmed: bool,
) -> None:
    """Add recipients by mail address. With public pages, each must confirm by mail before it gets a digest."""
    from aggregator.recipients import lists as reader_lists

    config = current_options().load()
    wanted = _digest_names(config, digests)
    own = {"language": language or "", "zone": zone or "", "format": form or ""}
    names = [d.name for d in config.outputs]
    lines = [reader_lists.checked(n, a, {"address": a, **own}, names) for n, a in enumerate(addresses, 1)]
    for one in lines:
        if isinstance(one, reader_lists.BadLine):
            raise click.BadParameter(f"{one.text!r}: {one.why}")
    _subscribe_all([one for one in lines if isinstance(one, reader_lists.ReaderLine)], wanted, confirmed=confirmed)


@recipients_command.command(
    "import",
    examples=("aggregator recipients import readers.csv", "aggregator recipients import list.txt --digest morning"),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@digest_option
@confirmed_option
def import_recipients_command(file: Path, digests: tuple[str, ...], *, confirmed: bool) -> None:
    """Add recipients from a CSV file: address, digests, language, zone, format, state; or one address a line.

    Recipients who left a digest, bounced or complained are not added again. An invalid line is printed and skipped.
    """
    from aggregator.cli.output import print_note
    from aggregator.recipients import lists as reader_lists

    config = current_options().load()
    data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    found = list(reader_lists.read(data.decode("utf-8", "replace"), [d.name for d in config.outputs]))
    for one in found:
        if isinstance(one, reader_lists.BadLine):
            print_note(f"line {one.number}: {one.why}")
    good = [line for line in found if isinstance(line, reader_lists.ReaderLine)]
    fallback = _digest_names(config, digests) if digests or not all(line.digests for line in good) else []
    _subscribe_all(good, fallback, confirmed=confirmed)
    if not good:
        raise Failure(
            "no line was valid" if found else "the file lists nobody",
            "write one address a line, or columns named " + ", ".join(reader_lists.COLUMNS),
        )


@recipients_command.command("export", examples=("aggregator recipients export readers.csv",))
@click.argument("file", required=False, type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
def export_recipients_command(file: Path | None) -> None:
    """Write the recipients in the database as CSV, with those who left."""
    from aggregator.cli.database import opened_database
    from aggregator.cli.output import print_note
    from aggregator.recipients import lists as reader_lists
    from aggregator.store.outgoing import recipients, subscriptions
    from aggregator.system.files import write_private

    with opened_database(current_options().load()) as db:
        text = reader_lists.written(recipients.list_recipients(db), subscriptions.list_subscriptions(db))
    if file is None or str(file) == "-":
        click.echo(text, nl=False)
        return
    write_private(file, text.encode())
    print_note(f"wrote {file}")


@recipients_command.command("remove", examples=("aggregator recipients remove ann@example.org --digest morning",))
@click.argument("addresses", nargs=-1, required=True, metavar="ADDR...", shell_complete=recipient_names)
@digest_option
def remove_recipients_command(addresses: tuple[str, ...], digests: tuple[str, ...]) -> None:
    """Remove recipients from the named digests, or from all. Their queued deliveries are cancelled."""
    from aggregator.cli.output import print_line
    from aggregator.store.outgoing import subscriptions

    config = current_options().load()

    def act(db: Database, one: Recipient, now: datetime) -> None:
        removed = subscriptions.drop(db, one, list(digests) or None, now)
        configured = [d.name for d in config.outputs if one in config.recipients(d)]
        if removed:
            print_line(f"{one.key}: removed from {', '.join(removed)}")
        if configured:
            print_line(f"{one.key}: {config.path} lists it in {', '.join(configured)}; remove it there")
        elif not removed:
            print_line(f"{one.key}: had no digest")

    _for_each(config, addresses, act)


@recipients_command.command("resume", examples=("aggregator recipients resume ann@example.org",))
@click.argument("addresses", nargs=-1, required=True, metavar="ADDR...", shell_complete=recipient_names)
def resume_command(addresses: tuple[str, ...]) -> None:
    """Send to paused or suppressed addresses again, after the problem was fixed."""
    from aggregator.cli.output import print_line
    from aggregator.services.manage.people import resume

    def act(db: Database, one: Recipient, _: datetime) -> None:
        lifted = resume(db, one)
        print_line(f"{one.key}: {'gets mail again' if lifted else 'was not stopped'}")

    _for_each(current_options().load(), addresses, act)


@recipients_command.command(
    "suppress", examples=("aggregator recipients suppress ann@example.org --reason complained",)
)
@click.argument("addresses", nargs=-1, required=True, metavar="ADDR...", shell_complete=recipient_names)
@click.option("--reason", default="by hand", show_default=True, help="Why.")
def suppress_command(addresses: tuple[str, ...], reason: str) -> None:
    """Never send to these addresses again, even if the configuration lists them."""
    from aggregator.cli.output import print_line
    from aggregator.store.outgoing import recipients

    def act(db: Database, one: Recipient, now: datetime) -> None:
        recipients.suppress(db, one.address, reason, now)
        print_line(f"{one.key}: gets no more mail")

    _for_each(current_options().load(), addresses, act)


def _for_each(config: Config, addresses: Sequence[str], act: Callable[[Database, Recipient, datetime], None]) -> None:
    from aggregator.cli.commands.composing import recipient_argument
    from aggregator.services.program import Program

    wanted = [recipient_argument(config, text) for text in addresses]
    program = Program.open(config)
    try:
        for one in wanted:
            act(program.db, one, program.clock.now())
    finally:
        program.close()


def _digest_names(config: Config, names: Collection[str]) -> list[str]:
    """Return the named digests and alerts, or the only digest. Raises Failure."""
    from aggregator.cli.commands.composing import digest_argument

    return [digest_argument(config, name, alerts=True) for name in names or [""]]


def _subscribe_all(lines: Sequence[ReaderLine], fallback: Sequence[str], *, confirmed: bool) -> None:
    from aggregator.cli.output import print_line
    from aggregator.services.program import Program
    from aggregator.store.records import RecipientConfigRow

    config = current_options().load()
    program = Program.open(config)
    try:
        for one in lines:
            row = RecipientConfigRow(one.recipient, one.language, one.zone, one.format)
            for name in one.digests or fallback:
                outcome = _subscribe(program, row, name, left=one.left, confirmed=confirmed)
                print_line(f"{one.recipient.key}: {name}: {outcome}")
    finally:
        program.close()


def _subscribe(program: Program, row: RecipientConfigRow, name: str, *, left: bool, confirmed: bool) -> str:
    """Subscribe a recipient to a digest; return the outcome as text."""
    from aggregator.store.outgoing import recipients, subscriptions
    from aggregator.store.outgoing.subscriptions import Standing

    now = program.clock.now()
    if left:
        subscriptions.leave(program.db, row.recipient, name, now)
        return "marked as left"
    if recipients.suppressed(program.db, [row.recipient.address]):
        return "suppressed; `aggregator recipients resume` ends that"
    known = subscriptions.standings(program.db, name).get(row.recipient)
    if known is Standing.LEFT:
        return "has left and is not added again"
    if known is not Standing.ACTIVE and not confirmed and program.config.web.public_url:
        return _invitation_text(program.recipients.invite(row, name))
    subscriptions.ask(program.db, row, [name], Standing.ACTIVE, now)
    return "added"


def _invitation_text(invited: Invited) -> str:
    from aggregator.recipients.opt_in import Invited

    match invited:
        case Invited.QUEUED:
            return "a confirmation letter is queued; the daemon or the next `send` sends it"
        case Invited.WAITING:
            return "was asked to confirm already, within the last day"
        case Invited.SUPPRESSED:
            return "suppressed; `aggregator recipients resume` ends that"
        case Invited.TOO_MANY:
            return "not asked: too many confirmation letters within an hour; add it again later"
