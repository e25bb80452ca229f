"""Every fixed text in every language, with its plurals, dates and numbers."""

from __future__ import annotations

import ast
import copy
import io
import pickle
import string
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

import digests.render
from digests.reasons import Phrase
from digests.render.view.wording import Wording
from tests.support.editions import SLOT

LANGUAGES = ("ar", "de", "es", "fr", "ja", "ru", "uk", "zh")
Message = str | tuple[str, str]


def in_templates(package: str = "digests.templates", folder: str = "standard") -> set[Message]:
    found: set[Message] = set()
    for entry in files(package).joinpath(folder).iterdir():
        if entry.name.endswith((".html", ".txt")):
            for _, function, message in extract_from_ast(Environment().parse(entry.read_text("utf-8")), ("t", "n")):
                strings = [m for m in (message if isinstance(message, tuple) else (message,)) if m]
                if strings:  # else a variable, whose texts are marked where they are written
                    found.add((strings[0], strings[1]) if function == "n" else strings[0])
    return found


def in_code(paths: Iterable[Path]) -> set[Message]:
    found: set[Message] = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                strings = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                if name in ("t", "_") and strings:
                    found.add(strings[0])
                elif name == "n" and len(strings) == 2:
                    found.add((strings[0], strings[1]))
    return found


def catalogue(language: str, package: str = "digests.templates") -> Catalog:
    body = files(package).joinpath("locale", f"{language}.po").read_bytes()
    return read_po(io.BytesIO(body), locale=language)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


MESSAGES = in_templates() | in_code(Path(digests.render.__file__).parent.rglob("*.py"))


def test_there_are_messages_to_translate() -> None:
    assert len(MESSAGES) > 60


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_and_none_is_left_over(language: str) -> None:
    found = {m.id: m for m in catalogue(language) if m.id}
    assert set(found) == MESSAGES
    for key, message in found.items():
        forms = message.string if isinstance(key, tuple) else (message.string,)
        assert all(forms), key
        assert not message.fuzzy


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_the_places(language: str) -> None:
    for message in catalogue(language):
        if isinstance(message.id, tuple):
            assert all(places(form) <= places(message.id[1]) for form in message.string)
            assert places(message.string[-1]) == places(message.id[1])
        elif message.id:
            assert places(message.string) == places(message.id)


@pytest.mark.parametrize(
    ("language", "count", "expected"),
    [
        ("ru", 1, "1 сюжет"),
        ("ru", 3, "3 сюжета"),
        ("ru", 11, "11 сюжетов"),
        ("ru", 21, "21 сюжет"),
        ("uk", 2, "2 сюжети"),
        ("uk", 5, "5 сюжетів"),
        ("uk", 111, "111 сюжетів"),
        ("fr", 0, "0 sujet"),
        ("de", 1200, "1.200 Meldungen"),
        ("ar", 2, "قصتان"),
        ("zh", 3, "3 条新闻"),
        ("ja", 1, "記事1件"),
        ("en", 1, "1 story"),
        ("en", 0, "0 stories"),
    ],
)
def test_plurals(language: str, count: int, expected: str) -> None:
    assert Wording(language).n("{count} story", "{count} stories", count) == expected


def test_dates_are_in_the_zone_and_language() -> None:
    assert Wording("de", "Europe/Berlin").date(SLOT) == "Dienstag, 17. März 2026"
    assert Wording("en", "Asia/Tokyo").moment(SLOT) == "17 Mar, 15:00"
    assert Wording("en-US", "America/New_York").moment(SLOT) == "Mar 17, 2:00\u00a0AM"
    assert Wording("uk", "Europe/Kyiv").iso(SLOT) == "2026-03-17T08:00+02:00"


def test_an_unknown_zone_is_utc_and_an_unknown_language_english() -> None:
    words = Wording("tlh", "Moon/Tranquility")
    assert (words.language, words.iso(SLOT)) == ("en", "2026-03-17T06:00+00:00")


@pytest.mark.parametrize("tag", ["../../etc/passwd", "de/../de", "", "x" * 300, "de\x00"])
def test_a_language_is_never_a_path(tag: str) -> None:
    assert Wording(tag).t("Unsubscribe") in ("Unsubscribe", "Abmelden")


def test_a_region_uses_the_catalogue_of_its_language() -> None:
    assert Wording("de-AT").t("Unsubscribe") == "Abmelden"


def test_a_language_is_added_by_adding_a_file(tmp_path: Path) -> None:
    (tmp_path / "locale").mkdir()
    (tmp_path / "locale" / "nl.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "New"\nmsgstr "Nieuw"\n'
    )
    words = Wording("nl", folder=tmp_path)
    assert (words.language, words.t("New"), words.t("Update")) == ("nl", "Nieuw", "Update")


def test_a_translators_slip_falls_back_to_english(tmp_path: Path) -> None:
    (tmp_path / "locale").mkdir()
    (tmp_path / "locale" / "nl.po").write_text('msgid "since {date}"\nmsgstr "sinds {datum}"\n')
    assert Wording("nl", folder=tmp_path).t("since {date}", date="today") == "since today"


def test_a_topic_named_like_a_format_stays_as_it_is() -> None:
    assert Wording("de").word("{topic}") == "{topic}"
    assert Wording("de").word("World") == "Welt"


def test_a_phrase_is_copied_with_its_places_even_if_its_text_has_braces() -> None:
    one = Phrase('"{url}" is not a web URL', url="{id}")
    for same in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert (same, same.message, same.places) == ('"{id}" is not a web URL', one.message, one.places)
