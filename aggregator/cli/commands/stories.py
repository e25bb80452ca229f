"""`stories`, `show`: lists stories, and shows one."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from aggregator.cli import completion
from aggregator.cli.base import USAGE, Command, Failure, current_options
from aggregator.cli.output import DurationParameter, WholeNumber
from aggregator.system.counts import count_of

if TYPE_CHECKING:
    from aggregator.cli.rows import OriginRow, ShownStory, StoryRow
    from aggregator.config import Config
    from aggregator.services.manage.likeness import Ranked
    from aggregator.services.stories import StoriesService
    from aggregator.store import Database
    from digests.model import Source, Story, Summary

_UNLIMITED = 100_000  # more stories than are ever stored: a listing has no limit


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
@click.option("--since", type=DurationParameter(), default="24h", show_default=True, help="How far back.")
@click.option("--topic", shell_complete=completion.topic_names, help="Only this topic.")
@click.option(
    "--like", metavar="FILE|URL|-", shell_complete=completion.files_or(), help="Rank by similarity to an example story."
)
@click.option("--limit", type=WholeNumber(min=1), default=40, show_default=True, help="Maximum number of lines.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def stories_command(
    query: str, since: timedelta, topic: str | None, like: str | None, limit: int, *, as_json: bool
) -> None:
    """List the stories that match QUERY, by rank.

    Words, "phrases", AND, OR, NOT, title:, source:, topic:, language:, and /regular expressions/.
    """
    import asyncio

    from aggregator.cli.output import print_json, print_note

    config = current_options().load()
    ranked = asyncio.run(_find_ranked(config, query, since, topic, like))[:limit]
    if as_json:
        for one in ranked:
            print_json(story_fields(one))
        return
    if not ranked:
        print_note("no stories; run `aggregator fetch`, or look further back with --since")
    for one in ranked:
        _print_ranked(one)


async def _find_ranked(
    config: Config, query: str, since: timedelta, topic: str | None, like: str | None
) -> list[Ranked]:
    import asyncio

    from aggregator.cli.progress import group_waiting
    from aggregator.services.program import opened_program
    from aggregator.store.stories import stories as store

    wanted = _topic_name(config, topic)
    async with opened_program(config) as program:
        await group_waiting(program)
        now = program.clock.now()
        found = await asyncio.to_thread(store.stories, program.db, now - since)
        found = _matching(found, query, now, wanted)
        return (
            _rank_by_likeness(config, found, await _example_text(program.stories, like)) if like else _rank(found, now)
        )


def _topic_name(config: Config, topic: str | None) -> str | None:
    """Return the configured topic of this name without case. Raises click.BadParameter."""
    if topic is None:
        return None
    names = {name.casefold(): name for name in config.topic_names()}
    if topic.casefold() not in names:
        raise click.BadParameter(
            f"there is no topic {topic!r}; there are: {', '.join(names.values())}", param_hint="--topic"
        )
    return names[topic.casefold()]


def _matching(stories: Sequence[Story], query: str, now: datetime, topic: str | None) -> list[Story]:
    from aggregator.pipeline.query_fields import story_subjects
    from aggregator.stories.query import QueryError, parse

    try:
        wanted = parse(query)
    except QueryError as error:
        raise click.BadParameter(f"{error.message} (column {error.column})", param_hint="QUERY") from None
    return [
        story
        for story in stories
        if (topic is None or topic in (topic_names(story) or ["Other"]))
        and any(wanted.matches(s, now) for s in story_subjects(story))
    ]


def topic_names(story: Story) -> list[str]:
    """Return the names of a story's topics, best first."""
    return [match.name for match in story.topics]


