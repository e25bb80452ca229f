"""`doctor`, `backup`, `restore` and `completion`: keep an installation in order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.base import FAILED, Command, CommonOptions, Failure, current_options

if TYPE_CHECKING:
    from aggregator.cli.rows import FindingRow
    from aggregator.config import Config
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
    from aggregator.doctor import configuration, finding, libraries, machine, mail, outputs, web
    from aggregator.system.clock import SystemClock

    yield from machine.check_packages()
    yield from libraries.check_required()
    try:
        config = options.load()
    except ConfigError as failure:
        for problem in failure.problems:
            yield finding.error("configuration", str(problem), failure.hint)
        return
    yield from configuration.check_configuration(config)
    yield from libraries.check_optional(config)
    at = SystemClock().now()
    try:
        stored = list(machine.check_database(config, at))
    except ConfigError as failure:  # a missing password of the database
        stored = [finding.error("database", str(failure), failure.hint)]
    yield from stored
    daemon: str | None = None
    if not any(one.level == "error" for one in stored):
        if config.cluster.enabled:
            yield from _cluster_findings(config, at)
        else:
            daemon = _daemon(options)
            yield from machine.check_daemon(daemon)
        yield from _stored_findings(options)
    yield from outputs.check_outputs(config, offline=offline)
    yield from outputs.check_endpoint(config, offline=offline)
    if not offline:
        yield from mail.check_mail(config)
    yield from web.check_pages(config, daemon_runs=daemon is not None)


def _cluster_findings(config: Config, at: datetime) -> Iterator[Finding]:
    from contextlib import closing

    from aggregator.cli.database import opened_database
    from aggregator.config.secrets import session_url
    from aggregator.store import Database

    try:
        from aggregator.doctor.cluster import check_cluster
    except ImportError:
        return  # the check of libraries says so
    with opened_database(config) as db, closing(Database.open(session_url(config))) as direct:
        yield from check_cluster(db, direct, at)


def _daemon(options: CommonOptions) -> str | None:
    """Return the name of the daemon that serves the database now."""
    from aggregator.cli.database import opened_database
    from aggregator.store import meta
    from aggregator.system.clock import SystemClock
    from aggregator.system.process import has_ended

    with opened_database(options.load()) as db:
        holder = meta.instance_holder(db, SystemClock().now())
    return None if holder is None or has_ended(holder) else holder


def _mail_findings(options: CommonOptions, send_to: str | None) -> Iterator[Finding]:
    from aggregator.doctor import dns, mail

    config = options.load()
    yield from mail.check_mail(config)
    yield from dns.check_dns(config)
    if send_to:
        yield _send_test_message(config, send_to)


def _send_test_message(config: Config, address: str) -> Finding:
    """Build, sign and send a message as digests are, but not through the outbox, for an immediate result."""
    from aggregator.doctor import finding
    from aggregator.operator.letters import post
    from aggregator.pipeline.letters import Letter, outbox_letter
    from aggregator.services.channels import configured_channel
    from aggregator.services.mail_sender import mail_sender
    from aggregator.store.records import Purpose
    from aggregator.system.clock import SystemClock
    from digests.channels.kinds import Channels
    from digests.channels.recipient import Recipient
    from digests.errors import BadMessage

    lines = [
        "This is a test message, sent as digests are. It arrived, so mail can be sent.",
        "Check its headers for the results of SPF, DKIM and DMARC.",
    ]
    if not config.sends_mail():
        return finding.error(
            "test",
            f"nothing was sent to {address}: no digest is sent by mail",
            "add recipients to a digest's `to`, and a host to [mail]",
        )
    letter = Letter(Recipient(Channels.MAIL.value, address), Purpose.OPERATOR, "A test from your digests", lines)
    try:
        message = outbox_letter(letter, mail_sender(config, ()), SystemClock().now())
    except (OSError, BadMessage) as failure:
        return finding.error(
            "test", f"the message could not be built: {failure}", "check [mail] sender and dkim_key_file"
        )
    if post(lambda: configured_channel(config, Channels.MAIL), message):
        return finding.ok(
            "test", f"the server accepted a message to {address}; check whether it arrives, and in which folder"
        )
    return finding.error("test", f"no message could be sent to {address}", "fix the problems above, and try again")


def _stored_findings(options: CommonOptions) -> Iterator[Finding]:
    """Check the feeds, what is set aside, and the clock against the latest poll in the database."""
    from aggregator.cli.database import opened_database
    from aggregator.doctor import feeds as feed_checks
    from aggregator.doctor import machine
    from aggregator.doctor.set_aside import check_set_aside
    from aggregator.services.intake.fetching import sync_configured_feeds
    from aggregator.store.intake.feeds import list_feeds
    from aggregator.system.clock import SystemClock

    config, at = options.load(), SystemClock().now()
    with opened_database(config) as db:
        sync_configured_feeds(db, config, at)
        health = list_feeds(db, at)
        aside = list(check_set_aside(db))
    yield from aside
    yield from machine.check_clock(at, max((f.state.last_check for f in health if f.state.last_check), default=None))
    yield from feed_checks.check_feeds(health, at)


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
    """Print the script that completes commands and options in a shell.

    Append it to ~/.bashrc or ~/.zshrc; for fish write it to ~/.config/fish/completions/aggregator.fish.
    """
    from click.shell_completion import get_completion_class

    from aggregator.cli.output import print_line

    made = get_completion_class(shell)
    assert made is not None
    root = click.get_current_context().find_root().command
    print_line(made(root, {}, "aggregator", "_AGGREGATOR_COMPLETE").source())
