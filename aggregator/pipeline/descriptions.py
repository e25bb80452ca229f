"""Removing descriptions that recur in a feed, such as an outlet's tagline; their entries keep only the title."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from aggregator.store.database import Database
from aggregator.store.intake import polls as store
from feeds.model import Entry, FeedPlan
from feeds.text import text_of
from feeds.text.placeholders import MAX_PLACEHOLDER, recurring

_COMPARED = 40  # the newest stored entries of the feed
_BRIEF = 400  # characters of a description that is compared with those of earlier polls


def without_recurring(db: Database, feed_id: int, plan: FeedPlan, *, first: bool) -> FeedPlan:
    """Return the plan in which entries with a recurring description have no text. `first`: the feed has no entries yet.

    The content hash stays that of the published text, so that the same item is not a revision at the next poll.
    """
    published = {e.guid: e for e in (*plan.new, *plan.changed)}
    if not any(0 < len(e.text) <= MAX_PLACEHOLDER for e in published.values()):
        return plan
    brief = any(0 < len(e.text) <= _BRIEF for e in published.values())
    stored = [] if first or not brief else store.recent_descriptions(db, feed_id, _COMPARED)
    said = {guid: _description(e.content_html or e.summary_html) for guid, e in published.items()}
    items = [(published[guid].title, text) for guid, text in said.items()]
    items += [(title, _description(html)) for guid, title, html in stored if guid not in published]
    often = recurring(items, len(items))
    if not often:
        return plan

    def cut(entries: Iterable[Entry]) -> tuple[Entry, ...]:
        return tuple(
            replace(e, text="", links=(), teaser=True) if said[e.guid] in often and not e.full_text else e
            for e in entries
        )

    return replace(plan, new=cut(plan.new), changed=cut(plan.changed))


def _description(html: str) -> str:
    """Return the plain text of a description; empty if it is long."""
    return text_of(html) if len(html) <= 2 * MAX_PLACEHOLDER else ""