def _rank(stories: Sequence[Story], now: datetime) -> list[Ranked]:
    """Rank stories as an edition does, but without limits, diversity and earlier editions."""
    from aggregator.services.manage.likeness import Ranked
    from digests.choose import choose
    from digests.model import DigestSpec

    spec = DigestSpec("stories", max_stories=_UNLIMITED, max_words=_UNLIMITED * 100, diversity=0.0)
    choice = choose(stories, {}, spec, now)
    scores = {pick.story.id: (pick.score, pick.reasons) for pick in choice.picks}
    scores.update({held.story: (held.score, (held.reason,)) for held in choice.held})
    ranked = [Ranked(story, *scores.get(story.id, (0.0, ()))) for story in stories]
    return sorted(ranked, key=lambda one: (-one.score, one.story.id))


def _rank_by_likeness(config: Config, stories: Sequence[Story], example: str) -> list[Ranked]:
    from aggregator.services.manage.likeness import rank_by_profile
    from aggregator.services.stories import configured_encoder
    from aggregator.stories.model import Interest
    from aggregator.stories.profile.interests import InterestProfile

    return rank_by_profile(
        stories, InterestProfile.build(Interest("like", examples=(example,)), configured_encoder(config))
    )


async def _example_text(stories: StoriesService, like: str) -> str:
    """Return the example's text from a file, a web page or standard input. Raises Failure when it is empty."""
    import asyncio
    from pathlib import Path

    from aggregator.services.intake.fetching import is_url

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
        raise Failure(f"{like} has no text to compare with")
    return text


def story_fields(one: Ranked) -> StoryRow:
    """Return a story with the keys of the JSON output."""
    from digests.model import carrying, outlets
    from digests.render.view.reasons import in_english

    story = one.story
    return {
        "id": story.id,
        "title": story_title(story),
        "score": round(one.score, 4),
        "reasons": [in_english([reason]) for reason in one.reasons],
        "topics": topic_names(story),
        "interests": [match.name for match in story.interests],
        "sources": outlets(story.sources),
        "carriers": carrying(story.sources),
        "outlets": [source.outlet for source in story.sources],
        "language": story.language,
        "first": story.first,
        "last": story.last,
        "links": [source.url for source in story.sources if source.url],
    }


def story_title(story: Story) -> str:
    """Return the title of the first source that is not backlog, else of any source, else the id."""
    fresh = [source for source in story.sources if not source.backlog] or list(story.sources)
    return next((source.title for source in fresh if source.title), story.id)


def _print_ranked(one: Ranked) -> None:
    from aggregator.cli.output import print_line
    from aggregator.cli.tables import printable
    from digests.model import outlets
    from digests.render.view.reasons import in_english

    story = one.story
    names = ", ".join(dict.fromkeys(printable(source.outlet) for source in story.sources))
    print_line(f"{one.score:6.2f}  {printable(story_title(story))}")
    count = count_of(outlets(story.sources), "source")
    print_line(f"        {story.id}  {(topic_names(story) or ['Other'])[0]}  {count}: {names}")
    if one.reasons:
        print_line(f"        {printable(in_english(one.reasons))}")


@click.command("show", cls=Command, examples=("aggregator show STORY", "aggregator show STORY --json"))
@click.argument("story", metavar="STORY", shell_complete=completion.story_ids)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show_command(story: str, *, as_json: bool) -> None:
    """Show one story: summary, sources, timeline."""
    import asyncio

    from aggregator.cli.output import print_json

    found, summary, origins = asyncio.run(_summarized(current_options().load(), story))
    if as_json:
        print_json(_shown_fields(found, summary, origins))
        return
    _print_story(found, summary, origins)


def _shown_fields(story: Story, summary: Summary, origins: Mapping[int, str]) -> ShownStory:
    """Return a story and its summary with the keys of the JSON output."""
    from aggregator.services.manage.likeness import Ranked

    return {
        **story_fields(Ranked(story, 0.0, ())),
        "origins": origin_fields(story, origins),
        "attachments": [
            {"outlet": source.outlet, "url": file.url, "type": file.type, "size": file.size}
            for source in story.sources
            for file in source.attachments
        ],
        "summary": [{"text": one.text, "sources": list(one.sources)} for one in summary.sentences],
    }


