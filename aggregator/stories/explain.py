"""Why, in words: a decision of the engine as sentences for `aggregator explain`."""

from __future__ import annotations

from aggregator.stories.model import Action, Decision, Evidence

_OPENING = {
    Action.CARRIES: "It repeats the text of an article that was known already.",
    Action.OPENS: "It opened a story of its own.",
    Action.JOINS: "It joined a story.",
    Action.BRIDGES: "It tells what several stories told apart, so they became one.",
}
_VIEWS = {
    "title": "their titles share",
    "body": "their texts share",
    "text": "title and text together share",
    "names": "they name the same",
    "keys": "names and words that read alike across languages:",
    "numbers": "they give the same numbers:",
}


def words(decision: Decision) -> list[str]:
    """Return the reasons of a decision, one sentence each, the weightiest first."""
    out = [_OPENING[decision.action]]
    out.extend(_sentence(reason) for reason in decision.evidence)
    if decision.action in (Action.JOINS, Action.BRIDGES):
        out.append(f"The engine is {decision.score:.0%} sure.")
    if decision.merged:
        out.append(f"Stories that ended in this one: {', '.join(decision.merged)}.")
    return out


def _sentence(reason: Evidence) -> str:
    if reason.view == "same-text":
        return f"{reason.detail[:1].upper()}{reason.detail[1:]}."
    if reason.view in _VIEWS:
        verb = "Speaks for it" if reason.weight >= 0 else "Speaks against it"
        return f"{verb}: {_VIEWS[reason.view]} {reason.detail}."
    if reason.view == "time":
        return f"They arrived {reason.detail}."
    return f"{reason.detail[:1].upper()}{reason.detail[1:]}."
