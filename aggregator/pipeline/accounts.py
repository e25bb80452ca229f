"""Puts each entry that arrived in the period of an edition into a class. Pure.

Each entry is in exactly one class, so that the counts of the footer add up to the entries that came in. The first
line that applies decides:

    without an article or a story yet                 pending
    first of its article, in a story of the edition   shown
    older than the period, in a feed's first fetch    backlog
    not the first of its article                      copies
    else                                              as its story: sent, held, muted, dropped, outside, pending
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from aggregator.store.records import Arrival, EntryGroup
from digests.model import Choice, EntryCount, Story
from digests.reasons import EntryClass, Reason, ReasonCode, because

Status = tuple[EntryClass, Reason | None]
"""The class of a story in an edition, and the reason."""

_OF_HELD = {
    ReasonCode.KNOWN: EntryClass.SENT,
    ReasonCode.OTHER_TOPICS: EntryClass.OUTSIDE,
    ReasonCode.BACKLOG: EntryClass.BACKLOG,
}


def entry_groups(
    arrivals: Sequence[Arrival], stories: Mapping[str, Status], start: datetime, end: datetime
) -> tuple[EntryGroup, ...]:
    """Group the entries that arrived from `start` to `end` by class and reason. `stories` has each story's status."""
    found: dict[Status, list[int]] = {}
    for one in arrivals:
        found.setdefault(_status(one, stories, start, end), []).append(one.entry)
    order = list(EntryClass)
    groups = (EntryGroup(kind, tuple(entries), reason) for (kind, reason), entries in found.items())
    return tuple(sorted(groups, key=lambda group: (order.index(group.entry_class), group.entries)))


def entry_counts(groups: Iterable[EntryGroup]) -> tuple[EntryCount, ...]:
    """Return how many entries of each class there are; classes without entries are left out."""
    counts: Counter[EntryClass] = Counter()
    for group in groups:
        counts[group.entry_class] += len(group.entries)
    return tuple(EntryCount(kind, counts[kind]) for kind in EntryClass if counts[kind])


def chosen_statuses(choice: Choice, stories: Iterable[Story]) -> dict[str, Status]:
    """Return the status of each story that was picked or held back; `stories` are those that could be chosen."""
    by_id = {story.id: story for story in stories}
    found: dict[str, Status] = {pick.story.id: (EntryClass.SHOWN, None) for pick in choice.picks}
    for held in choice.held:
        story = by_id[held.story]
        if story.muted:
            found[held.story] = muted_status(story)
        else:
            found[held.story] = (_OF_HELD.get(held.reason.code, EntryClass.HELD), held.reason)
    return found


def muted_status(story: Story) -> Status:
    """Return the status of a story that a rule mutes or drops."""
    reason = because(ReasonCode.RULE, name=story.muted_by) if story.muted_by else because(ReasonCode.MUTED)
    return (EntryClass.DROPPED if story.dropped else EntryClass.MUTED), reason


def _status(one: Arrival, stories: Mapping[str, Status], start: datetime, end: datetime) -> Status:
    if one.article is None or one.story is None:
        return EntryClass.PENDING, None
    kind, reason = stories.get(one.story, (EntryClass.BACKLOG if one.backlog else EntryClass.PENDING, None))
    first = one.entry == one.article
    if first and kind is EntryClass.SHOWN:
        return kind, reason
    if one.backlog and not (one.published is not None and start < one.published <= end):
        return EntryClass.BACKLOG, because(ReasonCode.BACKLOG)
    return (kind, reason) if first else (EntryClass.COPIES, None)
