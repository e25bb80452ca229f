"""Numbers of things in English, as commands and checks print them."""

from __future__ import annotations


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun, such as `1 entry` or `2,000 entries`."""
    if number != 1:
        noun = noun[:-1] + "ies" if noun.endswith("ry") else noun + "s"
    return f"{number:,} {noun}"
