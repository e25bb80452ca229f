"""The stories service: groups entries into stories, and builds topics, interests and rules from the configuration."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from aggregator.config.errors import ConfigError, Problem
from aggregator.config.matching import InterestTable, TopicTable
from aggregator.config.schema import Config
from aggregator.config.secrets import secret
from aggregator.pipeline.describe import CompiledRule, Describer
from aggregator.pipeline.group import GROUPING_LEASE, LEASE, Grouped, GroupingStage, ReadingStage, release_grouping
from aggregator.services.context import Context
from aggregator.services.intake.fetching import is_url
from aggregator.store.stories import page_texts
from aggregator.stories import query
from aggregator.stories.builtin import DEFAULT_TOPICS, Topic
from aggregator.stories.encoder import Encoder
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.model import GroupingSettings, Interest
from aggregator.stories.profile.interests import InterestProfile
from aggregator.stories.profile.topics import Classifier
from aggregator.system.hang import LONGEST_STEP, HangDetector
from feeds.errors import FeedError
from feeds.model import ExtractedArticle

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoriesSettings:
    """The settings of grouping and describing stories.

    `describer` takes the texts of the interests' example pages by URL; `example_urls` are these URLs. With
    `keeps_lease` one process groups until it ends.
    """

    grouper: Callable[[], Grouper]
    describer: Callable[[Mapping[str, str]], Describer]
    example_urls: tuple[str, ...]
    keeps_lease: bool = False


class StoriesService:
    """Groups entries into stories. `article` extracts the article of a web page."""

    def __init__(
        self, context: Context, settings: StoriesSettings, article: Callable[[str], Awaitable[ExtractedArticle]]
    ) -> None:
        self._context = context
        self._settings = settings
        self._article = article
        self._stage: GroupingStage | None = None
        self._grouping = threading.Lock()
        self._hang_detector = HangDetector(context.clock.monotonic)
        self._hangs = False  # and was reported
        self._reading_hang_detector = HangDetector(context.clock.monotonic)
        self._reading = self._reading_stage()
        self._texts: dict[str, str] = {}

    def configure(self, settings: StoriesSettings) -> None:
        """Use these settings from now on."""
        self._settings = settings
        self._stage = None
        self._reading = self._reading_stage()

    def _reading_stage(self) -> ReadingStage:
        return ReadingStage(self._context.db, self._settings.grouper, self._reading_hang_detector)

    @property
    def example_urls(self) -> tuple[str, ...]:
        """The URLs of the interests' example pages."""
        return self._settings.example_urls

    async def update(self, on_batch: Callable[[int, int], None] | None = None) -> Grouped:
        """Fetch the interests' example pages, then group all waiting entries."""
        await self.prepare()
        return await asyncio.to_thread(self.group, on_batch)

    async def prepare(self) -> None:
        """Fetch the interests' example pages; one that fails is left out until the next start."""
        for url in self._settings.example_urls:
            if url not in self._texts and (text := await self.page_text(url)):
                self._texts[url] = text
                self._stage = None

    async def page_text(self, url: str) -> str:
        """Return a web page's text, cached in the database; empty if the page cannot be fetched."""
        db = self._context.db
        cached = await asyncio.to_thread(page_texts.get, db, url)
        if cached:
            return cached
        try:
            article = await self._article(url)
        except FeedError as error:
            log.warning(
                "the page of an interest cannot be fetched", extra={"fields": {"url": url, "error": error.message}}
            )
            return ""
        text = f"{article.title}\n\n{article.text}".strip()
        if text:
            await asyncio.to_thread(page_texts.put, db, url, text, self._context.clock.now())
        return text

    def profiles(self) -> list[InterestProfile]:
        """Return the interests' profiles in the order of the configuration. Call `prepare` first."""
        return [profile for profile, _ in self._settings.describer(self._texts).profiles]

    def group(self, on_batch: Callable[[int, int], None] | None = None) -> Grouped:
        """Group all waiting entries. One thread at a time: composing groups too, perhaps while a long run goes on.

        `on_batch` takes after each batch how many entries are grouped, and of how many.
        """
        with self._grouping, self._hang_detector.running():
            stage = self._stage
            if stage is None:
                settings, context = self._settings, self._context
                describer = settings.describer(self._texts)
                stage = self._stage = GroupingStage(
                    context.db,
                    describer,
                    settings.grouper,
                    context.holder,
                    context.clock.now,
                    keeps_lease=settings.keeps_lease,
                    hang=self._hang_detector,
                )
            return stage.run(self._context.clock.now(), on_batch)

    def read_ahead(self, entries: Sequence[int]) -> None:
        """Read new entries, so that the process that groups them need not. Never raises."""
        self._reading.run(entries)

    def interrupt_hung(self) -> None:
        """Interrupt a step that computes for too long: when grouping, its entry is set aside. Call it regularly."""
        if self._reading_hang_detector.interrupt(LONGEST_STEP):
            log.error("reading an entry hung, and was interrupted")
        if self._hang_detector.interrupt(LONGEST_STEP):
            log.error("grouping hung at one entry or story, and was interrupted")

    def kept_leases(self) -> Sequence[str]:
        """Return the lease for grouping, to be extended while this process has it; nothing while grouping hangs."""
        before, self._hangs = self._hangs, self._hang_detector.hangs(LEASE)
        if self._hangs and not before:
            log.error("grouping hangs; another worker may take over")
        return [] if self._hangs else [GROUPING_LEASE]

    def release(self) -> None:
        """Give up the lease for grouping, so that another process takes over at once. For a process that stops."""
        release_grouping(self._context.db, self._context.holder)


