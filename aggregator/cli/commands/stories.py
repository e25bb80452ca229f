"""`stories`, `show`, `explain`: what happened, who tells it, and why it stands where it stands."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.base import Command, Failure, state
from aggregator.cli.output import Span

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.services.stories import StoriesService
    from aggregator.store import Database
    from aggregator.store.records import EntryRecord, StoryEvent
    from aggregator.stories.profile.interests import InterestProfile
    from digests.model import Source, Story, Summary
    from digests.reasons import Reason

_EVERYTHING = 100_000  # more stories and words than any window holds: a listing has no budget


@dataclass(frozen=True, slots=True)
class Ranked:
    """A story with its rank and the reasons for it."""

    story: Story
    score: float
    reasons: tuple[Reason, ...]


@click.command(
    "stories",
    cls=Command,
    examples=(
        "aggregator stories",
        'aggregator stories "rates AND NOT sport" --since 7d',
        "aggregator stories --topic Science --json",
        "aggregator stories --like example.txt",
    ),
)
@click.argument("query", default="", metavar="[QUERY]")
@click.option("--since", type=Span(), default="24h", show_default=True, help="How far back.")
@click.option("--topic", help="Only this topic.")
@click.option("--like", metavar="FILE|URL|-", help="Rank by likeness to an example story.")
@click.option("--limit", type=click.IntRange(min=1), default=40, show_default=True, help="Most lines.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def stories_command(
    query: str, since: timedelta, topic: str | None, like: str | None, limit: int, *, as_json: bool
) -> None:
    """List stories by rank, those that match QUERY.

    Words, "phrases", AND, OR, NOT, title:, source:, topic:, language:, and /regular expressions/.
    """
    import asyncio

    from aggregator.cli.output import json_line, note

    config = state().load()
    ranked = asyncio.run(_ranked(config, query, since, topic, like))[:limit]
    if as_json:
        for one in ranked:
            json_line(facts(one))
        return
    if not ranked:
        note("no stories; `aggregator fetch` brings news, --since reaches further back")
    for one in ranked:
        _print(one)


async def _ranked(config: Config, query: str, since: timedelta, topic: str | None, like: str | None) -> list[Ranked]:
    import asyncio

    from aggregator.services.program import opened
    from aggregator.store.stories import stories as store

    wanted = _topic(config, topic)
    async with opened(config) as program:
        await program.stories.update()
        now = program.clock.now()
        found = await asyncio.to_thread(store.stories, program.db, now - since)
        found = _matching(found, query, now, wanted)
        return _by_likeness(config, found, await _example(program.stories, like)) if like else _by_rank(found, now)


def _topic(config: Config, topic: str | None) -> str | None:
    """The topic as it is written, whatever case it was typed in. Raises click.BadParameter."""
    if topic is None:
        return None
    names = {name.casefold(): name for name in config.topic_names()}
    if topic.casefold() not in names:
        raise click.BadParameter(
            f"there is no topic {topic!r}; there are: {', '.join(names.values())}", param_hint="--topic"
        )
    return names[topic.casefold()]


def _matching(stories: Sequence[Story], query: str, now: datetime, topic: str | None) -> list[Story]:
    from aggregator.pipeline.query_fields import of_story
    from aggregator.stories.query import QueryError, parse

    try:
        wanted = parse(query)
    except QueryError as error:
        raise click.BadParameter(f"{error.message} (column {error.column})", param_hint="QUERY") from None
    return [
        story
        for story in stories
        if (topic is None or topic in (topics_of(story) or ["Other"]))
        and any(wanted.matches(s, now) for s in of_story(story))
    ]


def topics_of(story: Story) -> list[str]:
    """The names of a story's topics, best first."""
    return [match.name for match in story.topics]


def _by_rank(stories: Sequence[Story], now: datetime) -> list[Ranked]:
    """As an edition without budget, rules of diversity or a ledger would rank them."""
    from digests.choose import choose
    from digests.model import DigestSpec

    spec = DigestSpec("stories", max_stories=_EVERYTHING, max_words=_EVERYTHING * 100, diversity=0.0)
    choice = choose(stories, {}, spec, now)
    scores = {pick.story.id: (pick.score, pick.reasons) for pick in choice.picks}
    scores.update({held.story: (held.score, (held.reason,)) for held in choice.held})
    ranked = [Ranked(story, *scores.get(story.id, (0.0, ()))) for story in stories]
    return sorted(ranked, key=lambda one: (-one.score, one.story.id))


def _by_likeness(config: Config, stories: Sequence[Story], example: str) -> list[Ranked]:
    from aggregator.services.stories import encoder
    from aggregator.stories.model import Interest
    from aggregator.stories.profile.interests import InterestProfile

    return by_profile(stories, InterestProfile.build(Interest("like", examples=(example,)), encoder(config)))