def origin_fields(story: Story, origins: Mapping[int, str]) -> list[OriginRow]:
    """Return who wrote the texts of a story's articles, with the keys of the JSON output."""
    return [
        {"outlet": source.outlet, "copy_of": source.copy_of, "reason": origins[source.article]}
        for source in story.sources
        if source.article in origins
    ]


async def _summarized(config: Config, wanted: str) -> tuple[Story, Summary, dict[int, str]]:
    """Return a story, its summary, and how it is known who wrote the texts of its articles."""
    import asyncio

    from aggregator.services.program import opened_program
    from digests.ranking.related import related_last

    async with opened_program(config) as program:
        story = related_last(await asyncio.to_thread(find_story, program.db, wanted))
        origins = await asyncio.to_thread(load_origins, program.db, story)
        return story, await program.editions.summarize(story, words=120, language=story.language or "en"), origins


def load_origins(db: Database, story: Story) -> dict[int, str]:
    """Return by article how it is known who wrote its text."""
    from aggregator.store.stories.origins import origin_reasons
    from aggregator.stories.copies.explain import origin_sentence

    reasons = origin_reasons(db, [source.article for source in story.sources])
    return {article: origin_sentence(reason) for article, reason in reasons.items()}


def find_story(db: Database, wanted: str) -> Story:
    """Find a story by its id, the id of a story merged into it, or the start of its id. Raises Failure."""
    from aggregator.store.stories import stories as store

    record = store.story(db, wanted)
    if record is None and len(wanted) >= 4:
        matches = [one for one in store.list_stories(db, datetime.fromtimestamp(0, UTC)) if one.id.startswith(wanted)]
        record = matches[0] if len(matches) == 1 else None
    found = store.stories(db, ids=[record.id]) if record else []
    if not found:
        raise Failure(f"there is no story {wanted!r}", "`aggregator stories` lists them with their ids", USAGE)
    return found[0]


def _print_story(story: Story, summary: Summary, origins: dict[int, str]) -> None:
    from aggregator.cli.output import print_line
    from aggregator.cli.tables import printable

    print_line(printable(summary.headline or story_title(story)))
    print_line(f"{story.id}  {', '.join(topic_names(story) or ['Other'])}")
    print_line()
    for sentence in summary.sentences:
        print_line(f"{printable(sentence.text)} [{', '.join(str(place + 1) for place in sentence.sources)}]")
    for counts in summary.counts:
        steps = "; ".join(f"{printable(step.value)} ({step.at:%Y-%m-%d %H:%M} UTC)" for step in counts.steps)
        print_line(f"How the count changed ({printable(counts.about)}): {steps}")
    for difference in summary.disagreements:
        claims = "; ".join(
            f"{printable(claim.value)} [{', '.join(str(place + 1) for place in claim.sources)}]"
            for claim in difference.claims
        )
        print_line(f"Sources differ on {printable(difference.about)}: {claims}")
    print_line()
    for number, source in enumerate(story.sources, start=1):
        if source.related and not story.sources[number - 2].related:
            print_line("Related, not summarized:")
        print_line(f"[{number}] {printable(source.outlet)}: {printable(source.title)}  {source.url or ''}".rstrip())
        for file in source.attachments:
            print_line(f"    {file.type or 'file'}: {file.url}")
        if source.carriers:
            print_line(f"    also carried by {', '.join(printable(carrier.outlet) for carrier in source.carriers)}")
        if source.article in origins:
            print_line(f"    {printable(author_sentence(source, origins[source.article]))}")
    print_line()
    for source in sorted(story.sources, key=lambda s: s.arrived):
        withdrawn = "  (withdrawn)" if source.withdrawn else ""
        print_line(f"{source.arrived:%Y-%m-%d %H:%M} UTC  {printable(source.outlet)}{withdrawn}")


def author_sentence(source: Source, reason: str) -> str:
    """Say who wrote the text and how that is known."""
    return f"text by {source.copy_of or source.outlet}: {reason}"
