"""Why, in words: what the engine recorded as sentences for `aggregator explain`."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.stories.model import Evidence

_WHAT = {
    "opened": "opened the story",
    "joined": "joined the story",
    "carried": "prints a text that was there already",
    "bridged": "tells what several stories told apart, and made them one",
    "merged": "another story became part of this one",
    "moved": "was moved here from another story",
    "split": "left another story and opened this one",
    "left": "left for another story",
}
_VIEWS = {
    "title": "both titles say",
    "text": "title and text of both say",
    "names": "both name",
    "keys": "written alike in both, whatever the script:",
    "numbers": "both give",
    "senses": "words that mean the same:",
    "links": "one of them links to the other, or both link to",
}
LOOKALIKE = "look-alike"  # the view of an evidence whose detail is what differs in one form of words
NEAREST = "nearest"  # the view of an evidence whose detail is the entry that an article was compared with
_FACTS = frozenset({"same-text", "likeness", "moved", LOOKALIKE})  # said as they are: nothing was weighed against them


def happening(what: str, score: float | None) -> str:
    """Say what happened to a story, and how sure the engine was if there was doubt. `what` is the event's name."""
    doubted = score is not None and score < 0.995 and what in ("joined", "bridged")
    return _WHAT.get(what, what) + (f" ({score:.0%} sure)" if doubted else "")


def compared(event: Sequence[Evidence]) -> int | None:
    """Return the entry that the reasons of one event compare with."""
    return next((int(one.detail) for one in event if one.view == NEAREST), None)


def statement(evidence: Evidence) -> str:
    """Say what a reason rests on."""
    if evidence.view == LOOKALIKE:
        where = f": {evidence.detail} in the same place" if evidence.detail else ", a day or more later"
        return f"both are in one form of words and tell of different events{where}"
    return f"{_VIEWS[evidence.view]} {evidence.detail}" if evidence.view in _VIEWS else evidence.detail


def reason(evidence: Evidence, *, weighed: bool = False) -> str:
    """Say one reason: what it rests on, and whether and how much it speaks for or against; the log-odds too when `weighed`."""
    said, much = statement(evidence), abs(evidence.weight)
    if evidence.view in _FACTS or much < 0.1:
        return said
    side = "for" if evidence.weight > 0 else "against"
    degree = "strongly " if much >= 3 else "a little " if much < 1 else ""
    return f"{degree}{side}: {said}" + (f" ({evidence.weight:+.2f})" if weighed else "")
