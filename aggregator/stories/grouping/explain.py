"""Renders the evidence of a decision in plain words: English for commands, a reader's language for pages."""

from __future__ import annotations

import re
from collections.abc import Callable

from aggregator.stories.model import MOVED, NEAREST, Evidence, MoveReason, Values
from digests.reasons import _
from digests.render.view.wording import Wording, english

_EVENTS = {
    "opened": _("opened the story"),
    "joined": _("joined the story"),
    "carried": _("has the same text as an earlier article"),
    "bridged": _("belongs to several stories, which were merged"),
    "merged": _("another story was merged into this one"),
    "moved": _("was moved here from another story"),
    "split": _("left another story and opened this one"),
    "left": _("left for another story"),
}
LOOKALIKE = "look-alike"  # the view of what differs between two articles made from one template
_FACTS = frozenset({"same-text", "likeness", MOVED, LOOKALIKE})  # stated without for or against
_SHARED = {
    "title": _("both titles have {words}"),
    "text": _("title and text of both have {words}"),
    "names": _("both name {words}"),
    "keys": _("spelled alike in both, in whatever script: {words}"),
    "numbers": _("both give {words}"),
    "senses": _("words with the same meaning: {words}"),
    "links": _("one links to the other, or both link to {words}"),
}
_MOVES = {
    MoveReason.LATER: _("later articles show that it belongs there"),
    MoveReason.GREW: _("the stories grew and are now about one event"),
    MoveReason.OTHER_EVENT: _("the story went on, and the article is about another event"),
}
_SIDES = {
    (True, "strong"): _("strongly for: {what}"),
    (True, ""): _("for: {what}"),
    (True, "weak"): _("a little for: {what}"),
    (False, "strong"): _("strongly against: {what}"),
    (False, ""): _("against: {what}"),
    (False, "weak"): _("a little against: {what}"),
}
_NUMBER = re.compile(r"\d[\d.,\s]*")


def happening(what: str, score: float | None, words: Wording | None = None) -> str:
    """Describe an event of a story by its name, with the confidence if there was doubt."""
    words = words or english()
    event = words.t(_EVENTS[what]) if what in _EVENTS else what
    if score is None or score >= 0.995 or what not in ("joined", "bridged"):
        return event
    return words.t("{event} ({share} sure)", event=event, share=words.percent(score))


def statement(evidence: Evidence, words: Wording | None = None) -> str:
    """Describe what the evidence is."""
    words, view, values = words or english(), evidence.view, evidence.values
    if evidence.text:
        return _stored(evidence, words)
    if view in _SHARED:
        return words.t(_SHARED[view], words=_written(view, values, words))
    if view == "meaning":
        much_the_same = evidence.weight > 0
        return words.t(
            _("as a whole, the words of both mean much the same")
            if much_the_same
            else _("as a whole, the words of both mean different things")
        )
    return _STATEMENTS[view](values, words)


def reason(evidence: Evidence, words: Wording | None = None, *, weighed: bool = False) -> str:
    """Describe the evidence, whether it is for or against, and how strong it is; with `weighed` also its log-odds."""
    words, much = words or english(), abs(evidence.weight)
    said = statement(evidence, words)
    if evidence.view in _FACTS or much < 0.1:
        return said
    degree = "strong" if much >= 3 else "weak" if much < 1 else ""
    sided = words.t(_SIDES[evidence.weight > 0, degree], what=said)
    return sided + (f" ({evidence.weight:+.2f})" if weighed else "")


def _stored(evidence: Evidence, words: Wording) -> str:
    """Describe evidence that an earlier version stored as a sentence."""
    if evidence.view == LOOKALIKE:
        return words.t("both are made from one template and differ in {words}", words=evidence.text)
    return words.t(_SHARED[evidence.view], words=evidence.text) if evidence.view in _SHARED else evidence.text


def _written(view: str, values: Values, words: Wording) -> str:
    """Join words; numbers alone are called numbers."""
    texts = [str(one) for one in values]
    if view not in ("numbers", "keys") or not all(_NUMBER.fullmatch(one) for one in texts):
        return words.t(", ").join(texts)
    if len(texts) == 1:
        return words.t("the number {number}", number=texts[0])
    return words.t("the numbers {numbers}", numbers=words.listed(texts))


def _sides(pairs: Values, words: Wording) -> str:
    """Describe what each of two articles has: alternately a list of the new one's and a list of the other's."""
    sides = [words.listed(side) if isinstance(side, tuple) else str(side) for side in pairs]
    return words.t("; ").join(
        words.t("{new} here, {other} there", new=new, other=other)
        for new, other in zip(sides[::2], sides[1::2], strict=True)
    )


def _against(text: str) -> Callable[[Values, Wording], str]:
    def written(values: Values, words: Wording) -> str:
        if not values:
            return words.t(text)
        return words.t("{reason}: {why}", reason=words.t(text), why=_sides(values, words))

    return written


def _likeness(values: Values, words: Wording) -> str:
    if not values:
        return words.t("no open story is similar")
    likely, required = (words.percent(float(str(value))) for value in values)
    return words.t(
        "not similar enough to join: {likely} likely to be the same event, and {required} is required",
        likely=likely,
        required=required,
    )


def _lookalike(values: Values, words: Wording) -> str:
    if not values:
        return words.t("both are made from one template, about different events, a day or more apart")
    apart = _sides(values, words)
    return words.t("both are made from one template, about different events: {apart}", apart=apart)


def _span(values: Values, words: Wording) -> str:
    hours = float(str(values[0]))
    if hours < 1:
        return words.t("they were published less than an hour apart")
    if hours < 48:
        return words.n(
            "they were published {count} hour apart", "they were published {count} hours apart", round(hours)
        )
    return words.n("they were published {count} day apart", "they were published {count} days apart", round(hours / 24))


def _share(text: str) -> Callable[[Values, Wording], str]:
    return lambda values, words: words.t(text, share=words.percent(float(str(values[0]))))


_STATEMENTS: dict[str, Callable[[Values, Wording], str]] = {
    "time": _span,
    "other counts": _against(_("they give different numbers for the same thing")),
    "other numbers": _against(_("they have no number in common")),
    "other subjects": _against(_("each has names, by their spelling, that the other lacks")),
    "other title": _against(_("the titles are made from one template with different names")),
    "same source": _against(_("they are from the same outlet")),
    LOOKALIKE: _lookalike,
    NEAREST: lambda values, words: words.t("compared with entry {entry}", entry=values[0]),
    "same-text": _share(_("no name or number differs, and {share} of the text is the same")),
    "stories": _share(_("the two stories, each as a whole, are {share} alike")),
    "likeness": _likeness,
    MOVED: lambda values, words: words.t(_MOVES[MoveReason(str(values[0]))]),
}
