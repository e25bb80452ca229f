"""The search of stories and articles in the query language, with filters, and stories like a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from aggregator.pipeline.query_fields import entry_subject
from aggregator.store import Database
from aggregator.store.intake import entries as entry_store
from aggregator.store.outgoing import saved as saved_store
from aggregator.store.records import EntryRecord, StoryRecord
from aggregator.store.stories import search as search_store
from aggregator.store.stories import stories as story_store
from aggregator.stories.prefilter import required_words, shown_words
from aggregator.stories.query import QueryError, parse
from aggregator.web import forms
from aggregator.web.look import Look, shown_title
from digests.reasons import _
from digests.render.view.clean import direction, safe_url, tidy
from digests.render.view.wording import Wording

AGES = (("", _("any time")), ("24h", _("last day")), ("7d", _("last week")), ("30d", _("last month")))
MOST_STORIES = 20  # on one page, which is not compressed: 25 with three articles each took 60 kB
ARTICLES_SHOWN = 3  # of one story
MOST_QUERY = 1_000  # characters
_BATCH, _BATCHES = 120, 2  # candidates that are read at one time, and how often on one page
_MOST_WORK = 20_000_000  # characters of texts, each times the words that are looked for in it, on one page
_SNIPPET = 220  # characters


@dataclass(frozen=True, slots=True)
class Filters:
    """The query and the filters of a search, as the form sends them."""

    query: str = ""
    since: str = ""
    topic: str = ""
    source: str = ""
    language: str = ""
    before: int | None = None

    @property
    def whole(self) -> str:
        """The query with the filters as parts of it."""
        parts = [f"({self.query})"] if self.query.strip() else []
        fields = (("since", self.since), ("topic", self.topic), ("source", self.source), ("language", self.language))
        parts += [f'{name}:"{value}"' for name, value in fields if value]
        return " AND ".join(parts)


@dataclass(frozen=True, slots=True)
class ArticleLine:
    """A found article. `entry` is the id of its entry."""

    entry: int
    outlet: str
    title: Markup
    dir: str
    url: str | None
    snippet: Markup
    when: str
    iso: str


@dataclass(frozen=True, slots=True)
class FoundStory:
    """A found story with its articles that match; without an id the articles are in no story yet."""

    id: str
    title: Markup
    dir: str
    topics: str
    articles: tuple[ArticleLine, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Found:
    """The found stories, newest first. `before` is where the next page begins; None at the end."""

    stories: tuple[FoundStory, ...] = ()
    before: int | None = None


@dataclass(frozen=True, slots=True)
class SearchPages:
    """Handles searches."""

    look: Look

    async def search(self, request: Request) -> Response:
        """Show the form, and what matches the query and its filters."""
        filters, texts = _filters(request), self.look.words(request)
        program = self.look.program
        found, error = Found(), None
        if filters.whole:
            try:
                found = await run_in_threadpool(find, program.db, filters, program.clock.now(), texts)
            except QueryError as problem:
                error = _error_view(filters.query, problem, texts)
        marks = await run_in_threadpool(_saved_marks, program.db, found)
        return await self.look.page(
            request,
            "search.html",
            texts.t("Search"),
            status=200 if error is None else 422,
            filters=filters,
            ages=AGES,
            topics=program.config.topic_names(),
            found=found,
            error=error,
            searched=bool(filters.whole),
            **marks,
        )


def _saved_marks(db: Database, found: Found) -> dict[str, Any]:
    return {
        "saved_stories": saved_store.saved_stories(db, [story.id for story in found.stories if story.id]),
        "saved_entries": saved_store.saved_entries(db, [a.entry for story in found.stories for a in story.articles]),
    }


def find(db: Database, filters: Filters, now: datetime, texts: Wording) -> Found:
    """Return the stories with articles that match, newest first, in the language of `texts`. Raises QueryError."""
    parse(filters.query)  # so that the column of an error is that of the user's own text
    query, groups = parse(filters.whole), required_words(filters.whole)
    words = shown_words(filters.query)
    grouped: dict[str, list[EntryRecord]] = {}
    records: dict[str, StoryRecord] = {}
    before, work = filters.before, 0
    for _batch in range(_BATCHES):
        hits = search_store.matching_entries(db, groups, _BATCH, before)
        records |= story_store.records(db, {hit.story for hit in hits if hit.story} - records.keys())
        stored = {entry.id: entry for entry in entry_store.searched_entries(db, [hit.entry for hit in hits])}
        for hit in hits:
            before = hit.entry
            entry, story = stored.get(hit.entry), records.get(hit.story or "")
            work += (len(words) + 1) * len(entry.text) if entry else 0
            subject = entry and entry_subject(entry, story.topics if story else (), hit.story or "")
            if entry and subject and query.matches(subject, now):
                grouped.setdefault(hit.story or f"entry {hit.entry}", []).append(entry)
            if len(grouped) == MOST_STORIES or work > _MOST_WORK:
                return Found(_stories(grouped, records, words, texts), before)
        if len(hits) < _BATCH:
            return Found(_stories(grouped, records, words, texts))
    return Found(_stories(grouped, records, words, texts), before)


def marked(text: str, words: Sequence[str]) -> Markup:
    """Return the text as HTML, with the words that begin with one of `words` marked."""
    if not words:
        return escape(text)
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, words)) + r")\w*", re.IGNORECASE)
    parts, end = [], 0
    for match in pattern.finditer(text):
        parts += [escape(text[end : match.start()]), Markup("<mark>"), escape(match[0]), Markup("</mark>")]
        end = match.end()
    return Markup().join([*parts, escape(text[end:])])


def snippet(text: str, words: Sequence[str]) -> str:
    """Return the part of a text around its first marked word."""
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, words)) + ")", re.IGNORECASE) if words else None
    match = pattern.search(text) if pattern else None
    start = max(0, match.start() - _SNIPPET // 3) if match else 0
    start = text.rfind(" ", 0, start) + 1 if start else 0
    end = text.find(" ", start + _SNIPPET)
    cut = text[start : end if end != -1 and end - start < 2 * _SNIPPET else start + _SNIPPET]
    return ("… " if start else "") + cut + (" …" if start + len(cut) < len(text) else "")


def _stories(
    grouped: dict[str, list[EntryRecord]], records: dict[str, StoryRecord], words: Sequence[str], texts: Wording
) -> tuple[FoundStory, ...]:
    found = []
    for key, entries in grouped.items():
        record = records.get(key)
        title = shown_title(record.title if record and record.title else entries[0].title)
        found.append(
            FoundStory(
                id=record.id if record else "",
                title=marked(title, words),
                dir=direction(title),
                topics=", ".join(texts.word(match.name) for match in record.topics) if record else "",
                articles=_different(article_line(entry, words, texts) for entry in entries[:ARTICLES_SHOWN]),
                more=max(0, len(entries) - ARTICLES_SHOWN),
            )
        )
    return tuple(found)


def _different(lines: Iterable[ArticleLine]) -> tuple[ArticleLine, ...]:
    """Return the articles of a story, without a snippet that an earlier one has: many carry the same text."""
    seen: set[str] = set()
    found = []
    for line in lines:
        found.append(replace(line, snippet=Markup()) if line.snippet in seen else line)
        seen.add(line.snippet)
    return tuple(found)


def article_line(entry: EntryRecord, words: Sequence[str], texts: Wording) -> ArticleLine:
    """Return an entry as the list shows it."""
    title = shown_title(entry.title)
    at = entry.published or entry.arrived
    return ArticleLine(
        entry=entry.id,
        outlet=tidy(entry.outlet),
        title=marked(title, words),
        dir=direction(title, entry.language),
        url=safe_url(entry.link),
        snippet=marked(snippet(tidy(entry.text[:20_000]), words), words),
        when=texts.moment(at),
        iso=texts.iso(at),
    )


def _filters(request: Request) -> Filters:
    given = request.query_params
    before = given.get("before", "")

    def value(name: str, allowed: Iterable[str] | None = None) -> str:
        text = given.get(name, "").replace('"', "").strip()[:80]
        return text if allowed is None or text in allowed else ""

    return Filters(
        query=given.get("q", "")[:MOST_QUERY],
        since=value("since", [age for age, _ in AGES]),
        topic=value("topic"),
        source=value("source"),
        language=value("language"),
        before=forms.positive(before),
    )


def query_problem(error: QueryError, texts: Wording) -> str:
    """Return the error of a query with its column."""
    return texts.t("Column {column}: {message}", column=error.column, message=texts.t(error.text, **error.places))


def _error_view(query: str, error: QueryError, texts: Wording) -> dict[str, str]:
    """Return the message of an error and the part of the query around it, with a mark under its column."""
    start = max(0, error.column - 40)
    line = " ".join(query[start : start + 80].splitlines()) if query else ""
    return {
        "text": query_problem(error, texts),
        "line": line,
        "mark": " " * (error.column - 1 - start) + "^",
    }