def by_profile(stories: Sequence[Story], profile: InterestProfile) -> list[Ranked]:
    """Rank stories by an interest: each by the source that is nearest to it, with the reason."""
    ranked = []
    for story in stories:
        scored = max((profile.score(s.title, s.text, s.language) for s in story.sources), key=lambda s: s.score)
        ranked.append(Ranked(story, scored.score, scored.reasons))
    return sorted(ranked, key=lambda one: (-one.score, one.story.id))


async def _example(stories: StoriesService, like: str) -> str:
    """The example's text: of a file, a page, or standard input. Raises Failure when there is none."""
    import asyncio
    from pathlib import Path

    from aggregator.services.fetching import is_url

    if like == "-":
        text = sys.stdin.read()
    elif is_url(like):
        text = await stories.page_text(like)
    else:
        try:
            text = await asyncio.to_thread(Path(like).read_text, "utf-8", "replace")
        except OSError as error:
            raise click.BadParameter(f"{like}: {error.strerror}", param_hint="--like") from None
    if not text.strip():
        raise Failure(f"{like} gives no text to compare with")
    return text


def facts(one: Ranked) -> dict[str, Any]:
    """One story under stable keys."""
    from digests.model import carrying, outlets
    from digests.render.view.reasons import in_english

    story = one.story
    return {
        "id": story.id,
        "title": headline(story),
        "score": round(one.score, 4),
        "reasons": [in_english([reason]) for reason in one.reasons],
        "topics": topics_of(story),
        "interests": [match.name for match in story.interests],
        "sources": outlets(story.sources),
        "carriers": carrying(story.sources),
        "outlets": [source.outlet for source in story.sources],
        "language": story.language,
        "first": story.first,
        "last": story.last,
        "links": [source.url for source in story.sources if source.url],
    }


def headline(story: Story) -> str:
    """What to call a story in a list: the title of its first source that is not old news."""
    fresh = [source for source in story.sources if not source.backlog] or list(story.sources)
    return next((source.title for source in fresh if source.title), story.id)


def _print(one: Ranked) -> None:
    from aggregator.cli.output import clean, line
    from digests.model import outlets
    from digests.render.view.reasons import in_english

    story = one.story
    names = ", ".join(dict.fromkeys(clean(source.outlet) for source in story.sources))
    line(f"{one.score:6.2f}  {clean(headline(story))}")
    many = outlets(story.sources)
    count = "1 source" if many == 1 else f"{many} sources"
    line(f"        {story.id}  {(topics_of(story) or ['Other'])[0]}  {count}: {names}")
    if one.reasons:
        line(f"        {clean(in_english(one.reasons))}")


@click.command("show", cls=Command, examples=("aggregator show STORY", "aggregator show STORY --json"))
@click.argument("story", metavar="STORY")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show_command(story: str, *, as_json: bool) -> None:
    """Show one story: summary, sources, timeline."""
    import asyncio

    from aggregator.cli.output import json_line

    found, summary = asyncio.run(_summarized(state().load(), story))
    if as_json:
        json_line(
            {
                **facts(Ranked(found, 0.0, ())),
                "origins": [
                    {"outlet": s.outlet, "copy_of": s.copy_of, "reason": s.origin} for s in found.sources if s.origin
                ],
                "summary": [{"text": s.text, "sources": list(s.sources)} for s in summary.sentences],
            }
        )
        return
    _show(found, summary)


async def _summarized(config: Config, wanted: str) -> tuple[Story, Summary]:
    import asyncio

    from aggregator.services.program import opened

    async with opened(config) as program:
        story = await asyncio.to_thread(_find, program.db, wanted)
        language = story.language or "en"
        return story, await program.editions.summarize(story, words=120, language=language)


def _find(db: Database, wanted: str) -> Story:
    """A story by its id, by an id that ended in it, or by the beginning of its id. Raises Failure."""
    from aggregator.store.stories import stories as store

    record = store.story(db, wanted)
    if record is None and len(wanted) >= 4:
        begin = [one for one in store.list_stories(db, datetime.fromtimestamp(0, UTC)) if one.id.startswith(wanted)]
        record = begin[0] if len(begin) == 1 else None
    found = store.stories(db, ids=[record.id]) if record else []
    if not found:
        raise Failure(f"there is no story {wanted!r}", "`aggregator stories` lists them with their ids")
    return found[0]


def _show(story: Story, summary: Summary) -> None:
    from aggregator.cli.output import clean, line

    line(clean(summary.headline or headline(story)))
    line(f"{story.id}  {', '.join(topics_of(story) or ['Other'])}")
    line()
    for sentence in summary.sentences:
        line(f"{clean(sentence.text)} [{', '.join(str(place + 1) for place in sentence.sources)}]")
    for split in summary.disagreements:
        claims = "; ".join(
            f"{clean(claim.value)} [{', '.join(str(place + 1) for place in claim.sources)}]" for claim in split.claims
        )
        line(f"Sources differ on {clean(split.about)}: {claims}")
    line()
    for number, source in enumerate(story.sources, start=1):
        line(f"[{number}] {clean(source.outlet)}: {clean(source.title)}  {source.url or ''}".rstrip())
        if source.carriers:
            line(f"    also carried by {', '.join(clean(carrier.outlet) for carrier in source.carriers)}")
        if source.origin:
            line(f"    {clean(_origin(source))}")
    line()
    for source in sorted(story.sources, key=lambda s: s.arrived):
        line(
            f"{source.arrived:%Y-%m-%d %H:%M} UTC  {clean(source.outlet)}{'  (withdrawn)' if source.withdrawn else ''}"
        )


