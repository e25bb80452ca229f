"""`fetch`: one look at the feeds."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.base import NOTHING, Command, Failure, state

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.pipeline.fetch import Polled
    from aggregator.services.fetching import FetchReport, Preview


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
@click.argument("targets", nargs=-1, metavar="[FEED|URL...]")
@click.option("--due", is_flag=True, help="Only feeds whose time has come.")
@click.option("--force", is_flag=True, help="Ask for the whole feed even if nothing changed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def fetch_command(targets: tuple[str, ...], *, due: bool, force: bool, as_json: bool) -> None:
    """Fetch these feeds, those that are due, or all. `stories` and `digest` sort what is new into stories.

    A URL that is not subscribed is fetched, read and printed; nothing of it is stored.
    """
    import asyncio

    report = asyncio.run(_fetch(state().load(), targets, due=due, force=force, as_json=as_json))
    for preview in report.previews:
        _show(preview, as_json=as_json)
    if not as_json:
        _sum(report)
    if report.nothing_worked:
        raise Failure("every feed failed", "`aggregator doctor` looks for the reason", NOTHING)


async def _fetch(config: Config, targets: tuple[str, ...], *, due: bool, force: bool, as_json: bool) -> FetchReport:

    from aggregator.cli.output import json_line, progress
    from aggregator.services.fetching import opened
    from aggregator.store.errors import NotFound

    total = len(targets) or len(config.feeds)
    async with opened(config) as fetching:
        with progress("fetching", None if as_json or due else total) as step:

            def on_result(polled: Polled) -> None:
                if as_json:
                    json_line(facts(polled))
                else:
                    step(_line(polled))

            try:
                report = await fetching.fetch(targets, due=due, force=force, on_result=on_result)
            except NotFound as error:
                raise Failure(str(error), _hint(config, targets)) from error
    return report


def _hint(config: Config, targets: tuple[str, ...]) -> str:
    from aggregator.config.checks import closest

    names = [feed.name for feed in config.feeds if feed.name]
    close = [hint for target in targets if target not in names and (hint := closest(target, names))]
    return f"did you mean {close[0]}?" if close else "`aggregator feeds` lists them"


def facts(polled: Polled) -> dict[str, Any]:
    """One poll under stable keys."""
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


def _line(polled: Polled) -> str:
    from aggregator.cli.output import clean

    if polled.code:
        outcome = f"failed: {polled.message} [{polled.code}]" + (f"; hint: {polled.hint}" if polled.hint else "")
    elif polled.unchanged:
        outcome = "unchanged"
    else:
        outcome = f"{polled.new} new" + (f", {polled.changed} changed" if polled.changed else "")
    return clean("; ".join([f"{polled.feed.label}: {outcome}", *polled.notes]))


def _sum(report: FetchReport) -> None:
    from aggregator.cli.output import line, note

    if not report.results:
        if not report.previews:
            line("nothing to fetch")
        return
    failed = [polled for polled in report.results if polled.code]
    new = sum(polled.new for polled in report.results)
    line(f"{len(report.results)} feeds: {new} new entries, {len(failed)} failed")
    if sys.stderr.isatty():  # elsewhere each has had its line
        for polled in failed:
            note(_line(polled))


def _show(preview: Preview, *, as_json: bool) -> None:
    """An address that is not subscribed: what a subscription would bring."""
    from aggregator.cli.errors import say
    from aggregator.cli.output import clean, json_line, line

    if preview.error is not None:
        say(f"{preview.url}: {preview.error} [{preview.error.code}]")
        say(f"  hint: {preview.error.hint}")
        return
    parsed = preview.parsed
    assert parsed is not None
    if not as_json:
        line(f"{clean(parsed.title or preview.url)} ({parsed.format}, {len(parsed.entries)} entries), not subscribed:")
    for entry in parsed.entries:
        if as_json:
            json_line({"title": entry.title, "link": entry.link, "published": entry.published, "guid": entry.guid})
        else:
            line(f"  {clean(entry.title)}  {entry.link or ''}".rstrip())
