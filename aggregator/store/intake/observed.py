"""What is known of the sentences of entries that change at every poll (see `feeds.text.volatile`).

stored_texts    the texts of entries and what was observed, by guid
write_observed  saves what polls observed, within their transaction
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select, update

from aggregator.store.database import Database
from aggregator.store.records import Poll, StoredText
from aggregator.store.schema.dialect import chunks, insert_or_replace
from aggregator.store.schema.tables import entry, entry_observed, entry_revision

if TYPE_CHECKING:  # polling unchanged feeds does not need it
    from feeds.text.volatile import Observed


def stored_texts(db: Database, feed_id: int, guids: Collection[str]) -> Mapping[str, StoredText]:
    """Return the stored texts of these entries of a feed, by guid."""
    from feeds.text import volatile

    columns = (entry.c.guid, entry.c.title, entry.c.link, entry.c.text, entry.c.full_text, entry.c.emptied)
    query = select(*columns, entry.c.content_hash, entry_observed.c.document).outerjoin_from(entry, entry_observed)
    found = {}
    with db.read() as connection:
        for part in chunks(guids):
            for row in connection.execute(query.where(entry.c.feed_id == feed_id, entry.c.guid.in_(part))):
                text = None if row.full_text or row.emptied else row.text
                observed = volatile.from_json(row.document) if row.document else None
                found[row.guid] = StoredText(row.title, row.link, text, row.content_hash, observed)
    return found


def write_observed(connection: Connection, polls: Sequence[Poll]) -> None:
    """Save what was observed of entries; cut from their earlier texts what became volatile: it is no correction."""
    wanted = {(poll.feed_id, guid): one for poll in polls for guid, one in poll.observed.items()}
    if not wanted:
        return
    from feeds.text import volatile

    rows = []
    for part in chunks(wanted):
        query = select(entry.c.id, entry.c.feed_id, entry.c.guid).where(
            entry.c.feed_id.in_({feed_id for feed_id, _ in part}), entry.c.guid.in_({guid for _, guid in part})
        )
        for row in connection.execute(query).all():
            found = wanted.get((row.feed_id, row.guid))
            if found is None:
                continue
            rows.append({"entry_id": row.id, "document": volatile.to_json(found.observed)})
            if found.quiet:
                _clean_revisions(connection, row.id, found.observed)
    if rows:
        connection.execute(insert_or_replace(connection, entry_observed, ["entry_id"], ["document"]), rows)


def _clean_revisions(connection: Connection, entry_id: int, observed: Observed) -> None:
    from feeds.text import volatile

    query = select(entry_revision.c.id, entry_revision.c.text).where(entry_revision.c.entry_id == entry_id)
    for row in connection.execute(query).all():
        text = volatile.without_volatile(observed, row.text)
        if text != row.text:
            connection.execute(update(entry_revision).where(entry_revision.c.id == row.id).values(text=text))
