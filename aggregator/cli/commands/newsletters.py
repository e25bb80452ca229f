"""`newsletters`: reads newsletters from the configured mailbox, from files or from standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.base import Command, Failure, Group, current_options

if TYPE_CHECKING:
    from aggregator.services.intake.newsletters import Received


@click.group(
    "newsletters", cls=Group, examples=("aggregator newsletters read", "aggregator newsletters receive < mail.eml")
)
def newsletters_command() -> None:
    """Read newsletters that come by mail; each list or sender is a feed."""


@newsletters_command.command("read", cls=Command, examples=("aggregator newsletters read",))
def read_command() -> None:
    """Read the mails that arrived in the mailbox of [newsletters] since the last reading.

    Mails are neither deleted nor, by default, marked as seen. The daemon does the same every five minutes.
    """
    from aggregator.recipients.mailbox import MailboxError
    from aggregator.services.intake.newsletters import NewslettersService, newsletter_settings
    from aggregator.services.program import Program

    config = current_options().load()
    if not config.newsletters.has_mailbox:
        raise Failure("no mailbox is configured", "set [newsletters] maildir or imap_host")
    program = Program.open(config)
    try:
        print_received(NewslettersService(program.context, newsletter_settings(config)).read_mailboxes())
    except MailboxError as error:
        raise Failure(str(error), "check [newsletters] in the configuration") from error
    finally:
        program.close()


@newsletters_command.command(
    "receive",
    cls=Command,
    examples=("aggregator newsletters receive < mail.eml", "aggregator newsletters receive archive/*.eml"),
)
@click.argument("files", nargs=-1, metavar="[FILE...]", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def receive_command(files: tuple[Path, ...]) -> None:
    """Read mails from FILE [standard input], for a mail server that pipes each mail to a command.

    A mail that is no newsletter is counted and left out; the command succeeds all the same.
    """
    from aggregator.services.intake.newsletters import MAX_MAIL, NewslettersService, newsletter_settings
    from aggregator.services.program import Program

    config = current_options().load()
    program = Program.open(config)

    def first_bytes(path: Path) -> bytes:
        with path.open("rb") as file:
            return file.read(MAX_MAIL + 1)

    try:
        mails = map(first_bytes, files) if files else iter([sys.stdin.buffer.read(MAX_MAIL + 1)])
        print_received(NewslettersService(program.context, newsletter_settings(config)).receive(mails))
    finally:
        program.close()


def print_received(received: Received) -> None:
    """Print the new entries by sender, and what was left out by cause."""
    from aggregator.cli.output import print_line, print_note
    from aggregator.cli.tables import printable

    for name, count in received.new.items():
        print_line(f"{printable(name)}: {count} new")
    if received.known:
        print_note(f"{received.known} were already stored")
    for cause, count in received.refused.items():
        print_note(f"{count} left out: {cause}")
