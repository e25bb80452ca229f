"""`doctor`, `backup`, `restore` and `completion`: keep an installation in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.base import COMPLETION, FAILED, Command, CommonOptions, Failure, current_options

if TYPE_CHECKING:
    from aggregator.cli.rows import FindingRow
    from aggregator.doctor.finding import Finding


@click.command(
    "doctor",
    cls=Command,
    examples=("aggregator doctor", "aggregator doctor mail --send-to me@example.org", "aggregator doctor --offline"),
)
@click.argument("part", type=click.Choice(["mail"]), required=False)
@click.option("--send-to", metavar="ADDR", help="With `mail`: send a test message to this address.")
@click.option("--offline", is_flag=True, help="Skip the checks that need the network: mail server and DNS.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def doctor_command(*, part: str | None, send_to: str | None, offline: bool, as_json: bool) -> None:
    """Check the installation and print a hint for each problem.

    Checks libraries, configuration, database, disk, clock, feeds, outputs, mail and the pages. With `mail` only the
    mail server, its encryption and login, and the sender's DNS records. Exits with 1 if anything does not work. No mail
    is sent without `--send-to`.
    """
    from aggregator.cli.output import print_json

    if send_to and part != "mail":
        raise click.UsageError("--send-to goes with `doctor mail`")
    failed = False
    options = current_options()
    findings = _mail_findings(options, send_to) if part == "mail" else _all_findings(options, offline=offline)
    for finding in findings:
        failed = failed or finding.level == "error"
        if as_json:
            print_json(_finding_fields(finding))
        else:
            _print_finding(finding)
    if failed:
        raise click.exceptions.Exit(FAILED)


def _finding_fields(finding: Finding) -> FindingRow:
    """Return a finding with the keys of the JSON output."""
    return {
        "level": finding.level.value,
        "subject": finding.subject,
        "message": finding.message,
        "hint": finding.hint,
    }


def _print_finding(finding: Finding) -> None:
    from aggregator.cli.output import print_line
    from aggregator.cli.tables import printable

    mark = {"ok": "ok     ", "warning": "warning", "error": "ERROR  "}[finding.level]
    print_line(f"{mark}  {finding.subject}: {printable(finding.message)}")
    if finding.hint:
        print_line(f"         hint: {printable(finding.hint)}")


def _all_findings(options: CommonOptions, *, offline: bool) -> Iterator[Finding]:
    from aggregator.config import ConfigError
    from aggregator.doctor import finding, libraries, machine
    from aggregator.doctor.installation import check_installation
    from aggregator.system.clock import SystemClock

    yield from machine.check_packages()
    yield from libraries.check_required()
    try:
        config = options.load()
    except ConfigError as failure:
        for problem in failure.problems:
            yield finding.error("configuration", str(problem), failure.hint)
        return
    yield from check_installation(config, SystemClock().now(), offline=offline)


def _mail_findings(options: CommonOptions, send_to: str | None) -> Iterator[Finding]:
    from aggregator.doctor.installation import check_mail_thoroughly
    from aggregator.doctor.message import send_test_message
    from aggregator.system.clock import SystemClock

    config = options.load()
    yield from check_mail_thoroughly(config)
    if send_to:
        yield send_test_message(config, send_to, SystemClock().now())


@click.command("backup", cls=Command, examples=("aggregator backup aggregator-backup.db",))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
def backup_command(file: Path, *, force: bool) -> None:
    """Write a consistent copy of the database to FILE; the daemon may run meanwhile.

    For PostgreSQL it is an archive of `pg_dump`, which must be installed.
    """
    from aggregator.cli.database import opened_database
    from aggregator.cli.output import print_line
    from aggregator.cli.progress import BYTES, progress
    from aggregator.config.secrets import database_url
    from aggregator.store.backup import postgres, sqlite
    from aggregator.store.database import database_file

    if not file.parent.is_dir():  # not created here, for its disk may not be mounted
        raise Failure(f"there is no folder {file.parent}", "create it, or mount its disk")
    if file.exists() and not force:
        raise Failure(f"{file} exists already", "--force replaces it; a name with the date keeps several copies")
    config = current_options().load()
    url = database_url(config)
    with progress("copying", BYTES) as step:
        if database_file(url) is None:
            postgres.backup(url, file)
        else:
            with opened_database(config) as db:
                sqlite.backup(db, file, step)
    print_line(f"wrote {file} ({file.stat().st_size / 1024**2:.1f} MiB)")


@click.command("restore", cls=Command, examples=("aggregator restore aggregator-backup.db",))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore_command(file: Path) -> None:
    """Put a backup in the place of the database, and keep the replaced one beside it.

    FILE is checked first: it must be a whole database of this version or an older one. Stop the daemon before; while
    another process uses the database, nothing is done. With PostgreSQL the replaced content is kept as an archive
    beside FILE.
    """
    from aggregator.cli.database import opened_database
    from aggregator.cli.output import print_line
    from aggregator.cli.progress import BYTES, progress
    from aggregator.config.secrets import database_url
    from aggregator.store.backup import postgres, sqlite
    from aggregator.store.database import database_file
    from aggregator.system.clock import SystemClock

    config = current_options().load()
    url, now = database_url(config), SystemClock().now()
    target = database_file(url)
    with progress("restoring", BYTES) as step:
        replaced = postgres.restore(file, url, now) if target is None else sqlite.restore(file, target, now, step)
        with opened_database(config):
            pass  # opening migrates a backup of an older version
    print_line(f"restored {target or 'the database'} from {file}")
    if replaced is not None:
        print_line(f"the replaced database is {replaced}; delete it when you no longer need it")


@click.command("completion", cls=Command, examples=("aggregator completion bash >> ~/.bashrc",))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion_command(shell: str) -> None:
    """Print the script that completes commands, options and names in a shell.

    Append it to ~/.bashrc; to ~/.zshrc, below the line with compinit; or write it to
    ~/.config/fish/completions/aggregator.fish.
    """
    from aggregator.cli.output import print_line
    from aggregator.cli.shells import SHELLS

    root = click.get_current_context().find_root().command
    print_line(SHELLS[shell](root, {}, "aggregator", COMPLETION).source())
