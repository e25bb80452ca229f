"""Making a mail fit under the size at which Gmail cuts messages off (about 102 kB of the HTML part; unpublished, measured)."""

from __future__ import annotations

from collections.abc import Callable

from digests.render.detail import LADDER, Detail, only
from digests.render.transfer import encoded_size

LIMIT = 102_000  # bytes, of the HTML part both decoded and as sent


def fits(html: str) -> bool:
    """Whether the part stays under the limit, however it is counted."""
    return max(len(html.encode()), encoded_size(html)) <= LIMIT


def fitted(render: Callable[[Detail], str], stories: int) -> tuple[str, Detail]:
    """The most detailed rendering that fits; with thousands of stories, as many as fit at their shortest."""
    for detail in LADDER:
        html = render(detail)
        if fits(html):
            return html, detail
    low, high = 0, stories  # `low` fits (an edition without stories always does), `high` does not
    best = render(only(0)), only(0)
    while high - low > 1:
        middle = (low + high) // 2
        html = render(only(middle))
        if fits(html):
            low, best = middle, (html, only(middle))
        else:
            high = middle
    return best
