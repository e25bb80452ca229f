"""One page, one item, one feed that fails costs itself only, whatever it raises; the cause is reported."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.operator.alerts import set_aside_lines
from aggregator.pipeline import describe, summarizers
from aggregator.pipeline.summarizers import without_faults
from aggregator.services.program import Program
from aggregator.store import attempts
from aggregator.store.errors import DiskFull, Locked
from aggregator.store.intake import polls
from aggregator.stories.grouping import features
from aggregator.stories.model import Document
from aggregator.system.alone import fault_of
from digests import edition
from digests.model import Choice, DigestSpec, Edition, Item, Pick, Story, Summary
from digests.reasons import EntryClass
from digests.summarize import extractive
from feeds.http.base import Request
from feeds.http.fake import Page
from tests.support.apps import DIGEST, app_of
from tests.support.origin import Origin
from tests.support.sqlite import sqlite_file

pytestmark = pytest.mark.anyio
NAMES = ("north", "south", "west")
TEXTS = (
    "A ferry of the northern line lost a propeller off Lund on Tuesday; all 40 passengers are safe.",
    "The southern hospital of Orr opens its new ward for children in March, its director Ann Weiss said.",
    "Western farmers brought in a third less barley than last year because of a drought, their union counted.",
)
PAGE = "<html><body><article>" + "<p>The ferry was late again, and many people had to wait at the quay.</p>" * 9


@asynccontextmanager
async def desk(folder: Path, more: str = "", texts: Sequence[str] = (), title: str = "") -> AsyncIterator[Program]:
    """A program with three feeds; each has one teaser, whose page has the whole text, or one of `texts` alone."""
    async with Origin() as origin:
        tables = ""
        for name, text in zip(NAMES, texts or ["Late …"] * len(NAMES), strict=True):
            link = origin.url(f"/page/{name}")
            item = (
                f"<item><guid>{name}</guid><title>News of {name}{title}</title><link>{link}</link>"
                f"<description>{text}</description></item>"
            )
            feed = f'<rss version="2.0"><channel><title>{name}</title>{item}</channel></rss>'
            origin.on(f"/{name}", Page(feed.encode()))
            origin.on(f"/page/{name}", Page(PAGE.encode(), headers={"Content-Type": "text/html; charset=utf-8"}))
            tables += f'[[feed]]\nurl = "{origin.url("/" + name)}"\nname = "{name}"\nallow_private = true\n'
            tables += 'full_text = "never"\n' if texts else ""
        with app_of(folder, more + DIGEST + tables) as program:
            yield program
            await program.aclose()


async def make_due(program: Program, folder: Path) -> None:
    """Fetch and group, and let the slot of the digest have come."""
    await program.fetching.fetch()
    program.stories.group()
    with sqlite_file(folder / "news.db") as database:
        database.execute("UPDATE digest SET next_slot = 1")


def shown(composed: Edition) -> list[str]:
    """Return the titles of the articles in an edition; its headlines may be other sentences."""
    return sorted(source.title for item in composed.items for source in item.sources)


def stored(folder: Path) -> list[str]:
    with sqlite_file(folder / "news.db") as database:
        return [title for (title,) in database.execute("SELECT title FROM entry ORDER BY title")]


def hide_extractor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the import of the extractor fail in every child process that starts from now on."""
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "trafilatura.py").write_text('raise ImportError("No module named trafilatura")\n')
    monkeypatch.syspath_prepend(folder)


async def test_an_extractor_that_cannot_be_imported_costs_the_pages_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_extractor(tmp_path, monkeypatch)
    async with desk(tmp_path) as program:
        report = await program.fetching.fetch()
        assert stored(tmp_path) == [f"News of {name}" for name in NAMES]
        for polled in report.results:
            assert polled.code is None
            [note] = polled.notes
            assert "1 page not read" in note
            assert "trafilatura" in note
            assert "aggregator doctor" in note


