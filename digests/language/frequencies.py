"""How common words are in news, so that rare words can be recognised before many articles have arrived."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from digests.language.stems import KEY_LENGTH, name_key

RARE = 1 / 30_000  # share of texts that contain a word which is not in the table
SENSE = 1 / 100  # share of texts that contain one sense: there are few senses, so each is common
_LARGEST_DAY = 31


def share(stem: str, language: str) -> float:
    """Return the share of news texts that contain a stem, or two stems side by side with a blank between them."""
    if " " not in stem:
        return _word(stem, language)
    first, _, second = stem.partition(" ")
    return min(_word(first, language), _word(second, language)) / 8 if second else _word(stem, language)


def key_share(key: str) -> float:
    """Return the share of news texts that contain the transliterated key of a name, its beginning, or a number."""
    return number_share(key) if key[-1].isdigit() else _keys().get(key, RARE)


def count_share(unit: str, digits: str, language: str) -> float:
    """Return the share of news texts that count a thing; with `digits`, that count so many of it."""
    counted = _words(language).get(unit, RARE) / 8 if unit.isalpha() else 1 / 40
    return counted * number_share(digits) * 8 if digits else counted


def _word(stem: str, language: str) -> float:
    return number_share(stem) if stem.isdigit() else _words(language).get(stem, RARE)


def number_share(digits: str) -> float:
    """Return the share of news texts with a number: small and round numbers are more common than others."""
    if not digits.isdigit():
        return 1 / 2000
    value = int(digits[:12])
    if value <= _LARGEST_DAY:
        return 1 / 60
    return 1 / 400 if value % 10 == 0 or value < 100 else 1 / 4000


@cache
def _table() -> dict[str, dict[str, float]]:
    out: dict[str, dict[str, float]] = {}
    for line in (files(__package__) / "data" / "common.txt").read_text("utf-8").splitlines():
        head, _, stems = line.partition(":")
        code, _, step = head.partition(" ")
        out.setdefault(code, {}).update(dict.fromkeys(stems.split(), 0.5 ** int(step)))
    return out


@cache
def _words(language: str) -> dict[str, float]:
    return _table().get(language, {})


@cache
def _keys() -> dict[str, float]:
    """Return the shares by name key, in all languages together: the most common word with the key counts."""
    out: dict[str, float] = {}
    for words in _table().values():
        for word, part in words.items():
            key = name_key(word)
            for form in {key, key[:KEY_LENGTH]}:
                out[form] = max(out.get(form, 0.0), part)
    return out
