"""The glossary: what foreign words mean, and what stays unknown."""

import pytest

from digests.language import glossary, vectors


@pytest.mark.parametrize("language", glossary.LANGUAGES)
def test_every_language_knows_the_word_for_every_meaning(language: str) -> None:
    assert len(set(glossary._glossary(language).values())) > 100


@pytest.mark.parametrize(
    ("word", "language", "meant"),
    [
        ("Regierung", "de", "government"),
        ("Bundesregierung", "de", "government"),
        ("élections", "fr", "election vote"),
        ("huracanes", "es", "storm hurricane wind"),
        ("больницы", "ru", "hospital"),
        ("Путин", "ru", "putin"),
        ("und", "de", ""),
        ("qqqq", "fr", ""),
    ],
)
def test_a_word_means(word: str, language: str, meant: str) -> None:
    assert glossary.english(word, language) == meant


def test_translations_are_near_and_other_news_is_not() -> None:
    german = glossary.meaning("Die Regierung beschließt ein Gesetz zur Steuer", "de")
    near = vectors.cosine(german, glossary.meaning("The government passes a tax bill", "en"))
    far = vectors.cosine(german, glossary.meaning("Striker scores twice in the cup final", "en"))
    assert near is not None
    assert far is not None
    assert near > far + 0.3


@pytest.mark.parametrize(
    ("text", "language"), [("", "de"), ("xqz", "de"), ("政府が辞任", "ja"), ("Vlada odstopila", "sl")]
)
def test_what_is_not_known_means_nothing(text: str, language: str) -> None:
    assert glossary.meaning(text, language) is None
