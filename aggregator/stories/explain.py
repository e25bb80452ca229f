"""Why, in words: what the engine recorded as sentences for `aggregator explain`."""

from __future__ import annotations

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
    "body": "both texts say",
    "text": "title and text of both say",
    "names": "both name",
    "keys": "alike in both, across languages and scripts:",
    "numbers": "both give",
    "senses": "words that mean the same:",
    "links": "the one links to the other, or both to",
}
_FACTS = frozenset({"same-text", "likeness", "moved"})  # said as they are: nothing was weighed against them


def happening(what: str, score: float | None) -> str:
    """Say what happened to a story, and how sure the engine was if there was doubt. `what` is the event's name."""
    doubted = score is not None and score < 0.995 and what in ("joined", "bridged")
    return _WHAT.get(what, what) + (f" ({score:.0%} sure)" if doubted else "")


def reason(evidence: Evidence) -> str:
    """Say one reason: what it rests on, and whether and how much it speaks for or against."""
    if evidence.view in _FACTS:
        return evidence.detail
    said = f"{_VIEWS[evidence.view]} {evidence.detail}" if evidence.view in _VIEWS else evidence.detail
    if abs(evidence.weight) < 0.05:
        return said
    side = "for" if evidence.weight > 0 else "against"
    much = abs(evidence.weight)
    degree = "strongly " if much >= 3 else "a little " if much < 1 else ""
    return f"{degree}{side} it: {said} ({evidence.weight:+.2f})"