@click.command("explain", cls=Command, examples=("aggregator explain STORY",))
@click.argument("story", metavar="STORY")
def explain_command(story: str) -> None:
    """Say why a story's articles were joined, and why each digest chose it or held it back.

    Of two articles that were compared, `here` is the one that came, `there` the one that was known. With -v each reason ends in its weight.
    """
    import asyncio

    asyncio.run(_explain(state().load(), story))


async def _explain(config: Config, wanted: str) -> None:
    import asyncio

    from aggregator.cli.output import clean, line
    from aggregator.services.program import opened
    from aggregator.store.stories import stories as store

    async with opened(config) as program:
        await program.stories.prepare()
        story = await asyncio.to_thread(_find, program.db, wanted)
        line(clean(headline(story)))
        line(story.id)
        _reasons(story)
        for source in story.sources:
            if source.origin:
                line(f"origin of “{clean(source.title)}”: {clean(_origin(source))}")
        line()
        events = await asyncio.to_thread(store.events, program.db, story.id)
        entries = await asyncio.to_thread(_entries, program.db, events)
        for event in events:
            for text in _event(event, entries, weighed=state().verbose > 0):
                line(clean(text) if not text.startswith(" ") else "    " + clean(text))
        for digest in config.digests:
            line()
            for composed in await program.editions.compose(digest.name):
                line(f"digest {digest.name}: {clean(_verdict(story, composed.choice))}")


def _reasons(story: Story) -> None:
    from aggregator.cli.output import clean, line
    from digests.render.view.reasons import in_english

    for kind, matches in (("topic", story.topics), ("interest", story.interests)):
        for match in matches:
            line(f"{kind} {match.name}, {match.score:.0%} sure: {clean(in_english(match.reasons))}")


def _origin(source: Source) -> str:
    """Whose text it is and how that is known."""
    return f"text by {source.copy_of or source.outlet}: {source.origin}"


def _event(event: StoryEvent, entries: dict[int, EntryRecord], *, weighed: bool) -> list[str]:
    """One thing that happened to the story, and its reasons below it; with `weighed`, how much each reason weighs."""
    from aggregator.stories.grouping.explain import NEAREST, compared, happening, reason

    who, first, likest = (
        _named(entries, key, event.at) for key in (event.entry, event.article, compared(event.evidence))
    )
    who = who or first
    other = f" {event.other_story}" if event.other_story else ""
    lines = [f"{event.at:%Y-%m-%d %H:%M} UTC  {happening(event.what, event.score)}{other}{who and f': {who}'}"]
    if likest:
        lines.append(f"    compared with the most similar article: {likest}")
    same = f" as in {first}" if first and event.what == "carried" else ""
    return lines + [f"    {reason(one, weighed=weighed)}{same}" for one in event.evidence if one.view != NEAREST]


def _named(entries: dict[int, EntryRecord], key: int | None, at: datetime) -> str:
    """The outlet and title of an entry, and whether it was another text at that time; nothing where it is gone."""
    entry = entries.get(key) if key is not None else None
    if entry is None:
        return ""
    changed = " (changed since)" if entry.revised and entry.revised > at else ""
    return f"{entry.outlet}, “{entry.title}”{changed}"


def _entries(db: Database, events: Sequence[StoryEvent]) -> dict[int, EntryRecord]:
    """Every entry that the events name, by its key."""
    from aggregator.store.intake import entries as entry_store
    from aggregator.stories.grouping.explain import compared

    keys = {key for event in events for key in (event.entry, event.article, compared(event.evidence))}
    return {entry.id: entry for entry in entry_store.entries(db, sorted(key for key in keys if key is not None))}


def _verdict(story: Story, choice: Any) -> str:
    from digests.render.view.reasons import in_english

    ids = {story.id, *story.absorbed}
    for place, pick in enumerate(choice.picks, start=1):
        if pick.story.id in ids:
            why = in_english(pick.reasons)
            return f"chosen, number {place}, as {pick.kind.value} under {pick.topic}, with rank {pick.score:.2f}: {why}"
    for held in choice.held:
        if held.story in ids:
            ranked = f" with rank {held.score:.2f}" if held.score else ""
            return f"held back{ranked} ({in_english([held.reason])})"
    return "not among the stories looked at: nothing of it arrived in the period, or the digest's query and topics leave it out"
