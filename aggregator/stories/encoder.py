"""What a document means, as one vector: by the table that ships with the program, and by an encoder if the user named one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from aggregator.stories.model import Document
from digests.language import vectors

CHARS = 600  # of a text that are read after its title: an encoder takes little more

Vector = NDArray[np.float32]


class Encoder(Protocol):
    """A sentence encoder: one more view of every document, beside the table's. `name` tells it from every other."""

    @property
    def name(self) -> str:
        """Return what the vectors depend on."""
        ...

    def encode(self, texts: Sequence[str]) -> Vector:
        """Return one unit vector a text, as rows. Raises nothing: a text that cannot be encoded gives zeros."""
        ...


class Meaning:
    """Vectors of documents. `encoder` is asked for many at once where `prepare` was told of them."""

    def __init__(self, encoder: Encoder | None = None) -> None:
        self._encoder = encoder
        self._ready: dict[int, Vector] = {}

    @property
    def name(self) -> str:
        """Return what the vectors depend on besides the table: the encoder's name, or nothing."""
        return self._encoder.name if self._encoder else ""

    def prepare(self, documents: Sequence[Document]) -> None:
        """Encode what will soon be asked for; without an encoder there is nothing to gain and nothing is done."""
        if self._encoder is not None and documents:
            rows = self._encoder.encode([_text(d) for d in documents])
            self._ready.update((d.entry, row) for d, row in zip(documents, rows, strict=True))

    def of(self, document: Document, language: str) -> Vector | None:
        """Return a document's unit vector, or None where nothing is known of its words."""
        table = vectors.vector(_text(document), language)
        if self._encoder is None:
            return table
        if document.entry not in self._ready:
            self.prepare([document])
        row = self._ready.pop(document.entry)
        beside = np.zeros(vectors.width(), np.float32) if table is None else table
        both = np.concatenate([beside, row])
        return both if both.any() else None


def _text(document: Document) -> str:
    return f"{document.title}. {document.text[:CHARS]}".strip()
