"""Invented reports on invented events, for random histories."""

from __future__ import annotations

THINGS = [
    "harbour",
    "library",
    "orchestra",
    "glacier",
    "reactor",
    "vineyard",
    "cathedral",
    "airline",
    "senate",
    "stadium",
    "vaccine",
    "orchard",
    "railway",
    "comet",
    "parliament",
    "reservoir",
    "festival",
    "bakery",
    "lighthouse",
    "submarine",
]
_PLACES = ("Orr", "Lund", "Marlow", "Kessel", "Tavira", "Brask", "Ilmen", "Soria", "Varde", "Quill")


def report(tale: int, part: int) -> str:
    """The text of one part of an event: parts of one event are news to each other, copies of a part are not."""
    thing, other = THINGS[tale % len(THINGS)], THINGS[(tale * 3 + part * 7 + 1) % len(THINGS)]
    place = _PLACES[(tale + part) % len(_PLACES)]
    return (
        f"The {thing} of {place} reported {100 + tale * 17 + part * 3} incidents with its {other} to "
        f"inspectors on day {part}."
    )
