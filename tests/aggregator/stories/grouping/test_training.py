"""The script that fixes the weights: what it learns from, and what it may not learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from aggregator.stories.grouping.weights import BARE, FOREIGN, FULL, KINDS, MIXED, PAIR
from tests.benchmarks.labelled import Stream
from tests.benchmarks.train_grouping import ABROAD, Rows, fit, halved

EVENTS = ["fire", "vote", "fire", "match", "vote", "storm", "match"]


def stream(times: bool) -> Stream:
    rows = [{"id": str(k), "title": f"Title {k}", "text": f"Text {k}"} for k in range(len(EVENTS))]
    if times:
        rows = [{**row, "time": f"2026-01-0{k + 1}T00:00:00Z"} for k, row in enumerate(rows)]
    return Stream("news", rows, {str(k): event for k, event in enumerate(EVENTS)})


def test_halves_without_times_share_no_event_and_lose_none() -> None:
    one, other = stream(times=False).halves()
    events = [{half.labels[row["id"]] for row in half.rows} for half in (one, other)]
    assert events == [{"fire", "match"}, {"vote", "storm"}]
    assert len(one.rows) + len(other.rows) == len(EVENTS)


def test_halves_with_times_are_the_earlier_and_the_later() -> None:
    one, other = stream(times=True).halves()
    assert max(row["time"] for row in one.rows) < min(row["time"] for row in other.rows)
    assert [one.name, other.name] == ["news-a", "news-b"]


def test_what_is_halved_already_stays_as_it_is() -> None:
    given = [Stream(f"news-{half}", [], {}) for half in "ab"]
    assert halved([*given, given[1].titles()]) == ([given[0]], [given[1], given[1].titles()])


def test_titles_are_the_same_stream_without_texts() -> None:
    titles = stream(times=True).titles()
    assert [row["title"] for row in titles.rows] == [row["title"] for row in stream(times=True).rows]
    assert not any(row["text"] for row in titles.rows)


def test_a_mixed_stream_lacks_about_half_of_its_texts() -> None:
    rows = [{"id": str(k), "title": f"Title {k}", "text": f"Text {k}"} for k in range(200)]
    mixed = Stream("news", rows, {}).mixed()
    assert [row["title"] for row in mixed.rows] == [row["title"] for row in rows]
    assert 70 < sum(bool(row["text"]) for row in mixed.rows) < 130
    assert mixed == Stream("news", rows, {}).mixed()


def test_a_mixed_stream_teaches_its_mixed_pairs_alone() -> None:
    """All its other pairs are of the stream that it repeats."""
    whole = Stream("news", [], {}).read(None)
    kinds = np.array([FULL, MIXED, BARE, MIXED], np.int32)
    x, y = np.arange(8.0).reshape(4, 2), np.array([0.0, 1.0, 0.0, 1.0])
    for half in ("news~mixed", "news~mixed-a", "news-a~mixed"):
        mixed = replace(whole, name=half)
        rows = Rows.of([whole, mixed], [(x, y, kinds, 0), (x, y, kinds, 1)])
        assert rows.kind.tolist() == [FULL, MIXED, BARE, MIXED, MIXED, MIXED]
        assert rows.x[4:].tolist() == x[[1, 3]].tolist()


@pytest.fixture(scope="module")
def weights() -> np.ndarray:
    """Weights fitted where every column but the links says "alike" of the same pairs, and "days" of the others."""
    chance = np.random.default_rng(7)
    n = 900
    y = (chance.random(n) < 0.3).astype(np.float64)
    x = np.repeat(y[:, None], len(PAIR), axis=1) + chance.normal(0.0, 0.4, (n, len(PAIR)))
    x[:, PAIR.index("bias")] = 1.0
    x[:, PAIR.index("days")] = 1.0 - y + chance.normal(0.0, 0.4, n)
    kind = chance.integers(0, len(KINDS), n).astype(np.int32)
    rows = Rows(x, y, kind, kind, np.ones(n))
    return fit(rows, PAIR)


def test_a_view_speaks_only_for_its_side(weights: np.ndarray) -> None:
    assert (weights[:, PAIR.index("title")] >= 0).all()
    assert (weights[:, PAIR.index("title")] > 0).any()
    assert (weights[:, PAIR.index("days")] < 0).all()
    assert (weights[:, PAIR.index("hours")] == 0).all()  # here it is larger for the same, which time may not be


def test_senses_count_across_languages_alone_and_links_are_not_learned(weights: np.ndarray) -> None:
    for column in ABROAD:
        assert (weights[[BARE, FULL], PAIR.index(column)] == 0).all()
        assert weights[FOREIGN, PAIR.index(column)] > 0
    assert (weights[:, PAIR.index("links")] == 0).all()
