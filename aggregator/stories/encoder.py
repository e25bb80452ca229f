"""Makes one vector for the meaning of a document, with the packaged word vectors and a configured encoder, if any."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from aggregator.stories.model import Document
from digests.language import vectors

CHARS = 600  # of a text that are used after its title; encoders read little more

Vector = NDArray[np.float32]


class Encoder(Protocol):
    """A sentence encoder, used together with the packaged word vectors. `name` identifies it."""

    @property
    def name(self) -> str:
        """Return the name of the encoder and its model."""
        ...

    def encode(self, texts: Sequence[str]) -> Vector:
        """Return one unit vector a text, as rows. Never raises; a text that cannot be encoded gives zeros."""
        ...


class Meaning:
    """Makes the vectors of documents. `prepare` encodes many documents at once."""

    def __init__(self, encoder: Encoder | None = None) -> None:
        self.encoder = encoder
        self._ready: dict[int, Vector] = {}

    @property
    def name(self) -> str:
        """Return the encoder's name, or an empty string."""
        return self.encoder.name if self.encoder else ""

    def prepare(self, documents: Sequence[Document]) -> None:
        """Encode documents in advance, in place of those prepared before; without an encoder this does nothing."""
        if self.encoder is not None and documents:
            rows = self.encoder.encode([_text(d) for d in documents])
            self._ready = {d.entry: row for d, row in zip(documents, rows, strict=True)}

    def of(self, document: Document, language: str) -> Vector | None:
        """Return a document's unit vector, or None if none of its words is known."""
        table = vectors.vector(_text(document), language)
        if self.encoder is None:
            return table
        row = self._ready.pop(document.entry, None)
        if row is None:
            (row,) = self.encoder.encode([_text(document)])
        beside = np.zeros(vectors.width(), np.float32) if table is None else table
        both = np.concatenate([beside, row])
        return both if both.any() else None

    def is_whole(self, vector: Vector | None) -> bool:
        """Whether a vector has the encoder's part, if there is an encoder."""
        return self.encoder is None or (vector is not None and bool(vector[vectors.width() :].any()))


def _text(document: Document) -> str:
    return f"{document.title}. {document.text[:CHARS]}".strip()
