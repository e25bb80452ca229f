"""Scores stories by the user's interests: profiles made from example texts and words, which `interests` prints.

A story is compared with each example by meaning and by shared rare words (`likeness`), and with the user's words by
whether it contains them. Similarity to negative examples lowers the score. Stories that recipients marked are examples
whose weight halves every `HALF_LIFE`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log

import numpy as np

from aggregator.stories.encoder import Encoder
from aggregator.stories.grouping import features
from aggregator.stories.model import Interest, Scored
from aggregator.stories.profile.likeness import Text, fast_similarity
from digests.language import frequencies as common
from digests.language import tokens, vectors
from digests.language.detect import detect
from digests.reasons import Reason, ReasonCode, _, because
from digests.render.view.wording import Wording, english
from feeds.text import is_credit, without_boilerplate

NEAR = 0.2  # score from which a story belongs to an interest: the same subject, even if another event
NAMES, TERMS = 24, 60  # kept of the examples
HALF_LIFE = timedelta(days=45)  # of a mark
MARKS = 60  # the latest marks of each kind are used
_UNLIKE = 0.7  # part of the similarity to negative examples that is subtracted
_ATTRIBUTION = 4  # a last line of at most so many words only names the publisher
_SENTENCE_END = re.compile(r"[.!?…。！？”\"]\s*$")
_AT_FIRST = 300  # documents nearest in meaning that are scored, besides those that share a term


@dataclass(frozen=True, slots=True)
class Mark:
    """The text of a story that a recipient marked, when, and whether they want more or less like it."""

    text: str
    more: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class InterestProfile:
    """The profile of an interest: `names`, `terms` and negative terms (`unlike`) with their weights, heaviest first.

    Stories are compared with the texts of `examples` and the negative `others`, each with a weight of up to 1.
    """

    interest: Interest
    names: tuple[tuple[str, float], ...]
    terms: tuple[tuple[str, float], ...]
    unlike: tuple[tuple[str, float], ...] = ()
    examples: tuple[tuple[Text, float], ...] = ()
    others: tuple[tuple[Text, float], ...] = ()
    words: tuple[tuple[str, str], ...] = ()  # the user's words: as stems, and as written
    encoder: Encoder | None = None

    @classmethod
    def build(cls, interest: Interest, encoder: Encoder | None = None) -> InterestProfile:
        """Return the profile of an interest. Bylines, credits and attributions are removed from its examples.

        `encoder` is the configured sentence encoder, if there is one.
        """
        return cls._of(
            interest, [(text, 1.0) for text in interest.examples], [(text, 1.0) for text in interest.unlike], encoder
        )

    @classmethod
    def learned(cls, name: str, marks: Iterable[Mark], now: datetime) -> InterestProfile:
        """Return a profile of the latest marks of each kind, whose weights decrease with age."""
        latest = sorted(marks, key=lambda m: m.at, reverse=True)
        sides: dict[bool, list[tuple[str, float]]] = {True: [], False: []}
        for mark in latest:
            weight = 0.5 ** (max(timedelta(0), now - mark.at) / HALF_LIFE)
            if len(sides[mark.more]) < MARKS and mark.text.strip():
                sides[mark.more].append((mark.text, weight))
        return cls._of(Interest(name), sides[True], sides[False])

    @classmethod
    def _of(
        cls,
        interest: Interest,
        likes: Sequence[tuple[str, float]],
        unlike: Sequence[tuple[str, float]],
        encoder: Encoder | None = None,
    ) -> InterestProfile:
        examples = [(Text.of(example_text(text), None, encoder), weight) for text, weight in likes if text.strip()]
        others = [(Text.of(example_text(text), None, encoder), weight) for text, weight in unlike if text.strip()]
        names: dict[str, float] = defaultdict(float)
        for text, weight in examples:
            for name, often in _names(text.text, text.language).items():
                names[name] += weight * often
        stems = {" ".join(tokens.terms(word, detect(word, "en"))): word for word in interest.words}
        words = tuple((stem, word) for stem, word in stems.items() if stem)
        terms = _summed(examples)
        terms.update(dict.fromkeys(dict(words), max(terms.values(), default=1.0)))
        return cls(
            interest,
            _best(names, NAMES),
            _best(terms, TERMS),
            _best(_summed(others), TERMS),
            tuple(examples),
            tuple(others),
            words,
            encoder,
        )

    def score(self, title: str, text: str, language: str | None = None) -> Scored:
        """Return from 0 to 1 how well a story matches the interest, and why."""
        theirs = compared_text(title, text, language, self.encoder)
        said = self._said(title, text, theirs.language)
        liked = max(_nearness(self.examples, theirs), 1.0 - 0.5 ** len(said) if said else 0.0)
        score = max(0.0, min(1.0, liked - _UNLIKE * _nearness(self.others, theirs)))
        return Scored(self.interest.name, round(score, 6), self._reasons(title, text, theirs, said))

    def examples_near(self, title: str, text: str, language: str | None = None) -> int:
        """Return how many of the examples a story is near."""
        theirs = compared_text(title, text, language, self.encoder)
        return sum(_nearness([one], theirs) >= NEAR for one in self.examples)

    def lines(self, words: Wording | None = None) -> list[str]:
        """Return the profile as lines of text, which commands print in English."""
        words = words or english()
        out = [words.t("examples: {count}; negative examples: {less}", count=len(self.examples), less=len(self.others))]
        for line, held in (
            (_("words: {list}"), self.interest.words),
            (_("names: {list}"), _names_of(self.names)),
            (_("terms: {list}"), self.written_terms),
            (_("not: {list}"), self._written(self.unlike, self.others)),
        ):
            if held:
                out.append(words.t(line, list=words.t(", ").join(held)))
        without = sorted({t.language for t, _ in self.examples if t.vector is None})
        if without:
            names = words.t(", ").join(without)
            out.append(words.t("compared by words only, not by meaning: {languages}", languages=names))
        return out

    @property
    def written_terms(self) -> list[str]:
        """The terms as the examples write them, heaviest first."""
        words = dict(self.words)
        return [words.get(term, term) for term in self._written(self.terms, self.examples)]

    @staticmethod
    def _written(weighed: Sequence[tuple[str, float]], texts: Sequence[tuple[Text, float]]) -> list[str]:
        """Return terms as the examples write them, heaviest first."""
        found: dict[str, str] = {}
        for text, _weight in texts:
            for word in sorted({tokens.fold(w) for w in tokens.raw(text.text)}):
                for stem in tokens.terms(word, text.language):
                    found.setdefault(stem, word)
        return [found.get(stem, stem) for stem, _ in weighed]

    def _said(self, title: str, text: str, code: str) -> list[str]:
        """Return the user's words that a story contains; those of the title twice, because they are its subject."""
        title_terms = f" {' '.join(tokens.terms(title, code))} "
        all_terms = f"{title_terms} {' '.join(tokens.terms(text[:3000], code))} " if self.words else ""
        found = [(stem, word) for stem, word in self.words if f" {stem} " in all_terms]
        return [word for _, word in found] + [word for stem, word in found if f" {stem} " in title_terms]

    def _reasons(self, title: str, text: str, theirs: Text, said: Sequence[str]) -> tuple[Reason, ...]:
        found = [because(ReasonCode.SAYS, words=tuple(dict.fromkeys(said)))] if said else []
        written = {tokens.without_possessive(w) for w in tokens.raw(f"{title}\n{text[:3000]}")}
        names = [name for name, _ in self.names if name in written][:5]
        if names:
            found.append(because(ReasonCode.NAMES, words=tuple(names)))
        mine, known = dict(self.terms), {tokens.fold(name) for name in names}
        shared = sorted((t for t in mine if t in theirs.weights), key=lambda t: -mine[t] * theirs.weights[t])
        shown = _as_written(shared[:12], written, theirs.language)
        words = [w for w in shown if tokens.fold(w) not in known][: 6 - len(names)]
        if words:
            found.append(because(ReasonCode.SHARES, words=tuple(words)))
        means = max(
            (
                float(t.vector @ theirs.vector)
                for t, _ in self.examples
                if t.vector is not None and theirs.vector is not None
            ),
            default=0.0,
        )
        if means >= _ALIKE:
            found.append(because(ReasonCode.ALIKE, share=round(means, 2)))
        return tuple(found)


