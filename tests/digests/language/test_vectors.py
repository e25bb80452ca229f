"""The vectors: near for what means the same in other words, absent where they know nothing."""

import numpy as np
import pytest

from digests.language import vectors


def cosine(one: str, other: str) -> float:
    found = vectors.cosine(vectors.vector(one), vectors.vector(other))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("The central bank raised interest rates", "Fed lifts borrowing costs", "The striker scored a late goal"),
        ("Surgeons treat a tumour", "Doctors operate on cancer patients", "The band released an album"),
        ("Troops fire missiles at the town", "Army shells the city", "The museum opens an exhibition"),
    ],
)
def test_other_words_for_the_same_are_nearer_than_other_news(text: str, near: str, far: str) -> None:
    assert cosine(text, near) > cosine(text, far) + 0.15


def test_a_vector_has_length_one_and_does_not_depend_on_case_or_accents() -> None:
    one, other = vectors.vector("Café owners protest"), vectors.vector("CAFE OWNERS PROTEST")
    assert one is not None
    assert other is not None
    assert np.isclose(one @ one, 1.0, atol=1e-5)
    assert np.allclose(one, other)


@pytest.mark.parametrize("text", ["", "   ", "…!?", "🙂🙂", "Правительство подало в отставку", "政府が辞任した"])
def test_nothing_known_gives_no_vector(text: str) -> None:
    assert vectors.vector(text) is None


def test_another_language_gives_no_vector() -> None:
    assert vectors.vector("The government resigned", "de") is None
    assert vectors.vector("The government resigned", "und") is not None


def test_a_huge_or_endless_word_costs_little_and_gives_nothing() -> None:
    assert vectors.vector("x" * 1_000_000) is None
    assert vectors.vector("goal " * 200_000) is not None


def test_pieces_are_cut_the_same_when_the_memory_of_words_was_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = vectors.Pieces(["har", "##bour", "ship"])
    monkeypatch.setattr(vectors, "_SEEN", 1)
    for _ in range(3):
        assert pieces.rows("harbour ship harbours ship") == [0, 1, 2, 2]
