"""The evidence for a topic: words of its lexicon, the meaning of its passages, and the categories of a feed."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, log

import numpy as np

from aggregator.stories.builtin import Topic
from digests.language import tokens, vectors
from digests.language.detect import UNKNOWN, detect
from digests.language.glossary import english
from digests.language.stopwords import stop_words
from digests.language.vectors import Floats

FILED, HINTED = 0.8, 0.45  # confidence of a category that names a topic, and of one that names a region or a mixture
READ_CHARS = 3_000  # of a text that are used; the news comes first
REASON_CHARS = 800  # of a text in which words for the reason are searched
_REMEMBERED = 20_000  # words
_SHARPNESS = 7.0  # how much more the nearest passage of a topic counts than the others
_STRENGTH = {"!": 1.0, "?": 0.3}
_APART = re.compile(r"[^\w.]+")
_JOINED = re.compile(r" (?:and|und|et|y|e|en|i|och|og|ja|и|і|та) ")
_PATH = re.compile(r"[/>|:;»]+| [-–—] ")


@dataclass(frozen=True, slots=True)
class _Lexicon:
    words: dict[str, dict[str, float]]  # stem or phrase of stems -> topic -> weight
    longest: int


class TopicLexicon:
    """The lexicon of each language, and the user's own words."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._names = frozenset(t.name for t in topics)
        self._own = {t.name: own for t in topics if (own := _own_words(t))}
        self._longest = max((g.count(" ") + 1 for own in self._own.values() for g in own), default=1)

    def points(self, title: str, text: str, code: str) -> tuple[dict[str, float], dict[str, float]]:
        """Return points by topic, from the lexicon and the user's words; a word of the title counts three times."""
        lexicon = lexicon_of(code)
        longest = max(lexicon.longest, self._longest)
        counts = Counter(_grams(tokens.terms(text[:READ_CHARS], code), longest))
        for gram in _grams(tokens.terms(title, code), longest):
            counts[gram] += 2
        points: dict[str, float] = defaultdict(float)
        own: dict[str, float] = defaultdict(float)
        for gram, count in counts.items():
            for name, weight in lexicon.words.get(gram, {}).items():
                if name in self._names:
                    points[name] += weight * (1 + log(count))
            for name, grams in self._own.items():
                if gram in grams:
                    own[name] += 1 + log(count)
        return points, own

    def words_in(self, title: str, text: str, code: str, topic: str) -> list[str]:
        """Return the words of a text, as written, that are the topic's, in order of first use."""
        lexicon, own = lexicon_of(code), self._own.get(topic, frozenset())
        out: dict[str, str] = {}
        for word in tokens.raw(f"{title}\n{text[:REASON_CHARS]}"):
            for term in tokens.terms(word, code):
                if term in own or topic in lexicon.words.get(term, {}):
                    out.setdefault(term, tokens.without_possessive(word))
        return list(out.values())


