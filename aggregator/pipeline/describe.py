"""Describing stories: topics, interests and the effects of rules, from the entries of a story. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from aggregator.pipeline.query_fields import entry_subject
from aggregator.store.records import EntryRecord, StoryUpdate
from aggregator.stories.builtin import DEFAULT_TOPICS
from aggregator.stories.model import Scored
from aggregator.stories.profile.interests import NEAR, InterestProfile
from aggregator.stories.profile.nearest import nearest
from aggregator.stories.profile.terms import main_terms
from aggregator.stories.profile.topics import SURE, Classifier
from aggregator.stories.query import Query
from digests.model import Match
from digests.reasons import Reason, ReasonCode, because

MAX_ARTICLES = 6  # articles that are read to describe a story: the first ones and the latest
MAX_TOPICS = 3  # maximum per story
CACHE_SIZE = 5_000  # entries whose topics are cached

_BUILT_IN = frozenset(topic.name for topic in DEFAULT_TOPICS)


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A compiled `[[rule]]`."""

    name: str
    query: Query
    action: str  # drop, mute, boost, topic, must
    value: float | str | None = None


@dataclass(slots=True)
class Describer:
    """Describes stories by topics, interests and rules."""

    classifier: Classifier
    profiles: Sequence[tuple[InterestProfile, float]] = ()  # with the interest's weight
    rules: Sequence[CompiledRule] = ()
    _known: dict[tuple[int, str], tuple[Scored, ...]] = field(default_factory=dict, repr=False)

    def describe(self, story: str, entries: Sequence[EntryRecord]) -> StoryUpdate:
        """Return the story's update. `entries`: all entries of its articles by arrival, at least one."""
        read = _articles_to_read(entries)
        head = read[0]
        topics = self._topics(read)
        acts = [
            rule for rule in self.rules if any(rule.query.matches(entry_subject(e, topics, story)) for e in entries)
        ]
        excluding = min((r for r in acts if r.action in ("drop", "mute")), key=lambda r: r.action, default=None)
        placed = [
            Match(str(r.value), 1.0, (because(ReasonCode.RULE, name=r.name),)) for r in acts if r.action == "topic"
        ]
        return StoryUpdate(
            id=story,
            title=head.title,
            language=head.language,
            topics=_best([*placed, *topics], MAX_TOPICS),
            interests=self._interests(read),
            boost=sum(float(r.value) for r in acts if r.action == "boost" and isinstance(r.value, int | float)),
            must=any(r.action == "must" for r in acts),
            muted=excluding is not None,
            dropped=excluding is not None and excluding.action == "drop",
            muted_by=excluding.name if excluding is not None else "",
            terms=main_terms(head.title, "\n".join(e.text for e in read), head.language),
        )

    def _topics(self, read: Sequence[EntryRecord]) -> tuple[Match, ...]:
        """Return topics by the feeds' configured topics, or by the mean scores of the texts."""
        by_feed = [
            Match(e.feed_topic, 1.0, (_feed_topic_reason(e.outlet, e.feed_topic),)) for e in read if e.feed_topic
        ]
        sums: dict[str, float] = {}
        best: dict[str, Scored] = {}
        for entry in read:
            for scored in self._ranked(entry):
                sums[scored.name] = sums.get(scored.name, 0.0) + scored.score
                if scored.name not in best or scored.score > best[scored.name].score:
                    best[scored.name] = scored
        means = {name: total / len(read) for name, total in sums.items()}
        by_text = [Match(name, mean, best[name].reasons) for name, mean in means.items() if mean >= SURE]
        # A story from several outlets is classified by its text. A feed's topic decides only if all entries have one.
        found = _best(by_feed + by_text if len(by_feed) == len(read) else by_text or by_feed, MAX_TOPICS)
        return found or _nearest_topic(read[0], means)

    def _ranked(self, entry: EntryRecord) -> tuple[Scored, ...]:
        """Return the topics of an entry, cached because a story is described again with each new article."""
        key = (entry.id, entry.content_hash)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= CACHE_SIZE:
                self._known.clear()
            found = self.classifier.rank(
                entry.title, entry.text, entry.language, entry.categories, entry.outlet, entry.link or ""
            )
            self._known[key] = found
        return found

    def _interests(self, read: Sequence[EntryRecord]) -> tuple[Match, ...]:
        found = []
        for profile, weight in self.profiles:
            best = max((profile.score(e.title, e.text, e.language) for e in read), key=lambda s: s.score)
            if best.score >= NEAR and weight:
                found.append(
                    Match(best.name, min(1.0, best.score * abs(weight)) * (1 if weight > 0 else -1), best.reasons)
                )
        return tuple(sorted(found, key=lambda m: -m.score))


def _nearest_topic(entry: EntryRecord, means: Mapping[str, float]) -> tuple[Match, ...]:
    """Return the built-in topic that is nearest, for a story that no topic is sure of."""
    built_in = {name: mean for name, mean in means.items() if name in _BUILT_IN}
    found = nearest(built_in, entry.title, entry.text, entry.language)
    return (Match(found[0], found[1], (because(ReasonCode.NEAR_TOPIC),)),) if found else ()


def _feed_topic_reason(outlet: str, topic: str) -> Reason:
    return because(ReasonCode.OUTLET_TOPIC, outlet=outlet, topic=topic)


def _articles_to_read(entries: Sequence[EntryRecord]) -> list[EntryRecord]:
    """Return one entry per article, the first and the last ones, at most MAX_ARTICLES."""
    heads: dict[int, EntryRecord] = {}
    for entry in entries:
        heads.setdefault(entry.article_id or entry.id, entry)
    found = list(heads.values())
    return found if len(found) <= MAX_ARTICLES else found[: MAX_ARTICLES // 2] + found[-MAX_ARTICLES // 2 :]


def _best(matches: Iterable[Match], most: int) -> tuple[Match, ...]:
    """Return the best match of each name, best first."""
    best: dict[str, Match] = {}
    for match in matches:
        if match.name not in best or best[match.name].score < match.score:
            best[match.name] = match
    return tuple(sorted(best.values(), key=lambda m: (-m.score, m.name))[:most])
