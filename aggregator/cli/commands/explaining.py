"""`explain`: why articles are in one story, why a digest chose it or not, and what became of an edition's entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.base import USAGE, Command, Failure, current_options
from aggregator.cli.commands.stories import author_sentence, find_story, load_origins, origin_fields, story_title
from aggregator.cli.completion import explained_names

if TYPE_CHECKING:
    from aggregator.cli.rows import ChoiceRow, ExplainedEntry, ExplainedStory, MatchRow, Outcome
    from aggregator.config import Config
    from aggregator.pipeline.compose import Composed
    from aggregator.services.manage.entries import EntryList, ListedEntry
    from aggregator.services.program import Program
    from aggregator.store import Database
    from aggregator.store.records import EntryGroup
    from aggregator.store.stories.history import EventLine
    from digests.model import Match, Story
    from digests.reasons import EntryClass

_CLASSES = ("shown", "copies", "sent", "held", "muted", "dropped", "outside", "backlog", "pending")


def _class_options(command: Any) -> Any:
    """Add a flag for each class of entries."""
    said = {
        "shown": "in the stories shown",
        "copies": "folded as copies of another entry",
        "sent": "in stories that were sent before",
        "held": "held back: no room, a low score, withdrawn",
        "muted": "muted by rules",
        "dropped": "dropped by rules",
        "outside": "outside the digest's topics or query",
        "backlog": "set aside by a first fetch as older than the period",
        "pending": "not grouped when the edition was composed",
    }
    for name in reversed(_CLASSES):
        flag = click.option(f"--{name}", "classes", flag_value=name, multiple=True, help=f"List entries {said[name]}.")
        command = flag(command)
    return command


@click.command(
    "explain",
    cls=Command,
    examples=(
        "aggregator explain STORY",
        "aggregator explain STORY --json",
        "aggregator explain EDITION",
        "aggregator explain EDITION --copies --held",
        "aggregator explain morning --muted",
    ),
)
@click.argument("wanted", metavar="STORY|EDITION|DIGEST", shell_complete=explained_names)
@_class_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: the story; of an edition one per entry.")
def explain_command(wanted: str, classes: tuple[str, ...], *, as_json: bool) -> None:
    """Explain a story: why its articles were grouped, and why each digest chose it or held it back.

    Of two compared articles, `here` is the new one and `there` the stored one. With -v each reason ends with its
    weight.

    Explain an edition: what became of each entry that came in. With the name of a digest, of the edition that would be
    composed now.
    """
    import asyncio

    asyncio.run(_explain(current_options().load(), wanted, classes, as_json=as_json))


async def _explain(config: Config, wanted: str, classes: tuple[str, ...], *, as_json: bool) -> None:
    import asyncio

    from aggregator.services.program import opened_program
    from aggregator.store.editions import editions

    async with opened_program(config) as program:
        await program.stories.prepare()
        if wanted in {digest.name for digest in config.digests}:
            for composed in await program.editions.compose(wanted):
                await asyncio.to_thread(_print_entries, program.db, composed.groups, classes, as_json=as_json)
        elif await asyncio.to_thread(editions.edition, program.db, wanted) is not None:
            await asyncio.to_thread(_print_edition, program.db, wanted, classes, as_json=as_json)
        elif classes:
            raise Failure(f"there is no edition {wanted!r}", "`aggregator editions` lists them with their ids", USAGE)
        else:
            await _explain_story(config, program, wanted, as_json=as_json)


def _print_edition(db: Database, edition_id: str, classes: tuple[str, ...], *, as_json: bool) -> None:
    from aggregator.store.editions.entries import entry_groups

    groups = entry_groups(db, edition_id)
    if not groups:
        raise Failure(
            f"no entries are stored for edition {edition_id}", "none came in, or an earlier version composed it"
        )
    _print_entries(db, groups, classes, as_json=as_json)


def _print_entries(db: Database, groups: Iterable[EntryGroup], classes: tuple[str, ...], *, as_json: bool) -> None:
    """Print how many entries came in and what became of them, and the lists of `classes`."""
    from aggregator.cli.output import print_json, print_line
    from aggregator.pipeline.accounts import entry_counts
    from aggregator.services.manage.entries import entry_lists
    from digests.reasons import EntryClass
    from digests.render.view.entries import LABELS, entries_line
    from digests.render.view.wording import Wording

    groups = tuple(groups)
    lists = entry_lists(db, groups, [EntryClass(name) for name in classes]) if classes or as_json else []
    if as_json:
        for found in lists:
            for one in found.entries:
                print_json(_entry_fields(found.entry_class, one))
        return
    counts = {each.entry_class: each.count for each in entry_counts(groups)}
    if not counts:
        print_line("no entry came in")
        return
    print_line(entries_line(sum(counts.values()), Wording("en")))
    for kind, label in LABELS.items():
        if counts.get(kind):
            print_line(f"{counts[kind]:>8}  {label:<28} --{kind.value}")
    for found in sorted(lists, key=lambda one: list(LABELS).index(one.entry_class)):
        print_line()
        print_line(f"{found.count} {LABELS[found.entry_class]}:")
        _print_list(found)


def _entry_fields(entry_class: EntryClass, one: ListedEntry) -> ExplainedEntry:
    """Return an entry of an edition with the keys of the JSON output."""
    return {
        "class": entry_class.value,
        "entry": one.entry.entry,
        "outlet": one.entry.outlet,
        "title": one.entry.title,
        "link": one.entry.link,
        "arrived": one.entry.arrived,
        "published": one.entry.published,
        "reason": _entry_reason(one),
        "same_as": one.same_as.entry if one.same_as else None,
    }


def _print_list(found: EntryList) -> None:
    from aggregator.cli.output import print_line
    from aggregator.cli.tables import printable

    for one in found.entries:
        print_line(f"  {one.entry.arrived:%Y-%m-%d %H:%M} UTC  {printable(f'{one.entry.outlet}: {one.entry.title}')}")
        if reason := _entry_reason(one):
            print_line(f"      {printable(reason)}")
    if missing := found.count - len(found.entries):
        print_line(f"  {missing} deleted since")


def _entry_reason(one: ListedEntry) -> str:
    from digests.render.view.reasons import in_english

    if one.same_as is not None:
        return f"the same text as {one.same_as.outlet}: {one.same_as.title}"
    return in_english([one.reason]) if one.reason else ""


async def _explain_story(config: Config, program: Program, wanted: str, *, as_json: bool) -> None:
    import asyncio

    from aggregator.cli.output import print_json
    from aggregator.store.stories.history import story_history

    story = await asyncio.to_thread(find_story, program.db, wanted)
    origins = await asyncio.to_thread(load_origins, program.db, story)
    weighed = current_options().verbose > 0
    events = await asyncio.to_thread(story_history, program.db, story.id, weighed=weighed)
    choices = [
        _digest_choice(digest.name, story, composed)
        for digest in config.digests
        for composed in await program.editions.compose(digest.name)
    ]
    if as_json:
        print_json(_story_fields(story, origins, events, choices))
    else:
        _print_explanation(story, origins, events, choices)


def _story_fields(
    story: Story, origins: Mapping[int, str], events: Sequence[EventLine], choices: list[ChoiceRow]
) -> ExplainedStory:
    """Return the explanation of a story with the keys of the JSON output."""
    return {
        "id": story.id,
        "title": story_title(story),
        "topics": [_match_fields(match) for match in story.topics],
        "interests": [_match_fields(match) for match in story.interests],
        "origins": origin_fields(story, origins),
        "events": [
            {
                "at": event.at,
                "text": event.text,
                "most_similar": event.most_similar,
                "reasons": list(event.reasons),
            }
            for event in events
        ],
        "digests": choices,
    }


def _match_fields(match: Match) -> MatchRow:
    from digests.render.view.reasons import in_english

    return {
        "name": match.name,
        "score": round(match.score, 4),
        "reasons": [in_english([reason]) for reason in match.reasons],
    }


def _print_explanation(
    story: Story, origins: Mapping[int, str], events: Sequence[EventLine], choices: Sequence[ChoiceRow]
) -> None:
    from aggregator.cli.output import print_line
    from aggregator.cli.tables import printable
    from digests.render.view.reasons import in_english

    print_line(printable(story_title(story)))
    print_line(story.id)
    for kind, matches in (("topic", story.topics), ("interest", story.interests)):
        for match in matches:
            print_line(f"{kind} {match.name}, {match.score:.0%} sure: {printable(in_english(match.reasons))}")
    for source in story.sources:
        if source.article in origins:
            author = author_sentence(source, origins[source.article])
            print_line(f"origin of “{printable(source.title)}”: {printable(author)}")
    print_line()
    for event in events:
        print_line(printable(f"{event.at:%Y-%m-%d %H:%M} UTC  {event.text}"))
        if event.most_similar:
            print_line("    " + printable(f"compared with the most similar article: {event.most_similar}"))
        for reason in event.reasons:
            print_line("    " + printable(reason))
    for choice in choices:
        print_line()
        print_line(f"digest {choice['digest']}: {printable(choice['text'])}")


def _digest_choice(digest: str, story: Story, composed: Composed) -> ChoiceRow:
    """Return what a digest would do with a story now, and why."""
    outcome, text = _outcome(story, composed)
    return {"digest": digest, "outcome": outcome, "text": text}


def _outcome(story: Story, composed: Composed) -> tuple[Outcome, str]:
    from digests.render.view.reasons import in_english

    ids = {story.id, *story.absorbed}
    for place, pick in enumerate(composed.choice.picks, start=1):
        if pick.story.id in ids:
            what = f"chosen, number {place}, as {pick.kind.value} under {pick.topic}, with rank {pick.score:.2f}"
            return "chosen", f"{what}: {in_english(pick.reasons)}"
    if story.muted:
        outcome: Outcome = "dropped" if story.dropped else "muted"
        return outcome, f"{outcome} by rule “{story.muted_by}”"
    if all(source.backlog for source in story.sources):
        return "set aside", _set_aside(story, composed)
    for held in composed.choice.held:
        if held.story in ids:
            ranked = f" with rank {held.score:.2f}" if held.score else ""
            return "held back", f"held back{ranked} ({in_english([held.reason])})"
    return "not considered", _not_considered(story, composed)


def _set_aside(story: Story, composed: Composed) -> str:
    """Explain a story of which a first fetch brought everything, all of it older than the period."""
    first = min(source.arrived for source in story.sources)
    dates = [source.published for source in story.sources if source.published]
    said = f"published {max(dates):%Y-%m-%d %H:%M} UTC" if dates else "without a date"
    return (
        f"set aside: old when its feed was first fetched on {first:%Y-%m-%d %H:%M} UTC ({said}); "
        f"the edition covers the time from {composed.edition.period_start:%Y-%m-%d %H:%M} UTC"
    )


def _not_considered(story: Story, composed: Composed) -> str:
    from digests.render.view.reasons import in_english

    articles = {source.article for source in story.sources}
    for group in composed.groups:
        if group.reason and articles.intersection(group.entries):
            return f"not considered ({in_english([group.reason])})"
    return (
        f"not considered: its last article arrived on {story.last:%Y-%m-%d %H:%M} UTC, before the edition's period, "
        "or the digest's query and topics exclude it"
    )
