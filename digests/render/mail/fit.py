"""Keeps a mail below the size at which Gmail clips messages (about 102 kB of HTML; measured, not published)."""

from __future__ import annotations

from collections.abc import Callable

from digests.render.mail.transfer import LARGE, encoded_size
from digests.render.view.detail import LADDER, Detail, shortest

LIMIT = LARGE  # bytes of the HTML part, decoded and as sent; 2,000 are reserved for the tokens of personal links

_MOST = 400  # stories; more never fit, because a story has at least 250 bytes


def part_size(html: str) -> int:
    """Return the bytes of the part, decoded or as sent, whichever is more: it is not known which Gmail counts."""
    return max(len(html.encode()), encoded_size(html))


def fits(html: str) -> bool:
    """Whether the part is within the limit."""
    return part_size(html) <= LIMIT


def fitting_part(render: Callable[[Detail], str], stories: int) -> tuple[str, Detail]:
    """Return the most detailed rendering that fits; with hundreds of stories, as many as fit in their shortest form."""
    if stories <= _MOST:
        found = _first_that_fits(render)
        if found:
            return found
    return _as_many_as_fit(render, min(stories, _MOST))


def _first_that_fits(render: Callable[[Detail], str]) -> tuple[str, Detail] | None:
    """Find the first detail level that fits by binary search: each level is smaller than the one before."""
    best: tuple[str, Detail] | None = None
    low, high = 0, len(LADDER)
    middle = 0  # most editions fit whole
    while low < high:
        html = render(LADDER[middle])
        if fits(html):
            best, high = (html, LADDER[middle]), middle
        else:
            low = middle + 1
        middle = (low + high) // 2
    return best


def _as_many_as_fit(render: Callable[[Detail], str], stories: int) -> tuple[str, Detail]:
    """Estimate the number of stories by proportion, then remove a tenth until they fit. Without stories it fits."""
    count = stories
    while count:
        detail = shortest(count)
        html = render(detail)
        if fits(html):
            return html, detail
        guess = int(count * LIMIT / part_size(html))
        count = min(guess, count - max(1, count // 10))
    return render(shortest(0)), shortest(0)
