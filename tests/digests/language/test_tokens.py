"""Words of a text: what is one word, what carries no news, what has one stem."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from digests.language import stopwords, tokens
from digests.language.detect import language_code
from digests.language.stems import stem


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The U.S. pays $2,500.50 to Oslo's port.", ["The", "U.S", "pays", "2,500.50", "to", "Oslo's", "port"]),
        ("警方说12人受伤，AI公司", ["警方说", "12", "人受伤", "AI", "公司"]),
        ("人々が準々決勝", ["人々が準々決勝"]),
        ("สวัสดี 3 คน", ["สวัสดี", "3", "คน"]),
        ("", []),
    ],
)
def test_the_words_of_a_text(text: str, words: list[str]) -> None:
    assert tokens.raw(text) == words
    assert tokens.passage(text, "en").written == words


@pytest.mark.parametrize(("text", "count"), [("Two boats sank.", 3), ("警方说了12人", 2 + 1 + 1), ("", 0)])
def test_the_length_of_a_text_in_words(text: str, count: int) -> None:
    assert tokens.word_count(text) == count


@pytest.mark.parametrize(
    ("text", "language", "terms"),
    [
        ("They'll say that the ferries sank", "en-GB", ["ferri", "sank"]),
        ("L'armée s'est retirée d'une ville", "fr", ["armé", "vill"]),
        ("L’armée", "fr", ["armé"]),
        ("dell'ordine", "it", ["ordin"]),
        ("wieder im Hafen", "de", ["haf"]),
        ("警方说12人", "zh", ["警方", "方说", "12", "人"]),
        ("the ferry", None, ["ferry"]),
    ],
)
def test_the_terms_by_which_sentences_are_compared(text: str, language: str | None, terms: list[str]) -> None:
    found = tokens.sentence_terms(text, language)
    assert [term for term in found if term != "retir"] == terms
    assert tokens.sentence_term_set(text, language) == set(found)


def test_grouping_keeps_the_further_stop_words() -> None:
    assert tokens.terms("wieder im Hafen", "de") == ["wied", "haf"]
    further = stopwords.all_stop_words("de") - stopwords.stop_words("de")
    assert "wieder" in further
    assert "und" not in further


def test_every_language_with_further_stop_words_has_stop_words() -> None:
    for language in stopwords.languages():
        assert stopwords.stop_words(language) <= stopwords.all_stop_words(language)
    listed = stopwords.stop_words("en more")
    assert listed
    assert not listed & stopwords.stop_words("en")
    assert stopwords.all_stop_words("") >= stopwords.all_stop_words("ru") | stopwords.all_stop_words("en")
    assert stopwords.stop_words("und") == frozenset()
    assert "en more" not in stopwords.languages()


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en-US", "en"),
        ("pt_BR", "pt"),
        (" DE ", "de"),
        ("nb-NO", "no"),
        ("nn", "no"),
        ("english", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_the_code_of_a_language_tag(tag: str | None, code: str) -> None:
    assert language_code(tag) == code


@pytest.mark.parametrize(
    ("word", "language", "stemmed"),
    [("ferries", "en", "ferri"), ("książkami", "pl", "książk"), ("будинками", "uk", "будинк"), ("xyz", "und", "xyz")],
)
def test_stems(word: str, language: str, stemmed: str) -> None:
    assert stem(word, language) == stemmed


def test_threads_stem_at_the_same_time() -> None:
    words = [f"{letter}{end}" for letter in "abcdefghijklmnop" for end in ("ferries", "sinking", "boats")]
    stem.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda word: stem(word, "en"), words * 20))
    assert found == [stem(word, "en") for word in words] * 20
