"""Making a mail fit under the size at which Gmail cuts messages off (about 102 kB of the HTML part; unpublished, measured)."""

from __future__ import annotations

from collections.abc import Callable

from digests.render.mail.transfer import LARGE, encoded_size
from digests.render.view.detail import LADDER, Detail, only

LIMIT = LARGE  # bytes of the HTML part, decoded and as sent; 2,000 are left for the tokens of personal links

_MOST = 400  # stories; more never fit, a story takes 250 bytes at least


def size(html: str) -> int:
    """Bytes of the part, decoded or as sent, whichever is more: nobody outside knows which Gmail counts."""
    return max(len(html.encode()), encoded_size(html))


def fits(html: str) -> bool:
    """Whether the part stays under the limit."""
    return size(html) <= LIMIT


def fitted(render: Callable[[Detail], str], stories: int) -> tuple[str, Detail]:
    """The most detailed rendering that fits; with hundreds of stories, as many as fit at their shortest."""
    if stories <= _MOST:
        found = _first_that_fits(render)
        if found:
            return found
    return _as_many_as_fit(render, min(stories, _MOST))


def _first_that_fits(render: Callable[[Detail], str]) -> tuple[str, Detail] | None:
    """Each step of the ladder is smaller than the one before: halving finds the first that fits."""
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
    """A guess by proportion, then less by a tenth until it fits; without stories it always does."""
    count = stories
    while count:
        detail = only(count)
        html = render(detail)
        if fits(html):
            return html, detail
        guess = int(count * LIMIT / size(html))
        count = min(guess, count - max(1, count // 10))
    return render(only(0)), only(0)
