"""Pages and letters for readers: every text in every language that digests are in."""

from __future__ import annotations

from pathlib import Path

import pytest

import aggregator
from aggregator.operator.health import error_classes
from aggregator.recipients.wording import preferred, wording
from digests.render.view.wording import catalogues
from feeds.discovery.acceptance import REASONS
from tests.digests.render.view.test_wording import LANGUAGES, Message, catalogue, in_code, in_templates, places
from tests.digests.render.view.test_wording import MESSAGES as OF_DIGESTS

_ROOT = Path(aggregator.__file__).parent
_CODE = [
    *(_ROOT / "web").rglob("*.py"),
    *(_ROOT / "config").rglob("*.py"),
    *(_ROOT.parent / "digests" / "channels").glob("*.py"),
    _ROOT / "recipients" / "opt_in.py",
    _ROOT / "services" / "manage" / "configuration.py",
    _ROOT / "store" / "stories" / "history.py",
    _ROOT / "stories" / "grouping" / "explain.py",
    _ROOT / "stories" / "profile" / "interests.py",
    _ROOT / "stories" / "query.py",
]
_OF_FEEDS: set[Message] = {
    *REASONS.values(),
    *(str(one.__doc__).strip() for one in error_classes()),
    *(one.hint for one in error_classes()),
}
MESSAGES = (
    set[Message]().union(*(in_templates("aggregator.web", f"templates/{folder}") for folder in (".", "site", "manage")))
    | in_code(_CODE)
    | _OF_FEEDS
)


def test_pages_and_letters_are_in_the_languages_of_the_mails() -> None:
    assert set(catalogues()) == {"en", *LANGUAGES}
    assert len(MESSAGES) > 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_with_its_places_and_none_is_left_over(language: str) -> None:
    found = {m.id: m.string for m in catalogue(language, "aggregator.recipients") if m.id}
    assert MESSAGES - OF_DIGESTS <= set(found) <= MESSAGES
    for message, text in found.items():
        if isinstance(message, tuple):
            assert all(text)
            assert all(places(form) <= places(message[1]) for form in text)
            assert places(text[-1]) == places(message[1])
        else:
            assert text
            assert places(str(text)) == places(message)


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
