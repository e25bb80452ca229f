"""Cosines without the mean of each language, and the articles in other languages that mean most alike."""

from __future__ import annotations

import numpy as np
import pytest

from aggregator.stories.encoder import Vector
from aggregator.stories.grouping.articles import rounded
from aggregator.stories.meanings import HELD, Meanings, Meant
from digests.language import vectors

LANGUAGES = ("en", "de", "fr")
WIDE, EVENTS = 32, 40


def encoded(part: Vector) -> Vector:
    found = rounded(np.concatenate([np.zeros(vectors.width(), np.float32), part]).astype(np.float32))
    assert found is not None
    return found


def corpus() -> dict[tuple[str, int], Vector]:
    """Return a vector of each event in each language: mostly what the language has in common, a little of the event."""
    chance = np.random.default_rng(3)
    events = chance.normal(0.0, 0.3, (EVENTS, WIDE))
    out = {}
    for language in LANGUAGES:
        common = chance.normal(0.0, 1.0, WIDE)
        for event in range(EVENTS):
            row = common + events[event] + chance.normal(0.0, 0.05, WIDE)
            out[language, event] = encoded((row / np.linalg.norm(row)).astype(np.float32))
    return out


def filled(rows: dict[tuple[str, int], Vector]) -> tuple[Meanings, dict[tuple[str, int], int]]:
    meanings, slots = Meanings(encoded=True), {key: slot for slot, key in enumerate(rows)}
    for (language, event), vector in rows.items():
        meanings.add(slots[language, event], language, vector)
    return meanings, slots


def test_one_event_in_two_languages_is_nearer_than_two_events_in_one() -> None:
    rows = corpus()
    meanings, _ = filled(rows)
    found = []
    for event in range(EVENTS):
        others = [("de", event), ("en", (event + 1) % EVENTS)]
        meant = [Meant(rows[key], {key[0]: 1}) for key in others]
        found.append(meanings.cosines(Meant(rows["en", event], {"en": 1}), meant)[:, 0])
        plain = [float(rows["en", event] @ rows[key]) for key in others]
        assert plain[0] < plain[1]  # what a language has in common outweighs the event
    same, different = np.mean(found, axis=0).tolist()
    assert same > 0.6
    assert abs(different) < 0.2


def test_the_nearest_foreign_articles_are_of_the_same_event_and_never_of_the_same_language() -> None:
    rows = corpus()
    meanings, slots = filled(rows)
    for event in range(EVENTS):
        found = meanings.nearest_foreign("en", rows["en", event], 2)
        assert set(found) == {slots["de", event], slots["fr", event]}


def test_what_was_removed_leaves_neither_a_mean_nor_a_candidate() -> None:
    rows = corpus()
    kept = {key: vector for key, vector in rows.items() if key[1] < 20}
    meanings, slots = filled(rows)
    for (language, event), vector in rows.items():
        if event >= 20:
            meanings.remove(slots[language, event], language, vector)
    fresh = Meanings(encoded=True)
    for language, event in reversed(kept):
        fresh.add(slots[language, event], language, rows[language, event])
    probe = Meant(rows["en", 3], {"en": 1})
    others = [Meant(vector, {key[0]: 1}) for key, vector in rows.items()]
    assert np.array_equal(meanings.cosines(probe, others), fresh.cosines(probe, others))
    assert meanings.nearest_foreign("en", rows["en", 30], 100) == fresh.nearest_foreign("en", rows["en", 30], 100)
    assert len(meanings.nearest_foreign("en", rows["en", 30], 100)) == 40


def test_only_the_newest_articles_are_candidates() -> None:
    rows = corpus()
    meanings = Meanings(encoded=True)
    meanings.add(5, "de", rows["de", 1])
    meanings.add(HELD + 4, "de", rows["de", 2])
    assert set(meanings.nearest_foreign("en", rows["en", 1], 8)) == {5, HELD + 4}
    meanings.add(HELD + 5, "de", rows["de", 3])
    assert set(meanings.nearest_foreign("en", rows["en", 1], 8)) == {HELD + 4, HELD + 5}
    meanings.add(2 * HELD + 4, "fr", rows["fr", 1])
    assert meanings.nearest_foreign("en", rows["en", 1], 8)[0] == 2 * HELD + 4
    assert HELD + 4 not in meanings.nearest_foreign("en", rows["en", 1], 8)


def test_without_an_encoder_word_vectors_are_compared_as_they_are() -> None:
    one, other = vectors.vector("Ferry fire kills two"), vectors.vector("Two die as ferry burns")
    assert one is not None
    assert other is not None
    meanings = Meanings(encoded=False)
    meanings.add(1, "en", one)
    found = meanings.cosines(Meant(one, {"en": 1}), [Meant(other, {"en": 1}), Meant(None, {"fr": 1})])
    assert np.allclose(found, [[float(one @ other), 1.0], [0.0, 0.0]], atol=1e-6)
    assert meanings.nearest_foreign("fr", one, 8) == []


def test_a_text_that_was_not_encoded_has_no_meaning() -> None:
    meanings = Meanings(encoded=True)
    table_only = np.concatenate([np.ones(vectors.width(), np.float32), np.zeros(WIDE, np.float32)])
    meanings.add(1, "en", table_only)
    assert meanings.nearest_foreign("fr", encoded(np.ones(WIDE, np.float32)), 8) == []
    pair = meanings.cosines(Meant(table_only, {"en": 1}), [Meant(encoded(np.ones(WIDE, np.float32)), {"de": 1})])
    assert pair.tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("encodes", [False, True])
def test_articles_as_rows_have_the_cosines_that_they_have_one_by_one(*, encodes: bool) -> None:
    rows = corpus()
    meanings, _ = filled(rows) if encodes else (Meanings(encoded=False), {})
    others: list[tuple[str, Vector | None]] = [(key[0], vector) for key, vector in list(rows.items())[:20]]
    others[3:3] = [("en", None)]
    full = max(len(vector) for _, vector in others if vector is not None)
    matrix = np.array([np.zeros(full, np.float32) if vector is None else vector for _, vector in others])
    has = np.array([vector is not None for _, vector in others])
    for probe in (Meant(rows["en", 3], {"en": 1}), Meant(None, {"en": 1})):
        found = meanings.cosines_of_rows(probe, matrix, has, [language for language, _ in others])
        one_by_one = meanings.cosines(probe, [Meant(vector, {language: 1}) for language, vector in others])
        assert np.allclose(found, one_by_one, atol=1e-7)
        assert found.any() == (probe.total is not None)
        none = np.zeros(len(has), np.bool_)
        assert not meanings.cosines_of_rows(probe, matrix[:, :0], none, ["en"] * len(has)).any()
