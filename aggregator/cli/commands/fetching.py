"""`fetch`: polls feeds once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from aggregator.cli.base import NOTHING, USAGE, Command, Failure, current_options
from aggregator.cli.completion import feed_names
from aggregator.system.counts import count_of

if TYPE_CHECKING:
    from aggregator.cli.rows import PollRow, PreviewRow
    from aggregator.config import Config
    from aggregator.pipeline.fetch import Polled
    from aggregator.services.intake.fetching import FetchReport, Preview
    from feeds.model import Entry


@click.command(
    "fetch",
    cls=Command,
    examples=(
        "aggregator fetch",
        "aggregator fetch --due",
        'aggregator fetch "Ars Technica"',
        "aggregator fetch https://example.org/feed.xml",
    ),
)
@click.argument("targets", nargs=-1, metavar="[FEED|URL...]", shell_complete=feed_names)
@click.option("--due", is_flag=True, help="Only feeds that are due.")
@click.option("--force", is_flag=True, help="Request the whole feed even if nothing changed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def fetch_command(targets: tuple[str, ...], *, due: bool, force: bool, as_json: bool) -> None:
    """Fetch the named feeds, the due ones, or all. `stories` and `digest` group the new entries into stories.

    Without names, the mailbox of [newsletters] is read too. With --due, queued mail that is due goes out too, so that
    cron needs no other command between two editions. A URL that is not subscribed is fetched, parsed and printed;
    nothing is stored.
    """
    import asyncio

    config = current_options().load()
    report = asyncio.run(_fetch(config, targets, due=due, force=force, as_json=as_json))
    for preview in report.previews:
        _print_preview(preview, as_json=as_json)
    if not as_json:
        _print_totals(report)
    mailbox_read = not targets and config.newsletters.has_mailbox and _read_newsletters(config, as_json=as_json)
    if due and not targets:
        asyncio.run(_deliver(config, as_json=as_json))
    if report.nothing_worked and not mailbox_read:
        raise Failure("every feed failed", _all_failed_hint(report), NOTHING)


def _all_failed_hint(report: FetchReport) -> str:
    """Return what to do when every feed failed; of a URL that is only shown, its error has said it already."""
    names = {urlsplit(polled.feed.url).hostname for polled in report.results if polled.code in ("dns", "network")}
    if len(names) > 1 and all(polled.code in ("dns", "network") for polled in report.results):
        return "no host name could be looked up: check this machine's network and name server"
    return "`aggregator doctor` looks for the cause" if report.results else ""


def _read_newsletters(config: Config, *, as_json: bool) -> bool:
    """Read the mailbox of newsletters; return whether it could be read."""
    from aggregator.cli.commands.newsletters import print_received
    from aggregator.cli.errors import print_error
    from aggregator.recipients.mailbox import MailboxError
    from aggregator.services.intake.newsletters import NewslettersService, newsletter_settings
    from aggregator.services.program import Program

    program = Program.open(config)
    try:
        received = NewslettersService(program.context, newsletter_settings(config)).read_mailboxes()
    except MailboxError as error:
        print_error(f"newsletters are not read: {error}")
        print_error("  hint: check [newsletters] in the configuration")
        return False
    finally:
        program.close()
    if not as_json:
        print_received(received)
    return True


async def _deliver(config: Config, *, as_json: bool) -> None:
    """Deliver what is due."""
    import asyncio

    if not await asyncio.to_thread(_may_deliver, config):
        return
    from aggregator.cli.commands.composing import drained, print_others, require_sent, tried_deliveries
    from aggregator.services.program import opened_program

    async with opened_program(config) as program:
        report = await asyncio.to_thread(drained, program)
        tried = await asyncio.to_thread(tried_deliveries, program.db, report)
    if not as_json:
        print_others(tried, report)
    require_sent(tried, report)


def _may_deliver(config: Config) -> bool:
    """Whether a message is open, or a site may be waiting for its pages; what delivers takes a second to import."""
    from aggregator.config.secrets import database_url
    from aggregator.store.database import open_database
    from aggregator.store.outgoing.waiting import any_open
    from digests.channels.kinds import Channels

    if any(Channels.SITE in config.channels(digest) for digest in config.digests):
        return True
    db = open_database(database_url(config))
    try:
        return any_open(db)
    finally:
        db.close()


async def _fetch(config: Config, targets: tuple[str, ...], *, due: bool, force: bool, as_json: bool) -> FetchReport:
    from aggregator.cli.output import is_quiet, print_json, print_line
    from aggregator.cli.progress import on_terminal, progress
    from aggregator.services.intake.fetching import opened_fetching
    from aggregator.store.errors import NotFound

    total = len(targets) or (None if due or config.opml else len(config.feeds))
    with_lines = not as_json and not on_terminal() and not is_quiet()
    count = 0
    hints: set[str] = set()
    async with opened_fetching(config) as fetching:
        with progress("fetching", "feeds") as step:

            def on_result(polled: Polled) -> None:
                nonlocal count
                count += 1
                step(count, total, polled.feed.label)
                if as_json:
                    print_json(poll_fields(polled))
                elif with_lines:
                    print_line(_outcome_line(polled, hints))

            try:
                return await fetching.fetch(targets, due=due, force=force, on_result=on_result)
            except NotFound as error:
                raise Failure(str(error), _name_hint(config, targets), USAGE) from error


def _name_hint(config: Config, targets: tuple[str, ...]) -> str:
    from aggregator.config.checks import closest

    names = [feed.name for feed in config.feeds if feed.name]
    close = [hint for target in targets if target not in names and (hint := closest(target, names))]
    return f"did you mean {close[0]}?" if close else "`aggregator feeds` lists them"


def poll_fields(polled: Polled) -> PollRow:
    """Return a poll's result with the keys of the JSON output."""
    return {
        "name": polled.feed.label,
        "url": polled.feed.url,
        "status": polled.status,
        "code": polled.code,
        "message": polled.message,
        "hint": polled.hint,
        "new": polled.new,
        "changed": polled.changed,
        "unchanged": polled.unchanged,
        "elapsed": round(polled.elapsed, 3),
        "notes": list(polled.notes),
    }


