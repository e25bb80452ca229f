"""What the pages cost: processor time and bytes of each page, with 100,000 entries, 500 feeds and 1,000 editions.

    python -m tests.benchmarks.pages [--entries 100000] [--editions 1000] [--folder DIR]

The entries arrived evenly over 30 days, three to a story; the texts are invented. Each page is requested through the
real application in this process. Milliseconds of processor time: of the first request, and of the best of five; kB as
sent to a browser, and before compression; the bars are 50 ms and 60 kB sent. `304` says whether a browser that has the
page gets no body. With `--folder` the database is kept there.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import httpx
from lxml import html

from aggregator.config.load import load
from aggregator.observe.metrics import Metrics
from aggregator.pipeline.compose import Plan, Window, compose
from aggregator.pipeline.summarizers import Models
from aggregator.services.program import Program
from aggregator.store import Database
from aggregator.store.editions import editions as edition_store
from aggregator.store.intake import feeds as feed_store
from aggregator.store.outgoing import saved as saved_store
from aggregator.store.stories.search import index_entries
from aggregator.system.clock import ManualClock
from aggregator.web.routes import application
from digests.channels.recipient import Recipient
from digests.codec import edition_to_json
from digests.model import Edition
from digests.summarize.extractive import ExtractiveSummarizer
from tests.benchmarks.compose import SPEC, fill
from tests.support.stored import NOW, readers

ORIGIN = "http://127.0.0.1:8440"
ROUNDS, MOST_MS, MOST_KB = 5, 50.0, 60.0
HOUR = timedelta(hours=1)
_DIGEST = '[[digest]]\nname = "bench"\ntitle = "The bench"\nzone = "UTC"\nto = ["folder:out"]\n'
_INTERESTS = "".join(
    f'[[interest]]\nname = "Town {n}"\nwords = ["Town {n}", "harbour", "museum visitors"]\n'
    f'examples = ["The harbour of Town {n} was closed on Monday after {n} people complained, the mayor said."]\n'
    for n in range(12)
)
_RULES = "".join(
    f'[[rule]]\nname = "rule {n}"\nquery = "title:town AND (orchard OR stadium) NOT week"\naction = "mute"\n'
    for n in range(20)
)


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its path, and the fields that are posted to it, if it is the answer to a form of that page."""

    path: str
    fields: dict[str, str] = field(default_factory=dict)


def prepare(folder: Path, entries: int, editions: int) -> None:
    """Write the configuration and the database."""
    feeds = "".join(f'[[feed]]\nurl = "https://f{n}.example/feed"\nname = "Feed {n}"\n' for n in range(500))
    text = f'[storage]\nurl = "sqlite:///news.db"\n{_DIGEST}{_INTERESTS}{_RULES}{feeds}'
    (folder / "config.toml").write_text(text, "utf-8")
    if (folder / "news.db").exists():
        return
    db = Database.open(str(folder / "news.db"))
    db.migrate()
    fill(db, entries, 30)
    while index_entries(db, 5000):
        pass
    (made,) = asyncio.run(
        compose(
            db,
            Plan(SPEC, (Recipient("mail", "reader@x.example"),)),
            Window(slot=NOW, start=NOW - 24 * HOUR, end=NOW),
            Models(ExtractiveSummarizer()),
        )
    )
    for number in range(editions):
        _store(db, made.edition, number)
    for item in made.edition.items:
        saved_store.add(db, saved_store.NewSaved(item.headline, "https://x.example/", item.story, text="Text."), NOW)
    db.close()


def _store(db: Database, made: Edition, number: int) -> None:
    slot = NOW - number * HOUR
    one = replace(made, id=f"bench-{slot:%Y%m%dT%H%M}", slot=slot, composed=slot, audience="")
    reader = readers(db, f"reader{number}@x.example")  # each has one edition: no story is new to anybody twice
    edition_store.save_edition(db, one, edition_to_json(one), "Subject", [], recipient_ids=reader, now=slot)


