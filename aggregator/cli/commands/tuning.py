"""`rules`, `interests`, `replay`: previews of rules, interest profiles and grouping settings; they change nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import click

from aggregator.cli.base import Command, Failure, Group, current_options
from aggregator.cli.completion import interest_names, rule_names
from aggregator.cli.output import DurationParameter, WholeNumber
from aggregator.system.counts import count_of

if TYPE_CHECKING:
    from aggregator.cli.rows import ChangeRow, InterestRow, RuleMatchRow
    from aggregator.config import Config
    from aggregator.pipeline.describe import CompiledRule
    from aggregator.pipeline.preview import Change, ReplayResult, RuleMatch
    from aggregator.services.manage.likeness import Ranked
    from aggregator.store import Database
    from aggregator.stories.profile.interests import InterestProfile

T = TypeVar("T")
_MOST_PRINTED = 20  # stories or changes of each kind; --json prints all


@click.group(
    "rules",
    cls=Group,
    examples=("aggregator rules test", "aggregator rules test 'title:/^live:/ AND NOT topic:Sport'"),
)
def rules_command() -> None:
    """Try rules on stored stories."""


@rules_command.command(
    "test",
    examples=(
        "aggregator rules test",
        'aggregator rules test "no horoscopes"',
        "aggregator rules test 'title:horoscope OR source:\"Example Gazette\"' --since 30d",
    ),
)
@click.argument("rule", default="", metavar="[NAME|QUERY]", shell_complete=rule_names)
@click.option("--since", type=DurationParameter(), default="7d", show_default=True, help="How far back.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def rules_test_command(rule: str, since: timedelta, *, as_json: bool) -> None:
    """Show what all rules, one rule or any QUERY would have matched in the last week.

    Nothing is changed: a rule applies to entries that arrive after it was added to the configuration.
    """
    import asyncio

    from aggregator.cli.output import print_json
    from aggregator.pipeline.preview import find_matches

    config = current_options().load()
    wanted = _compiled_rules(config, rule)
    found, count = asyncio.run(_run_after_grouping(config, lambda db, now: find_matches(db, wanted, now - since)))
    if as_json:
        for one in found:
            print_json(_match_fields(one))
        return
    for each in wanted:
        _print_rule(each, [one for one in found if one.rule is each], count)


def _match_fields(one: RuleMatch) -> RuleMatchRow:
    """Return a match of a rule with the keys of the JSON output."""
    return {
        "rule": one.rule.name,
        "action": one.rule.action,
        "value": one.rule.value,
        "story": one.story,
        "title": one.title,
        "outlets": list(one.outlets),
        "last": one.last,
    }


async def _run_after_grouping(config: Config, query: Callable[[Database, datetime], T]) -> T:
    """Group the waiting entries, then run a query on the database."""
    import asyncio

    from aggregator.cli.progress import group_waiting
    from aggregator.services.program import opened_program

    async with opened_program(config) as program:
        await group_waiting(program)
        return await asyncio.to_thread(query, program.db, program.clock.now())


def _compiled_rules(config: Config, text: str) -> list[CompiledRule]:
    """Return all rules, the rule of that name, or the text as a query. Raises click.BadParameter, Failure."""
    from aggregator.pipeline.describe import CompiledRule
    from aggregator.stories.query import QueryError, parse

    rules = [CompiledRule(r.name, parse(r.query), r.action, r.value) for r in config.rules]
    if not text:
        if not rules:
            raise Failure("there are no rules", "add a [[rule]] to the configuration, or give a query")
        return rules
    named = [rule for rule in rules if rule.name.casefold() == text.casefold()]
    if named:
        return named
    try:
        return [CompiledRule(text, parse(text), "")]
    except QueryError as error:
        raise click.BadParameter(f"{error.message} (column {error.column})", param_hint="QUERY") from None


def _print_rule(rule: CompiledRule, found: list[RuleMatch], count: int) -> None:
    from aggregator.cli.output import print_line
    from aggregator.cli.tables import printable
    from aggregator.services.manage.matching import EFFECTS

    effect = EFFECTS.get(rule.action, "match").format(rule.value)
    print_line(f"{printable(rule.name)}: {len(found)} of {count} stories {effect}")
    for one in found[:_MOST_PRINTED]:
        print_line(f"    {one.story}  {printable(one.title)}  ({printable(', '.join(one.outlets))})")
    if len(found) > _MOST_PRINTED:
        print_line(f"    and {len(found) - _MOST_PRINTED} more; --json lists all")


@click.command(
    "interests", cls=Command, examples=("aggregator interests", "aggregator interests ferries --since 7d --json")
)
@click.argument("name", default="", metavar="[NAME]", shell_complete=interest_names)
@click.option(
    "--since", type=DurationParameter(), default="7d", show_default=True, help="How far back stories are ranked."
)
@click.option(
    "--limit", type=WholeNumber(min=0), default=5, show_default=True, help="Maximum number of stories for each."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def interests_command(name: str, since: timedelta, limit: int, *, as_json: bool) -> None:
    """Show each interest's profile (names, terms, negative terms) and the most similar stories with the reasons."""
    import asyncio

    asyncio.run(_interests(current_options().load(), name, since, limit, as_json=as_json))


