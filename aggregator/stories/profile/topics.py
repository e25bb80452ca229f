"""Returns the topics of a text, each with a confidence and a reason.

Four things count for a topic: the feed, the categories that the feed gives the text, words of the topic's lexicon in
the text's language, and the similarity in meaning to the topic's passages (`vectors`). No labelled collection was
used; the numbers below turn similarity into confidence.
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

SURE = 0.4  # confidence from which a text has a topic; on labelled headlines four in five of those are right
_OWN_NEAR = 0.34  # similarity at which a topic defined by the user's examples has a confidence of 0.5

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
        given = evidence.topics_of_categories(categories, self._categories)
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
        by_words = {t.name: evidence.word_confidence(points.get(t.name, 0.0), total) for t in self.topics}
        vector = meaning(f"{title}. {title}. {text[: evidence.READ_CHARS]}", code)
        near = self._meaning.nearness(vector) if vector is not None else {}
        joined = {name: n + 0.1 * by_words[name] for name, n in near.items()}
        return {t.name: self._score(t, joined, by_words, own.get(t.name, 0.0)) for t in self.topics}

    def _score(self, topic: Topic, joined: dict[str, float], by_words: dict[str, float], own: float) -> float:
        """Return one topic's confidence: by meaning if it is known, else by words; the user's words raise either."""
        score = by_words[topic.name]
        if topic.name in joined:
            others = max((s for name, s in joined.items() if name != topic.name and name in _BUILT_IN), default=0.0)
            score = _odds(joined[topic.name], others) if topic.name in _BUILT_IN else _own_odds(joined[topic.name])
        # One of the user's words gives at least 0.5; a second, or one in the title, gives more.
        return max(score, 1.0 - 0.5**own * (1.0 - score)) if own else score

    def _reason(self, title: str, text: str, code: str, topic: Topic, score: float) -> Reason:
        if score < SURE:
            return because(ReasonCode.FAR_FROM_TOPIC)
        own = self._words.words_in(title, text, code, topic.name)
        near = self._meaning.nearest_words(title, text, code, topic.name)
        found = tuple(dict.fromkeys([*own[:4], *near]))[:5]
        return because(ReasonCode.SAYS, words=found) if found else because(ReasonCode.NEAR_TOPIC)


def _odds(score: float, other: float) -> float:
    """Return the confidence of a built-in topic from its similarity and that of the next topic (logistic)."""
    return 1.0 / (1.0 + exp(-(20.0 * score - 8.0 * max(other, 0.0) - 2.3)))


def _own_odds(score: float) -> float:
    return 1.0 / (1.0 + exp(-18.0 * (score - _OWN_NEAR)))
