"""How alike two texts are: what they mean, the words that answer each other, and the telling words they share.

Three views, each blind where another sees. Meaning (`vectors`) finds the same said in other words; aligned words, each with
its nearest counterpart on the other side, keep two near meanings apart; shared words weighed by how rare they are in news
(`common`) work in every language. Where a language has no vectors the last view speaks alone, with a bonus for names.
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
_FAINT = 0.3  # a counterpart less near than this is none
_MEANING, _ALIGNMENT, _WORDS = 0.4, 0.4, 0.2
_ENCODER, _ENCODED_CHARS = 0.7, 800  # part of a sentence encoder that the user named, and what it reads of a text
_FOREIGN = 0.2  # part of the meaning where a glossary gave it
_NAME = 1.6  # how much more a name counts where only words can be compared


@dataclass(frozen=True)
class Text:
    """One side of a comparison; each view is made when first asked for."""

    text: str
    language: str
    encoder: Encoder | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, text: str, language: str | None = None, encoder: Encoder | None = None) -> Text:
        """Read a text, whatever its length; `encoder` is the user's sentence encoder, if there is one."""
        cut = text[:READ_CHARS]
        return cls(cut, detect(cut, language), encoder)

    @cached_property
    def encoded(self) -> Vector | None:
        """What the user's encoder makes of its beginning; None without one, or where it gave no answer."""
        if self.encoder is None or not self.text.strip():
            return None
        row = self.encoder.encode([self.text[:_ENCODED_CHARS]])[0]
        return row if row.any() else None

    @property
    def english(self) -> bool:
        """Whether its meaning was read without a glossary."""
        return self.language in ("en", UNKNOWN)

    @cached_property
    def vector(self) -> Floats | None:
        """What it means; None where nothing is known of it."""
        return meaning(self.text, self.language)

    @cached_property
    def weights(self) -> dict[str, float]:
        """Its terms, each by how often it stands here and how rare it is in news."""
        return weights(self.text, self.language, names=1.0 if self.vector is not None else _NAME)

    @cached_property
    def aligned(self) -> tuple[list[str], Floats, Floats]:
        """Its first content words: their stems, unit vectors and weights."""
        return _aligned(self.text, self.language)


def weights(text: str, language: str | None = None, names: float = _NAME) -> dict[str, float]:
    """Return the terms of a text with their weights: how often, how rare in news, and `names` times that for a name."""
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
    """Return how alike two texts are, from 0 to 1. When neither says its language, both are taken to share one."""
    if language is None and other_language is None:
        language = other_language = detect(f"{one[:READ_CHARS]}\n{other[:READ_CHARS]}")
    return compare(Text.of(one, language, encoder), Text.of(other, other_language, encoder))


def compare(one: Text, other: Text) -> float:
    """Return how alike two texts are that were read already, from 0 to 1."""
    near = vectors.cosine(one.vector, other.vector)
    if near is None or not (one.english and other.english):
        return closeness(one, other)
    words = cosine(one.weights, other.weights)
    alignment = align(one, other)
    return _encoded_too(one, other, _MEANING * near + _ALIGNMENT * alignment + _WORDS * words)


def closeness(one: Text, other: Text) -> float:
    """Return how alike two texts are, 0 to 1, without the alignment of words: as good for ranking, and much cheaper."""
    words = cosine(one.weights, other.weights)
    near = vectors.cosine(one.vector, other.vector)
    if near is None:
        return _encoded_too(one, other, words)
    part = 0.55 if one.english and other.english else _FOREIGN
    return _encoded_too(one, other, part * near + (1.0 - part) * words)


def _encoded_too(one: Text, other: Text, score: float) -> float:
    """Join in what the user's encoder says, where it read both."""
    if one.encoded is not None and other.encoded is not None and one.encoded.shape == other.encoded.shape:
        score = _ENCODER * float(one.encoded @ other.encoded) + (1.0 - _ENCODER) * score
    return max(0.0, min(1.0, score))


def align(one: Text, other: Text) -> float:
    """Return how well the first words of two texts answer each other: each counts by its best counterpart."""
    (stems, rows, heavy), (their_stems, their_rows, their_heavy) = one.aligned, other.aligned
    if not stems or not their_stems:
        return 0.0
    near = rows @ their_rows.T
    near[near < _FAINT] = 0.0
    near[np.equal.outer(np.array(stems), np.array(their_stems))] = 1.0
    mine = float(heavy @ near.max(axis=1) / heavy.sum())
    theirs = float(their_heavy @ near.max(axis=0) / their_heavy.sum())
    return (mine + theirs) / 2.0


def cosine(a: dict[str, float], b: dict[str, float]) -> float:
    """Return the cosine of two weighted sets; 0 when either is empty."""
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
