"""How common words are in news, so that rare words can be recognised before many articles have arrived."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from digests.language.stems import KEY_LENGTH, name_key

RARE = 1 / 30_000  # share of texts that contain a word which is not in the table
SENSE = 1 / 100  # share of texts that contain one sense: there are few senses, so each is common
_LARGEST_DAY = 31


def share(term: str, language: str) -> float:
    """Return the share of news texts that contain a term of a document.

    A term is a `word`, an `@name`, a `=key`, a `#number`, a `%unit`, a `~sense` or the address of a `>link`.
    """
    if term[0] in "~>":
        return SENSE if term[0] == "~" else RARE
    kind = term[0]
    if kind in "@=":
        return _number(term[1:]) if term[-1].isdigit() else _keys().get(term[1:], RARE)
    if kind == "#":
        return _number(term[1:])
    if kind == "%":
        unit, _, value = term[1:].partition(" ")
        counted = _words(language).get(unit, RARE) / 8 if unit.isalpha() else 1 / 40
        return counted * _number(value) * 8 if value else counted
    first, _, second = term.partition(" ")
    return min(_word(first, language), _word(second, language)) / 8 if second else _word(term, language)


def _word(term: str, language: str) -> float:
    return _number(term) if term.isdigit() else _words(language).get(term, RARE)


def _number(digits: str) -> float:
    """Return the share of texts with a number: small and round numbers are more common than others."""
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