async def _interests(config: Config, name: str, since: timedelta, limit: int, *, as_json: bool) -> None:
    import asyncio

    from aggregator.cli.output import print_json
    from aggregator.cli.progress import group_waiting
    from aggregator.services.manage.likeness import rank_by_profile
    from aggregator.services.program import opened_program
    from aggregator.store.stories import stories as store

    if not config.interests:
        raise Failure("there are no interests", "add an [[interest]] to the configuration")
    async with opened_program(config) as program:
        await group_waiting(program)
        profiles = [p for p in program.stories.profiles() if not name or p.interest.name.casefold() == name.casefold()]
        if not profiles:
            known = ", ".join(i.name for i in config.interests)
            raise click.BadParameter(f"there is no interest {name!r}; there are: {known}", param_hint="NAME")
        found = await asyncio.to_thread(store.stories, program.db, program.clock.now() - since)
    for profile in profiles:
        ranked = [one for one in rank_by_profile(found, profile) if one.score > 0][:limit]
        if as_json:
            print_json(_interest_fields(profile, ranked))
            continue
        _print_profile(profile, ranked)


def _interest_fields(profile: InterestProfile, ranked: list[Ranked]) -> InterestRow:
    """Return a profile and its stories with the keys of the JSON output."""
    from aggregator.cli.commands.stories import story_fields

    return {
        "interest": profile.interest.name,
        "names": dict(profile.names),
        "terms": dict(profile.terms),
        "unlike": dict(profile.unlike),
        "stories": [story_fields(one) for one in ranked],
    }


def _print_profile(profile: InterestProfile, ranked: list[Ranked]) -> None:
    from aggregator.cli.commands.stories import story_title
    from aggregator.cli.output import print_line
    from aggregator.cli.tables import printable
    from digests.render.view.reasons import in_english

    print_line(printable(profile.interest.name))
    for text in profile.lines():
        print_line(f"    {printable(text)}")
    for one in ranked:
        print_line(f"    {one.score:.2f}  {printable(story_title(one.story))}")
        print_line(f"          {printable(in_english(one.reasons))}")


@click.command(
    "replay", cls=Command, examples=("aggregator replay", "aggregator replay --granularity saga --since 90d")
)
@click.option("--since", type=DurationParameter(), default="30d", show_default=True, help="How far back.")
@click.option(
    "--granularity",
    type=click.Choice(("fine", "event", "saga")),
    help="How much one story covers.  [default: as configured]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def replay_command(since: timedelta, granularity: str | None, *, as_json: bool) -> None:
    """Group the stored entries again with other settings and show which stories would be joined or split.

    Nothing is changed; stories that were sent keep their ids.
    """
    import asyncio

    from aggregator.cli.output import print_json, print_line
    from aggregator.cli.progress import progress
    from aggregator.pipeline.preview import replay
    from aggregator.services.stories import grouper_factory

    config = current_options().load()
    engine = grouper_factory(config, granularity)()

    def run(db: Database, now: datetime) -> ReplayResult:
        with progress("grouping again", "entries") as step:
            return replay(db, engine, now - since, step)

    done = asyncio.run(_run_after_grouping(config, run))
    if as_json:
        for change in done.changes:
            print_json(change_fields(change))
        return
    print_line(
        f"{count_of(done.entries, 'entry')}: {count_of(done.before, 'story')} now, {done.after:,} with these settings"
    )
    for kind in ("joined", "split"):
        _print_changes(kind, [c for c in done.changes if c.kind == kind])


def change_fields(change: Change) -> ChangeRow:
    """Return a change with the keys of the JSON output."""
    return {"change": change.kind, "stories": list(change.stories), "parts": [list(part) for part in change.parts]}


def _print_changes(kind: str, changes: list[Change]) -> None:
    from aggregator.cli.output import print_line
    from aggregator.cli.tables import printable

    print_line(f"{kind}: {len(changes)}")
    for change in changes[:_MOST_PRINTED]:
        print_line(f"    {', '.join(change.stories)}")
        for part in change.parts:
            more = f"  and {len(part) - 1} more" if len(part) > 1 else ""
            print_line(f"        {printable(part[0])}{more}")
    if len(changes) > _MOST_PRINTED:
        print_line(f"    and {len(changes) - _MOST_PRINTED} more; --json lists all")