async def test_an_extractor_that_cannot_be_imported_costs_an_interest_its_page_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path, "[fetch]\nallow_private = true\n") as program:
        base = program.config.feeds[0].url.removesuffix("/north")
        assert "The ferry was late" in await program.stories.page_text(f"{base}/page/north")
    hide_extractor(tmp_path, monkeypatch)
    (tmp_path / "again").mkdir()
    async with desk(tmp_path / "again", "[fetch]\nallow_private = true\n") as program:
        base = program.config.feeds[0].url.removesuffix("/north")
        assert await program.stories.page_text(f"{base}/page/south") == ""


async def test_a_page_whose_request_raises_costs_that_page_only(tmp_path: Path) -> None:
    async with desk(tmp_path) as program:
        intake = await program.fetching.intake()
        assert intake.full_text is not None
        intake.full_text.source = Failing(intake.source, "/page/south")
        report = await program.fetching.fetch()
        assert stored(tmp_path) == [f"News of {name}" for name in NAMES]
        notes = {polled.feed.label: polled.notes for polled in report.results}
        assert notes == {
            "north": (),
            "south": ("1 page not read: unexpected RuntimeError: a fault in /page/south",),
            "west": (),
        }


async def test_a_feed_at_which_the_program_fails_is_that_feeds_failure(tmp_path: Path) -> None:
    async with desk(tmp_path) as program:
        intake = await program.fetching.intake()
        intake.source = Failing(intake.source, "/south")
        results = {polled.feed.label: polled for polled in (await program.fetching.fetch()).results}
        assert stored(tmp_path) == ["News of north", "News of west"]
        assert results["south"].code == "unexpected"
        assert results["south"].message == "unexpected RuntimeError: a fault in /south"
        assert [results[name].new for name in ("north", "west")] == [1, 1]


class Failing:
    """The real source, but for one path."""

    def __init__(self, source: object, path: str) -> None:
        self.source, self.path = source, path

    async def fetch(self, request: Request) -> object:
        if request.url.endswith(self.path) and ("page" in self.path) == ("/page/" in request.url):
            raise RuntimeError(f"a fault in {self.path}")
        return await self.source.fetch(request)  # type: ignore[attr-defined]


async def test_a_feed_that_cannot_be_saved_costs_no_other(tmp_path: Path) -> None:
    async with desk(tmp_path) as program:
        with sqlite_file(tmp_path / "news.db") as database:
            database.execute(
                "CREATE TRIGGER trap BEFORE INSERT ON entry WHEN NEW.title = 'News of south' "
                "BEGIN SELECT RAISE(ABORT, 'the row is refused'); END"
            )
        results = {polled.feed.label: polled for polled in (await program.fetching.fetch()).results}
        assert stored(tmp_path) == ["News of north", "News of west"]
        assert results["south"].code == "unexpected"
        assert "the row is refused" in results["south"].message
        assert health(tmp_path) == {"north": None, "south": "unexpected", "west": None}


