"""Reasons for a story that are said only where its own articles show them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from digests.language import tokens
from digests.language.counts.mentions import mentions
from digests.model import Story
from digests.model import outlets as count_outlets
from digests.ranking import importance
from digests.reasons import Reason, ReasonCode, because

_TELLING = 0.02  # points from which a group of words is given as a reason
# Groups whose events affect many people: a court's verdict or a president's word may be about one.
_OF_MANY = frozenset({"deaths", "war", "disaster", "election", "economy", "health"})
_HURT, _MANY = frozenset({"dead", "injured"}), 2
_WORD, _WORDS = re.compile(r"[^\W_]+"), 12  # words of an outlet's name that are read
_BEGINS, _ENDS = 3, 4  # letters: fewer begin or end other words too, as EU does Europress and Ian Guardian
_COMMON = 4  # other articles of the window that name what is no news then


def because_of_reach(story: Story, points: Mapping[str, float]) -> list[Reason]:
    """Return the reason that the event affects many people, if it does. `points` are the parts of its importance."""
    groups = sorted((name for name in points if name.startswith("reach:")), key=lambda name: -points[name])
    telling = (name.partition(":")[2] for name in groups if points[name] >= _TELLING)
    about = tuple(group for group in telling if group in _OF_MANY and importance.is_meant(story, group))[:2]
    about = tuple(group for group in about if group != "deaths" or _counts_victims(story))
    return [because(ReasonCode.REACH, about=about)] if about else []


def _counts_victims(story: Story) -> bool:
    """Whether two articles count dead or injured people: "dies at 81" and "victims" of a fraud are others."""
    counting = 0
    for source in story.sources:
        found = mentions(source.title, source.text, source.language or story.language)
        counting += any(one.key[0] in _HURT and one.value >= _MANY for one in found)
    return counting > 1


def without_common_names(reason: Reason, story: Story, around: importance.Surroundings) -> Reason:
    """Return the reason of an update without names that say nothing: an outlet's, or one of many stories."""
    named = dict(reason.values).get("words")
    if reason.code is not ReasonCode.NEW_FACTS or not isinstance(named, tuple):
        return reason
    words = tuple(str(one) for one in named if not _is_common(str(one), story, around))
    return because(ReasonCode.NEW_FACTS, words=words) if words else because(ReasonCode.NEW_DETAILS)


def _is_common(name: str, story: Story, around: importance.Surroundings) -> bool:
    if any(_names_outlet(name, source.outlet) for source in story.sources):
        return True
    own = count_outlets(story.sources)
    terms = tokens.terms(name, story.language or "")
    return not any(map(str.isdigit, name)) and all(around.mentions.get(term, 0) - own >= _COMMON for term in terms)


def _names_outlet(name: str, outlet: str) -> bool:
    """Whether a name is words of an outlet's name, or begins or ends its domain (`NBC`, nbcnews.com)."""
    letters = "".join(_WORD.findall(name.casefold()))
    words = _WORD.findall(outlet.casefold())[:_WORDS]
    if letters in {"".join(words[a:b]) for a in range(len(words)) for b in range(a + 1, len(words) + 1)}:
        return True
    begins, ends = len(letters) >= _BEGINS, len(letters) >= _ENDS
    return any((begins and word.startswith(letters)) or (ends and word.endswith(letters)) for word in words)
