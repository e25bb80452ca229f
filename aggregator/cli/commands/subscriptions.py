"""`add`, `remove`, `import`, `export`: feeds in the configuration file."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from aggregator.cli.base import FAILED, NOTHING, USAGE, Command, Failure, current_options
from aggregator.cli.completion import feed_names, files_or, topic_names
from aggregator.system.counts import count_of

if TYPE_CHECKING:
    from aggregator.cli.progress import Progress
    from aggregator.config import Config
    from aggregator.config.edit import TableKeys
    from feeds.discovery.accounts import Account, Listed
    from feeds.model import Subscription


@click.command(
    "add",
    cls=Command,
    examples=(
        "aggregator add https://www.example.org",
        "aggregator add example.org/feed.xml --topic Science --name Example",
        "aggregator add example.org/news --page",
    ),
)
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--topic", default="", shell_complete=topic_names, help="Topic of all its entries.")
@click.option("--name", default="", help="Its name in digests [the feed's own title].")
@click.option("--no-check", is_flag=True, help="Add the URL as it is, without a request.")
@click.option("--page", is_flag=True, help="Read the page itself: propose selectors for its list of articles.")
@click.option("--allow-private", is_flag=True, help="Allow a feed at a private network address.")
def add_command(
    urls: tuple[str, ...], topic: str, name: str, *, no_check: bool, page: bool, allow_private: bool
) -> None:
    """Find the feed of a website, show it and subscribe to it.

    Without a feed, the site's news sitemap is used. With --page the page itself is read by selectors, which are
    proposed from its structure and shown with what they find; on a terminal the command asks before it writes them.
    The feed is added to the configuration file; comments are kept.
    """
    import asyncio

    from aggregator.cli.output import print_line
    from feeds.discovery.subscribing import with_scheme

    if name and len(urls) > 1:
        raise click.UsageError("--name goes with one URL only")
    if page and no_check:
        raise click.UsageError("--page needs the page: leave out --no-check")
    config = current_options().load()
    if no_check:
        new: list[TableKeys] = [{"url": with_scheme(url)} for url in urls]
        failed = 0
    elif page:
        from aggregator.cli.commands.found import find_page_lists

        new = asyncio.run(find_page_lists(config, urls, allow_private=allow_private))
        failed = len(urls) - len(new)
        new = [feed for feed in new if not sys.stdin.isatty() or click.confirm(f"Subscribe to {feed['url']}?", True)]
    else:
        from aggregator.cli.commands.found import find_feeds

        found = asyncio.run(find_feeds(config, urls, allow_private=allow_private))
        failed = len(urls) - len(found)
        new = [{"url": feed.url, "name": feed.name} for feed in found]
    options: TableKeys = {"name": name, "topic": topic, "allow_private": allow_private}
    given = {key: value for key, value in options.items() if value}
    added = _add_new(config, [{**feed, **given} for feed in new])
    for feed in added:
        print_line(f"added {feed.get('name') or feed['url']} to {config.path}")
    if failed:
        status = NOTHING if failed == len(urls) else FAILED
        what = "list of articles" if page else "feed"
        where = f" for {failed} of {len(urls)} URLs" if len(urls) > 1 else ""
        raise Failure(f"no {what} was found{where}", exit_code=status)


def _add_new(config: Config, wanted: Sequence[TableKeys]) -> Sequence[TableKeys]:
    """Add the feeds that are not yet in the file and return them."""
    from aggregator.cli.output import print_note
    from aggregator.config import edit
    from aggregator.config.load import read_text
    from aggregator.services.manage.subscriptions import new_feeds

    new = new_feeds(config, wanted)
    for url in new.known:
        print_note(f"{url} is already subscribed")
    if new.tables:
        before = read_text(config.path)
        edit.save(config.path, before, edit.add_tables(before, "feed", new.tables))
    return new.tables


@click.command(
    "remove",
    cls=Command,
    examples=('aggregator remove "Ars Technica"', "aggregator remove https://example.org/feed.xml"),
)
@click.argument("feed", metavar="FEED", shell_complete=feed_names)
def remove_command(feed: str) -> None:
    """Unsubscribe from FEED, given by its name or URL. Its entries stay in the database."""
    from aggregator.cli.output import print_line
    from aggregator.config import edit
    from aggregator.config.load import read_text

    config = current_options().load()
    index = _feed_index(config, feed)
    before = read_text(config.path)
    edit.save(config.path, before, edit.remove_table(before, "feed", index))
    removed = config.feeds[index]
    print_line(f"removed {removed.name or removed.url} from {config.path}")


def _feed_index(config: Config, wanted: str) -> int:
    """Return the index of a feed by its URL or name without case, else by a part of them that only one feed has."""
    from aggregator.config.checks import closest

    low = wanted.strip().casefold()
    exact = [i for i, feed in enumerate(config.feeds) if low in (feed.url.casefold(), feed.name.casefold())]
    part = exact or [
        i for i, feed in enumerate(config.feeds) if low in feed.name.casefold() or low in feed.url.casefold()
    ]
    if len(part) == 1:
        return part[0]
    if part:
        names = ", ".join(config.feeds[i].name or config.feeds[i].url for i in part)
        raise Failure(f"{wanted!r} may be any of: {names}", "give more of the name, or the URL", USAGE)
    _raise_if_in_opml(config, low)
    hint = closest(wanted, [feed.name for feed in config.feeds if feed.name])
    raise Failure(
        f"no feed {wanted!r} in {config.path}",
        f"did you mean {hint}?" if hint else "`aggregator feeds` lists them",
        USAGE,
    )


def _raise_if_in_opml(config: Config, low: str) -> None:
    from aggregator.services.intake.configured import read_opml_file

    for table in config.opml:
        for line in read_opml_file(config.resolve(table.file)):
            if low in (line.url.casefold(), line.title.casefold()):
                raise Failure(f"this feed is listed in {table.file}", "remove it there")


@click.command(
    "import",
    cls=Command,
    examples=(
        "aggregator import subscriptions.opml",
        "aggregator import - < subscriptions.opml",
        "aggregator import miniflux https://miniflux.example.org",
        "aggregator import freshrss https://rss.example.org --user ann",
        "aggregator import --all everything.jsonl",
    ),
)
@click.argument(
    "source", metavar="FILE.opml|miniflux|freshrss|greader", shell_complete=files_or("miniflux", "freshrss", "greader")
)
@click.argument("url", required=False, metavar="[URL]")
@click.option("--no-topics", is_flag=True, help="Ignore folders; else the outermost folder becomes the topic.")
@click.option("--user", default="", help="The user of a FreshRSS or Google Reader account.")
@click.option(
    "--token-env",
    default="AGGREGATOR_IMPORT_TOKEN",
    show_default=True,
    help="Environment variable with the token of Miniflux, or the API password of the user.",
)
@click.option("--allow-private", is_flag=True, help="Allow an account at a private network address.")
@click.option("--all", "everything", is_flag=True, help="Read a file of `export --all` into an empty database.")
def import_command(
    source: str,
    url: str | None,
    *,
    no_topics: bool,
    user: str,
    token_env: str,
    allow_private: bool,
    everything: bool,
) -> None:
    """Subscribe to every feed of an OPML file, or of an account at another aggregator; folders become topics.

    With a URL the source is an account: miniflux, freshrss, or greader for others with the Google Reader API. Feeds
    that are already subscribed stay as they are; stars and read marks are not imported.
    """
    from aggregator.cli.output import print_line, print_note
    from aggregator.cli.progress import progress
    from aggregator.cli.tables import printable
    from aggregator.services.manage.subscriptions import listed_feeds

    config = current_options().load()
    if everything:
        _import_all(config, source)
        return
    with progress("reading", "feeds"):
        if url is None:
            found = _file_subscriptions(source)
        else:
            found = _account_subscriptions(config, source, url, user, token_env, allow_private=allow_private)
    listed = listed_feeds(found, topics=not no_topics)
    for text in listed.invalid:
        print_note(f"skipped, not a URL: {printable(text)}")
    wanted = listed.tables
    if not wanted:
        hint = "export OPML from the other program again" if url is None else "check the account in the other program"
        raise Failure(f"the {'file' if url is None else 'account'} lists no feed", hint)
    added = _add_new(config, wanted)
    print_line(f"{count_of(len(added), 'feed')} added to {config.path}; already subscribed: {len(wanted) - len(added)}")


def _file_subscriptions(name: str) -> Sequence[Subscription]:
    from feeds.discovery.accounts import READERS
    from feeds.parse.pool import read_list

    if name in READERS and not Path(name).exists():
        raise click.UsageError(f"{name} needs the URL of the server")
    try:
        with click.open_file(name, "rb") as file:
            return read_list(file.read())
    except OSError as error:
        raise click.UsageError(f"{name}: {error.strerror or error}") from error


def _account_subscriptions(
    config: Config, program: str, url: str, user: str, token_env: str, *, allow_private: bool
) -> Sequence[Subscription]:
    """Return the feeds of an account; print those that are switched off there. Raises FeedError."""
    import asyncio
    import os

    from aggregator.cli.output import print_note
    from aggregator.cli.tables import printable
    from aggregator.observe.redact import redact
    from feeds.discovery.accounts import READERS, Account
    from feeds.discovery.subscribing import with_scheme

    if program not in READERS:
        raise click.UsageError(f"with a URL, the program must be one of {', '.join(READERS)}, and not {program!r}")
    if program != "miniflux" and not user:
        raise click.UsageError(f"{program} needs --user")
    token = os.environ.get(token_env, "").strip()
    if not token or not token.isprintable() or not token.isascii():
        raise Failure(
            f"the environment variable {token_env} holds no token", "set it, or name another variable with --token-env"
        )
    redact.add([token])
    account = Account(with_scheme(url), user, token, allow_private=allow_private)
    listed = asyncio.run(_read_account(config, program, account))
    for unused in listed.unused:
        print_note(f"skipped, switched off in {program}: {printable(unused)}")
    if listed.invalid:
        print_note(f"skipped, records without the URL of a feed: {listed.invalid}")
    return listed.subscriptions


async def _read_account(config: Config, program: str, account: Account) -> Listed:
    from aggregator.cli.commands.found import address_hint
    from aggregator.services.intake.settings import fetch_settings
    from feeds.discovery.accounts import READERS
    from feeds.errors import AddressRefused
    from feeds.http.client import HttpFetcher

    settings = fetch_settings(config)
    async with HttpFetcher(settings) as source:
        try:
            return await READERS[program](source, account, settings.access)
        except AddressRefused as error:
            hint = address_hint(error, allow_private=account.allow_private)
            raise Failure(f"{error.url}: {error} [{error.code}]", hint) from error


def _import_all(config: Config, name: str) -> None:
    """Read a file of `export --all` into the configured database."""
    from aggregator.cli.database import opened_database
    from aggregator.cli.output import print_line
    from aggregator.cli.progress import BYTES, progress
    from aggregator.store.backup.lines import import_lines
    from aggregator.system.clock import SystemClock
    from aggregator.system.process import has_ended

    try:
        with (
            click.open_file(name, "rb") as file,
            opened_database(config) as db,
            progress("importing", BYTES) as step,
        ):
            counts = import_lines(db, _text_lines(file, step), SystemClock().now(), has_ended)
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{name} is not text: {error.reason}") from error
    except OSError as error:
        raise click.UsageError(f"{name}: {error.strerror or error}") from error
    tables = ", ".join(f"{table} {count}" for table, count in counts.items())
    print_line(f"{count_of(sum(counts.values()), 'row')} imported: {tables}")


def _text_lines(file: IO[bytes], step: Progress) -> Iterator[str]:
    """Yield the lines of a file, and report how many bytes of it were read."""
    import os

    size, done = os.fstat(file.fileno()).st_size, 0  # 0 for a pipe
    for line in file:
        done += len(line)
        step(done, size or None)
        yield line.decode("utf-8")


@click.command(
    "export",
    cls=Command,
    examples=(
        "aggregator export subscriptions.opml",
        "aggregator export | less",
        "aggregator export --all everything.jsonl",
    ),
)
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), default="-", metavar="[FILE]")
@click.option("--with-passwords", is_flag=True, help="Keep user names, passwords and tokens in the URLs of feeds.")
@click.option("--all", "everything", is_flag=True, help="Write the whole database as JSON lines instead.")
def export_command(file: Path, *, with_passwords: bool, everything: bool) -> None:
    """Write the subscriptions as OPML to FILE [standard output]; topics become folders.

    The file is readable by its owner only. Secrets in the URLs of feeds are left out, and such feeds are reported. With
    --all it is everything in the database: feeds, entries, stories, editions, recipients, deliveries and what each
    recipient has received, one JSON object a line; with --with-passwords also the keys, and the bodies of mails.
    """
    from aggregator.cli.output import print_note
    from aggregator.services.manage.subscriptions import exported_feeds
    from aggregator.system.files import write_private

    config = current_options().load()
    if everything:
        _export_all(config, file, with_passwords=with_passwords)
        return
    exported = exported_feeds(config, passwords=with_passwords)
    if exported.without_secrets:
        print_note(f"secrets left out of the URLs of {exported.without_secrets} feeds; --with-passwords keeps them")
    if str(file) == "-":
        sys.stdout.buffer.write(exported.data)
        return
    write_private(file, exported.data)
    print_note(f"{count_of(exported.feeds, 'feed')} written to {file}")


def _export_all(config: Config, file: Path, *, with_passwords: bool) -> None:
    """Write the database as JSON lines to a file that only its owner may read, or to standard output."""
    from contextlib import nullcontext

    from aggregator.cli.database import opened_database
    from aggregator.cli.output import print_note
    from aggregator.cli.progress import progress
    from aggregator.observe.redact import url_without_secrets
    from aggregator.store.backup.lines import exported_lines
    from aggregator.system.files import opened_private

    count = 0
    target = nullcontext(sys.stdout.buffer) if str(file) == "-" else opened_private(file)
    with opened_database(config) as db, target as out, progress("exporting", "rows") as step:
        for line in exported_lines(db, None if with_passwords else url_without_secrets):
            out.write(f"{line}\n".encode())
            count += 1
            step(count)
    print_note(f"{count_of(count - 1, 'row')} written to {file}")