async def test_a_value_that_the_driver_refuses_costs_its_feed_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = polls.entry_row

    def failing(item: object, *args: object, **more: object) -> object:
        if "south" in repr(item):
            raise UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "surrogates not allowed")
        return row(item, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(polls, "entry_row", failing)
    async with desk(tmp_path) as program:
        await program.fetching.fetch()
        assert stored(tmp_path) == ["News of north", "News of west"]
        assert health(tmp_path)["south"] == "unexpected"


async def test_a_full_disk_is_the_failure_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> object:
        raise DiskFull

    async with desk(tmp_path) as program:
        monkeypatch.setattr(polls, "save_polls", full)
        with pytest.raises(ExceptionGroup) as raised:
            await program.fetching.fetch()
        assert raised.group_contains(DiskFull)


def health(folder: Path) -> dict[str, str | None]:
    with sqlite_file(folder / "news.db") as database:
        return dict(database.execute("SELECT name, error_code FROM feed"))


async def test_a_number_that_no_float_holds_stops_no_edition(tmp_path: Path) -> None:
    texts = [f"Officials said {'9' * 400} people died. {text}" for text in TEXTS]
    async with desk(tmp_path, texts=texts, title="9" * 400) as program:
        await program.fetching.fetch()
        program.stories.group()
        (composed,) = await program.editions.compose("daily")
        assert len(shown(composed.edition)) == len(NAMES)


async def test_a_story_at_which_summarizing_fails_costs_the_edition_that_story_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = extractive.summarize_story

    def failing(story: Story, **more: object) -> Summary:
        if any("south" in source.title for source in story.sources):
            raise OverflowError("a fault at this story")
        return whole(story, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(extractive, "summarize_story", failing)
    monkeypatch.setattr("aggregator.pipeline.summarizers.summarize_story", failing)
    async with desk(tmp_path, texts=TEXTS) as program:
        await program.fetching.fetch()
        program.stories.group()
        (composed,) = await program.editions.compose("daily")
        assert shown(composed.edition) == ["News of north", "News of west"]
        counts = {one.entry_class: one.count for one in composed.edition.trust.entries}
        assert counts == {EntryClass.SHOWN: 2, EntryClass.PENDING: 1}
    assert "a story cannot be composed" in caplog.text


@pytest.mark.parametrize("with_summary", [True, False])
async def test_a_story_of_which_no_item_can_be_made_costs_that_story_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, with_summary: bool
) -> None:
    """With a fault at its summary only, another summary is made; with a fault at the story it is left out."""
    whole = edition.story_item

    def failing(pick: Pick, summary: Summary | None, spec: DigestSpec, at: datetime | None = None) -> Item:
        if "south" in pick.story.sources[0].title and (summary is not None or not with_summary):
            raise IndexError("a fault at this item")
        return whole(pick, summary, spec, at)

    monkeypatch.setattr(edition, "story_item", failing)
    monkeypatch.setattr("aggregator.pipeline.compose.story_item", failing)
    monkeypatch.setattr("aggregator.pipeline.summarizers.story_item", failing)
    async with desk(tmp_path, texts=TEXTS) as program:
        await program.fetching.fetch()
        program.stories.group()
        (composed,) = await program.editions.compose("daily")
        names = ["north", "south", "west"] if with_summary else ["north", "west"]
        assert shown(composed.edition) == [f"News of {name}" for name in names]
    assert ("a summary is not used" if with_summary else "a story cannot be composed") in caplog.text


async def test_a_story_that_kills_each_process_is_left_out_of_the_edition(tmp_path: Path) -> None:
    """Processes died while they composed: once all stories together, then each time at the same story."""
    async with desk(tmp_path, texts=TEXTS) as program:
        await program.fetching.fetch()
        program.stories.group()
        now = program.clock.now()
        with sqlite_file(tmp_path / "news.db") as database:
            query = "SELECT story_id FROM article JOIN entry ON entry.id = article.id WHERE title = 'News of south'"
            ((story,),) = database.execute(query)
            database.execute("UPDATE digest SET next_slot = 1")
        attempts.begin(program.db, "digest", {"daily": 9}, now)
        attempts.begin(program.db, "compose", {f"daily/{story}": attempts.MOST}, now)
        (made,) = await program.editions.serve_due("daily")
        assert shown(made) == ["News of north", "News of west"]
        assert attempts.unfinished(program.db, "digest") == {}
        assert [one.key for one in attempts.aside(program.db)] == [f"daily/{story}"]
        (line,) = set_aside_lines(program.db)
        assert line.startswith(f"digest and story daily/{story}: the digest is composed without it: 8 tries ended")


async def test_a_story_that_ends_a_process_of_its_own_is_left_out_of_the_edition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A story that was alone in hand when a process died, and one that kills: only the latter is at fault."""
    monkeypatch.setattr(summarizers, "fault_of", fault_of_south)
    async with desk(tmp_path, texts=TEXTS) as program:
        await program.fetching.fetch()
        program.stories.group()
        with sqlite_file(tmp_path / "news.db") as database:
            keys = [f"daily/{story}" for (story,) in database.execute("SELECT id FROM story")]
            database.execute("UPDATE digest SET next_slot = 1")
        attempts.begin(program.db, "digest", {"daily": 3}, program.clock.now())
        attempts.begin(program.db, "compose", dict.fromkeys(keys, attempts.DOUBTFUL), program.clock.now())
        (made,) = await program.editions.serve_due("daily")
        assert shown(made) == ["News of north", "News of west"]
        (found,) = attempts.aside(program.db)
        assert found.why == "a process of its own ended with status -9"


def fault_of_south(function: Callable[..., object], *calls: tuple[Any, ...]) -> str | None:
    return fault_of(unless_south, *((function, *call) for call in calls))


def unless_south(function: Callable[..., object], story: Story, *more: object) -> None:
    if any(source.title == "News of south" for source in story.sources):
        os.kill(os.getpid(), signal.SIGKILL)
    function(story, *more)


async def test_a_story_at_which_composing_hangs_is_interrupted_and_left_out_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = extractive.summarize_story

    def hanging(story: Story, **more: object) -> Summary:
        while any("south" in source.title for source in story.sources):
            pass
        return whole(story, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("aggregator.pipeline.summarizers.summarize_story", hanging)
    monkeypatch.setattr("aggregator.pipeline.summarizers.LONGEST_STEP", timedelta(seconds=0.2))
    async with desk(tmp_path, texts=TEXTS) as program:
        await make_due(program, tmp_path)
        attempts.begin(program.db, "digest", {"daily": 1}, program.clock.now())  # a process that composed never ended
        (made,) = await program.editions.serve_due("daily")
        assert shown(made) == ["News of north", "News of west"]
        (found,) = attempts.aside(program.db)
        assert found.why == "a step computed for longer than its limit"
        shortly = program.clock.now() + timedelta(days=1)
        (composed,) = await program.editions.compose("daily", shortly)
        assert "News of south" not in shown(composed.edition), "nor is it tried in vain by the next edition"


async def test_trying_stories_alone_stops_with_its_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The story in hand is not at fault then: it is neither set aside nor suspected, and no other is begun."""
    began, ended, give_up, tried = threading.Event(), threading.Event(), threading.Event(), []

    def hanging(story: Story, **_: object) -> Summary:
        tried.append(story.id)
        while not give_up.is_set():
            began.set()
        raise ValueError

    def noted(*arguments: Any) -> Any:
        try:
            return without_faults(*arguments)
        finally:
            ended.set()

    monkeypatch.setattr(summarizers, "summarize_story", hanging)
    monkeypatch.setattr(summarizers, "without_faults", noted)
    async with desk(tmp_path, texts=TEXTS) as program:
        await make_due(program, tmp_path)
        attempts.begin(program.db, "digest", {"daily": 1}, program.clock.now())  # a process that composed never ended
        task = asyncio.create_task(program.editions.serve_due("daily"))
        assert await asyncio.to_thread(began.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(ended.wait, 10), give_up.set()
        assert len(tried) == 1
        assert attempts.aside(program.db) == []
        assert attempts.unfinished(program.db, "compose") == {}


async def test_a_digest_that_kills_each_process_is_left_for_a_day(tmp_path: Path) -> None:
    async with desk(tmp_path, texts=TEXTS) as program:
        await make_due(program, tmp_path)
        day_ago = program.clock.now() - timedelta(days=1)
        attempts.begin(program.db, "digest", {"daily": 10}, day_ago)
        assert await program.editions.serve_due("daily") == []
        attempts.set_aside(program.db, "digest", "daily", "it died", day_ago)
        assert len(await program.editions.serve_due("daily")) == 1


async def test_what_is_under_way_for_another_digest_is_not_set_aside(tmp_path: Path) -> None:
    """Another worker composes it just now: it may well end this time."""
    async with desk(tmp_path, texts=TEXTS) as program:
        await make_due(program, tmp_path)
        attempts.begin(program.db, "digest", {"daily2": 10}, program.clock.now())
        attempts.begin(program.db, "compose", {"daily2/story": 3}, program.clock.now())
        assert len(await program.editions.serve_due("daily")) == 1
        assert attempts.aside(program.db) == []
        assert attempts.unfinished(program.db, "digest") == {"daily2": 10}


@pytest.mark.parametrize(("failure", "longest", "tries"), [(Locked(), 1800, {}), (None, 0, {"daily": 1})])
async def test_only_composing_that_takes_too_long_counts_as_a_try_of_the_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception | None, longest: int, tries: dict[str, int]
) -> None:
    """A locked database is a TimeoutError too, and no fault of the digest."""

    async def failing(*_: object, **__: object) -> list[Edition]:
        if failure is not None:
            raise failure
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr("aggregator.services.editions.DIGEST_LONGEST", timedelta(seconds=longest))
    async with desk(tmp_path, texts=TEXTS) as program:
        monkeypatch.setattr(program.editions, "_serve", failing)
        with sqlite_file(tmp_path / "news.db") as database:
            database.execute("UPDATE digest SET next_slot = 1")
        with pytest.raises(TimeoutError):
            await program.editions.serve_due("daily")
        assert attempts.unfinished(program.db, "digest") == tries


async def test_composing_that_hangs_for_too_long_leaves_no_thread_that_computes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()

    def hanging(*_: object, **__: object) -> Choice:
        try:
            while True:
                pass
        finally:
            ended.set()

    monkeypatch.setattr("aggregator.pipeline.compose.choose", hanging)
    monkeypatch.setattr("aggregator.services.editions.DIGEST_LONGEST", timedelta(seconds=1))
    async with desk(tmp_path, texts=TEXTS) as program:
        await make_due(program, tmp_path)
        with pytest.raises(TimeoutError):
            await program.editions.serve_due("daily")
        assert await asyncio.to_thread(ended.wait, 60)
        assert attempts.unfinished(program.db, "digest") == {"daily": 1}


async def test_a_fault_of_all_stories_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> Summary:
        raise OverflowError("a fault of the summarizer")

    monkeypatch.setattr(extractive, "summarize_story", failing)
    async with desk(tmp_path, texts=TEXTS) as program:
        await program.fetching.fetch()
        program.stories.group()
        with pytest.raises(OverflowError):
            await program.editions.compose("daily")


async def test_an_entry_at_which_grouping_fails_is_grouped_without_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole, rank = features.extract, describe.Classifier.rank

    def failing(document: Document, *more: object) -> features.Features:
        if "south" in document.title:
            raise OverflowError("a fault at this entry")
        return whole(document, *more)  # type: ignore[arg-type]

    def failing_topics(self: describe.Classifier, title: str, *more: object) -> object:
        if "south" in title:
            raise OverflowError("a fault at this story")
        return rank(self, title, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(features, "extract", failing)
    monkeypatch.setattr(describe.Classifier, "rank", failing_topics)
    async with desk(tmp_path, texts=TEXTS) as program:
        await program.fetching.fetch()
        assert program.stories.group().entries == len(NAMES)
        assert "an entry is grouped without its text" in caplog.text
        assert "a story cannot be described" in caplog.text
        with sqlite_file(tmp_path / "news.db") as database:  # as after an upgrade that reads all texts again
            database.execute("DELETE FROM comparison")
    async with desk(tmp_path, texts=TEXTS) as program:
        await program.fetching.fetch()
        program.stories.group()
        (composed,) = await program.editions.compose("daily")
        assert {*shown(composed.edition)} == {f"News of {name}" for name in NAMES}
