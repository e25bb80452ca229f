"""Runs the demo: fetches two days of fictional news over HTTP and composes an edition for each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from aggregator.config.load import load
from aggregator.daemon.engine.embedded import InlineEngine
from aggregator.daemon.tasks import build_tasks
from aggregator.demo.outlets import FIRST_DAY, OUTLETS
from aggregator.demo.publish import SELECTORS
from aggregator.demo.serve import Publisher, publisher
from aggregator.observe.metrics import Metrics
from aggregator.pipeline.issue import Outputs
from aggregator.services.editions import EditionsService
from aggregator.services.intake.fetching import FetchReport
from aggregator.services.program import Program
from aggregator.store.editions import digests as digest_store
from aggregator.store.editions import editions as edition_store
from aggregator.store.records import RecipientRecord
from aggregator.system.clock import ManualClock
from aggregator.system.counts import count_of
from aggregator.system.files import make_private_folder, write_private
from digests.channels.recipient import Recipient
from digests.model import Edition, ItemKind

YESTERDAY = FIRST_DAY + timedelta(hours=18)
TODAY = FIRST_DAY + timedelta(days=1, hours=13)
RECIPIENT = "reader@example.org"
Echo = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DemoResult:
    """The two editions of the demo and their files."""

    editions: tuple[Edition, ...]
    files: tuple[Path, ...]
    config: Path
    responses: dict[int, int]

    @property
    def page(self) -> Path:
        """The HTML page of today's digest."""
        return next(f for f in self.files if f.name == "today.html")


def run(out: Path, echo: Echo = print) -> DemoResult:
    """Run the demo and write into `out`, over the files of an earlier demo."""
    make_private_folder(out)
    for old in out.glob("demo.db*"):
        old.unlink()
    return asyncio.run(_run(out, echo))


async def _run(out: Path, echo: Echo) -> DemoResult:
    with publisher(YESTERDAY) as server:
        config = _write_config(out, server)
        clock = ManualClock(YESTERDAY - timedelta(minutes=5))
        program = Program.open(load(config), clock)
        try:
            editions = [await _day(program, clock, server, at, echo) for at in (YESTERDAY, TODAY)]
            files = [
                f
                for name, e in zip(("yesterday", "today"), editions, strict=True)
                for f in _write(program.editions, e, out / name)
            ]
        finally:
            await program.aclose()
            program.close()
    result = DemoResult(tuple(editions), tuple(files), config, dict(server.responses))
    echo(_files_report(result))
    return result


async def _day(program: Program, clock: ManualClock, server: Publisher, slot: datetime, echo: Echo) -> Edition:
    """Run one day: fetch shortly before the slot, group, compose and deliver, as the daemon does."""
    server.now = slot - timedelta(minutes=5)
    clock.set(server.now)
    report = await program.fetching.fetch()
    grouped = program.stories.group()
    echo(_intake_report(slot, report))
    echo(
        f"  grouped {grouped.entries} entries: {grouped.opened} new stories, {grouped.joined} articles for existing "
        f"stories, {grouped.carried} copies of known texts"
    )
    clock.set(slot)
    engine = InlineEngine(build_tasks(program, Metrics()))
    for name in digest_store.due_names(program.db, clock.now()):
        await engine.submit("compose", digest=name)
    await engine.submit("deliver")
    edition = program.editions.edition(edition_store.editions(program.db, limit=1)[0].id)
    echo(_edition_report(edition))
    return edition


def _intake_report(slot: datetime, report: FetchReport) -> str:
    failed = ", ".join(f"{p.feed.label} ({p.code})" for p in report.results if p.code) or "none"
    new, changed = sum(p.new for p in report.results), sum(p.changed for p in report.results)
    return (
        f"{slot:%A %d %B %Y, %H:%M}\n"
        f"  fetched {len(report.results)} feeds over HTTP: {new} new entries, {changed} revised; failed: {failed}"
    )


def _edition_report(edition: Edition) -> str:
    kinds = [item.kind for item in edition.items]
    several = sum(item.independent_sources > 1 for item in edition.items)
    updates, corrections = kinds.count(ItemKind.UPDATE), kinds.count(ItemKind.CORRECTION)
    return (
        f"  edition {edition.id}: {len(kinds)} stories "
        f"({count_of(updates, 'update')}, {count_of(corrections, 'correction')}), "
        f"{several} with more than one source, {edition.words} words"
    )


def _files_report(result: DemoResult) -> str:
    files = "\n".join(f"  {file}" for file in result.files)
    return f"wrote\n{files}\nopen: {result.page}\nnext: aggregator --config {result.config} stories --since 9999d"


def _write(editions: EditionsService, edition: Edition, stem: Path) -> list[Path]:
    """Write the edition as an HTML page, a plain text and a mail; return the files."""
    renderer = editions.renderer(edition.digest)
    outputs = Outputs(edition, renderer, editions.sender())
    written = {
        ".html": outputs.page().encode(),
        ".txt": renderer.text(edition).content.encode(),
        ".eml": outputs.message(RecipientRecord(0, Recipient.by_mail(RECIPIENT))),
    }
    files = []
    for ending, content in written.items():
        file = stem.with_suffix(ending)
        write_private(file, content)
        files.append(file)
    return files


def _write_config(out: Path, server: Publisher) -> Path:
    feeds = "\n".join(
        f'[[feed]]\nurl = "{server.url(o)}"\nname = "{o.name}"\nlanguage = "{o.language}"\nallow_private = true'
        + (f'\ntopic = "{o.topic}"' if o.topic else "")
        + "\n"
        + (SELECTORS if o.format == "page" else "")
        for o in OUTLETS
    )
    file = out / "config.toml"
    write_private(file, (_CONFIG + feeds).encode())
    return file


_CONFIG = """\
# Written by `aggregator demo`. Its feeds were served on loopback and no longer exist; the stories are in demo.db:
#   aggregator --config demo/config.toml stories --since 9999d
#   aggregator --config demo/config.toml explain STORY

[storage]
url = "sqlite:///demo.db"

[fetch]
concurrency = 1  # one feed at a time, so that every run gives the same result

[mail]
sender = "digest@example.org"
sender_name = "The daily digest"
owner = "owner@example.org"

[web]
public_url = "https://digest.example"  # fictional; for links to the pages and to unsubscribe

[[digest]]
name = "daily"
title = "The daily digest"
schedule = "0 13,18 * * *"
zone = "UTC"
max_stories = 40
max_words = 3000
to = ["folder:delivered"]

"""
