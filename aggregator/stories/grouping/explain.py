"""Renders the evidence of a decision in plain English, for `aggregator explain`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from aggregator.stories.model import Evidence, MoveReason, Values

_EVENTS = {
    "opened": "opened the story",
    "joined": "joined the story",
    "carried": "has the same text as an earlier article",
    "bridged": "belongs to several stories, which were merged",
    "merged": "another story was merged into this one",
    "moved": "was moved here from another story",
    "split": "left another story and opened this one",
    "left": "left for another story",
}
LOOKALIKE = "look-alike"  # the view of what differs between two articles made from one template
NEAREST = "nearest"  # the view with the entry that an article was compared with
MOVED = "moved"  # the view with the reason of a later move
_FACTS = frozenset({"same-text", "likeness", MOVED, LOOKALIKE})  # stated without for or against
_SHARED = {
    "title": "both titles have",
    "text": "title and text of both have",
    "names": "both name",
    "keys": "spelled alike in both, in whatever script:",
    "numbers": "both give",
    "senses": "words with the same meaning:",
    "links": "one links to the other, or both link to",
}
_MOVES = {
    MoveReason.LATER: "later articles show that it belongs there",
    MoveReason.GREW: "the stories grew and are now about one event",
    MoveReason.OTHER_EVENT: "the story went on, and the article is about another event",
}
_NUMBER = re.compile(r"\d[\d.,\s]*")


def happening(what: str, score: float | None) -> str:
    """Describe an event of a story by its name, with the confidence if there was doubt."""
    doubted = score is not None and score < 0.995 and what in ("joined", "bridged")
    return _EVENTS.get(what, what) + (f" ({score:.0%} sure)" if doubted else "")


def compared(event: Sequence[Evidence]) -> int | None:
    """Return the entry that the evidence of one event compares with."""
    return next((int(one.text or str(one.values[0])) for one in event if one.view == NEAREST), None)


def statement(evidence: Evidence) -> str:
    """Describe what the evidence is."""
    view, values = evidence.view, evidence.values
    if evidence.text:
        return _stored(evidence)
    if view in _SHARED:
        return f"{_SHARED[view]} {_words(view, values)}"
    if view == "meaning":
        return f"as a whole, the words of both mean {'much the same' if evidence.weight > 0 else 'different things'}"
    return _STATEMENTS[view](values)


def reason(evidence: Evidence, *, weighed: bool = False) -> str:
    """Describe the evidence, whether it is for or against, and how strong it is; with `weighed` also its log-odds."""
    said, much = statement(evidence), abs(evidence.weight)
    if evidence.view in _FACTS or much < 0.1:
        return said
    side = "for" if evidence.weight > 0 else "against"
    degree = "strongly " if much >= 3 else "a little " if much < 1 else ""
    return f"{degree}{side}: {said}" + (f" ({evidence.weight:+.2f})" if weighed else "")


def _stored(evidence: Evidence) -> str:
    """Describe evidence that an earlier version stored as a sentence."""
    if evidence.view == LOOKALIKE:
        return f"both are made from one template and differ in {evidence.text}"
    return f"{_SHARED[evidence.view]} {evidence.text}" if evidence.view in _SHARED else evidence.text


def _words(view: str, words: Values) -> str:
    """Join words; numbers alone are called numbers."""
    if view in ("numbers", "keys") and all(_NUMBER.fullmatch(str(word)) for word in words):
        return f"the number{'s' if len(words) > 1 else ''} {' and '.join(map(str, words))}"
    return ", ".join(map(str, words))


def _sides(pairs: Values) -> str:
    """Describe what each of two articles has: alternately a list of the new one's and a list of the other's."""
    sides = [" and ".join(side) if isinstance(side, tuple) else str(side) for side in pairs]
    return "; ".join(f"{mine} here, {theirs} there" for mine, theirs in zip(sides[::2], sides[1::2], strict=True))


def _against(text: str) -> Callable[[Values], str]:
    return lambda values: f"{text}: {_sides(values)}" if values else text


def _likeness(values: Values) -> str:
    if not values:
        return "no open story is similar"
    likely, required = (float(str(value)) for value in values)
    return f"not similar enough to join: {likely:.0%} likely to be the same event, and {required:.0%} is required"


def _lookalike(values: Values) -> str:
    apart = f": {_sides(values)}" if values else ", a day or more apart"
    return f"both are made from one template, about different events{apart}"


def _span(hours: float) -> str:
    if hours < 1:
        return "less than an hour"
    if hours < 1.5:
        return "an hour"
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"


_STATEMENTS: dict[str, Callable[[Values], str]] = {
    "time": lambda values: f"they were published {_span(float(str(values[0])))} apart",
    "other counts": _against("they give different numbers for the same thing"),
    "other numbers": _against("they have no number in common"),
    "other subjects": _against("each has names, by their spelling, that the other lacks"),
    "other title": _against("the titles are made from one template with different names"),
    "same source": _against("they are from the same outlet"),
    LOOKALIKE: _lookalike,
    NEAREST: lambda values: f"compared with entry {values[0]}",
    "same-text": lambda values: f"no name or number differs, and {float(str(values[0])):.0%} of the text is the same",
    "stories": lambda values: f"the two stories, each as a whole, are {float(str(values[0])):.0%} alike",
    "likeness": _likeness,
    MOVED: lambda values: _MOVES[MoveReason(str(values[0]))],
}
