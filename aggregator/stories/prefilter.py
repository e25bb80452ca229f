"""The words that every match of a query contains, so that a full-text index can find candidates for it.

Candidates are more than the matches: each must be tested with the query itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from aggregator.stories.query import field_name, syntax_tree
from digests.language import tokens
from digests.language.stems import stems

Groups = tuple[tuple[str, ...], ...]
_LEAST = 3  # letters of the beginning of a word
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_NO_WORD = re.compile(r"[\W_]+")
_MARKS = re.compile("[\u0300-\u036f]")  # combining diacritics, which no index takes for the end of a word
_LATIN = "\u024f"  # the last letter of the Latin blocks
_MOST_WORDS = 40  # of one group; a longer one is left out


def required_words(text: str) -> Groups:
    """Return groups of beginnings of words: every match has a word of each group. Raises QueryError."""
    return tuple(dict.fromkeys(_groups(syntax_tree(text), None))) if text.strip() else ()


def shown_words(text: str) -> tuple[str, ...]:
    """Return the beginnings of the words to highlight: all that are not negated. Raises QueryError."""
    return tuple(dict.fromkeys(_words(syntax_tree(text), None, _leaf))) if text.strip() else ()


def written_words(text: str) -> tuple[str, ...]:
    """Return the words and phrases of a query as they are written, without negated ones. Raises QueryError."""
    return tuple(dict.fromkeys(_words(syntax_tree(text), None, _written))) if text.strip() else ()


def _groups(node: Any, field: str | None) -> Groups:
    kids = node.children
    if node.data == "negated":
        return ()
    if node.data == "all":
        return tuple(group for kid in kids for group in _groups(kid, field))
    if node.data == "any":
        return _alternatives([_groups(kid, field) for kid in kids])
    if node.data == "spread":
        return _groups(kids[1], field_name(kids[0]))
    return tuple(_spellings(node, field))


def _alternatives(branches: list[Groups]) -> Groups:
    """Return one group with a word of each branch: its most selective group."""
    if len(branches) == 1:
        return branches[0]
    if not all(branches):
        return ()
    best = [max(branch, key=lambda group: min(map(len, group))) for branch in branches]
    words = tuple(dict.fromkeys(word for group in best for word in group))
    return (words,) if len(words) <= _MOST_WORDS else ()


def _words(node: Any, field: str | None, leaf: Callable[[Any, str | None], list[str]]) -> list[str]:
    if node.data == "negated":
        return []
    if node.data in ("all", "any"):
        return [word for kid in node.children for word in _words(kid, field, leaf)]
    if node.data == "spread":
        return _words(node.children[1], field_name(node.children[0]), leaf)
    return leaf(node, field)


def _leaf(node: Any, field: str | None) -> list[str]:
    """Return the beginnings of the words of a word or phrase; none for what the index does not hold."""
    return [spellings[0] for spellings in _spellings(node, field)]


def _spellings(node: Any, field: str | None) -> list[tuple[str, ...]]:
    """Return the same, each followed by its spelling with diacritics if that differs in one of the indexes."""
    kids = node.children
    if node.data == "fielded":
        field = field_name(kids[0])
    token = kids[-1].children[0]
    if field not in (None, "title", "text") or token.type == "REGEX" or _UNSPACED.search(str(token)):
        return []
    text = str(token).strip('"')
    whole = token.type == "PHRASE" or text.endswith("*")
    parts = (_longest_part(word.lower()) for word in tokens.raw(text))
    return [_with_marks(part, _plain(part) if whole else _beginning(part)) for part in parts if part]


def _with_marks(word: str, beginning: str) -> tuple[str, ...]:
    marked = word[: len(beginning)]
    # FTS5 ignores diacritics in Latin script only.
    return (beginning, marked) if marked != beginning == _plain(marked) and max(marked) > _LATIN else (beginning,)


def _written(node: Any, field: str | None) -> list[str]:
    """Return a word or phrase of a title or text without quotation marks and wildcard."""
    kids = node.children
    if node.data == "fielded":
        field = field_name(kids[0])
    token = kids[-1].children[0]
    text = str(token).strip('"').rstrip("*").strip()
    return [text] if text and field in (None, "title", "text") and token.type != "REGEX" else []


def _longest_part(word: str) -> str:
    """Return the longest part of a word: the index splits "Ukraine's" and "U.S.", but not at diacritics."""
    return max(_NO_WORD.split(_MARKS.sub("", unicodedata.normalize("NFC", word))), key=len)


def _plain(word: str) -> str:
    """Return a word without diacritics, up to the first sharp s: one index keeps it, and another has ss instead."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    return plain.partition("ß")[0] or plain


def _beginning(word: str) -> str:
    """Return the letters that a word has in common with its inflected forms, whatever its language."""
    whole = _plain(word)
    shared = min(_shared(whole, _plain(one)) for one in stems(word))
    if whole[:shared].endswith("i"):
        shared -= 1  # the stem of `study` and `studies` is `studi`
    return whole[: max(_LEAST, len(whole) // 2, shared)]


def _shared(one: str, other: str) -> int:
    """Return how many letters two words begin with alike."""
    return next((k for k, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
