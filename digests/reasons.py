"""Reasons as values: a code and its parameters. The text is made where the reason is shown.

Likewise texts for people: messages that are marked for the catalogues, with their places.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


def _(message: str) -> str:
    """Mark a message for the catalogues and return it unchanged."""
    return message


class Phrase(str):
    """An English text that keeps its message and places, so that `said` in `render.view.wording` translates it.

    It is for texts that pass through code which only knows text, such as the problems of a configuration.
    """

    __slots__ = ("message", "places")
    message: str
    places: dict[str, object]

    def __new__(cls, message: str, /, **places: object) -> Self:
        """Return the text of a message that is marked with `_`."""
        made = super().__new__(cls, message.format(**places))
        made.message, made.places = message, places
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        """Let copies and pickles be made of the message, not of the text, which may have braces of its own."""
        return (self.message,), self.places


class ReasonCode(StrEnum):
    """The kinds of reason; the comments name their values. The codes are stored, so none may change."""

    TEXT = "text"  # text: a reason kept as a sentence, as earlier versions stored it

    # Why a story is chosen.
    MUST = "must"  # required by a rule
    NEW_FACTS = "new-facts"  # words: the new numbers and names
    CHANGED_COUNT = "changed-count"  # about, now, was: `killed`, `86`, `77`
    NEW_DETAILS = "new-details"
    WITHDREW = "withdrew"  # outlets
    CHANGED = "changed"  # outlets
    SOURCES = "sources"  # count
    CARRIERS = "carriers"  # count
    THIS_HOUR = "this-hour"
    HOURS_AGO = "hours-ago"  # count
    DAYS_AGO = "days-ago"  # count
    WITHIN_HOUR = "within-hour"  # count: outlets that reported it within an hour
    LASTED = "lasted"  # count: days on which it was reported
    REACH = "reach"  # about: the groups of words that show how far the event reaches
    RAISED = "raised"  # points
    LOWERED = "lowered"  # points
    INTEREST = "interest"  # name, why
    LIKED = "liked"  # why: near stories that the recipient wants more of
    DISLIKED = "disliked"  # why
    TOPIC = "topic"  # topic, why

    # Why a story is held back.
    MUTED = "muted"
    OTHER_TOPICS = "other-topics"
    OTHER_QUERY = "other-query"
    OTHER_LANGUAGE = "other-language"
    WITHDRAWN = "withdrawn"
    BACKLOG = "backlog"
    KNOWN = "known"
    LOW_SCORE = "low-score"  # score, least
    STORIES_FULL = "stories-full"  # count
    WORDS_FULL = "words-full"  # most, left
    SAME_TEXT = "same-text"
    OVERDUE = "overdue"  # it tells as to come what is over
    ADVERTISING = "advertising"  # an offer, or paid for
    FORM_FULL = "form-full"  # form: the edition has enough of it

    # Why a story belongs to a topic or an interest.
    FILED = "filed"  # the feed gives the article a category of this topic
    FEED_TOPIC = "feed-topic"  # the topic is configured for this feed
    OUTLET_TOPIC = "outlet-topic"  # outlet, topic
    RULE = "rule"  # name
    SAYS = "says"  # words: of the topic or of the user
    NAMES = "names"  # words
    SHARES = "shares"  # words
    ALIKE = "alike"  # share: the similarity of the meanings
    NEAR_TOPIC = "near-topic"  # all its words together are near the topic
    FAR_FROM_TOPIC = "far-from-topic"
    NOTHING_SHARED = "nothing-shared"  # only in editions of earlier versions


class EntryClass(StrEnum):
    """What an edition did with an entry that arrived in its period. Each entry is in exactly one class."""

    SHOWN = "shown"  # in a story of the edition
    COPIES = "copies"  # the same text as another entry
    DROPPED = "dropped"  # by a rule
    MUTED = "muted"  # by a rule
    HELD = "held"  # held back: no room, a low score, withdrawn
    SENT = "sent"  # in a story that was sent before, without news
    OUTSIDE = "outside"  # outside the digest's topics or its query
    BACKLOG = "backlog"  # set aside by a first fetch as older than the period
    PENDING = "pending"  # not grouped when the edition was composed


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. `values` are sorted by their names; `because` makes one."""

    code: ReasonCode
    values: tuple[tuple[str, Value], ...] = ()


Value = str | int | float | tuple[str, ...] | tuple[Reason, ...]


def because(code: ReasonCode, **values: Value) -> Reason:
    """Return the reason with this code and these values."""
    return Reason(code, tuple(sorted(values.items())))


def to_plain(reason: Reason) -> dict[str, Any]:
    """Return a reason as a JSON object."""
    return {"code": reason.code.value, **{name: _plain(value) for name, value in reason.values}}


def from_plain(stored: Any) -> Reason:
    """Read what `to_plain` wrote, or a sentence that an earlier version stored. An unknown code becomes a text."""
    if not isinstance(stored, dict):
        return because(ReasonCode.TEXT, text=str(stored))
    values = {name: _value(value) for name, value in stored.items() if name != "code"}
    code = str(stored.get("code", ""))
    try:
        return because(ReasonCode(code), **values)
    except ValueError:
        return because(ReasonCode.TEXT, text=code)


def reasons_from_plain(stored: Any) -> tuple[Reason, ...]:
    """Read a list of reasons, or the one sentence that an earlier version stored instead; an empty sentence is none."""
    if isinstance(stored, str):
        return (from_plain(stored),) if stored else ()
    return tuple(map(from_plain, stored))


def _plain(value: Value | Reason) -> Any:
    if isinstance(value, Reason):
        return to_plain(value)
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_value, value))
    return from_plain(value) if isinstance(value, dict) else value
