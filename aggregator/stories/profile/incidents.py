"""Whether a text is about a crime, an accident or an emergency.

Such a text is also near the topic of its place or its people, so Incidents does not compete with the other topics. It
replaces the likeliest of them where the text is clearly nearer to the passages of Incidents and has a word for it.
"""

from __future__ import annotations

from digests.ranking.vocabulary import hits

_NEAR = 0.13  # similarity below which a text is about no incident
_NEARER = -0.02  # by so much it must be nearer than to its likeliest topic, if it has a word for an incident
_OPENING = 400  # characters of a text in which such words are searched
_WORDS = frozenset({"deaths", "disaster", "court", "crime"})
# Deaths in a war are news of the world, and a court or the police may be part of a political dispute.
_OTHERWISE = {"World": frozenset({"war"}), "Politics": frozenset({"government", "election"})}
_DISPUTED = 0.08  # what such a word takes from the similarity


def is_incident(near: float, home: str, home_near: float, text: str, language: str) -> bool:
    """Whether a text is about an incident. `near` and `home_near`: its similarity to Incidents and to topic `home`."""
    if near < _NEAR:
        return False
    found = hits(text[:_OPENING], language)
    if _WORDS.isdisjoint(found):
        return False
    disputed = _DISPUTED * len(_OTHERWISE.get(home, frozenset()) & found.keys())
    return near - disputed > home_near + _NEARER
