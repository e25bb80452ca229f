"""The summarizer of an edition: extractive, or a model within its budget; and stories that cannot be summarized."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.store.attempts import Attempts
from aggregator.store.database import Database
from aggregator.store.editions import summaries as store
from aggregator.store.errors import StoreError
from aggregator.system.alone import fault_of
from aggregator.system.clock import Clock
from aggregator.system.hang import LONGEST_STEP, HangDetector, Hung, interruptible, stopping
from digests.choose import choose
from digests.edition import story_item
from digests.model import DigestSpec, ItemKind, Reported, Story, Summary
from digests.summarize.base import Summarizer
from digests.summarize.extractive import ExtractiveSummarizer, summarize_story
from digests.summarize.model.client import ChatSummarizer
from digests.summarize.model.endpoint import Budget, ChatEndpoint, ChatSettings
from digests.summarize.model.translate import Translator

log = logging.getLogger(__name__)

_LOOK = 1.0  # seconds between two looks whether a story hangs


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of spending for a model, in the currency of the prices; 0: no limit."""

    edition: float = 0.0
    day: float = 0.0


class StoredCache:
    """A model's responses in the database, by hash of the request, so that the same request is paid once."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    def get(self, key: str) -> str | None:
        """Return the stored response, or None."""
        return store.get(self._db, key)

    def put(self, key: str, value: str) -> None:
        """Store a response."""
        store.put(self._db, key, value, self._clock.now())


@dataclass(frozen=True, slots=True)
class Models:
    """The summarizer of an edition, and its translator if a model is configured."""

    summarizer: Summarizer
    translator: Translator | None = None


class SharedSummaries:
    """Summarizes a story once for all audiences of a slot that know the same of it."""

    def __init__(self, summarizer: Summarizer) -> None:
        self._summarizer = summarizer
        self._made: dict[tuple[object, ...], Summary] = {}

    async def summarize(
        self,
        story: Story,
        *,
        words: int,
        kind: ItemKind = ItemKind.NEW,
        reported: Reported | None = None,
        language: str = "en",
        at: datetime | None = None,
    ) -> Summary:
        """Return the summary. What a recipient is interested in changes nothing in it, so the story's id is enough."""
        key = (story.id, words, kind, reported, language, at and at.date())
        if key not in self._made:
            self._made[key] = await self._summarizer.summarize(
                story, words=words, kind=kind, reported=reported, language=language, at=at
            )
        return self._made[key]


@asynccontextmanager
async def opened_models(
    db: Database, clock: Clock, settings: ChatSettings | None, limits: Limits, *, extractive: bool = False
) -> AsyncIterator[Models]:
    """Open the models of an edition, which share its budget. Stores what they cost that day.

    Without `settings` there is no model. `extractive`: the model does not summarize.
    """
    if settings is None:
        yield Models(ExtractiveSummarizer(interruptible))
        return
    day = clock.now().date()
    before = await asyncio.to_thread(store.spend, db, day)
    budget = Budget(limits.edition or math.inf, limits.day or math.inf, before.cost)
    async with ChatEndpoint(settings, cache=StoredCache(db, clock), budget=budget) as endpoint:
        try:
            own = ExtractiveSummarizer(interruptible)
            yield Models(own if extractive else ChatSummarizer(endpoint, own), Translator(endpoint))
        finally:
            if budget.called:
                await asyncio.to_thread(store.add_spend, db, day, budget.spent, budget.called)


async def tried_alone(stories: Sequence[Story], spec: DigestSpec, now: datetime, attempts: Attempts) -> Sequence[Story]:
    """Try each story alone, and return those that can be composed."""
    hang = HangDetector()
    work = asyncio.to_thread(without_faults, stories, {}, spec, now, attempts, hang)
    trying = asyncio.ensure_future(work)
    with stopping(hang, trying):
        while not (await asyncio.wait([trying], timeout=_LOOK))[0]:
            hang.interrupt(LONGEST_STEP)
        return await trying


def attempt_key(spec: DigestSpec, story: Story) -> str:
    """Return the key of composing a story for a digest."""
    return f"{spec.name}/{story.id}"


def is_of_digest(name: str) -> Callable[[str], bool]:
    """Return whether a key of `attempt_key` is of the digest with this name."""
    return lambda key: key.startswith(f"{name}/")


def without_faults(
    stories: Sequence[Story],
    reported: Mapping[str, Reported],
    spec: DigestSpec,
    now: datetime,
    attempts: Attempts | None = None,
    hang: HangDetector | None = None,
) -> list[Story]:
    """Return the stories at which the program does not fail: one story must not stop the edition.

    The others count as pending and are tried again for the next edition. With `attempts` each story is a try of its
    own, and one at which `hang` interrupts it is set aside.
    """
    sound, doubtful = [], attempts.doubtful if attempts is not None else ()
    hang = hang or HangDetector()
    for story in stories:
        key = attempt_key(spec, story)
        if attempts is not None and key in doubtful and (why := _fault_of(story, spec, now)):
            attempts.set_aside(key, why)
            continue
        try:
            with nullcontext() if attempts is None else attempts.trying([key]), hang.step():
                _try(story, reported, spec, now)
        except StoreError:
            raise
        except Hung as error:
            if attempts is not None:
                attempts.set_aside(key, str(error))
        except Exception:
            log.exception("a story cannot be composed", extra={"fields": {"digest": spec.name, "story": story.id}})
        else:
            sound.append(story)
    return sound


def _try(story: Story, reported: Mapping[str, Reported], spec: DigestSpec, now: datetime) -> None:
    summarize_story(story, words=spec.words_per_story, language=spec.language)
    for pick in choose([story], reported, spec, now).picks:
        story_item(pick, None, spec)


def _fault_of(story: Story, spec: DigestSpec, now: datetime) -> str | None:
    """Return how a story ends a process of its own; None if it does not."""
    empty = replace(story, sources=())
    return fault_of(_try, (story, {}, spec, now), (empty, {}, spec, now))
