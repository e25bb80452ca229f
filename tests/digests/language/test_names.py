"""Names of several words, and what only looks like a name."""

import pytest

from digests.language import names
from digests.language.stems import latin, name_key


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("The minister met Olaf Scholz in Berlin.", "en", ["Olaf Scholz", "Berlin"]),
        ("Olaf Scholz left. Police said nothing.", "en", ["Olaf Scholz"]),
        ("They read Emmanuel Macron's letter.", "en", ["Emmanuel Macron"]),
        ("She met J. R. R. Tolkien and Mr. Brown.", "en", ["Tolkien", "Brown"]),
        ("It came to Oslo. Bergen Harbour was closed.", "en", ["Oslo", "Bergen Harbour"]),
        ("He works for AT&T of Dallas in Wilkes-Barre.", "en", ["AT&T of Dallas", "Wilkes-Barre"]),
        ("They say Covid-19 spreads.", "en", ["Covid-19"]),
        ("New York's mayor met New Apple sellers from New Zealand.", "en", ["New York", "Apple", "New Zealand"]),
        ("On Monday the Government of Norland met.", "en", ["Norland"]),
        ("Gestern sprach Annalena Baerbock mit der EU über den Hafen.", "de", ["Annalena Baerbock", "EU"]),
        ("Вчера в Осло приехал Владимир Путин.", "ru", ["Осло", "Владимир Путин"]),
        ("nothing here", "en", []),
        ("", None, []),
    ],
)
def test_names_in_a_text(text: str, language: str | None, found: list[str]) -> None:
    assert names.names_in(text, language) == found


def test_a_name_is_known_by_its_last_word() -> None:
    assert names.last_words("They saw Olaf Scholz.", "en") == names.last_words("They saw Scholz.", "en") == {"scholz"}


def test_a_name_has_one_key_in_every_alphabet() -> None:
    assert name_key("Джокович") == name_key("Djokovic's") == "jokovik"
    assert latin("Élysée’s") == latin("Elysee")
