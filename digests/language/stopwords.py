"""Stop words: the words of a language that carry no news by themselves. One list, in `data/stopwords.txt`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


def languages() -> tuple[str, ...]:
    """Return the languages that have a list, in alphabetical order."""
    return tuple(sorted(code for code in _word_lists("stopwords.txt") if " " not in code))


def stop_words(language: str) -> frozenset[str]:
    """Return the stop words of an ISO 639-1 language code, lower case; empty for a language without a list."""
    return _word_lists("stopwords.txt").get(language, frozenset())


@cache
def all_stop_words(language: str) -> frozenset[str]:
    """Return the stop words with the further ones by which single sentences are not compared.

    Grouping uses `stop_words` alone, because its weights were fitted with them. A language without a list has the
    words of all languages.
    """
    lists = _word_lists("stopwords.txt")
    if language not in lists:
        return frozenset().union(*lists.values())
    return lists[language] | lists.get(f"{language} more", frozenset())


def labels(language: str) -> frozenset[str]:
    """Return the words that name the kind of an article: live, video, opinion."""
    return _word_lists("labels.txt").get(language, frozenset())


@cache
def languages_by_word() -> dict[str, tuple[str, ...]]:
    """Return each stop word with the languages that have it."""
    found: dict[str, list[str]] = {}
    for code, words in _word_lists("stopwords.txt").items():
        for word in words if " " not in code else ():
            found.setdefault(word, []).append(code)
    return {word: tuple(codes) for word, codes in found.items()}


@cache
def _word_lists(name: str) -> dict[str, frozenset[str]]:
    lists: dict[str, frozenset[str]] = {}
    for line in (files(__package__) / "data" / name).read_text("utf-8").splitlines():
        head, _, words = line.partition(":")
        if words and not line.startswith("#"):
            lists[head] = frozenset(words.split())
    return lists
