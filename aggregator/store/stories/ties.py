"""Reads how firmly the articles of stories belong together, from the events of the stories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from aggregator.store.schema.dialect import chunks
from aggregator.store.schema.tables import story_event
from aggregator.stories.model import MOVED, Evidence, MoveReason, compared
from aggregator.stories.parts import Tie, parts
from digests.model import Source

_ARRIVALS = ("joined", "bridged", "moved", "split")  # events after which an article has its place for another reason


def stored_ties(connection: Connection, stories: Mapping[str, Iterable[str]]) -> dict[str, list[Tie]]:
    """Return how the articles came into each of these stories, oldest first; the stories merged into each are given."""
    survivor = {one: key for key, absorbed in stories.items() for one in (key, *absorbed)}
    columns = (story_event.c.id, story_event.c.story_id, story_event.c.article_id, story_event.c.score)
    query = select(*columns, story_event.c.evidence).where(story_event.c.what.in_(_ARRIVALS))
    rows = [
        row
        for part in chunks(survivor)  # which may separate a story from those merged into it
        for row in connection.execute(query.where(story_event.c.story_id.in_(part)))
    ]
    found: dict[str, list[Tie]] = {}
    for row in sorted(rows, key=lambda row: row.id):
        evidence = [evidence_of(*one) for one in row.evidence]
        if not _of_whole_story(evidence):
            nearest = compared(evidence)  # an article has the id of its first entry
            found.setdefault(survivor[row.story_id], []).append(Tie(row.article_id, nearest, row.score))
    return found


def _of_whole_story(evidence: Sequence[Evidence]) -> bool:
    """Whether an article moved because its whole story did: what tied it to the others ties it still."""
    return any(one.view == MOVED and MoveReason.GREW in one.values for one in evidence)


def with_parts(sources: Sequence[Source], ties: Iterable[Tie]) -> list[Source]:
    """Return the sources of a story with the part that each is of."""
    numbers = parts(list(dict.fromkeys(source.article for source in sources)), ties)
    return [replace(source, part=numbers[source.article]) if numbers[source.article] else source for source in sources]


def evidence_of(view: str, weight: float, values: str | list[Any]) -> Evidence:
    """Return stored evidence; earlier versions stored a sentence instead of values."""
    if isinstance(values, str):
        return Evidence(view, weight, text=values)
    return Evidence(view, weight, tuple(tuple(one) if isinstance(one, list) else one for one in values))
