"""`bounces`: reports of mail that came back, from a mail server's pipe, a file, or the configured mailbox."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aggregator.cli.base import Command, Failure, state


@click.command(
    "bounces",
    cls=Command,
    examples=("aggregator bounces", "aggregator bounces report.eml", "aggregator --quiet bounces -"),
)
@click.argument(
    "files", nargs=-1, metavar="[FILE…]", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)
def bounces_command(files: tuple[Path, ...]) -> None:
    """Read delivery reports and complaints, and stop mail to addresses that are no good.

    Without FILE the mailbox of [bounces] is read. `-` is standard input, for a mail server that pipes each report to a
    command. What is no report of ours changes nothing.
    """
    from aggregator.cli.output import line
    from aggregator.recipients.mailbox import MailboxError
    from aggregator.services.program import Program

    config = state().load()
    if not files and not (config.bounces.maildir or config.bounces.imap_host):
        raise Failure("there is no mailbox to read", "name a file, or set [bounces] maildir or imap_host")
    program = Program.open(config)
    try:
        if files:
            texts = [sys.stdin.buffer.read() if str(f) == "-" else f.read_bytes() for f in files]
            found = program.recipients.take_reports(texts)
        else:
            found = program.recipients.read_mailbox()
    except MailboxError as error:
        raise Failure(str(error), "check [bounces] in the configuration") from error
    finally:
        program.close()
    for one in found:
        line(": ".join(filter(None, (one.action, one.recipient, one.detail))))
