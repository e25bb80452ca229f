"""Fixed texts of pages and letters for recipients, in the languages of digests; English where a language is missing."""

from __future__ import annotations

from pathlib import Path

from digests.render.view.wording import DEFAULT, Wording, catalogues

_HERE = Path(__file__).parent
_MOST = 20  # entries of a header that are looked at


def wording(language: str | None, zone: str = "UTC") -> Wording:
    """Return the texts in a language; English without one, or where there is no catalogue of it."""
    return Wording(language or DEFAULT, zone, folder=_HERE)


def preferred(header: str) -> str | None:
    """Return the language that a browser prefers (Accept-Language, RFC 9110) among those that there are texts in."""
    wanted = []
    for place, entry in enumerate(header.split(",")[:_MOST]):
        tag, _, quality = entry.partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=") or 1)
        except ValueError:
            weight = 0.0
        wanted.append((-weight, place, tag.strip().split("-", maxsplit=1)[0].lower()))
    return next((tag for weight, _, tag in sorted(wanted) if weight < 0 and tag in catalogues()), None)
