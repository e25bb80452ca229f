"""A section in two to four sentences, made of what its items say."""

from __future__ import annotations

from collections.abc import Sequence

from digests.model import Item

_FEWEST_ITEMS, _SENTENCES = 3, 3


def overview(items: Sequence[Item], words: int = 70) -> str:
    """Return an overview of a section with three items or more: the first words of its foremost items, as told there.

    Nothing is said that no item says: each sentence is an item's opening sentence, or its headline where that is too long.
    Empty when the section is short.
    """
    if len(items) < _FEWEST_ITEMS:
        return ""
    parts: list[str] = []
    room = words
    for item in items[: _SENTENCES + 1]:
        opening = item.sentences[0].text if item.sentences else ""
        text = opening if opening and len(opening.split()) <= 26 else item.headline
        text = text.rstrip()
        if text and text[-1] not in '.!?…。！？।؟"”»':
            text += "."
        if parts and len(text.split()) > room:
            continue
        parts.append(text)
        room -= len(text.split())
    return " ".join(parts) if len(parts) >= 2 else ""
