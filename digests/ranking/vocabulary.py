"""Words that say how far an event reaches or how soft a story is, in the languages of the default feeds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from itertools import pairwise

from digests.language import tokens
from digests.language.detect import language_code

EVENT = frozenset({"acts", "talk"})  # groups that say whether a title reports an act; they tell nothing of its reach
_DEFAULT = "en"  # for a text in a language without words of its own


def groups() -> tuple[str, ...]:
    """Return the names of all groups of words of reach and softness, sorted."""
    found = {group for by_term in _words().values() for named in by_term.values() for group in named}
    return tuple(sorted(found - EVENT))


def hits(text: str, language: str | None) -> dict[str, int]:
    """Return how many different words of each group a text has; a group without any is left out."""
    code = language_code(language)
    known = _words()
    by_term = known[code if code in known else _DEFAULT]
    said = tokens.terms(text, code if code in known else _DEFAULT)
    grams = {*said, *map(" ".join, pairwise(said))}
    found: dict[str, int] = {}
    for gram in grams:
        for group in by_term.get(gram, ()):
            found[group] = found.get(group, 0) + 1
    return found


@cache
def _words() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return by language each stem or pair of stems with its groups."""
    out: dict[str, dict[str, tuple[str, ...]]] = {}
    for line in (files(__package__) / "data" / "vocabulary.txt").read_text("utf-8").splitlines():
        head, _, listed = line.partition(":")
        if not listed or line.startswith("#"):
            continue
        group, _, code = head.partition(" ")
        by_term = out.setdefault(code, {})
        for word in listed.split():
            gram = " ".join(tokens.terms(word.replace("_", " "), code))
            if gram and group not in by_term.get(gram, ()):
                by_term[gram] = (*by_term.get(gram, ()), group)
    return out
