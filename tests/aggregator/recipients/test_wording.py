"""Pages and letters for readers: every text in every language that digests are in."""

from __future__ import annotations

from pathlib import Path

import pytest

import aggregator
from aggregator.recipients.wording import preferred, wording
from digests.render.view.wording import catalogues
from tests.digests.render.view.test_wording import LANGUAGES, catalogue, in_code, in_templates, places
from tests.digests.render.view.test_wording import MESSAGES as OF_DIGESTS

_ROOT = Path(aggregator.__file__).parent
MESSAGES = (
    in_templates("aggregator.web", "templates")
    | in_templates("aggregator.web", "templates/site")
    | in_code([*(_ROOT / "web").rglob("*.py"), _ROOT / "recipients" / "opt_in.py"])
)


def test_pages_and_letters_are_in_the_languages_of_the_mails() -> None:
    assert set(catalogues()) == {"en", *LANGUAGES}
    assert len(MESSAGES) > 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_with_its_places_and_none_is_left_over(language: str) -> None:
    found = {str(m.id): str(m.string) for m in catalogue(language, "aggregator.recipients") if m.id}
    assert MESSAGES - OF_DIGESTS <= set(found) <= MESSAGES
    for message, text in found.items():
        assert text
        assert places(text) == places(message)


def test_a_language_without_texts_is_read_in_english() -> None:
    assert wording("nl").t("Subscribe") == "Subscribe"
    assert wording("de-AT").t("Subscribe") == "Abonnieren"
    assert wording(None).language == "en"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-CH,de;q=0.9,en;q=0.8", "de"),
        ("nl,fr;q=0.7,de;q=0.8", "de"),
        ("de;q=0,uk;q=0.1", "uk"),
        ("nl, ko", None),
        ("*", None),
        ("", None),
        ("de;q=a, ;;,=", None),
        ("x," * 500 + "de", None),
    ],
)
def test_what_a_browser_asks_for(header: str, language: str | None) -> None:
    assert preferred(header) == language
