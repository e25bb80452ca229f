"""Full-text search over entries. Entries are indexed in batches after grouping, because a poll would be too slow.

SQLite has an FTS5 index over the columns of `entry`; PostgreSQL has a `tsvector` of the same words with a GIN index.
Both ignore case and diacritics. Neither splits words in scripts without spaces, so such words match as substrings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, literal, literal_column, select, table, text, update
from sqlalchemy.sql import column

from aggregator.store.database import Database
from aggregator.store.records import Hit
from aggregator.store.schema.tables import article, entry

_INDEX = table("entry_search", column("rowid"), column("entry_id"), column("words"))
# Characters of a text that PostgreSQL indexes: a `tsvector` holds 1 MiB at most.
_MAX_INDEXED = 100_000
_NO_WORD = re.compile(r"[\W_]+")


def index_entries(db: Database, limit: int) -> int:
    """Index up to `limit` entries that are not indexed yet; return how many, 0 when all are indexed."""
    with db.write() as connection:
        waiting = select(entry.c.id).where(~entry.c.indexed).order_by(entry.c.id).limit(limit)
        ids = list(connection.execute(waiting.with_for_update(skip_locked=True)).scalars())
        if ids:
            _add(connection, ids)
            connection.execute(update(entry).where(entry.c.id.in_(ids)).values(indexed=True))
    return len(ids)


def _add(connection: Connection, ids: Sequence[int]) -> None:
    if connection.dialect.name == "sqlite":
        adding = text(
            "INSERT INTO entry_search (rowid, title, text) SELECT id, title, text FROM entry WHERE id IN :ids"
        )
        connection.execute(adding.bindparams(bindparam("ids", expanding=True)), {"ids": ids})
        return
    rows = connection.execute(select(entry.c.id, entry.c.title, entry.c.text).where(entry.c.id.in_(ids))).all()
    adding = text(
        "INSERT INTO entry_search (entry_id, words) VALUES (:id, setweight(to_tsvector('simple', :title), 'A')"
        " || to_tsvector('simple', :text)) ON CONFLICT (entry_id) DO UPDATE SET words = excluded.words"
    )
    connection.execute(
        adding, [{"id": r.id, "title": fold(r.title), "text": fold(r.text[:_MAX_INDEXED])} for r in rows]
    )


def unindex(connection: Connection, ids: Sequence[int]) -> None:
    """Remove entries from the index, in the caller's transaction, before their texts are overwritten or deleted.

    FTS5 with external content needs the old texts to remove them, and only of entries that are indexed.
    """
    if connection.dialect.name == "sqlite":
        removing = (
            "INSERT INTO entry_search (entry_search, rowid, title, text)"
            " SELECT 'delete', id, title, text FROM entry WHERE \"indexed\" AND NOT emptied AND id IN :ids"
        )
    else:
        removing = "DELETE FROM entry_search WHERE entry_id IN :ids"
    connection.execute(text(removing).bindparams(bindparam("ids", expanding=True)), {"ids": list(ids)})
    connection.execute(update(entry).where(entry.c.id.in_(ids), entry.c.indexed).values(indexed=False))


def matching_entries(
    db: Database,
    groups: Sequence[Sequence[str]],
    limit: int,
    before: int | None = None,
    *,
    ranked: bool = False,
    whole: bool = False,
) -> list[Hit]:
    """Return the entries with a word of each group, newest first, or best first if `ranked`.

    Each word is folded and matches all words that begin with it; only itself if `whole`, which SQLite finds about 40
    times faster where many entries have it. `before`: only entries with smaller ids. Without groups all entries match.
    """
    with db.read() as connection:
        query = _matching(connection.dialect.name, groups, "" if whole else "*", ranked=ranked)
        if before is not None:
            query = query.where(entry.c.id < before)
        return [Hit(row.id, row.article_id, row.story_id, row.rank) for row in connection.execute(query.limit(limit))]


def _matching(dialect: str, groups: Sequence[Sequence[str]], ending: str, *, ranked: bool) -> Select[Any]:
    """Return the query. `ending`: `*` for words that begin like those of `groups`, empty for the words themselves."""
    rank: Any = literal(0.0)
    condition: Any = True
    source: Any = entry.outerjoin(article, article.c.id == entry.c.article_id)
    if groups and dialect == "sqlite":
        source = source.join(_INDEX, _INDEX.c.rowid == entry.c.id)
        match = " AND ".join("(" + " OR ".join(f'"{word}"{ending}' for word in group) + ")" for group in groups)
        condition = literal_column("entry_search").op("MATCH")(match)
        if ranked:
            rank = -func.bm25(literal_column("entry_search"), 5.0, 1.0)
    elif groups:
        source = source.join(_INDEX, _INDEX.c.entry_id == entry.c.id)
        weight = f":{ending}" if ending else ""
        wanted = " & ".join("(" + " | ".join(f"'{word}'{weight}" for word in group) + ")" for group in groups)
        asked = func.to_tsquery("simple", wanted)
        condition = _INDEX.c.words.op("@@")(asked)
        if ranked:
            rank = func.ts_rank(_INDEX.c.words, asked)
    query = select(entry.c.id, entry.c.article_id, article.c.story_id, rank.label("rank")).select_from(source)
    # The order of FTS5 is that of its rowids: so the newest come without a sort.
    newest = _INDEX.c.rowid if groups and dialect == "sqlite" else entry.c.id
    return query.where(condition).order_by(*([rank.desc()] if ranked else []), newest.desc())


def fold(words: str) -> str:
    """Return the words in lower case, without diacritics and punctuation, separated by single spaces."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", words.casefold()) if not unicodedata.combining(c))
    return _NO_WORD.sub(" ", plain).strip()