def pages(program: Program) -> list[Page]:
    """Every page, with the ids that it needs."""
    edition = edition_store.editions(program.db, "bench", 1)[0].id
    story = program.editions.edition(edition).items[0].story
    feed = next(iter(feed_store.feeds_by_id(program.db)))
    gets = (
        "/", "/?month=2026-03&digest=bench", f"/editions/{edition}", f"/editions/{edition}/entries", "/today",
        "/topics", "/topics/World", f"/stories/{story}", f"/like?story={story}", "/like",
        "/search", "/search?q=harbour", '/search?q="of Town 12345"', "/search?q=harbour AND museum NOT orchard",
        "/search?q=source:nobody", "/search?q=title:/^town 1.*mill/&since=7d", "/saved", "/saved.xml", "/saved.json",
        "/digests/bench.xml", "/manage/feeds", "/manage/feeds?show=problems", f"/manage/feeds/{feed}",
        "/manage/feeds/add", "/manage/feeds/import", "/manage/feeds.opml", "/manage/digests", "/manage/interests",
        "/manage/interests/change?name=Town 3", "/manage/rules", "/manage/rules/change?name=rule 3",
        "/manage/recipients", "/manage/deliveries", "/healthz", "/metrics",
    )  # fmt: skip
    found = [Page(path) for path in gets]
    text = "The harbour of Town 300 was flooded on Monday after 300 people complained, the mayor said."
    found.append(Page("/like", {"text": text}))
    rule = {"name": "rule 3", "was": "rule 3", "query": "title:town AND mill NOT week", "action_of": "mute"}
    found.append(Page("/manage/rules/change", rule | {"action": "preview"}))
    return found


async def hidden_fields(client: httpx.AsyncClient, path: str) -> dict[str, str]:
    """Return what every form of a page sends."""
    page = html.fromstring((await client.get(path)).content)
    return {name: str(page.xpath(f'string(//input[@name="{name}"]/@value)')) for name in ("form_token", "version")}


async def measure(program: Program) -> bool:
    """Print a line for each page; return whether all are within the bars."""
    transport = httpx.ASGITransport(application(program, Metrics()))
    fine = True
    print(f"{'page':44} {'first':>7} {'best':>7} {'kB sent':>7} {'whole':>7}  304")
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        for page in pages(program):
            times = []
            hidden = await hidden_fields(client, page.path) if page.fields else {}
            for _ in range(ROUNDS + 1):
                start = time.process_time()
                if page.fields:
                    answer = await client.post(page.path, data=hidden | page.fields)
                else:
                    answer = await client.get(page.path)
                times.append((time.process_time() - start) * 1000)
            assert answer.status_code == 200, (page.path, answer.status_code, answer.text[:500])
            tag, again = answer.headers.get("etag"), "-"
            if tag:
                known = await client.get(str(answer.request.url), headers={"if-none-match": tag})
                again = "yes" if known.status_code == 304 else "no"
            best, whole = min(times[1:]), len(answer.content) / 1000
            size = int(answer.headers.get("content-length", len(answer.content))) / 1000
            bad = "" if best <= MOST_MS and (size <= MOST_KB or "html" not in answer.headers["content-type"]) else "  !"
            fine = fine and not bad
            name = ("POST " if page.fields else "") + page.path
            print(f"{name[:44]:44} {times[0]:7.1f} {best:7.1f} {size:7.1f} {whole:7.1f}  {again}{bad}", flush=True)
    return fine


async def run(folder: Path) -> bool:
    """Open the program as of the last entry, and measure."""
    program = Program.open(load(folder / "config.toml"), ManualClock(NOW))
    try:
        return await measure(program)
    finally:
        await program.aclose()
        program.close()


def main() -> int:
    """Read the arguments and run. Returns 1 if a page is over a bar."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--editions", type=int, default=1_000)
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    with nullcontext(chosen.folder) if chosen.folder else tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder), chosen.entries, chosen.editions)
        return 0 if asyncio.run(run(Path(folder))) else 1


if __name__ == "__main__":
    raise SystemExit(main())