def _outcome_line(polled: Polled, hints: set[str]) -> str:
    """Describe the result of a poll, with its hint unless that is in `hints`, the hints that were printed."""
    from aggregator.cli.tables import printable

    if polled.code:
        outcome = f"failed: {polled.message} [{polled.code}]"
        if polled.hint and polled.hint not in hints:
            outcome += f"; hint: {polled.hint}"
            hints.add(polled.hint)
    elif polled.unchanged:
        outcome = "unchanged"
    else:
        outcome = f"{polled.new} new" + (f", {polled.changed} changed" if polled.changed else "")
    return printable("; ".join([f"{polled.feed.label}: {outcome}", *polled.notes]))


def _print_totals(report: FetchReport) -> None:
    from aggregator.cli.output import print_line, print_note
    from aggregator.cli.progress import on_terminal

    if not report.results:
        if not report.previews:
            print_line("nothing to fetch")
        return
    failed = [polled for polled in report.results if polled.code]
    new = sum(polled.new for polled in report.results)
    print_line(f"{count_of(len(report.results), 'feed')}: {count_of(new, 'new entry')}, {len(failed)} failed")
    hints: set[str] = set()
    if on_terminal():  # elsewhere a line was printed for each
        for polled in failed:
            print_note(_outcome_line(polled, hints))


def _preview_fields(entry: Entry) -> PreviewRow:
    """Return an entry of a preview with the keys of the JSON output."""
    return {"title": entry.title, "link": entry.link, "published": entry.published, "guid": entry.guid}


def _print_preview(preview: Preview, *, as_json: bool) -> None:
    """Print the entries of a feed that is not subscribed."""
    from aggregator.cli.errors import print_error
    from aggregator.cli.output import print_json, print_line
    from aggregator.cli.tables import printable

    if preview.error is not None:
        print_error(f"{preview.url}: {preview.error} [{preview.error.code}]")
        print_error(f"  hint: {preview.error.hint}")
        return
    parsed = preview.parsed
    assert parsed is not None
    if not as_json:
        title = printable(parsed.title or preview.url)
        print_line(f"{title} ({parsed.format}, {count_of(len(parsed.entries), 'entry')}), not subscribed:")
    for entry in parsed.entries:
        if as_json:
            print_json(_preview_fields(entry))
        else:
            print_line(f"  {printable(entry.title)}  {entry.link or ''}".rstrip())
