from __future__ import annotations

import pytest

from aggregator.store.stories.search import fold
from aggregator.stories.prefilter import required_words, shown_words, written_words
from aggregator.stories.query import Subject, parse
from digests.language import tokens


def is_candidate(query: str, text: str) -> bool:
    """Whether an index that finds words by their beginnings finds a text."""
    words = [fold(word) for word in tokens.raw(text)]
    return all(any(word.startswith(tuple(group)) for word in words) for group in required_words(query))


@pytest.mark.parametrize(
    ("language", "query", "text"),
    [
        ("en", "studies", "A study of bees"),
        ("en", "study", "Two studies of bees"),
        ("en", "running", "They run"),
        ("de", "Wahlen", "Die Wahl in Orr"),
        ("de", "Wahl", "Die Wahlen in Orr"),
        ("de", "Häuser", "Ein Haus brennt"),
        ("de", "Haus", "Zwei Häuser brennen"),
        ("de", "Straße", "Die Straße ist frei"),
        ("de", "Straße", "Die Strassen sind frei"),
        ("fr", "chevaux", "Un cheval blanc"),
        ("fr", "élections", "Une élection"),
        ("es", "presidencia", "El presidente de Hale"),
        ("es", "organización", "Van a organizar una feria"),
        ("ru", "выборы", "На выборах в Орре"),
        ("ru", "международными", "Международный суд"),
        ("uk", "парламентських", "Парламентські вибори"),
        ("uk", "Київ", "Київ прокинувся"),
        ("en", "İstanbul", "A storm in İstanbul"),
        ("en", "U.S.", "The U.S. voted"),
        ("en", "Ukraine", "Ukraine's parliament"),
        ("en", "study OR vote", "The votes are counted"),
        ("en", "title:(bridge OR ferry) NOT storm", "Bridges close"),
        ("en", '"key rate"', "The key rate rises"),
        ("en", "elect*", "An election"),
        ("ja", "選挙", "選挙の結果"),
    ],
)
def test_what_a_query_matches_is_among_its_candidates(language: str, query: str, text: str) -> None:
    assert parse(query).matches(Subject(title=text, language=language))
    assert is_candidate(query, text)


def test_other_texts_are_no_candidates() -> None:
    assert not is_candidate("bridge storm", "The bridge is open")
    assert not is_candidate("bridge OR ferry", "The storm is over")
    assert not is_candidate("Wahlen", "Ein Haus brennt")


def test_negated_words_are_neither_required_nor_shown() -> None:
    assert required_words("bridge NOT storm") == required_words("bridge")
    assert shown_words("bridge NOT storm") == shown_words("bridge")


def test_the_words_of_a_query_as_they_are_written() -> None:
    query = '(storm* OR "Ferry port") AND title:Ünion source:"northwire" NOT sport title:/^live/ 地震'
    assert written_words(query) == ("storm", "Ferry port", "Ünion", "地震")
    assert written_words("language:en") == written_words(" ") == ()
