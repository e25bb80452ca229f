from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.stories.grouping.vocabulary import Vocabulary, forms_of, hashes_of
from aggregator.stories.record_store import MemoryRecords

TERMS = st.sampled_from([f"{mark}term{n}" for n in range(12) for mark in ("", "@", ">")])
STEPS = st.lists(st.tuples(TERMS, st.sampled_from(["same", "bare", "Other"])), max_size=80)


def added(vocabulary: Vocabulary, terms: list[str], written: list[str]) -> list[int]:
    return vocabulary.add(terms, written, hashes_of(terms)).tolist()


def remove(vocabulary: Vocabulary, numbers: list[int]) -> None:
    vocabulary.remove(np.array(numbers, np.int32))


@settings(max_examples=200)
@given(STEPS)
def test_terms_are_found_under_their_numbers_whatever_was_removed(steps: list[tuple[str, str]]) -> None:
    vocabulary, held = Vocabulary(MemoryRecords()), dict[str, tuple[int, str]]()
    for term, form in steps:  # a term that is held is removed, another added
        if term in held:
            remove(vocabulary, [held.pop(term)[0]])
        else:
            written = {"same": term, "bare": term[1:]}.get(form, form)
            held[term] = added(vocabulary, [term], [written])[0], written
        assert len({number for number, _ in held.values()}) == len(held)
        assert vocabulary.find(hashes_of(held)).tolist() == [number for number, _ in held.values()]
        for known, (number, written) in held.items():
            assert (vocabulary.term(number), vocabulary.written(number)) == (known, written)
        assert term in held or vocabulary.find(hashes_of([term]))[0] < 0


def test_numbers_and_memory_of_removed_terms_are_used_again() -> None:
    vocabulary = Vocabulary(MemoryRecords())
    for turn in range(30):
        terms = [f"{turn} {n}" for n in range(1000)]
        numbers = added(vocabulary, terms, terms)
        assert max(numbers) < 1000
        remove(vocabulary, numbers)
    assert len(vocabulary) == 1000


class _Sized(MemoryRecords):
    def size(self) -> int:
        """Return how many bytes are kept."""
        return sum(map(len, self._records))


@pytest.mark.parametrize("length", [10, 1000])
def test_texts_of_removed_terms_are_dropped_whatever_their_length(length: int) -> None:
    """As long URLs come and go for weeks beside words that stay."""
    records = _Sized()
    vocabulary, most = Vocabulary(records), 0
    stay = [f"word {n}" for n in range(1000)]
    added(vocabulary, stay, stay)
    for turn in range(100):
        terms = [f">{turn} {n}".ljust(length, "x") for n in range(100)]
        remove(vocabulary, added(vocabulary, terms, [term[1:] for term in terms]))
        most = max(most, records.size())
    assert most < 1_500_000
    assert [vocabulary.term(number) for number in (0, 999)] == [stay[0], stay[-1]]


@pytest.mark.parametrize("count", [10, 20_000])
@pytest.mark.parametrize("parts", [1, 4])
def test_any_number_of_terms_has_room(count: int, parts: int) -> None:
    vocabulary, terms = Vocabulary(MemoryRecords()), [f"term {n}" for n in range(count)]
    numbers = [n for part in range(parts) for n in added(vocabulary, terms[part::parts], terms[part::parts])]
    sought = hashes_of(term for part in range(parts) for term in terms[part::parts])
    assert vocabulary.find(sought).tolist() == numbers
    assert vocabulary.term(numbers[0]) == terms[0]


def test_words_that_differ_in_case_alone_have_one_form() -> None:
    vocabulary = Vocabulary(MemoryRecords())
    numbers = vocabulary.add(["ferri", "solveig"], ["Ferry", "Solveig"], hashes_of(["ferri", "solveig"]))
    assert (vocabulary.forms(numbers) == forms_of(["FERRY", "Sunniva"])).tolist() == [True, False]
