"""What became of the entries that came in, in words."""

from __future__ import annotations

from collections.abc import Collection

from digests.model import Trust
from digests.reasons import EntryClass, _
from digests.render.view.model import EntriesView, EntryCountView
from digests.render.view.wording import Wording

LABELS = {
    EntryClass.SHOWN: _("in the stories shown"),
    EntryClass.COPIES: _("folded as copies"),
    EntryClass.SENT: _("sent before"),
    EntryClass.HELD: _("held back"),
    EntryClass.MUTED: _("muted by rules"),
    EntryClass.DROPPED: _("dropped by rules"),
    EntryClass.OUTSIDE: _("outside this digest"),
    EntryClass.BACKLOG: _("older entries of new feeds"),
    EntryClass.PENDING: _("not yet grouped"),
}
"""Each class as it follows a number, in the order of the footer."""


def entries_view(
    trust: Trust, words: Wording, url: str | None = None, listed: Collection[EntryClass] = tuple(LABELS)
) -> EntriesView:
    """Return the counts of a footer. `url` is the page with the lists, which has those of the `listed` classes."""
    counts = {one.entry_class: one.count for one in trust.entries}
    return EntriesView(
        total=entries_line(trust.entries_seen, words),
        counts=tuple(
            EntryCountView(
                words.number(counts[kind]),
                words.t(label),
                f"{url}#{kind.value}" if url is not None and kind in listed else None,
            )
            for kind, label in LABELS.items()
            if counts.get(kind)
        ),
        url=url or None,
    )


def entries_line(count: int, words: Wording) -> str:
    """Return how many entries came in, as the start of a list."""
    return words.n("{count} entry came in:", "{count} entries came in:", count)
