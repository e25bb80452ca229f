"""The pages that add feeds, found behind a URL or in an OPML file, each shown before it is saved; and the export."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator.config.edit import TableKeys
from aggregator.config.errors import ConfigError
from aggregator.config.sections import PageTable
from aggregator.services.manage.configuration import addition
from aggregator.services.manage.subscriptions import exported_feeds, is_feed_url, listed_feeds, new_feeds
from aggregator.web import forms
from aggregator.web.look import shown_title
from aggregator.web.manage.feed_problems import explained, problem_hint
from aggregator.web.manage.management import Management, problem_lines
from digests.reasons import _
from digests.render.view.clean import direction, tidy
from digests.render.view.wording import Wording, language_name
from feeds.discovery.subscribing import DiscoveredFeed, ProposedList, with_scheme
from feeds.errors import AddressRefused, FeedError, NotAFeed
from feeds.model import Entry, Subscription
from feeds.parse.pool import read_list

FIND_SECONDS = 45.0  # for a search that a person waits for
FIRST, OTHERS = 8, 8  # entries and other feeds that are shown
MOST_BYTES = 4 * 1024 * 1024  # of an OPML file and of the list made from it
MOST_TITLE = 200  # characters of a feed's name


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry of a feed that is not subscribed yet."""

    title: str
    dir: str
    when: str
    iso: str


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed, or a page with selectors, that was found and is not written yet. `others` have label and URL."""

    url: str
    name: str
    facts: str
    entries: tuple[EntryLine, ...]
    others: tuple[tuple[str, str], ...] = ()
    selectors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SubscribePages:
    """Handles the requests that add feeds."""

    base: Management

    def routes(self) -> list[Route]:
        """Return the routes of adding, importing and exporting."""
        return [
            self.base.route("/manage/feeds/add", self.add, ["GET", "POST"]),
            self.base.route("/manage/feeds/import", self.bring, ["GET", "POST"]),
            self.base.route("/manage/feeds.opml", self.export),
        ]

    async def add(self, request: Request) -> Response:
        """Ask for a URL; show the feed or the list that is found; write it."""
        if request.method != "POST":
            return await self._ask(request)
        fields = await self.base.fields(request)
        url, action, words = forms.first(fields, "url"), forms.first(fields, "action"), self.base.words(request)
        if action == "subscribe":
            return await self._subscribe(request, url, fields)
        if not url or not with_scheme(url).isprintable():
            return await self._ask(request, url, words.t("Write the URL of a site or of a feed."))
        try:
            async with asyncio.timeout(FIND_SECONDS):
                if action == "page":
                    proposed = _proposed(await self.base.program.fetching.propose(url), words)
                    return await self._found(request, url, proposed)
                found = _discovered(await self.base.program.fetching.find(url), words)
                return await self._found(request, url, found)
        except TimeoutError:
            error_text = words.t("The site takes too long to respond.")
            return await self._ask(request, url, error_text, words.t("Try again later."))
        except FeedError as error:
            hint = problem_hint(error.code, words)
            if isinstance(error, AddressRefused):
                hint = words.t(
                    "If the server is on your own network, add it by command: {command}",
                    command="aggregator add URL --allow-private",
                )
            return await self._ask(request, url, explained(error, words), hint, page=type(error) is NotAFeed)

    async def _ask(
        self, request: Request, url: str = "", error: str = "", hint: str = "", *, page: bool = False
    ) -> Response:
        """Return the form. `page`: it offers to read the page itself."""
        status = 422 if error else 200
        return await self.base.page(
            request, "add.html", _("Add a feed"), status=status, url=url, error=error, hint=hint, found=None, page=page
        )

    async def _found(self, request: Request, url: str, found: FoundFeed) -> Response:
        config = self.base.config(await self.base.snapshot())
        known = not (await run_in_threadpool(new_feeds, config, [{"url": found.url}])).tables
        return await self.base.page(
            request,
            "add.html",
            _("Add a feed"),
            url=url,
            error="",
            hint="",
            page=False,
            found=found,
            topics=config.topic_names(),
            known=known,
        )

    async def _subscribe(self, request: Request, url: str, fields: forms.Fields) -> Response:
        config, words = self.base.config(await self.base.snapshot()), self.base.words(request)
        if not is_feed_url(url):
            return await self._ask(
                request, url, words.t("This is not a web URL, such as {url}.", url="https://example.org/feed.xml")
            )
        texts = {"url": url, "name": forms.first(fields, "name")[:MOST_TITLE], "topic": forms.first(fields, "topic")}
        selectors = {key: text for key in PageTable.key_names() if (text := forms.first(fields, f"page.{key}"))}
        table: TableKeys = {
            **{key: value for key, value in texts.items() if value},
            **({"page": selectors} if selectors else {}),
        }
        new = await run_in_threadpool(new_feeds, config, [table])
        if not new.tables:
            return await self._ask(request, url, words.t("This feed is already subscribed."))
        try:
            return await self.base.change(
                request, fields, addition("feed", new.tables), self.base.then("/manage/feeds", "written")
            )
        except ConfigError as error:
            return await self._ask(request, url, " ".join(problem_lines(error, words)))

    async def bring(self, request: Request) -> Response:
        """Ask for an OPML file; show the feeds that would be added; write those that were chosen."""
        if request.method != "POST":
            return await self._upload(request)
        fields = await self.base.fields(request, 2 * MOST_BYTES)
        if forms.first(fields, "action") == "subscribe":
            return await self._bring(request, fields)
        data = forms.uploaded(fields, "file")
        try:
            subscriptions = await run_in_threadpool(read_list, data[:MOST_BYTES])
        except FeedError as error:
            why = explained(error, self.base.words(request))
            return await self._upload(request, self.base.words(request).t("This file cannot be read: {why}", why=why))
        config = self.base.config(await self.base.snapshot())
        listed = await run_in_threadpool(listed_feeds, subscriptions, topics=bool(fields.get("topics")))
        new = await run_in_threadpool(new_feeds, config, listed.tables)
        return await self.base.page(
            request,
            "import.html",
            _("Import OPML"),
            error="",
            listed=True,
            feeds=[(n, _name_of(one), one["url"], one.get("topic", "")) for n, one in enumerate(new.tables)],
            tables=json.dumps(new.tables, ensure_ascii=False, separators=(",", ":")),
            known=len(new.known),
            invalid=[shown_title(text) for text in listed.invalid],
        )

    async def _upload(self, request: Request, error: str = "") -> Response:
        status = 422 if error else 200
        return await self.base.page(request, "import.html", _("Import OPML"), status=status, error=error, listed=False)

    async def _bring(self, request: Request, fields: forms.Fields) -> Response:
        chosen = set(fields.get("feed", ()))
        try:
            wanted = await run_in_threadpool(_read_tables, forms.first(fields, "tables"))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return await self._upload(
                request, self.base.words(request).t("The list of feeds is damaged. Upload the file again.")
            )
        wanted = [table for number, table in enumerate(wanted) if str(number) in chosen]
        config = self.base.config(await self.base.snapshot())
        new = await run_in_threadpool(new_feeds, config, wanted)
        if not new.tables:
            return self.base.then("/manage/feeds", "nothing")
        try:
            return await self.base.change(
                request, fields, addition("feed", new.tables), self.base.then("/manage/feeds", "written")
            )
        except ConfigError as error:
            return await self._upload(request, " ".join(problem_lines(error, self.base.words(request))[:5]))

    async def export(self, request: Request) -> Response:
        """Send the subscriptions as an OPML file, without secrets in URLs."""
        del request
        config = self.base.config(await self.base.snapshot())
        exported = await run_in_threadpool(exported_feeds, config)
        headers = {"Content-Disposition": 'attachment; filename="feeds.opml"', "Cache-Control": "no-store"}
        return Response(exported.data, media_type="text/x-opml", headers=headers)


def _discovered(found: DiscoveredFeed, words: Wording) -> FoundFeed:
    parsed = found.parsed
    count = words.n("{count} entry", "{count} entries", len(parsed.entries))
    facts = [parsed.format, count, *([language_name(parsed.language, words)] if parsed.language else [])]
    return FoundFeed(
        url=found.url,
        name=shown_title(found.name)[:MOST_TITLE],
        facts=words.t(", ").join(facts),
        entries=tuple(_entry_line(one, words) for one in parsed.entries[:FIRST]),
        others=tuple((shown_title(one.title or one.type or one.url), one.url) for one in found.others[:OTHERS]),
    )


def _proposed(page: ProposedList, words: Wording) -> FoundFeed:
    return FoundFeed(
        url=page.url,
        name=shown_title(page.parsed.title, page.url)[:MOST_TITLE],
        facts=words.n("{count} item of the page", "{count} items of the page", len(page.parsed.entries)),
        entries=tuple(_entry_line(one, words) for one in page.parsed.entries[:FIRST]),
        selectors=page.selectors,
    )


def _entry_line(entry: Entry, words: Wording) -> EntryLine:
    title = shown_title(entry.title)
    at = entry.published
    return EntryLine(title, direction(title), words.moment(at) if at else "", words.iso(at) if at else "")


def _name_of(table: TableKeys) -> str:
    return shown_title(str(table.get("name", "")), str(table["url"]))


def _read_tables(text: str) -> Sequence[TableKeys]:
    """Return the tables of a form that we wrote. Raises ValueError, TypeError or KeyError for another text."""
    found = []
    for one in json.loads(text):
        values = [one["url"], one.get("name", ""), one.get("topic", "")]
        if not all(isinstance(value, str) for value in values):
            raise TypeError
        url, name, topic = values
        found.append(Subscription(url, tidy(name), None, (tidy(topic),) if topic else ()))
    return listed_feeds(found).tables
