from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.stories.grouping.vocabulary import Vocabulary

TERMS = st.sampled_from([f"{mark}term{n}" for n in range(12) for mark in ("", "@", ">")])
STEPS = st.lists(st.tuples(TERMS, st.sampled_from(["same", "bare", "Other"])), max_size=80)


@settings(max_examples=200)
@given(STEPS)
def test_terms_are_found_under_their_numbers_whatever_was_removed(steps: list[tuple[str, str]]) -> None:
    vocabulary, held = Vocabulary(), dict[str, tuple[int, str]]()
    for term, form in steps:  # a term that is held is removed, another added
        if term in held:
            vocabulary.remove(held.pop(term)[0])
        else:
            written = {"same": term, "bare": term[1:]}.get(form, form)
            held[term] = vocabulary.add(term, written), written
        assert len({number for number, _ in held.values()}) == len(held)
        for known, (number, written) in held.items():
            assert vocabulary.find(known) == number
            assert (vocabulary.term(number), vocabulary.written(number)) == (known, written)
        assert term in held or vocabulary.find(term) is None


def test_numbers_and_memory_of_removed_terms_are_used_again() -> None:
    vocabulary = Vocabulary()
    for turn in range(30):
        numbers = [vocabulary.add(f"{turn} {n}", f"{turn} {n}") for n in range(1000)]
        assert max(numbers) < 1000
        for number in numbers:
            vocabulary.remove(number)
    assert len(vocabulary) == 1000


@pytest.mark.parametrize("count", [10, 20_000])
def test_any_number_of_terms_has_room(count: int) -> None:
    vocabulary = Vocabulary()
    numbers = [vocabulary.add(f"term {n}", "") for n in range(count)]
    assert numbers == [vocabulary.find(f"term {n}") for n in range(count)]
