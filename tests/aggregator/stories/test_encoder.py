"""What a document means: the table's vector, and beside it the encoder's, which is asked for many at once."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from aggregator.stories.encoder import Meaning, Vector
from aggregator.stories.model import Document
from digests.language import vectors


class Lengths:
    """An encoder of two figures that notes how many texts it was given each time."""

    name = "lengths"

    def __init__(self, row: tuple[float, float] = (0.6, 0.8)) -> None:
        self.row = row
        self.batches: list[int] = []

    def encode(self, texts: Sequence[str]) -> Vector:
        self.batches.append(len(texts))
        return np.array([self.row for _ in texts], np.float32)


def document(entry: int, title: str = "Ferry fire kills two in the harbour") -> Document:
    return Document(entry, title, "", datetime(2026, 3, 2, tzinfo=UTC), language="en")


def test_without_an_encoder_the_table_alone_answers() -> None:
    plain = Meaning()
    plain.prepare([document(1)])
    found, expected = plain.of(document(1), "en"), vectors.vector("Ferry fire kills two in the harbour.", "en")
    assert found is not None
    assert expected is not None
    assert np.array_equal(found, expected)


def test_what_was_prepared_is_encoded_in_one_go_and_asked_for_once() -> None:
    encoder = Lengths()
    meaning = Meaning(encoder)
    meaning.prepare([document(1), document(2)])
    meaning.prepare([])
    for entry in (1, 2):
        found = meaning.of(document(entry), "en")
        assert found is not None
        assert len(found) == vectors.width() + 2
        assert found[-2:].tolist() == np.array([0.6, 0.8], np.float32).tolist()
    assert encoder.batches == [2]


def test_what_was_prepared_and_not_asked_for_is_dropped_with_the_next() -> None:
    """As of a copy, which is not compared."""
    meaning = Meaning(Lengths())
    for entry in range(10):
        meaning.prepare([document(entry), document(entry + 100)])
        assert meaning.of(document(entry), "en") is not None
    assert list(meaning._ready) == [109]


def test_what_was_not_prepared_is_encoded_when_it_is_needed() -> None:
    encoder = Lengths()
    assert Meaning(encoder).of(document(3), "en") is not None
    assert encoder.batches == [1]


def test_a_language_without_a_table_keeps_the_encoders_half() -> None:
    found = Meaning(Lengths()).of(document(4, "Lautta paloi satamassa"), "fi")
    assert found is not None
    assert not found[:-2].any()
    assert found[-2:].all()


def test_where_neither_knows_a_word_there_is_no_meaning() -> None:
    assert Meaning(Lengths((0.0, 0.0))).of(document(5, "Lautta paloi satamassa"), "fi") is None
