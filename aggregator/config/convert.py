"""From the configuration's tables to the values that the packages take."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aggregator.config.schema import Config
from aggregator.config.sections import Digest, Feed
from aggregator.config.types import Url
from aggregator.stories.model import GroupingSettings, Interest, Topic
from digests.model import DigestSpec, Quiet
from feeds.http.base import FetchSettings
from feeds.model import Subscription

_LONGEST_PATH = 400  # a text longer than this, or of several lines, is no path


def fetch_settings(config: Config) -> FetchSettings:
    """The `[fetch]` table as the HTTP source takes it."""
    fetch = config.fetch
    return FetchSettings(
        timeout=fetch.timeout.total_seconds(),
        max_bytes=fetch.max_bytes,
        max_redirects=fetch.max_redirects,
        concurrency=fetch.concurrency,
        per_host=fetch.per_host,
        host_delay=fetch.host_delay.total_seconds(),
        contact=fetch.contact,
        allow_private=fetch.allow_private,
        user_agent=fetch.user_agent or FetchSettings().user_agent,
    )


def grouping_settings(config: Config) -> GroupingSettings:
    """The `[stories]` table as the story engine takes it."""
    return GroupingSettings(granularity=config.stories.granularity, languages=config.stories.languages)


def digest_spec(config: Config, digest: Digest) -> DigestSpec:
    """One `[[digest]]` as composing takes it: the title filled, the zone by its IANA name."""
    return DigestSpec(
        name=digest.name,
        title=digest.title or digest.name,
        schedule=digest.schedule,
        zone=config.zone(digest),
        language=digest.language,
        topics=digest.topics,
        interests=digest.interests,
        max_stories=digest.max_stories,
        max_words=digest.max_words,
        min_score=digest.min_score,
        words_per_story=digest.words_per_story,
        quiet=Quiet(digest.quiet),
        images=digest.images,
        template=digest.template,
        diversity=digest.diversity,
    )


def topics(config: Config) -> tuple[Topic, ...]:
    """The `[[topic]]` tables, and one without words for each other name that feeds are put under."""
    own = {
        table.name: Topic(table.name, table.description, table.words, table.examples, table.feeds, table.categories)
        for table in config.topics
    }
    for feed in config.feeds:
        if feed.topic and feed.topic not in own:
            own[feed.topic] = Topic(feed.topic)
    return tuple(own.values())


def interests(config: Config, read_url: Callable[[str], str]) -> tuple[Interest, ...]:
    """The `[[interest]]` tables with the texts of their examples; `read_url` gives the text behind a web address."""
    return tuple(
        Interest(
            table.name,
            examples=_texts(config, table.examples, read_url),
            words=table.words,
            unlike=_texts(config, table.unlike, read_url),
            weight=table.weight,
        )
        for table in config.interests
    )


def _texts(config: Config, examples: Iterable[str], read_url: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(example_text(config, example, read_url) for example in examples)


def example_text(config: Config, example: str, read_url: Callable[[str], str]) -> str:
    """The text an example stands for: a web address is read, a file too; anything else is the text itself."""
    stripped = example.strip()
    if stripped.startswith(("http://", "https://")) and " " not in stripped:
        return read_url(stripped)
    if stripped and "\n" not in stripped and len(stripped) <= _LONGEST_PATH:
        path = config.resolve(stripped)
        if path.is_file():
            return path.read_text(encoding="utf-8", errors="replace")
    return example


def subscriptions(config: Config) -> list[Feed]:
    """Every feed to poll: those of `[[feed]]` that are enabled, then those of `[[opml]]` files; each address once.

    The outermost folder of an OPML file is the topic. A line whose address is no web address is passed over.
    """
    found = {feed.url: feed for feed in config.feeds}
    for table in config.opml:
        for subscription in read_opml(config, table.file):
            found.setdefault(subscription.url, from_opml(subscription))
    return [feed for feed in found.values() if feed.enabled]


def read_opml(config: Config, file: str) -> list[Subscription]:
    """The readable lines of an OPML file."""
    from pydantic import TypeAdapter, ValidationError

    from feeds.opml import read

    good = []
    address: TypeAdapter[str] = TypeAdapter(Url)
    for subscription in read(config.resolve(file).read_bytes()):
        try:
            address.validate_python(subscription.url)
        except ValidationError:
            continue
        good.append(subscription)
    return good


def from_opml(subscription: Subscription) -> Feed:
    """A line of an OPML file as a feed of ours."""
    return Feed(
        url=subscription.url, name=subscription.title, topic=subscription.folder[0] if subscription.folder else ""
    )
