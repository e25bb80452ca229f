"""Which sections of a digest a text belongs to, with a confidence and its reason.

Four things speak for a topic: its feed, the category a feed files the text under, the words that are its own in the text's
language, and how near the text comes in meaning to what stories of the topic tell (`vectors`). No label of
any collection was used; the few numbers below turn nearness into confidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp

from aggregator.stories.builtin import DEFAULT_TOPICS
from aggregator.stories.model import Scored, Topic
from aggregator.stories.profile import topic_evidence as evidence
from digests.language.detect import detect
from digests.language.glossary import meaning
from digests.reasons import Reason, ReasonCode, because

SURE = 0.4  # confidence from which a topic is given; four in five of those are right on labelled headlines
_OWN_NEAR = 0.34  # nearness at which a topic that the user made of examples is as likely as not

_BUILT_IN = frozenset(t.name for t in DEFAULT_TOPICS)


class Classifier:
    """Scores texts against topics: the default ones, the user's own, or both."""

    def __init__(self, topics: Sequence[Topic] = DEFAULT_TOPICS) -> None:
        self.topics = tuple(topics)
        self._feeds = {feed.casefold(): t.name for t in topics for feed in t.feeds}
        self._categories = evidence.category_names(topics)
        self._words = evidence.TopicLexicon(topics)
        self._meaning = evidence.PassageVectors(topics)

    def classify(
        self, title: str, text: str, language: str | None = None, categories: Iterable[str] = (), feed: str = ""
    ) -> tuple[Scored, ...]:
        """Return the topics of a text, likeliest first, each with a confidence of at least `SURE`; none means Other."""
        return tuple(s for s in self.rank(title, text, language, categories, feed) if s.score >= SURE)

    def rank(
        self, title: str, text: str, language: str | None = None, categories: Iterable[str] = (), feed: str = ""
    ) -> tuple[Scored, ...]:
        """Return every topic with its confidence, likeliest first."""
        code = detect(f"{title}\n{text[: evidence.READ_CHARS]}", language)
        scores = self._scores(title, text, code)
        given = evidence.filed(categories, self._categories)
        home = self._feeds.get(feed.casefold()) if feed else None
        out = []
        for topic in self.topics:
            score, reason = scores[topic.name], None
            if score < given.get(topic.name, 0.0):
                score, reason = given[topic.name], because(ReasonCode.FILED)
            if topic.name == home:
                score, reason = 1.0, because(ReasonCode.FEED_TOPIC)
            reason = reason or self._reason(title, text, code, topic, score)
            out.append(Scored(topic.name, round(score, 6), (reason,)))
        return tuple(sorted(out, key=lambda s: -s.score))

    def _scores(self, title: str, text: str, code: str) -> dict[str, float]:
        points, own = self._words.points(title, text, code)
        total = sum(points.values())
        by_words = {t.name: evidence.sure(points.get(t.name, 0.0), total) for t in self.topics}
        vector = meaning(f"{title}. {title}. {text[: evidence.READ_CHARS]}", code)
        near = self._meaning.nearness(vector) if vector is not None else {}
        joined = {name: n + 0.1 * by_words[name] for name, n in near.items()}
        return {t.name: self._score(t, joined, by_words, own.get(t.name, 0.0)) for t in self.topics}

    def _score(self, topic: Topic, joined: dict[str, float], by_words: dict[str, float], own: float) -> float:
        """One topic's confidence: by meaning where there is one, else by words; the user's words lift either."""
        score = by_words[topic.name]
        if topic.name in joined:
            others = max((s for name, s in joined.items() if name != topic.name and name in _BUILT_IN), default=0.0)
            score = _odds(joined[topic.name], others) if topic.name in _BUILT_IN else _own_odds(joined[topic.name])
        # One use of a word that the user gave is as good as even; a second, or one in the title, settles it.
        return max(score, 1.0 - 0.5**own * (1.0 - score)) if own else score

    def _reason(self, title: str, text: str, code: str, topic: Topic, score: float) -> Reason:
        if score < SURE:
            return because(ReasonCode.FAR_FROM_TOPIC)
        said = self._words.said(title, text, code, topic.name)
        near = self._meaning.telling(title, text, code, topic.name)
        found = tuple(dict.fromkeys([*said[:4], *near]))[:5]
        return because(ReasonCode.SAYS, words=found) if found else because(ReasonCode.NEAR_TOPIC)


def _odds(score: float, other: float) -> float:
    """Confidence in a built-in topic by its nearness and that of its nearest rival (logistic, three numbers)."""
    return 1.0 / (1.0 + exp(-(20.0 * score - 8.0 * max(other, 0.0) - 2.3)))


def _own_odds(score: float) -> float:
    return 1.0 / (1.0 + exp(-18.0 * (score - _OWN_NEAR)))
