"""`bounces`: processes bounce messages from standard input, a file, or the configured mailbox."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aggregator.cli.base import Command, Failure, current_options


@click.command(
    "bounces",
    cls=Command,
    examples=("aggregator bounces", "aggregator bounces report.eml", "aggregator --quiet bounces -"),
)
@click.argument(
    "files",
    nargs=-1,
    metavar="[FILE...]",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
)
def bounces_command(files: tuple[Path, ...]) -> None:
    """Read bounces and complaints, and stop mail to addresses that cannot receive it.

    Without FILE the mailbox of [bounces] is read. `-` is standard input, for a mail server that pipes each report to a
    command. A message that is no report about our mail is ignored.
    """
    from aggregator.cli.output import print_line
    from aggregator.recipients.mailbox import MailboxError
    from aggregator.services.program import Program

    config = current_options().load()
    if not files and not config.bounces.has_mailbox:
        raise Failure("no mailbox is configured", "give a file, or set [bounces] maildir or imap_host")
    program = Program.open(config)
    try:
        if files:
            texts = [sys.stdin.buffer.read() if str(f) == "-" else f.read_bytes() for f in files]
            results = program.recipients.take_reports(texts)
        else:
            results = program.recipients.read_mailbox()
        for result in results:
            print_line(": ".join(filter(None, (result.action, result.recipient, result.detail))))
    except MailboxError as error:
        raise Failure(str(error), "check [bounces] in the configuration") from error
    finally:
        program.close()