class PassageVectors:
    """The vectors of the topics' passages: a text is near a topic if it is near some of its passages."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        rows: list[Floats] = []
        self._parts: dict[str, slice] = {}
        for topic in topics:
            found = [v for p in passages_of(topic) if (v := vectors.vector(p)) is not None]
            if found:
                self._parts[topic.name] = slice(len(rows), len(rows) + len(found))
                rows += found
        self._rows = np.stack(rows) if rows else np.zeros((0, 1), np.float32)
        self._order = {name: k for k, name in enumerate(self._parts)}
        middles = [self._rows[part].mean(axis=0) for part in self._parts.values()]
        self._middles = np.stack(middles) if middles else self._rows
        self._gains: dict[str, Floats | None] = {}

    def nearness(self, vector: Floats) -> dict[str, float]:
        """Return how near a text is to each topic that has passages: a soft maximum of cosines."""
        lifted = np.exp(_SHARPNESS * (self._rows @ vector))
        return {name: float(np.log(lifted[part].mean())) / _SHARPNESS for name, part in self._parts.items()}

    def nearest_words(self, title: str, text: str, code: str, topic: str, most: int = 4) -> list[str]:
        """Return the words of a text, as written, that bring it nearest to the topic."""
        place, stops = self._order.get(topic), stop_words(code)
        if place is None:
            return []
        gain: dict[str, float] = {}
        written: dict[str, str] = {}
        for word in tokens.raw(f"{title}\n{text[:REASON_CHARS]}"):
            lower = tokens.fold(word)
            if lower not in gain and lower not in stops and len(lower) > 2:
                meant = lower if code in ("en", UNKNOWN) else english(word, code)
                gains = self._gain(meant) if meant else None
                gain[lower] = float(gains[place]) if gains is not None else 0.0
                written[lower] = tokens.without_possessive(word)
        best = sorted((w for w, g in gain.items() if g > 0), key=lambda w: (-gain[w], w))
        return [written[w] for w in best[:most]]

    def _gain(self, word: str) -> Floats | None:
        """Return how near one word brings a text to each topic; cached, because news repeats its words."""
        if word not in self._gains:
            if len(self._gains) > _REMEMBERED:
                self._gains.clear()
            total = vectors.table().total(word)
            self._gains[word] = None if total is None else self._middles @ total
        return self._gains[word]


def passages_of(topic: Topic) -> tuple[str, ...]:
    """Return the passages of a topic: its description, its examples and the built-in passages."""
    built_in = _passages().get(topic.name, ())
    words = (", ".join(topic.words),) if topic.words and (built_in or topic.examples or topic.description) else ()
    return tuple(filter(None, (topic.description, *words, *topic.examples, *built_in)))


def topics_of_categories(categories: Iterable[str], known: dict[str, tuple[str, float]]) -> dict[str, float]:
    """Return the topics that a feed's categories name, each with its confidence. `known` is by `category_names`.

    A path (`News/Business`, `Sport > Tennis`) is read from its end: the first known section counts. If names are joined
    by a word for "and", each counts.
    """
    out: dict[str, float] = {}
    for category in categories:
        whole = normal_category(category)
        parts = [whole, *(normal_category(part) for part in reversed(_PATH.split(category)))]
        first = next((known[part] for part in parts if part in known), None)
        for topic, score in [first] if first else [known[part] for part in _JOINED.split(whole) if part in known]:
            out[topic] = max(score, out.get(topic, 0.0))
    return out


def sections_of(url: str) -> list[str]:
    """Return the names in a URL that may be sections: the folders of its path, and the first label of its host."""
    host, *path = url.partition("://")[2].partition("?")[0].partition("#")[0].split("/")
    labels = host.split(".")
    return [part.replace("-", " ").replace("_", " ") for part in (*labels[: len(labels) - 2], *path[:-1]) if part]


def normal_category(name: str) -> str:
    """Return a category in lower case, without accents, with single spaces and with `&` as `and`."""
    lower = unicodedata.normalize("NFD", name.replace("&", " and ").casefold())
    bare = "".join(c for c in lower if not unicodedata.combining(c))
    return _APART.sub(" ", unicodedata.normalize("NFC", bare)).strip()


def category_names(topics: Sequence[Topic]) -> dict[str, tuple[str, float]]:
    """Return the topic and the confidence of every known category; the topics' own precede the built-in ones."""
    out: dict[str, tuple[str, float]] = {}
    for topic in topics:
        for name in (topic.name, *topic.categories):
            out.setdefault(normal_category(name), (topic.name, FILED))
    names = {t.name for t in topics}
    for line in _lines("categories.txt"):
        topic_name, _, listed = line.partition(": ")
        if topic_name in names:
            for name in listed.split(","):
                out.setdefault(normal_category(name.rstrip("?")), (topic_name, HINTED if name.endswith("?") else FILED))
    return out


def word_confidence(points: float, total: float) -> float:
    """Return the confidence by words alone, from their share of all points and their number."""
    return points / (total + 1.0) * (1 - exp(-points)) if points > 0 else 0.0


def _own_words(topic: Topic) -> frozenset[str]:
    grams = (" ".join(tokens.terms(word, detect(word, "en"))) for word in topic.words)
    return frozenset(filter(None, grams))


def _grams(terms: list[str], longest: int) -> Iterable[str]:
    for k, term in enumerate(terms):
        yield term
        for n in range(2, longest + 1):
            if k + n <= len(terms):
                yield " ".join(terms[k : k + n])


def _lines(name: str) -> list[str]:
    text = (files(__package__) / "data" / name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def _passages() -> dict[str, tuple[str, ...]]:
    out: dict[str, list[str]] = {}
    for line in _lines("topic_passages.txt"):
        name, _, passage = line.partition(": ")
        out.setdefault(name, []).append(passage)
    return {name: tuple(passages) for name, passages in out.items()}


@cache
def lexicon_of(code: str) -> _Lexicon:
    """Return the lexicon of one language."""
    words: dict[str, dict[str, float]] = {}
    for line in _lines("topics.txt"):
        head, _, listed = line.partition(":")
        name, _, language = head.partition(" ")
        if language != code:
            continue
        for item in listed.split():
            weight = _STRENGTH.get(item[-1], 0.6)
            gram = " ".join(tokens.terms(item.rstrip("!?").replace("_", " "), code))
            if gram:
                words.setdefault(gram, {})[name] = weight
    return _Lexicon(words, max((w.count(" ") + 1 for w in words), default=1))
