"""Completion of names in a shell: from the configuration file, even an invalid one, and from the database.

Whatever cannot be read completes nothing: an error message in the middle of a command line would help nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from aggregator.cli.base import current_options

if TYPE_CHECKING:
    from aggregator.store import Database

_NEWEST = 100  # editions, stories or deliveries that are offered


def feed_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of feeds, and the URLs of those without a name, that begin with a text."""
    del param
    feeds = _tables(ctx, "feed")
    return _beginning_with(
        incomplete, {_text(feed, "name") or _text(feed, "url"): _text(feed, "url") for feed in feeds}
    )


def digest_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of digests that begin with a text."""
    del param
    return _beginning_with(
        incomplete, {_text(one, "name"): _text(one, "title") or "digest" for one in _tables(ctx, "digest")}
    )


def interest_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of interests that begin with a text."""
    del param
    return _beginning_with(incomplete, {_text(one, "name"): "interest" for one in _tables(ctx, "interest")})


def rule_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of rules that begin with a text."""
    del param
    return _beginning_with(incomplete, {_text(one, "name"): _text(one, "query") for one in _tables(ctx, "rule")})


def topic_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of topics, built-in and of the configuration, that begin with a text."""
    del param
    from aggregator.stories.builtin import DEFAULT_TOPICS

    names = {one.name: one.description for one in DEFAULT_TOPICS}
    own = {_text(one, "name"): _text(one, "description") for one in _tables(ctx, "topic")}
    of_feeds = {_text(one, "topic"): "" for one in _tables(ctx, "feed")}
    return _beginning_with(incomplete, {**of_feeds, **names, **own})


def recipient_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the recipients of the configuration and the database whose names begin with a text."""
    del param

    from digests.channels.kinds import CHANNEL_KINDS, Channels
    from digests.channels.recipient import Recipient, split_recipient

    def stored(db: Database) -> dict[str, str]:
        from aggregator.store.outgoing import recipients

        return written((one.recipient for one in recipients.list_recipients(db)), "")

    def written(found: Iterable[Recipient], digest: str) -> dict[str, str]:
        """Return those whose address is no secret, as a person writes them."""
        known = [one for one in found if one.channel in CHANNEL_KINDS and not one.kind.secret]
        return {one.address if one.channel == Channels.MAIL else one.shown: digest for one in known}

    names = dict(_from_database(ctx, stored))
    for one in _tables(ctx, "digest"):
        to = one.get("to")
        texts = [text for text in to if isinstance(text, str)] if isinstance(to, list) else []
        names |= written(map(split_recipient, texts), _text(one, "name"))
    return _beginning_with(incomplete, names)


def edition_ids(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the newest editions whose ids begin with a text."""
    del param

    def stored(db: Database) -> dict[str, str]:
        from aggregator.store.editions import editions

        return {one.id: one.subject or one.title for one in editions.editions(db, limit=_NEWEST)}

    return _beginning_with(incomplete, _from_database(ctx, stored))


def story_ids(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the newest stories whose ids begin with a text."""
    del param

    def stored(db: Database) -> dict[str, str]:
        from datetime import UTC, datetime

        from aggregator.store.stories import stories

        return {one.id: one.title for one in stories.newest(db, datetime(1, 1, 1, tzinfo=UTC), _NEWEST)}

    return _beginning_with(incomplete, _from_database(ctx, stored))


def explained_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return digests, editions and stories that begin with a text."""
    return [
        *digest_names(ctx, param, incomplete),
        *edition_ids(ctx, param, incomplete),
        *story_ids(ctx, param, incomplete),
    ]


def unsettled_deliveries(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the numbers of the deliveries whose outcome is unknown."""
    del param

    def stored(db: Database) -> dict[str, str]:
        from aggregator.store.outgoing import deliveries
        from digests.outbox import State

        unknown = deliveries.list_deliveries(db, states=[State.UNKNOWN], limit=_NEWEST)
        return {str(one.id): f"{one.edition_id or 'letter'} to {one.shown}" for one in unknown}

    return _beginning_with(incomplete, _from_database(ctx, stored))


def zone_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the time zones that begin with a text."""
    del ctx, param
    from zoneinfo import available_timezones

    return _beginning_with(incomplete, dict.fromkeys(sorted(available_timezones()), ""))


def files_or(*names: str) -> Any:
    """Return a completion of some words, and of the names of files."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        del ctx, param
        return [*_beginning_with(incomplete, dict.fromkeys(names, "")), CompletionItem(incomplete, type="file")]

    return complete


def _tables(ctx: click.Context, section: str) -> list[Mapping[str, Any]]:
    """Return the tables of a section as the file has them; none if it is no TOML or does not exist."""
    import tomllib

    from aggregator.config import ConfigError
    from aggregator.config.load import find, read_text

    try:
        found = tomllib.loads(read_text(find(current_options(ctx).config))).get(section)
    except (ConfigError, tomllib.TOMLDecodeError):
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _from_database(ctx: click.Context, read: Callable[[Database], Mapping[str, str]]) -> Mapping[str, str]:
    """Read names from the database as it is: nothing is created or migrated. Empty after any error."""
    from aggregator.config.secrets import database_url
    from aggregator.store import Database
    from aggregator.store.database import database_file

    with suppress(Exception):  # a configuration, a secret, a file or a table is missing, or is of another version
        url = database_url(current_options(ctx).load())
        file = database_file(url)
        if file is None or file.is_file():
            with closing(Database.open(url)) as db:
                return read(db)
    return {}


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    return value if isinstance(value, str) else ""


def _beginning_with(incomplete: str, names: Mapping[str, str]) -> list[CompletionItem]:
    """Return the names that begin with a text, each with its description, which some shells show.

    Names with line ends and the like are left out, because the scripts read line by line.
    """
    wanted = incomplete.casefold()
    return [
        CompletionItem(name, help=" ".join(text.split()) or None)
        for name, text in names.items()
        if name and name.isprintable() and name.casefold().startswith(wanted)
    ]