def stories_settings(config: Config) -> StoriesSettings:
    """Read the settings of grouping and interests from the configuration."""
    examples = [e for i in config.interests for e in (*i.examples, *i.unlike) if is_url(e)]
    return StoriesSettings(
        grouper=partial(_new_grouper, config),
        describer=partial(build_describer, config),
        example_urls=tuple(dict.fromkeys(examples)),
        keeps_lease=config.cluster.enabled,
    )


def _new_grouper(config: Config) -> Grouper:
    return grouper_factory(config)()  # opens the encoder only when it is needed


def grouper_factory(config: Config, granularity: str | None = None) -> Callable[[], Grouper]:
    """Return a function that creates an empty grouping engine with the configured or another granularity.

    Raises ConfigError when the configured sentence encoder cannot be used.
    """
    settings = GroupingSettings(
        granularity or config.stories.granularity,
        config.stories.languages,
        config.stories.window,
        config.stories.articles,
    )
    encoder = configured_encoder(config)
    return lambda: Grouper(settings, encoder)


def configured_encoder(config: Config) -> Encoder | None:
    """Open the configured sentence encoder, once; None without one. Raises ConfigError."""
    stories = config.stories
    if not stories.embeddings:
        return None
    from aggregator.services.encoder import EncoderUnusable

    key = secret(config, "stories", "embeddings_key")
    location = stories.embeddings if is_url(stories.embeddings) else str(config.resolve(stories.embeddings))
    try:
        return _open_encoder_once(location, stories.embeddings_model, key.get_secret_value() if key else "")
    except EncoderUnusable as error:
        raise ConfigError([Problem(str(config.path), 0, "stories.embeddings", str(error))]) from error


@lru_cache(maxsize=1)
def _open_encoder_once(location: str, model: str, key: str) -> Encoder:
    from aggregator.services.encoder import open_encoder

    return open_encoder(location, model, key)


def configured_topics(config: Config) -> tuple[Topic, ...]:
    """Return the built-in topics with the configured additions, then the user's own topics."""
    own = {t.name: t for t in config.topics}
    merged = [_merge_topic(topic, own.pop(topic.name, None)) for topic in DEFAULT_TOPICS]
    return tuple(merged) + tuple(
        Topic(t.name, t.description, t.words, t.examples, t.feeds, t.categories) for t in own.values()
    )


def _merge_topic(topic: Topic, own: TopicTable | None) -> Topic:
    if own is None:
        return topic
    return Topic(
        topic.name,
        own.description or topic.description,
        topic.words + own.words,
        topic.examples + own.examples,
        topic.feeds + own.feeds,
        topic.categories + own.categories,
    )


def build_describer(config: Config, texts: Mapping[str, str]) -> Describer:
    """Build the describer of stories. `texts` holds the interests' example pages by URL."""
    encoder = configured_encoder(config) if config.interests else None
    profiles = [
        (InterestProfile.build(load_interest(config, table, texts), encoder), table.weight)
        for table in config.interests
    ]
    rules = [CompiledRule(r.name, query.parse(r.query), r.action, r.value) for r in config.rules]
    return Describer(Classifier(configured_topics(config)), profiles, rules)


_LONGEST_PATH = 250  # characters; a longer example is a text


def load_interest(config: Config, table: InterestTable, texts: Mapping[str, str]) -> Interest:
    """Build an interest; an example is the text of a page or a file, or is itself the text."""

    def read(example: str) -> str:
        return texts[example] if example in texts else _local_text(config, example)

    return Interest(
        table.name,
        examples=tuple(filter(None, map(read, table.examples))),
        words=table.words,
        unlike=tuple(filter(None, map(read, table.unlike))),
    )


def _local_text(config: Config, example: str) -> str:
    if is_url(example):
        return ""  # not fetched yet
    path = example_file(config, example)
    return path.read_text("utf-8", "replace") if path is not None else example


def example_file(config: Config, example: str) -> Path | None:
    """Return the file that an example names; None for a text."""
    if "\n" in example or len(example) > _LONGEST_PATH:
        return None
    path = config.resolve(example)
    try:
        return path if path.is_file() else None
    except OSError:  # longer than a file name may be, or in a folder that may not be searched
        return None
