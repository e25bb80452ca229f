"""Turns the query of a search into a table of the configuration: a rule, an interest or an alert."""

from __future__ import annotations

import re
from collections.abc import Collection

from aggregator.config.edit import TableKeys
from aggregator.config.schema import Config
from aggregator.stories.prefilter import written_words

EFFECTS = {
    "drop": "would be dropped",
    "mute": "would stay out of digests",
    "boost": "would be ranked higher by {}",
    "topic": "would get the topic {}",
    "must": "would always be included",
}
"""What each action of a rule does to the stories that match; the place is for its value."""
_NAME = 60  # characters
_MOST_WORDS = 30  # of an interest


def rule_of_search(config: Config, query: str) -> TableKeys:
    """Return a new rule that raises the rank of the stories that match a query."""
    return {
        "name": unused_name(_short(query), [rule.name for rule in config.rules]),
        "query": query,
        "action": "boost",
        "value": 1.0,
    }


def alert_of_search(config: Config, query: str) -> TableKeys:
    """Return a new alert for stories that match a query, to the recipients of the first digest that is enabled."""
    taken = [one.name for one in config.outputs]
    plain = re.sub(r"[^a-z0-9]+", "-", query.casefold()).strip("-")[:40].strip("-") or "search"
    to = next((digest.to for digest in config.digests if digest.enabled and digest.to), ())
    return {
        "name": unused_name(plain, taken, "{}-{}"),
        "title": _short(query),
        "query": query,
        **({"to": to} if to else {}),
    }


def interest_of_search(config: Config, query: str) -> TableKeys | None:
    """Return a new interest with the words of a query; None if the query has no word. Raises QueryError."""
    words = written_words(query)[:_MOST_WORDS]
    if not words:
        return None
    return {"name": unused_name(_short(query), [one.name for one in config.interests]), "words": words}


def unused_name(name: str, taken: Collection[str], pattern: str = "{} ({})") -> str:
    """Return `name`, with a number added if it is taken."""
    number, found = 1, name
    while found in taken:
        number += 1
        found = pattern.format(name, number)
    return found


def _short(query: str) -> str:
    """Return a short name for a query: one line, without brackets around all of it."""
    text = " ".join(query.split())
    whole = re.fullmatch(r"\(([^()]*)\)", text)
    text = whole[1] if whole else text
    return text if len(text) <= _NAME else text[: _NAME - 1].rstrip() + "…"
