"""Which sections of a digest a text belongs to, with a confidence and its reason."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, log

from aggregator.stories import tokens
from aggregator.stories.language import detect
from aggregator.stories.model import Scored, Topic

OTHER = "Other"
SURE = 0.5  # confidence from which a topic is given
_STRENGTH = {"!": 1.0, "?": 0.3}

DEFAULT_TOPICS: tuple[Topic, ...] = (
    Topic("World", "Wars, diplomacy and events between and inside other countries.", categories=("international", "world news")),
    Topic("Politics", "Elections, parliaments, governments, courts and home affairs.", categories=("us", "uk", "nation", "national")),
    Topic("Business", "Companies, markets, jobs, trade and the economy.", categories=("economy", "money", "finance", "markets")),
    Topic("Technology", "Computers, software, phones, games, the internet and those who make them.", categories=("tech", "gadgets")),
    Topic("Science", "Research, space, physics, life and the past.", categories=("space", "research")),
    Topic("Health", "Medicine, disease, care, food and fitness.", categories=("medicine", "wellness")),
    Topic("Environment", "Climate, weather, wildlife, energy and pollution.", categories=("climate", "nature", "weather")),
    Topic("Culture", "Film, music, television, books, art, and the people in them.", categories=("entertainment", "arts", "music", "film", "movies", "tv", "books", "celebrity", "lifestyle")),
    Topic("Sport", "Games, matches, clubs and athletes.", categories=("sports", "football", "soccer", "nfl", "nba")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Lexicon:
    words: dict[str, dict[str, float]]  # stem or phrase of stems -> topic -> weight
    longest: int


class Classifier:
    """Scores texts against topics: the default ones, the user's own, or both."""

    def __init__(self, topics: Sequence[Topic] = DEFAULT_TOPICS) -> None:
        self.topics = tuple(topics)
        self._feeds = {feed: t.name for t in topics for feed in t.feeds}
        self._categories = {c.lower(): t.name for t in topics for c in (t.name, *t.categories)}
        self._own = {t.name: _own_words(t) for t in topics}

    def classify(
        self, title: str, text: str, language: str | None = None, categories: Iterable[str] = (), feed: str = ""
    ) -> tuple[Scored, ...]:
        """Return the topics of a text, likeliest first, each with a confidence of at least `SURE`; none means Other."""
        return tuple(s for s in self.rank(title, text, language, categories, feed) if s.score >= SURE)

    def rank(
        self, title: str, text: str, language: str | None = None, categories: Iterable[str] = (), feed: str = ""
    ) -> tuple[Scored, ...]:
        """Return every topic with its confidence, likeliest first."""
        code = detect(f"{title}\n{text}", language)
        points, reasons = self._points(title, text, code)
        given = {self._categories[c.lower()] for c in categories if c.lower() in self._categories}
        total = sum(points.values())
        out = []
        for topic in self.topics:
            score = (
                points.get(topic.name, 0.0) / (total + 1.0) * (1 - exp(-points.get(topic.name, 0.0))) if total else 0.0
            )
            reason = f"says {', '.join(reasons[topic.name][:5])}" if reasons.get(topic.name) else "no word of it"
            if topic.name in given:
                score, reason = max(score, 0.8), "the feed files it there"
            if feed and self._feeds.get(feed) == topic.name:
                score, reason = 1.0, "its feed belongs to this topic"
            out.append(Scored(topic.name, round(score, 6), reason))
        return tuple(sorted(out, key=lambda s: -s.score))

    def _points(self, title: str, text: str, code: str) -> tuple[dict[str, float], dict[str, list[str]]]:
        lexicon = _lexicon(code)
        points: dict[str, float] = defaultdict(float)
        reasons: dict[str, list[str]] = {}
        counts = Counter(_grams(tokens.terms(text, code)[:400], lexicon.longest))
        for gram in _grams(tokens.terms(title, code), lexicon.longest):
            counts[gram] += 2
        names = {t.name for t in self.topics}
        for gram, count in counts.items():
            for name, weight in lexicon.words.get(gram, {}).items():
                if name in names:
                    points[name] += weight * (1 + log(count))
                    reasons.setdefault(name, []).append(gram)
            for name, own in self._own.items():
                if gram in own:
                    points[name] += 2.0 * (1 + log(count))
                    reasons.setdefault(name, []).insert(0, gram)
        return points, reasons


def _own_words(topic: Topic) -> frozenset[str]:
    return frozenset(" ".join(tokens.terms(word, detect(word, "en"))) for word in topic.words)


def _grams(terms: list[str], longest: int) -> Iterable[str]:
    for k, term in enumerate(terms):
        yield term
        for n in range(2, longest + 1):
            if k + n <= len(terms):
                yield " ".join(terms[k : k + n])


@cache
def _lexicon(code: str) -> _Lexicon:
    words: dict[str, dict[str, float]] = {}
    for line in (files(__package__) / "data" / "topics.txt").read_text("utf-8").splitlines():
        head, _, listed = line.partition(":")
        name, _, language = head.partition(" ")
        if line.startswith("#") or language != code:
            continue
        for item in listed.split():
            weight = _STRENGTH.get(item[-1], 0.6)
            gram = " ".join(tokens.terms(item.rstrip("!?").replace("_", " "), code))
            if gram:
                words.setdefault(gram, {})[name] = weight
    return _Lexicon(words, max((w.count(" ") + 1 for w in words), default=1))
