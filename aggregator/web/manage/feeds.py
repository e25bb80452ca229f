"""The pages of feeds: their health, one feed with its polls, and what can be done with it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator.config.access import AccessKeys
from aggregator.config.edit import Value
from aggregator.config.errors import ConfigError
from aggregator.config.schema import Config
from aggregator.config.sections import Feed
from aggregator.observe.redact import url_without_secrets
from aggregator.operator.health import condition
from aggregator.services.manage.configuration import TableEdit, change, removal
from aggregator.store.errors import NotFound
from aggregator.store.intake import feeds as feed_store
from aggregator.store.intake.activity import FeedActivity, daily_activity
from aggregator.store.records import FeedHealth, PastPoll
from aggregator.web import forms
from aggregator.web.look import shown_title
from aggregator.web.manage.charts import Chart, bar_chart
from aggregator.web.manage.feed_problems import problem_detail, problem_hint, problem_text
from aggregator.web.manage.management import Management, number, problem, sentence
from digests.reasons import _
from digests.render.view.measures import relative_time, size
from digests.render.view.wording import Wording
from feeds.discovery.acceptance import REASONS, PageProblem
from feeds.model import NEWSLETTER_SCHEME, FeedState
from feeds.urls import same_host

ON_PAGE = 40  # feeds
MOST_NAMED = 200  # characters of a name that feeds are filtered by
DAYS, LONG = 14, 30  # of the charts in the list, and on a feed's page
POLLS = 20  # on a feed's page
FETCH_SECONDS = 45.0  # for a fetch that a person waits for
_ORDER = {"gone": 0, "failing": 1, "silent": 2, "moved": 3, "new": 4, "paused": 5, "ok": 6}
_PROBLEMS = ("gone", "failing", "silent", "moved")
_SHOWN = {"": _("All"), "problems": _("With problems"), "paused": _("Paused")}
_OF_ONE_HOST = (*(key for key in AccessKeys.key_names() if key != "user_agent"), "allow_private")
STATES = {
    "gone": _("gone: its publisher removed it"),
    "failing": _("failing"),
    "silent": _("silent: it answers, but has brought nothing for long"),
    "moved": _("moved to another URL"),
    "new": _("not fetched yet"),
    "paused": _("paused"),
    "ok": _("ok"),
}


@dataclass(frozen=True, slots=True)
class FeedLine:
    """A feed in the list. `id` is None for a feed that the database does not have yet."""

    id: int | None
    name: str
    url: str
    state: str
    problem: str = ""
    detail: str = ""
    last: str = ""
    next: str = ""
    per_day: str = ""
    added: str = ""
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class PollLine:
    """One poll of a feed, as text for the page."""

    when: str
    iso: str
    text: str
    failed: bool


@dataclass(frozen=True, slots=True)
class FeedPages:
    """Handles the requests of feeds."""

    base: Management

    def routes(self) -> list[Route]:
        """Return the routes of the list, of one feed, and of its actions."""
        return [
            self.base.route("/manage/feeds", self.index),
            self.base.route("/manage/feeds/change", self.act, ["POST"]),
            self.base.route("/manage/feeds/{id}", self.feed),
            self.base.route("/manage/feeds/{id}/fetch", self.fetch, ["POST"]),
        ]

    async def index(self, request: Request) -> Response:
        """List the feeds, those with problems first; `q` leaves only those with this in their name or URL."""
        wanted, named = request.query_params.get("show", ""), request.query_params.get("q", "")[:MOST_NAMED].strip()
        wanted = wanted if wanted in _SHOWN else ""
        page = forms.page_number(request.query_params.get("page", ""))
        config, words = self.base.config(await self.base.snapshot()), self.base.words(request)
        counts, lines = await run_in_threadpool(self._lines, config, wanted, named, page, words)

        def link(show: str, number: int = 1) -> str:
            return self.base.look.link("/manage/feeds", show=show, q=named, page=str(number) if number > 1 else "")

        return await self.base.page(
            request,
            "feeds.html",
            _("Feeds"),
            feeds=lines,
            filters=[(key, label, words.number(counts[key]), link(key)) for key, label in _SHOWN.items()],
            wanted=wanted,
            named=named,
            before=link(wanted, page - 1) if page > 1 else "",
            after=link(wanted, page + 1) if counts[wanted] > page * ON_PAGE else "",
            days=DAYS,
        )

    async def feed(self, request: Request) -> Response:
        """Show one feed: health, problems, polls, and its actions."""
        health = await run_in_threadpool(self._health, request.path_params["id"])
        if health is None:
            return await self.base.missing(request, _("There is no such feed"))
        config = self.base.config(await self.base.snapshot())
        values = await run_in_threadpool(self._details, health, config, self.base.words(request))
        return await self.base.page(request, "feed.html", shown_title(health.feed.label), **values)

    async def fetch(self, request: Request) -> Response:
        """Fetch a feed now and show the result."""
        await self.base.fields(request)
        health = await run_in_threadpool(self._health, request.path_params["id"])
        if health is None:
            return await self.base.missing(request, _("There is no such feed"))
        words = self.base.words(request)
        outcome, failed = await self._fetch(health.feed.id, words)
        health = await run_in_threadpool(self._health, request.path_params["id"]) or health
        config = self.base.config(await self.base.snapshot())
        values = await run_in_threadpool(self._details, health, config, words)
        values |= {"notice": "" if failed else outcome, "failure": outcome if failed else ""}
        return await self.base.page(request, "feed.html", shown_title(health.feed.label), **values)

    async def _fetch(self, feed: int, words: Wording) -> tuple[str, bool]:
        """Fetch a feed; return a sentence about the result, and whether it failed."""
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                report = await self.base.program.fetching.fetch([str(feed)])
        except TimeoutError:
            return words.t("The fetch takes long. The daemon tries again."), True
        except NotFound:
            return words.t("There is no such feed"), True
        if not report.results:
            return words.t("It is being fetched at this moment."), False
        polled = report.results[0]
        if polled.code:
            problem = sentence(problem_text(polled.code, polled.message, words))
            return f"{problem} {problem_hint(polled.code, words)}", True
        if polled.unchanged:
            return words.t("Fetched: unchanged."), False
        new, changed = words.number(polled.new), words.number(polled.changed)
        return words.t("Fetched: {new} new, {changed} changed.", new=new, changed=changed), False

    async def act(self, request: Request) -> Response:
        """Pause, resume or remove a feed of the configuration, or use the URL that it moved to."""
        fields = await self.base.fields(request)
        url, action = forms.first(fields, "url"), forms.first(fields, "action")
        config = self.base.config(await self.base.snapshot())
        index = next((place for place, one in enumerate(config.feeds) if one.url == url), None)
        if index is None:
            return await self.base.missing(request, _("There is no such feed in the configuration file"))
        feed = config.feeds[index]
        name = shown_title(feed.name or url_without_secrets(url))
        if action == "remove" and not fields.get("confirmed"):
            return await self.base.page(
                request,
                "remove.html",
                self.base.words(request).t("Remove {name}?", name=name),
                field="url",
                value=url,
                home="/manage/feeds",
                path=request.url.path,
            )
        try:
            wanted, done = _feed_edit(action, index, feed, name, fields, self.base.words(request))
            if wanted is None:
                return await self.base.missing(request)
            return await self.base.change(request, fields, wanted, self.base.then("/manage/feeds", done))
        except ConfigError as error:
            return await self.base.refusal(request, error)

    def _health(self, feed: str) -> FeedHealth | None:
        key = forms.positive(feed) or 0
        found = feed_store.list_feeds(self.base.program.db, self.base.program.clock.now(), only=key)
        return next(iter(found), None)

    def _lines(
        self, config: Config, wanted: str, named: str, page: int, words: Wording
    ) -> tuple[dict[str, int], list[FeedLine]]:
        """Return the number of feeds for each filter, and the lines of one page of one filter."""
        program = self.base.program
        now = program.clock.now()
        paused = {one.url: one for one in config.feeds if not one.enabled}
        health = feed_store.list_feeds(program.db, now, notes=False, rates=False)
        known = [one for one in health if one.feed.configured not in paused]
        urls = {one.feed.configured for one in known} | {one.feed.url for one in known} | paused.keys()
        fresh = [one for one in config.feeds if one.url not in urls]
        found: list[tuple[str, FeedHealth | Feed]] = [(condition(one, now), one) for one in known]
        found += [("paused", one) for one in paused.values()]
        found += [("new", one) for one in fresh]
        found = [one for one in found if _has_name(one[1], named.casefold())]
        kinds = {
            "": found,
            "problems": [one for one in found if one[0] in _PROBLEMS],
            "paused": [one for one in found if one[0] == "paused"],
        }
        # Equal states keep the order of names, or that of the file.
        chosen = sorted(kinds[wanted], key=lambda one: _ORDER[one[0]])[(page - 1) * ON_PAGE : page * ON_PAGE]
        lines = [
            _line(one, now, words) if isinstance(one, FeedHealth) else _file_line(one, state, words)
            for state, one in chosen
        ]
        added = {one.feed.id: one.feed.added for one in health}
        return {kind: len(of_kind) for kind, of_kind in kinds.items()}, self._with_charts(lines, added, words)

    def _with_charts(
        self, lines: Sequence[FeedLine], added: Mapping[int, datetime | None], words: Wording
    ) -> list[FeedLine]:
        """Add what each feed brought. `added` is when a feed was subscribed."""
        program = self.base.program
        now = program.clock.now()
        found = daily_activity(program.db, [line.id for line in lines if line.id is not None], now, DAYS)
        return [
            _with_activity(line, found[line.id], now - (added.get(line.id) or now), words) if line.id in found else line
            for line in lines
        ]

    def _details(self, health: FeedHealth, config: Config, words: Wording) -> dict[str, Any]:
        program = self.base.program
        now, record = program.clock.now(), health.feed
        polls = feed_store.history(program.db, record.id, POLLS)
        activity = daily_activity(program.db, [record.id], now, LONG)[record.id]
        configured = next((one for one in config.feeds if one.url in (record.configured, record.url)), None)
        return {
            "feed": _line(health, now, words),
            "record": record,
            "state": words.t(STATES[condition(health, now)]),
            "hint": problem_hint(record.state.error_code or "", words),
            "chart": _chart(activity, LONG, words),
            "growth": bar_chart([n // 1000 for n in activity.added_bytes], words.t("Kilobytes of text a day")),
            "grown": size(sum(activity.added_bytes), words),
            "biggest": size(max(activity.added_bytes, default=0), words),
            "days": LONG,
            "polls": [_poll_line(one, words) for one in polls],
            # A document that is unchanged since is as it was when it was read.
            "notes": health.notes or next((one.notes for one in polls if one.seen), ()),
            "refused": [(one.link, words.word(REASONS[PageProblem(one.code)])) for one in health.refused[:10]],
            "configured": configured,
            "topics": config.topic_names(),
            "by_mail": record.url.startswith(NEWSLETTER_SCHEME),
            "url": url_without_secrets(record.url),
            "topic": config.topic_called(configured.topic) if configured else record.topic,
            "moved_to": record.url if _has_moved(configured, record.url) else "",
            "failure": "",
        }


def _feed_edit(
    action: str, index: int, feed: Feed, name: str, fields: forms.Fields, words: Wording
) -> tuple[TableEdit | None, str]:
    """Return the edit of an action and the code of its notice; None for an unknown action. Raises ConfigError."""
    match action:
        case "remove":
            return removal("feed", index, name), "removed"
        case "pause":
            return change("feed", index, name, {"enabled": False}), "paused"
        case "resume":
            return change("feed", index, name, {"enabled": None}), "resumed"
        case "move":
            return change("feed", index, name, {"url": _new_url(feed, forms.first(fields, "to"), words)}), "written"
        case "settings":
            return change("feed", index, name, _settings(fields, words)), "written"
    return None, ""


def _new_url(feed: Feed, url: str, words: Wording) -> str:
    """Return the URL that a feed moved to. What it has for its own host is not sent to another. Raises ConfigError."""
    granted = [name for name in _OF_ONE_HOST if getattr(feed, name)]
    if granted and not same_host(feed.url, url):
        wrong = words.t("is at another host, and the feed has {keys}", keys=words.t(", ").join(granted))
        raise problem("url", wrong, words.t("a change by hand"))
    return url


def _settings(fields: forms.Fields, words: Wording) -> dict[str, Value | None]:
    """Return the settings of a feed that its page changes. Raises ConfigError."""
    return {
        "name": forms.first(fields, "name") or None,
        "topic": forms.first(fields, "topic") or None,
        "weight": number(fields, "weight", words),
        "full_text": forms.first(fields, "full_text") or None,
    }


def _has_moved(configured: Feed | None, url: str) -> bool:
    return configured is not None and configured.url != url


def _has_name(feed: FeedHealth | Feed, part: str) -> bool:
    texts = (feed.feed.label, feed.feed.configured) if isinstance(feed, FeedHealth) else (feed.name or "", feed.url)
    return any(part in text.casefold() for text in texts)


def _file_line(feed: Feed, state: str, words: Wording) -> FeedLine:
    """Return the line of a feed that is in the configuration, but not in the database yet."""
    last = words.t("waits for the daemon") if state == "new" else words.t(STATES[state])
    return FeedLine(None, shown_title(feed.name or url_without_secrets(feed.url)), feed.url, state, last=last)


def _line(health: FeedHealth, now: datetime, words: Wording) -> FeedLine:
    state, known = condition(health, now), health.state
    code, message, problem, detail = known.error_code or "", known.error_message or "", "", ""
    if state in ("gone", "failing"):
        problem = problem_text(code, message, words) if code else words.t(STATES[state])
        detail = problem_detail(code, message, words)
        if known.failures > 1:
            times = words.n("{count} time in a row", "{count} times in a row", known.failures)
            problem = words.t(", ").join((problem, times))
    elif state in ("silent", "moved"):
        problem = words.t(STATES[state])
    return FeedLine(
        id=health.feed.id,
        name=shown_title(health.feed.label),
        url=health.feed.configured,
        state=state,
        problem=problem,
        detail=detail,
        last=relative_time(known.last_success, now, words) if known.last_success else words.t("never"),
        next=_next_check(known, now, words),
        per_day=words.number(health.per_day, "0.#"),
        added=size(health.added_bytes, words),
    )


def _next_check(known: FeedState, now: datetime, words: Wording) -> str:
    if known.gone:
        return words.t("never")
    upcoming = known.next_check is not None and known.next_check > now
    return relative_time(known.next_check or now, now, words) if upcoming else words.t("due")


def _with_activity(line: FeedLine, activity: FeedActivity, age: timedelta, words: Wording) -> FeedLine:
    days = min(DAYS, max(age / timedelta(days=1), 1))
    per_day, added = words.number(sum(activity.entries) / days, "0.#"), size(activity.added_bytes[-1], words)
    return replace(line, chart=_chart(activity, DAYS, words), per_day=per_day, added=added)


def _chart(activity: FeedActivity, days: int, words: Wording) -> Chart | None:
    """Return the chart of the entries a day; None without any."""
    if not any(activity.entries):
        return None
    return bar_chart(activity.entries, words.t("Entries a day, last {days} days", days=days))


def _poll_line(poll: PastPoll, words: Wording) -> PollLine:
    if poll.code:
        text = problem_text(poll.code, poll.message or "", words)
    elif poll.seen or poll.new or poll.changed:
        numbers = {"seen": poll.seen, "new": poll.new, "changed": poll.changed}
        text = words.t(
            "read: {seen}, new: {new}, changed: {changed}", **{key: words.number(n) for key, n in numbers.items()}
        )
    else:
        text = words.t("unchanged")
    return PollLine(words.moment(poll.at), words.iso(poll.at), text, bool(poll.code))