_COMMON = 1 / 50  # share of news texts from which a capitalized word means nothing
_ALIKE = 0.35  # cosine of the meanings from which it is given as a reason


def compared_text(title: str, text: str, language: str | None = None, encoder: Encoder | None = None) -> Text:
    """Return a story's text for comparison; the title counts twice if there is more than a title."""
    return Text.of(f"{title}\n{title}\n{text}" if text.strip() else title, language, encoder)


def example_text(text: str) -> str:
    """Return an example without bylines, credits and last lines that only name its publisher."""
    lines = [line for line in text.splitlines() if line.strip() and not is_credit(line.strip())]
    while len(lines) > 1 and len(lines[-1].split()) <= _ATTRIBUTION and not _SENTENCE_END.search(lines[-1]):
        lines.pop()
    return without_boilerplate("\n".join(lines))


def _names(text: str, code: str) -> dict[str, float]:
    """Return names with their weights, without weekdays, offices and other common capitalized words."""
    counts = features.named(text, code)
    return {name: 1.0 + log(n) for name, n in counts.items() if _is_distinctive(name, code)}


def _is_distinctive(name: str, code: str) -> bool:
    terms = tokens.terms(name, code)
    return bool(terms) and common.share(terms[0], code) < _COMMON


def _summed(texts: Sequence[tuple[Text, float]]) -> dict[str, float]:
    out: dict[str, float] = defaultdict(float)
    for text, weight in texts:
        for term, heavy in text.weights.items():
            out[term] += weight * heavy
    return out


