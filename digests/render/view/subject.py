"""Makes the subject of a mail: the digest's title and the first headline, or what the digest's template says."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from digests.model import Edition, Item
from digests.render.view.clean import tidy
from digests.render.view.disarm import disarmed
from digests.render.view.wording import Wording

LIMIT = 78  # characters: the line of RFC 5322 2.1.1; no inbox shows more
STANDARD = "{title}: {lead}"
PLACES = frozenset({"title", "date", "lead", "count"})
_MOST_TITLE = LIMIT // 2  # characters of the digest's title
_LEAST_LEAD = 20  # characters of the first headline that are shown in any case
_PLACE = re.compile(r"\{([^{}]*)\}")
_REPLY = re.compile(r"^(?:(?:re|fwd?|aw|sv|wg|tr|rv|antw)\s*:\s*)+", re.IGNORECASE)


def subject(edition: Edition, folder: Path | None = None) -> str:
    """Return the subject, such as `Morning digest: Ceasefire holds for a third day`; never empty or like a reply.

    `folder` has the user's templates and catalogues.
    """
    words = Wording(edition.language, edition.zone, folder)
    title = one_line(edition.title) or one_line(edition.digest) or words.t("News digest")
    headline = next((h for h in (one_line(_subject_text(item, words)) for item in withdrawn_last(edition)) if h), "")
    if not headline:
        headline = _without_headline(edition, words)
    values = {
        "title": cut(title, _MOST_TITLE),
        "date": words.day(edition.slot),
        "count": words.number(len(edition.items)),
    }
    template = one_line(edition.subject) or STANDARD
    around = _PLACE.sub(lambda place: values.get(place[1], ""), template)
    values["lead"] = cut(headline, max(_LEAST_LEAD, LIMIT - len(around)))
    filled = _PLACE.sub(lambda place: values.get(place[1], place[0]), template)
    return cut(_not_all_capitals(_REPLY.sub("", filled.strip())) or title)


def without_title(subject: str, title: str) -> str:
    """Return a subject of the standard form without the title before it, for lists that name the digest.

    A subject of another form is returned as it is; the title for an empty one.
    """
    before = f"{cut(one_line(title), _MOST_TITLE)}: "
    return subject.removeprefix(before) or title


def template_error(template: str) -> str | None:
    """Return what is wrong with a template of subjects; None if it is valid."""
    unknown = [name for name in _PLACE.findall(template) if name not in PLACES]
    if unknown:
        return f"{{{unknown[0]}}} is not a placeholder of subjects"
    return "a brace is not closed" if set("{}") & set(_PLACE.sub("", template)) else None


def withdrawn_last(edition: Edition) -> list[Item]:
    """Return the edition's stories in order, withdrawn ones last."""
    return sorted(edition.items, key=lambda item: item.retracted)


def _subject_text(item: Item, words: Wording) -> str:
    """Return the item's headline, or that it was withdrawn: a withdrawn headline is not repeated."""
    if item.retracted:
        return words.t("{outlet} withdrew its report.", outlet=item.sources[0].outlet)
    return item.headline


def _without_headline(edition: Edition, words: Wording) -> str:
    """Return the subject's text without a headline; failed feeds must look different from a day without news."""
    trust = edition.trust
    if edition.items:
        return words.day(edition.slot)
    if trust.feeds_failed and trust.feeds_failed >= trust.feeds_checked:
        return words.t("no feed could be read")
    return words.t("nothing new")


def _not_all_capitals(text: str) -> str:
    """Lower a text in all capitals, which spam filters penalize; the first letter of each part remains a capital."""
    if text != text.upper() or text == text.lower():
        return text
    return ": ".join(part.capitalize() for part in text.split(": "))


def one_line(text: str) -> str:
    """Return `text` as one line of printable characters, disarmed; without joiners, which inboxes show as boxes."""
    shown = "".join(c for c in tidy(text) if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return disarmed(shown).strip()


def cut(text: str, limit: int = LIMIT) -> str:
    """Return at most `limit` characters, cut between words if possible, never inside a combined character."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > limit // 2 and (unicodedata.combining(text[end]) or text[end] == "\ufe0f"):
        end -= 1
    head = text[:end]
    blank = head.rfind(" ")
    return (head[:blank] if blank > limit // 2 else head).rstrip(" ,;:.–-") + "…"
