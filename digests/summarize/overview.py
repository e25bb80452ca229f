"""The overview of a section: two to four sentences taken from its items."""

from __future__ import annotations

from collections.abc import Sequence

from digests.language.detect import language_code
from digests.language.tokens import word_count
from digests.model import Item, ItemKind

_FEWEST_ITEMS, _MOST_SENTENCES = 3, 4
_LONG = 26  # words from which the headline is used instead of the first sentence


def overview(items: Sequence[Item], language: str = "", words: int = 70) -> str:
    """Return an overview of a section with three or more items, from its first items, in the digest's language.

    Each sentence is an item's first sentence, or its headline where that sentence is long or, in an update, depends
    on earlier reports. It has two to four sentences and always fewer than the section has items. Empty where
    exactly one item is in the language.
    """
    if len(items) < _FEWEST_ITEMS:
        return ""
    spoken = (
        [i for i in items if language_code(i.language) in ("", language_code(language))] if language else list(items)
    )
    parts: list[str] = []
    room = words
    for item in spoken or _most_spoken(items):
        if len(parts) == min(_MOST_SENTENCES, len(items) - 1):
            break
        text = _said(item)
        if text and (not parts or word_count(text) <= room):
            parts.append(text)
            room -= word_count(text)
    return " ".join(parts) if len(parts) >= 2 else ""


def _most_spoken(items: Sequence[Item]) -> list[Item]:
    codes = [language_code(i.language) for i in items]
    most = max(codes, key=codes.count)
    return [item for item, code in zip(items, codes, strict=True) if code == most]


def _said(item: Item) -> str:
    """Return one item as a sentence, with a full stop if it has none."""
    opening = item.sentences[0].text if item.sentences and item.kind is ItemKind.NEW else ""
    text = (opening if opening and word_count(opening) <= _LONG else item.headline).strip()
    return text + "." if text and text[-1] not in '.!?…。！？।؟"”»' else text