def _nearness(texts: Sequence[tuple[Text, float]], theirs: Text) -> float:
    """Return the similarity to the nearest example, raised a little by the others."""
    found = [weight * fast_similarity(text, theirs) for text, weight in texts]
    return 0.8 * max(found) + 0.2 * sum(found) / len(found) if found else 0.0


def _names_of(weighed: Iterable[tuple[str, float]]) -> tuple[str, ...]:
    return tuple(name for name, _ in weighed)


def _as_written(stems: Sequence[str], written: Iterable[str], code: str) -> list[str]:
    """Return the stems as the story writes them; a stem that is in none of its words is left out."""
    words: dict[str, str] = {}
    for word in sorted(written):
        for stem in tokens.terms(word, code):
            words.setdefault(stem, word)
    return [words[stem] for stem in stems if stem in words]


def _best(weights: dict[str, float], kept: int) -> tuple[tuple[str, float], ...]:
    ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:kept]
    return tuple((t, round(w, 4)) for t, w in ranked)


class DocumentIndex:
    """An index of documents for ranking them by profiles."""

    def __init__(self, documents: Iterable[tuple[str, str, str, str | None]], encoder: Encoder | None = None) -> None:
        self._texts = {key: compared_text(title, text, code, encoder) for key, title, text, code in documents}
        self._keys = list(self._texts)
        known = [t.vector for t in self._texts.values()]
        self._rows = (
            np.stack([np.zeros(vectors.width(), np.float32) if v is None else v for v in known]) if known else None
        )
        self._terms: dict[str, list[int]] = {}
        for place, text in enumerate(self._texts.values()):
            for term in text.weights:
                self._terms.setdefault(term, []).append(place)

    def rank(self, profile: InterestProfile, limit: int) -> list[tuple[str, float]]:
        """Return the keys of the documents most like the profile with their scores, best first."""
        scored = [(self._keys[place], self._score(profile, place)) for place in self._near(profile)]
        return sorted(scored, key=lambda item: (-item[1], item[0]))[:limit]

    def _near(self, profile: InterestProfile) -> set[int]:
        """Return the positions of documents that share a term or a meaning with an example."""
        out: set[int] = set()
        for example, _weight in profile.examples:
            out.update(place for term in example.weights for place in self._terms.get(term, ()))
            if example.vector is not None and self._rows is not None:
                out.update(int(k) for k in np.argsort(-(self._rows @ example.vector))[:_AT_FIRST])
        return out

    def _score(self, profile: InterestProfile, place: int) -> float:
        theirs = self._texts[self._keys[place]]
        return max(0.0, _nearness(profile.examples, theirs) - _UNLIKE * _nearness(profile.others, theirs))
