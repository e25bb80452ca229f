"""Writes reasons as sentences in the recipient's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from digests.reasons import Reason, ReasonCode, Value, _
from digests.render.view.wording import Wording, english, form_name

_SENTENCES: dict[ReasonCode, str] = {
    ReasonCode.MUST: _("one of the rules asks for it"),
    ReasonCode.NEW_FACTS: _("new since the last report: {words}"),
    ReasonCode.CHANGED_COUNT: _("{about}: {now}, was {was}"),
    ReasonCode.NEW_DETAILS: _("new since the last report: further details"),
    ReasonCode.WITHDREW: _("{outlets} withdrew what was reported"),
    ReasonCode.CHANGED: _("{outlets} changed what was reported"),
    ReasonCode.THIS_HOUR: _("arrived within the hour"),
    ReasonCode.RAISED: _("rules raise its score by {points}"),
    ReasonCode.LOWERED: _("rules lower its score by {points}"),
    ReasonCode.INTEREST: _("you follow {name}"),
    ReasonCode.REACH: _("affects many people: {about}"),
    ReasonCode.ADVERTISING: _("an offer or paid content"),
    ReasonCode.FORM_FULL: _("the edition has enough of these already: {form}"),
    ReasonCode.LIKED: _("like stories that you wanted more of"),
    ReasonCode.DISLIKED: _("like stories that you wanted less of"),
    ReasonCode.TOPIC: _("topic {topic}"),
    ReasonCode.MUTED: _("muted by a rule"),
    ReasonCode.OTHER_TOPICS: _("outside the topics of this digest"),
    ReasonCode.OTHER_QUERY: _("outside the query of this digest"),
    ReasonCode.OTHER_LANGUAGE: _("in none of the languages of this digest"),
    ReasonCode.WITHDRAWN: _("withdrawn by its publisher"),
    ReasonCode.BACKLOG: _("old news of a feed that was just added"),
    ReasonCode.KNOWN: _("already reported, nothing new since"),
    ReasonCode.LOW_SCORE: _("its score {score} is below {least}, the lowest for this edition"),
    ReasonCode.WORDS_FULL: _("no room: only {left} of {most} words are left"),
    ReasonCode.SAME_TEXT: _("another story of this edition has the same text"),
    ReasonCode.OVERDUE: _("what it announces is over"),
    ReasonCode.FILED: _("the feed lists it under this topic"),
    ReasonCode.FEED_TOPIC: _("its feed belongs to this topic"),
    ReasonCode.OUTLET_TOPIC: _("{outlet} is under {topic}"),
    ReasonCode.RULE: _("rule “{name}”"),
    ReasonCode.SAYS: _("mentions {words}"),
    ReasonCode.NAMES: _("names {words}"),
    ReasonCode.SHARES: _("words in common: {words}"),
    ReasonCode.ALIKE: _("similar in meaning ({share})"),
    ReasonCode.NEAR_TOPIC: _("its words are close to this topic"),
    ReasonCode.FAR_FROM_TOPIC: _("few of its words belong to this topic"),
    ReasonCode.NOTHING_SHARED: _("no words in common"),
}


_REACH: dict[str, str] = {
    "deaths": _("people killed or hurt"),
    "war": _("war"),
    "disaster": _("disaster"),
    "government": _("government"),
    "court": _("courts"),
    "election": _("election"),
    "economy": _("economy"),
    "health": _("public health"),
    "science": _("research"),
}


# What nothing else on the page says, the strongest first; the section names the topic, and the line under the headline
# the number of sources.
_STRONG = (
    ReasonCode.CHANGED_COUNT,
    ReasonCode.MUST,
    ReasonCode.INTEREST,
    ReasonCode.LIKED,
    ReasonCode.RAISED,
    ReasonCode.WITHIN_HOUR,
    ReasonCode.REACH,
)


def strongest(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Return the one reason that says most, without its details; none if nothing is worth a line.

    Words that show reach are no reason in the report of one outlet: "dies" may be about a club.
    """
    alone = any(r.code is ReasonCode.SOURCES and dict(r.values).get("count") == 1 for r in reasons)
    strong = [r for r in reasons if r.code in _STRONG and not (alone and r.code is ReasonCode.REACH)]
    first = min(strong, key=lambda r: _STRONG.index(r.code), default=None)
    return () if first is None else (replace(first, values=tuple(v for v in first.values if v[0] != "why")),)


def sentence(reason: Reason, words: Wording) -> str:
    """Return a reason as a sentence in the language of `words`. A text of an earlier version is returned unchanged."""
    values = dict(reason.values)
    if reason.code is ReasonCode.TEXT:
        return str(values.get("text", ""))
    places = {name: _place(name, value, words) for name, value in values.items()}
    count = values.get("count")
    text = _counted(reason.code, count, words) if isinstance(count, int) else words.t(_SENTENCES[reason.code], **places)
    return words.t("{reason}: {why}", reason=text, why=places["why"]) if places.get("why") else text


def sentences(reasons: Iterable[Reason], words: Wording) -> str:
    """Return several reasons as one line."""
    return words.t("; ").join(sentence(reason, words) for reason in reasons)


def in_english(reasons: Iterable[Reason]) -> str:
    """Return reasons as one line in English, for the command line."""
    return sentences(reasons, english())


def _counted(code: ReasonCode, count: int, words: Wording) -> str:
    n = words.n
    match code:
        case ReasonCode.CARRIERS:
            return n("{count} more outlet carries the same text", "{count} more outlets carry the same text", count)
        case ReasonCode.HOURS_AGO:
            return n("arrived {count} hour ago", "arrived {count} hours ago", count)
        case ReasonCode.DAYS_AGO:
            return n("arrived {count} day ago", "arrived {count} days ago", count)
        case ReasonCode.WITHIN_HOUR:
            return n("{count} outlet within an hour", "{count} outlets within an hour", count)
        case ReasonCode.LASTED:
            return n("reported on {count} day", "reported on {count} days", count)
        case ReasonCode.STORIES_FULL:
            return n("no room: {count} story is in", "no room: {count} stories are in", count)
        case _:
            return n("{count} independent source", "{count} independent sources", count)


def _place(name: str, value: Value, words: Wording) -> str:
    """Return one value as it is written in a sentence."""
    if isinstance(value, str):
        return form_name(value, words) if name == "form" else words.word(value) if name == "topic" else value
    if name == "about" and isinstance(value, tuple):
        return words.t(", ").join(words.word(_REACH.get(str(group), str(group))) for group in value)
    if isinstance(value, tuple):
        parts = [sentence(one, words) if isinstance(one, Reason) else one for one in value]
        return (words.t("; ") if name == "why" else words.t(", ")).join(parts)
    if name == "share":
        return words.percent(value)
    return words.number(value, None if isinstance(value, int) else "0.00")
