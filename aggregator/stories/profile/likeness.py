"""Computes how similar two texts are: by meaning, by aligned words and by shared rare words.

The three measures complement each other. Meaning (`vectors`) finds the same content in other words. Aligned words,
each with its nearest counterpart in the other text, distinguish two similar meanings. Shared words, weighted by how
rare they are in news, work in every language. For a language without vectors only shared words count, and names count
more.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from math import log, sqrt

import numpy as np

from aggregator.stories.encoder import Encoder, Vector
from aggregator.stories.grouping import features
from digests.language import frequencies as common
from digests.language import tokens, vectors
from digests.language.detect import UNKNOWN, detect
from digests.language.glossary import meaning
from digests.language.stems import stem
from digests.language.stopwords import stop_words
from digests.language.vectors import Floats

READ_CHARS = 4_000  # of a text that are compared
_ALIGNED = 40  # content words from the beginning that are aligned: a headline and its lead
_FAINT = 0.3  # a counterpart less similar than this does not count
_MEANING, _ALIGNMENT, _WORDS = 0.4, 0.4, 0.2
_ENCODER, _ENCODED_CHARS = 0.7, 800  # weight of a configured sentence encoder, and what it reads of a text
_FOREIGN = 0.2  # weight of the meaning if it comes from a glossary
_NAME = 1.6  # weight of a name if only words can be compared


@dataclass(frozen=True)
class Text:
    """One text of a comparison; each of its measures is computed when first used."""

    text: str
    language: str
    encoder: Encoder | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, text: str, language: str | None = None, encoder: Encoder | None = None) -> Text:
        """Return a text for comparison; `encoder` is the configured sentence encoder, if there is one."""
        cut = text[:READ_CHARS]
        return cls(cut, detect(cut, language), encoder)

    @cached_property
    def encoded(self) -> Vector | None:
        """The encoder's vector of its beginning; None without an encoder or if it failed."""
        if self.encoder is None or not self.text.strip():
            return None
        row = self.encoder.encode([self.text[:_ENCODED_CHARS]])[0]
        return row if row.any() else None

    @property
    def english(self) -> bool:
        """Whether its meaning needs no glossary."""
        return self.language in ("en", UNKNOWN)

    @cached_property
    def vector(self) -> Floats | None:
        """The vector of its meaning; None if none of its words is known."""
        return meaning(self.text, self.language)

    @cached_property
    def weights(self) -> dict[str, float]:
        """Its terms, weighted by how often they occur here and how rare they are in news."""
        return weights(self.text, self.language, names=1.0 if self.vector is not None else _NAME)

    @cached_property
    def aligned(self) -> tuple[list[str], Floats, Floats]:
        """Its first content words: their stems, unit vectors and weights."""
        return _aligned(self.text, self.language)


def weights(text: str, language: str | None = None, names: float = _NAME) -> dict[str, float]:
    """Return the terms of a text, weighted by frequency here and rarity in news; names by the factor `names`."""
    code = detect(text, language)
    named = features.name_stems("", text, code) if names != 1.0 else frozenset()
    counts = Counter(tokens.terms(text, code))
    return {
        t: (1.0 + log(n)) * sqrt(-log(common.share(t, code))) * (names if t in named else 1.0)
        for t, n in counts.items()
    }


def likeness(
    one: str,
    other: str,
    language: str | None = None,
    other_language: str | None = None,
    encoder: Encoder | None = None,
) -> float:
    """Return from 0 to 1 how similar two texts are. If neither language is given, both are taken to be the same."""
    if language is None and other_language is None:
        language = other_language = detect(f"{one[:READ_CHARS]}\n{other[:READ_CHARS]}")
    return similarity(Text.of(one, language, encoder), Text.of(other, other_language, encoder))


def similarity(one: Text, other: Text) -> float:
    """Return from 0 to 1 how similar two prepared texts are."""
    near = vectors.cosine(one.vector, other.vector)
    if near is None or not (one.english and other.english):
        return fast_similarity(one, other)
    words = weighted_cosine(one.weights, other.weights)
    alignment = word_alignment(one, other)
    return _encoded_too(one, other, _MEANING * near + _ALIGNMENT * alignment + _WORDS * words)


def fast_similarity(one: Text, other: Text) -> float:
    """Return from 0 to 1 how similar two texts are, without the alignment of words: as good for ranking, and faster."""
    words = weighted_cosine(one.weights, other.weights)
    near = vectors.cosine(one.vector, other.vector)
    if near is None:
        return _encoded_too(one, other, words)
    part = 0.55 if one.english and other.english else _FOREIGN
    return _encoded_too(one, other, part * near + (1.0 - part) * words)


def _encoded_too(one: Text, other: Text, score: float) -> float:
    """Add the encoder's similarity to the score, if it encoded both texts."""
    if one.encoded is not None and other.encoded is not None and one.encoded.shape == other.encoded.shape:
        score = _ENCODER * float(one.encoded @ other.encoded) + (1.0 - _ENCODER) * score
    return max(0.0, min(1.0, score))


def word_alignment(one: Text, other: Text) -> float:
    """Return how well the first words of two texts correspond: each counts by its best counterpart."""
    (stems, rows, heavy), (their_stems, their_rows, their_heavy) = one.aligned, other.aligned
    if not stems or not their_stems:
        return 0.0
    near = rows @ their_rows.T
    near[near < _FAINT] = 0.0
    near[np.equal.outer(np.array(stems), np.array(their_stems))] = 1.0
    mine = float(heavy @ near.max(axis=1) / heavy.sum())
    theirs = float(their_heavy @ near.max(axis=0) / their_heavy.sum())
    return (mine + theirs) / 2.0


def weighted_cosine(a: dict[str, float], b: dict[str, float]) -> float:
    """Return the cosine of two sets of weighted terms; 0 if either is empty."""
    small, large = (a, b) if len(a) < len(b) else (b, a)
    dot = sum(w * large[t] for t, w in small.items() if t in large)
    norms = sqrt(sum(w * w for w in a.values()) * sum(w * w for w in b.values()))
    return dot / norms if norms else 0.0


def _aligned(text: str, language: str) -> tuple[list[str], Floats, Floats]:
    code = "en" if language == UNKNOWN else language
    stops, table = stop_words(code), vectors.table()
    words = [w for w in dict.fromkeys(vectors.words(text[: _ALIGNED * 12])) if w not in stops][:_ALIGNED]
    rows = [table.total(word) for word in words]
    width = table.rows.shape[1]
    matrix = np.stack([np.zeros(width, np.float32) if row is None else row for row in rows]) if rows else None
    if matrix is None:
        return [], np.zeros((0, width), np.float32), np.zeros(0, np.float32)
    matrix /= np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-6)
    stems = [stem(word, code) for word in words]
    heavy = np.sqrt(np.array([-log(common.share(term, code)) for term in stems], np.float32))
    return stems, matrix.astype(np.float32), heavy
