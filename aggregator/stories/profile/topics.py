"""Returns the topics of a text, each with a confidence and a reason.

Five things count for a topic: the feed, the categories that the feed gives the text, the sections in its URL, words of
the topic's lexicon in the text's language, and the similarity in meaning to the topic's passages (`vectors`). No
labelled collection was used; the numbers below turn similarity into confidence.

A text about a crime or an accident is under Incidents instead of its likeliest topic (see `incidents`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import exp, log

from aggregator.stories.builtin import DEFAULT_TOPICS, INCIDENTS, Topic
from aggregator.stories.model import Scored
from aggregator.stories.profile import topic_evidence as evidence
from aggregator.stories.profile.incidents import is_incident
from digests.language.detect import detect
from digests.language.glossary import meaning
from digests.reasons import Reason, ReasonCode, because

SURE = 0.4  # confidence from which a text has a topic; on labelled headlines four in five of those are right
_BELOW_SURE = SURE - 0.01
_FOUND = 0.5  # least confidence of an incident
_OWN_NEAR = 0.34  # similarity at which a topic defined by the user's examples has a confidence of 0.5

_SECTION = 0.75  # confidence of a section in the URL as a share of that of the same name as a category
_FILED_ODDS, _HINTED_ODDS = 3.0, 1.0  # log-odds that a category or a section adds to what the text says
# A section that names a place (Local, U.S.) gives its topic only if the text is not far from it: of labelled texts
# below this confidence 6 % are of that topic.
_NOT_FAR = 0.34

_BUILT_IN = frozenset(t.name for t in DEFAULT_TOPICS) - {INCIDENTS}


class Classifier:
    """Scores texts against topics: the default ones, the user's own, or both."""

    def __init__(self, topics: Sequence[Topic] = DEFAULT_TOPICS) -> None:
        self.topics = tuple(topics)
        self._feeds = {feed.casefold(): t.name for t in topics for feed in t.feeds}
        self._categories = evidence.category_names(topics)
        self._words = evidence.TopicLexicon(topics)
        self._meaning = evidence.PassageVectors(topics)

    def classify(
        self,
        title: str,
        text: str,
        language: str | None = None,
        categories: Iterable[str] = (),
        feed: str = "",
        url: str = "",
    ) -> tuple[Scored, ...]:
        """Return the topics of a text, likeliest first, each with a confidence of at least `SURE`; none means Other."""
        return tuple(s for s in self.rank(title, text, language, categories, feed, url) if s.score >= SURE)

    def rank(
        self,
        title: str,
        text: str,
        language: str | None = None,
        categories: Iterable[str] = (),
        feed: str = "",
        url: str = "",
    ) -> tuple[Scored, ...]:
        """Return every topic with its confidence, likeliest first."""
        code = detect(f"{title}\n{text[: evidence.READ_CHARS]}", language)
        given = evidence.topics_of_categories(categories, self._categories)
        for name, sure in evidence.topics_of_categories(evidence.sections_of(url), self._categories).items():
            given[name] = max(given.get(name, 0.0), _SECTION * sure)
        scores = self._scores(title, text, code, given)
        home = self._feeds.get(feed.casefold()) if feed else None
        out = []
        for topic in self.topics:
            score, reason = scores[topic.name], None
            filed = given.get(topic.name, 0.0)
            if score < filed and (filed > evidence.HINTED or score >= _NOT_FAR):
                score, reason = filed, because(ReasonCode.FILED)
            if topic.name == home:
                score, reason = 1.0, because(ReasonCode.FEED_TOPIC)
            reason = reason or self._reason(title, text, code, topic, score)
            out.append(Scored(topic.name, round(score, 6), (reason,)))
        return tuple(sorted(out, key=lambda s: -s.score))

    def _scores(self, title: str, text: str, code: str, given: Mapping[str, float]) -> dict[str, float]:
        points, own = self._words.points(title, text, code)
        total = sum(points.values())
        by_words = {t.name: evidence.word_confidence(points.get(t.name, 0.0), total) for t in self.topics}
        vector = meaning(f"{title}. {title}. {text[: evidence.READ_CHARS]}", code)
        near = self._meaning.nearness(vector) if vector is not None else {}
        joined = {name: n + 0.1 * by_words[name] for name, n in near.items()}
        scores = {t.name: self._score(t, joined, by_words, own.get(t.name, 0.0)) for t in self.topics}
        for name, sure in given.items():
            scores[name] = _raised(scores[name], _FILED_ODDS if sure > evidence.HINTED else _HINTED_ODDS)
        if given and max(given.values()) <= evidence.HINTED:  # a place, so that an unsure subject is less likely
            unsure = [name for name, score in scores.items() if score < SURE and name not in given]
            scores.update((name, _raised(scores[name], -_HINTED_ODDS)) for name in unsure)
        if INCIDENTS not in scores or given.get(INCIDENTS, 0.0) > evidence.HINTED:
            return scores
        return self._with_incidents(scores, joined, given, f"{title} {text}", code)

    def _with_incidents(
        self,
        scores: dict[str, float],
        joined: Mapping[str, float],
        given: Mapping[str, float],
        said: str,
        code: str,
    ) -> dict[str, float]:
        """Return the confidences with Incidents in place of the likeliest topic, if the text is about an incident."""
        home = max(_BUILT_IN & joined.keys() & scores.keys(), key=lambda name: (scores[name], name), default="")
        # A section that names a subject is more certain; World and Politics are also the sections for incidents.
        subject = home not in ("World", "Politics") and given.get(home, 0.0) > evidence.HINTED
        if home and not subject and is_incident(joined[INCIDENTS], home, joined[home], said, code):
            return {**scores, INCIDENTS: max(scores[home], _FOUND), home: min(scores[home], _BELOW_SURE)}
        return {**scores, INCIDENTS: min(scores[INCIDENTS], _BELOW_SURE)}

    def _score(self, topic: Topic, joined: dict[str, float], by_words: dict[str, float], own: float) -> float:
        """Return a topic's confidence: from the similarity in meaning (`joined`) if there is one, else from the words.

        Words that the user has set for the topic raise it: `own` is their points.
        """
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


def _raised(score: float, more: float) -> float:
    """Return the confidence that the text gives, raised by the log-odds of a category or section."""
    odds = log(max(score, 1e-6) / max(1e-6, 1.0 - score))
    return 1.0 / (1.0 + exp(-odds - more))


def _odds(score: float, other: float) -> float:
    """Return the confidence of a built-in topic from its similarity and that of the next topic (logistic)."""
    return 1.0 / (1.0 + exp(-(20.0 * score - 8.0 * max(other, 0.0) - 2.3)))


def _own_odds(score: float) -> float:
    return 1.0 / (1.0 + exp(-18.0 * (score - _OWN_NEAR)))
