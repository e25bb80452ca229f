"""The line an inbox shows: the digest's title and the first headline."""

from __future__ import annotations

import re
import unicodedata

from digests.model import Edition, Item
from digests.render.view.clean import tidy
from digests.render.view.disarm import disarmed
from digests.render.view.wording import Wording

LIMIT = 78  # characters: RFC 5322 2.1.1's line, and more than any inbox shows
_REPLY = re.compile(r"^(?:(?:re|fwd?|aw|sv|wg|tr|rv|antw)\s*:\s*)+", re.IGNORECASE)


def subject(edition: Edition) -> str:
    """`Morning digest: Ceasefire holds for a third day`. Never empty, never a reply, without control characters."""
    words = Wording(edition.language, edition.zone)
    title = line(edition.title) or line(edition.digest) or words.t("News digest")
    headline = next((h for h in (line(_said(item, words)) for item in standing_first(edition)) if h), "")
    if not headline:
        headline = _without_headline(edition, words)
    return cut(_calm(_REPLY.sub("", f"{cut(title, LIMIT // 2)}: {headline}")) or title)


def standing_first(edition: Edition) -> list[Item]:
    """The edition's stories in its order, those last that were taken back."""
    return sorted(edition.items, key=lambda item: item.retracted)


def _said(item: Item, words: Wording) -> str:
    """What was taken back is not said once more."""
    if item.retracted:
        return words.t("{outlet} withdrew its report.", outlet=item.sources[0].outlet)
    return item.headline


def _without_headline(edition: Edition, words: Wording) -> str:
    """A fault must not look like a quiet day."""
    trust = edition.trust
    if edition.items:
        return words.day(edition.slot)
    if trust.feeds_failed and trust.feeds_failed >= trust.feeds_checked:
        return words.t("no feed could be read")
    return words.t("nothing new")


def _calm(text: str) -> str:
    """All capitals are shouting, to readers and to filters: only the first letter of each part stays one."""
    if text != text.upper() or text == text.lower():
        return text
    return ": ".join(part.capitalize() for part in text.split(": "))


def line(text: str) -> str:
    """`text` as one line of printable characters, disarmed; joiners go too, which an inbox shows as boxes."""
    shown = "".join(c for c in tidy(text) if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return disarmed(shown).strip()


def cut(text: str, limit: int = LIMIT) -> str:
    """At most `limit` characters, cut between words where there are any, never inside a combined character."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > limit // 2 and (unicodedata.combining(text[end]) or text[end] == "\ufe0f"):
        end -= 1
    head = text[:end]
    blank = head.rfind(" ")
    return (head[:blank] if blank > limit // 2 else head).rstrip(" ,;:.–-") + "…"
