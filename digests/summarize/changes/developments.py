"""Developments: words for a change of state, such as an arrest or a verdict, that make news without any number."""

from __future__ import annotations

import re
from functools import lru_cache

from digests.language.counts import counted
from digests.language.detect import language_code
from digests.language.negations import count_negations
from digests.language.senses import senses_in
from digests.summarize.changes.development_words import SENSES, WORDS

_BEFORE, _BEHIND = 4, 2  # words on both sides of a development in which a negation denies it
_NEAR = 200  # characters in which these words are looked for: a sentence has no bound
_JOINED = frozenset({"ja", "zh"})  # scripts without blanks: words begin and end anywhere
_DENIED = {
    "ja": (r"", r"(?!.{0,6}(?:な[いかくけ]|ず|見送))"),
    "zh": (r"(?<![未没沒不])(?<!没有)(?<!沒有)(?<!尚未)", r""),
}
_PARTS = re.compile(r"[.;:!?,]\s|\s[–—-]\s")
_ARTICLE = "(?:[وفبل]?ال|[وفبل])?"  # what Arabic writes at the beginning of a word


@lru_cache(maxsize=32)
def _pattern(language: str) -> re.Pattern[str] | None:
    table = WORDS.get(language)
    if table is None:
        return None
    if language in _JOINED:
        before, behind = _DENIED[language]
        return re.compile(before + f"(?:{counted.named_groups(table, whole='')})" + behind)
    groups = counted.named_groups(table, whole=r"(?!\w)", rest=r"\w*")
    return re.compile(rf"(?<![\w-]){_ARTICLE if language == 'ar' else ''}(?:{groups})", re.IGNORECASE)


def developments(text: str, language: str | None) -> dict[str, str]:
    """Return the developments that a text reports, by name, each with the word for it as written.

    One with a negation beside it (`no one was arrested`) is none.
    """
    code = language_code(language)
    pattern = _pattern(code)
    if pattern is None:
        if count_negations(text, code):
            return {}
        said = ((SENSES[one.sense], one) for one in senses_in(text, code) if one.sense in SENSES)
        return {name: one.written for name, one in reversed(list(said))}
    found: dict[str, str] = {}
    for match in pattern.finditer(text):
        if not _is_denied(text, match, code):
            found.setdefault(match.lastgroup or "", match.group())
    return found


def _is_denied(text: str, match: re.Match[str], language: str) -> bool:
    before = _PARTS.split(text[max(0, match.start() - _NEAR) : match.start()])[-1].split()[-_BEFORE:]
    behind = _PARTS.split(text[match.end() : match.end() + _NEAR])[0].split()[:_BEHIND]
    return count_negations(" ".join((*before, match.group(), *behind)), language) > 0
