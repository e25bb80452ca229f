"""Parts of descriptions that are no content: those that recur in a feed, and those that change at every poll."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from aggregator.store.database import Database
from aggregator.store.intake import polls as store
from aggregator.store.intake.observed import stored_texts
from aggregator.store.records import Observation, StoredText
from feeds.identity import content_hash
from feeds.model import Entry, FeedPlan
from feeds.text import volatile
from feeds.text.recurring import MAX_PLACEHOLDER, recurring
from feeds.text.volatile import Observed

_COMPARED = 40  # the newest stored entries of the feed
_BRIEF = 400  # characters of a description that is compared with those of earlier polls


def only_content(
    db: Database, feed_id: int, plan: FeedPlan, *, first: bool, distinct: bool = False
) -> tuple[FeedPlan, Mapping[str, Observation]]:
    """Return the plan without parts that are no content, and what was observed of changed entries, by guid.

    `first`: the feed has no entries yet. `distinct`: all descriptions of the document differ.
    """
    observed: Mapping[str, Observation] = {}
    if plan.changed:
        stored = stored_texts(db, feed_id, [entry.guid for entry in plan.changed])
        plan, observed = without_volatile(plan, stored, plan.state.polls)
    return without_recurring(db, feed_id, plan, first=first, distinct=distinct), observed


def without_recurring(db: Database, feed_id: int, plan: FeedPlan, *, first: bool, distinct: bool = False) -> FeedPlan:
    """Return the plan in which entries with a recurring description have no text.

    `first`: the feed has no entries yet. `distinct`: all descriptions of the document differ. The content hash stays
    that of the published text, so that the same item is not a revision at the next poll.
    """
    brief = any(0 < len(e.text) <= _BRIEF for e in (*plan.new, *plan.changed))
    compared = brief and not first
    if distinct and not compared:
        return plan
    published = {e.guid: e for e in (*plan.new, *plan.changed)}
    if not any(0 < len(e.text) <= MAX_PLACEHOLDER for e in published.values()):
        return plan
    stored = store.recent_descriptions(db, feed_id, _COMPARED) if compared else []
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
    from feeds.text import text_of

    return text_of(html) if len(html) <= 2 * MAX_PLACEHOLDER else ""


def without_volatile(
    plan: FeedPlan, stored: Mapping[str, StoredText], poll: int
) -> tuple[FeedPlan, dict[str, Observation]]:
    """Return the plan whose changed entries have no volatile sentences, and what was observed of each, by guid.

    Entries that differ from the stored ones in nothing else are left out of the plan. `poll` counts the feed's polls.
    """
    changed, seen = [], {}
    for entry in plan.changed:
        before = stored.get(entry.guid)
        if before is None:
            changed.append(entry)
            continue
        observed = volatile.observe(before.observed, entry.title, before.text, entry.text, poll)
        cleaned = _cleaned(entry, observed)
        same = cleaned.content_hash == before.content_hash
        quiet = not same and _only_volatile(entry, before, observed)
        seen[entry.guid] = Observation(observed, quiet)
        if not same:
            changed.append(cleaned)
    return replace(plan, changed=tuple(changed)), seen


def _cleaned(entry: Entry, observed: Observed) -> Entry:
    text = volatile.without_volatile(observed, entry.text)
    if text == entry.text:
        return entry
    return replace(entry, text=text, content_hash=content_hash(entry.title, text, entry.link or ""))


def _only_volatile(entry: Entry, before: StoredText, observed: Observed) -> bool:
    """Whether only volatile sentences differ from the stored entry, so that they are cut from it without a revision."""
    if not observed.volatile or (entry.title, entry.link) != (before.title, before.link):
        return False
    last = before.observed or Observed()
    return volatile.same_apart(last, observed)
