"""Why a story is here or was held back, in the reader's language.

An edition keeps its reasons in English, as choosing gave them. They are made of few patterns; a reason that follows one is
said anew in the reader's words, and one that follows none stays as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache

from digests.render.view.wording import Words, _

_SAID = (
    _("a rule wants it in"),
    _("new since it was told: {what}"),
    _("further details"),
    _("{outlets} withdrew what was told"),
    _("{outlets} changed what was told"),
    _("arrived within the hour"),
    _("interest {name}: {why}"),
    _("interest {name}"),
    _("shares {words}"),
    _("topic {topic}: {why}"),
    _("topic {topic}"),
    _("says {words}"),
    _("no word of it"),
    _("the feed files it there"),
    _("its feed belongs to this topic"),
    _("{outlet} is under {topic}"),
    _("rule “{name}”"),
    _("rules raise it by {points}"),
    _("rules lower it by {points}"),
    _("muted by a rule"),
    _("outside the topics of this digest"),
    _("withdrawn by its publisher"),
    _("old news of a feed that was just added"),
    _("told already, nothing new since"),
    _("its score {score} is below min_score {least}"),
    _("no room: of {most} words {left} are left"),
    _("another story of this edition tells the same text"),
)
_NESTED = frozenset({"what", "why"})  # places that hold a reason themselves


def say(reason: str, words: Words) -> str:
    """Return `reason` in the reader's language, or as it is if it follows no known pattern."""
    counted = _counted(reason, words)
    if counted:
        return counted
    for pattern, message in _patterns():
        match = pattern.fullmatch(reason)
        if match is not None:
            return words.t(message, **{name: _place(name, value, words) for name, value in match.groupdict().items()})
    return reason


def _counted(reason: str, words: Words) -> str:
    number = re.search(r"\d+", reason)
    if number is None:
        return ""
    count, form = int(number.group()), reason.replace(number.group(), "{count}", 1)
    n = words.n
    match form:
        case "{count} independent source" | "{count} independent sources":
            return n("{count} independent source", "{count} independent sources", count)
        case "{count} more outlet carries the same text" | "{count} more outlets carry the same text":
            return n("{count} more outlet carries the same text", "{count} more outlets carry the same text", count)
        case "arrived {count} hour ago" | "arrived {count} hours ago":
            return n("arrived {count} hour ago", "arrived {count} hours ago", count)
        case "arrived {count} day ago" | "arrived {count} days ago":
            return n("arrived {count} day ago", "arrived {count} days ago", count)
        case "no room: {count} story is in" | "no room: {count} stories are in":
            return n("no room: {count} story is in", "no room: {count} stories are in", count)
        case _:
            return ""


def _place(name: str, value: str, words: Words) -> str:
    if name == "topic":
        return words.word(value)
    return say(value, words) if name in _NESTED else value


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(m)), re.DOTALL), m) for m in _SAID)
