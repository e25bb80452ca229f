"""`rules`, `interests`, `replay`: try a rule, read a profile, see what other settings would group. Nothing is changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import click

from aggregator.cli.base import Command, Failure, Group, state
from aggregator.cli.output import Span

if TYPE_CHECKING:
    from aggregator.cli.commands.stories import Ranked
    from aggregator.config import Config
    from aggregator.pipeline.describe import CompiledRule
    from aggregator.pipeline.preview import Caught, Change, Replayed
    from aggregator.store import Database
    from aggregator.stories.profile.interests import InterestProfile

T = TypeVar("T")
_SHOWN = 20  # stories or changes printed of each kind; --json gives all
_EFFECTS = {
    "drop": "would be dropped",
    "mute": "would stay out of digests",
    "boost": "would be ranked higher by {}",
    "topic": "would stand under {}",
    "must": "would always go in",
}


@click.group(
    "rules",
    cls=Group,
    examples=("aggregator rules test", "aggregator rules test 'title:/^live:/ AND NOT topic:Sport'"),
)
def rules_command() -> None:
    """Try rules on what has already come."""


@rules_command.command(
    "test",
    examples=(
        "aggregator rules test",
        'aggregator rules test "no horoscopes"',
        "aggregator rules test 'title:horoscope OR source:\"Example Gazette\"' --since 30d",
    ),
)
@click.argument("rule", default="", metavar="[NAME|QUERY]")
@click.option("--since", type=Span(), default="7d", show_default=True, help="How far back.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def rules_test_command(rule: str, since: timedelta, *, as_json: bool) -> None:
    """Show what each rule, one of them, or any QUERY would have matched in the last week.

    Nothing is changed: a rule acts on what comes after it stands in the configuration.
    """
    import asyncio

    from aggregator.cli.output import json_line
    from aggregator.pipeline.preview import caught

    config = state().load()
    wanted = _rules(config, rule)
    found, asked = asyncio.run(_grouped(config, lambda db, now: caught(db, wanted, now - since)))
    if as_json:
        for one in found:
            json_line(
                {
                    "rule": one.rule.name,
                    "action": one.rule.action,
                    "value": one.rule.value,
                    "story": one.story,
                    "title": one.title,
                    "outlets": list(one.outlets),
                    "last": one.last,
                }
            )
        return
    for each in wanted:
        _print_rule(each, [one for one in found if one.rule is each], asked)


async def _grouped(config: Config, ask: Callable[[Database, datetime], T]) -> T:
    """Group what waits, then ask."""
    import asyncio

    from aggregator.services.program import opened

    async with opened(config) as program:
        await program.stories.update()
        return await asyncio.to_thread(ask, program.db, program.clock.now())


def _rules(config: Config, text: str) -> list[CompiledRule]:
    """All rules, the one of that name, or the text itself as a query. Raises click.BadParameter, Failure."""
    from aggregator.pipeline.describe import CompiledRule
    from aggregator.stories.query import QueryError, parse

    rules = [CompiledRule(r.name, parse(r.query), r.action, r.value) for r in config.rules]
    if not text:
        if not rules:
            raise Failure("there are no rules", "write a [[rule]] into the configuration, or give a query to try")
        return rules
    named = [rule for rule in rules if rule.name.casefold() == text.casefold()]
    if named:
        return named
    try:
        return [CompiledRule(text, parse(text), "")]
    except QueryError as error:
        raise click.BadParameter(f"{error.message} (column {error.column})", param_hint="QUERY") from None


def _print_rule(rule: CompiledRule, found: list[Caught], asked: int) -> None:
    from aggregator.cli.output import clean, line

    effect = _EFFECTS.get(rule.action, "match").format(rule.value)
    line(f"{clean(rule.name)}: {len(found)} of {asked} stories {effect}")
    for one in found[:_SHOWN]:
        line(f"    {one.story}  {clean(one.title)}  ({clean(', '.join(one.outlets))})")
    if len(found) > _SHOWN:
        line(f"    and {len(found) - _SHOWN} more; --json lists all")


@click.command(
    "interests", cls=Command, examples=("aggregator interests", "aggregator interests ferries --since 7d --json")
)
@click.argument("name", default="", metavar="[NAME]")
@click.option("--since", type=Span(), default="7d", show_default=True, help="How far back stories are ranked.")
@click.option("--limit", type=click.IntRange(min=0), default=5, show_default=True, help="Most stories of each.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def interests_command(name: str, since: timedelta, limit: int, *, as_json: bool) -> None:
    """Show each interest as it is understood: names, terms, what is not meant; and the stories nearest to it, with the reason."""
    import asyncio

    asyncio.run(_interests(state().load(), name, since, limit, as_json=as_json))


async def _interests(config: Config, name: str, since: timedelta, limit: int, *, as_json: bool) -> None:
    import asyncio

    from aggregator.cli.commands.stories import by_profile, facts
    from aggregator.cli.output import json_line
    from aggregator.services.program import opened
    from aggregator.store.stories import stories as store

    if not config.interests:
        raise Failure("there are no interests", "write an [[interest]] into the configuration")
    async with opened(config) as program:
        await program.stories.update()
        profiles = [p for p in program.stories.profiles() if not name or p.interest.name.casefold() == name.casefold()]
        if not profiles:
            known = ", ".join(i.name for i in config.interests)
            raise click.BadParameter(f"there is no interest {name!r}; there are: {known}", param_hint="NAME")
        found = await asyncio.to_thread(store.stories, program.db, program.clock.now() - since)
    for profile in profiles:
        ranked = [one for one in by_profile(found, profile) if one.score > 0][:limit]
        if as_json:
            json_line(
                {
                    "interest": profile.interest.name,
                    "names": dict(profile.names),
                    "terms": dict(profile.terms),
                    "unlike": dict(profile.unlike),
                    "stories": [facts(one) for one in ranked],
                }
            )
            continue
        _print_profile(profile, ranked)


def _print_profile(profile: InterestProfile, ranked: list[Ranked]) -> None:
    from aggregator.cli.commands.stories import headline
    from aggregator.cli.output import clean, line
    from digests.render.view.reasons import in_english

    line(clean(profile.interest.name))
    for text in profile.lines():
        line(f"    {clean(text)}")
    for one in ranked:
        line(f"    {one.score:.2f}  {clean(headline(one.story))}")
        line(f"          {clean(in_english(one.reasons))}")


@click.command(
    "replay", cls=Command, examples=("aggregator replay", "aggregator replay --granularity saga --since 90d")
)
@click.option("--since", type=Span(), default="30d", show_default=True, help="How far back.")
@click.option(
    "--granularity",
    type=click.Choice(("fine", "event", "saga")),
    help="What one story is.  [default: as configured]",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def replay_command(since: timedelta, granularity: str | None, *, as_json: bool) -> None:
    """Group the archive once more under new settings and show what would be joined and what split.

    Nothing is changed: stories that were told keep their ids.
    """
    import asyncio

    from aggregator.cli.output import json_line, line, note
    from aggregator.pipeline.preview import replay
    from aggregator.services.stories import grouper

    config = state().load()
    engine = grouper(config, granularity)()

    def run(db: Database, now: datetime) -> Replayed:
        return replay(db, engine, now - since, lambda count: note(f"{count} entries grouped"))

    done = asyncio.run(_grouped(config, run))
    if as_json:
        for change in done.changes:
            json_line(
                {"change": change.kind, "stories": list(change.stories), "parts": [list(p) for p in change.parts]}
            )
        return
    line(f"{done.entries} entries: {done.before} stories now, {done.after} under these settings")
    for kind in ("joined", "split"):
        _print_changes(kind, [c for c in done.changes if c.kind == kind])


def _print_changes(kind: str, changes: list[Change]) -> None:
    from aggregator.cli.output import clean, line

    line(f"{kind}: {len(changes)}")
    for change in changes[:_SHOWN]:
        line(f"    {', '.join(change.stories)}")
        for part in change.parts:
            more = f"  and {len(part) - 1} more" if len(part) > 1 else ""
            line(f"        {clean(part[0])}{more}")
    if len(changes) > _SHOWN:
        line(f"    and {len(changes) - _SHOWN} more; --json lists all")
