"""The pages of rules, alerts and interests, and of searches that become one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator.config.edit import TableKeys
from aggregator.config.errors import ConfigError
from aggregator.config.matching import RuleTable
from aggregator.config.schema import Config
from aggregator.pipeline.describe import CompiledRule
from aggregator.pipeline.preview import newest_matches
from aggregator.services.intake.fetching import is_url
from aggregator.services.manage.configuration import addition
from aggregator.services.manage.likeness import NearStory, nearest_to_interest
from aggregator.services.manage.matching import alert_of_search, interest_of_search, rule_of_search, unused_name
from aggregator.services.stories import configured_encoder, example_file, load_interest
from aggregator.store.stories import page_texts
from aggregator.stories.profile.interests import InterestProfile
from aggregator.stories.query import QueryError, parse
from aggregator.web import forms
from aggregator.web.look import shown_title
from aggregator.web.manage.management import Management, number, problem
from aggregator.web.manage.tables import TablePage, Values
from aggregator.web.reading.search import query_problem
from digests.channels.kinds import CHANNEL_KINDS
from digests.channels.recipient import split_recipient
from digests.reasons import _
from digests.render.view.clean import direction
from digests.render.view.reasons import sentences
from digests.render.view.wording import Wording

WEEK = timedelta(days=7)
MATCHES, NEAREST = 40, 10  # stories that a preview lists
MOST_LOOKED_AT = 160  # articles of a preview, so that a query of common words takes no longer
PAGE_SECONDS = 30.0  # for the pages of an interest's examples
MOST_QUERY = 2_000  # characters
_EFFECTS = {
    "drop": _("Its stories are dropped."),
    "mute": _("Its stories stay out of digests."),
    "boost": _("The score of its stories changes by {value}."),
    "topic": _("Its stories get the topic {value}."),
    "must": _("Its stories are always included."),
}
ACTIONS = {
    "drop": _("leave out"),
    "mute": _("mute"),
    "boost": _("raise or lower"),
    "topic": _("set the topic"),
    "must": _("always include"),
}


@dataclass(frozen=True, slots=True)
class MatchLine:
    """A story that a rule matches."""

    id: str
    title: str
    dir: str
    about: str


@dataclass(frozen=True, slots=True)
class RuleForm:
    """The form of a rule."""

    base: Management
    kind: str = "rule"
    home: str = "/manage/rules"
    template: str = "rule.html"

    def values(self, config: Config, fields: forms.Fields, words: Wording) -> Values:
        """Return the values of a rule."""
        del config
        action = forms.first(fields, "action_of")
        value: float | str | None = number(fields, "value", words) if action == "boost" else None
        if action == "topic":
            value = forms.first(fields, "value") or None
        return {
            "name": forms.first(fields, "name"),
            "query": forms.first(fields, "query"),
            "action": action,
            "value": value,
        }

    async def options(self, config: Config, was: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options that the form offers."""
        del was, values
        return {"actions": ACTIONS, "topics": config.topic_names()}

    async def preview(self, config: Config, name: str, words: Wording, *, asked: bool) -> dict[str, Any]:
        """Return what the rule matched in the last week, if it was asked for."""
        rule = next(one for one in config.rules if one.name == name)
        return await run_in_threadpool(matches, self.base, rule.query, words, effect(rule, words)) if asked else {}


@dataclass(frozen=True, slots=True)
class AlertForm:
    """The form of an alert: its condition, the number of sources, and its recipients."""

    base: Management
    kind: str = "alert"
    home: str = "/manage/rules"
    template: str = "alert.html"

    def values(self, config: Config, fields: forms.Fields, words: Wording) -> Values:
        """Return the values of an alert; a recipient that the form does not show in full is kept.

        Raises ConfigError.
        """
        known = masked_recipients(config, forms.first(fields, "was"))
        wanted = tuple(known.get(line, line) for line in forms.lines(fields, "to"))
        _check_recipients(config, wanted, words)
        return {
            "name": forms.first(fields, "name"),
            "title": forms.first(fields, "title") or None,
            "interest": forms.first(fields, "interest") or None,
            "rule": forms.first(fields, "rule") or None,
            "query": forms.first(fields, "query") or None,
            "sources": _whole_number(fields, "sources", words),
            "quiet_hours": forms.first(fields, "quiet_hours") or None,
            "to": wanted or None,
            "enabled": None if fields.get("enabled") else False,
        }

    async def options(self, config: Config, was: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options that the form offers."""
        masks = {text: mask for mask, text in masked_recipients(config, was).items()}
        given = values.get("to") or ()
        return {
            "interests": [one.name for one in config.interests],
            "rules": [one.name for one in config.rules],
            "to": given if isinstance(given, str) else "\n".join(masks.get(one, one) for one in given),
        }

    async def preview(self, config: Config, name: str, words: Wording, *, asked: bool) -> dict[str, Any]:
        """Return what the alert's query matched in the last week, if it was asked for."""
        alert = next(one for one in config.alerts if one.name == name)
        query = next((rule.query for rule in config.rules if rule.name == alert.rule), alert.query)
        if not asked or not query:
            return {}
        least = words.n(
            "An alert is sent from {count} source on.", "An alert is sent from {count} sources on.", alert.sources
        )
        return await run_in_threadpool(matches, self.base, query, words, least)


@dataclass(frozen=True, slots=True)
class InterestForm:
    """The form of an interest. Its page shows the profile and the nearest stories."""

    base: Management
    kind: str = "interest"
    home: str = "/manage/interests"
    template: str = "interest.html"

    def values(self, config: Config, fields: forms.Fields, words: Wording) -> Values:
        """Return the values of an interest. A new example may not name a file of this machine. Raises ConfigError."""
        kept = {text for one in config.interests for text in (*one.examples, *one.unlike)}
        texts = {key: _texts(fields, key) for key in ("examples", "unlike")}
        for key, found in texts.items():
            for text in found:
                if text not in kept and example_file(config, text) is not None:
                    raise problem(
                        key,
                        words.t("names a file of this machine"),
                        words.t("a text or a URL; files are named by hand"),
                    )
        return {
            "name": forms.first(fields, "name"),
            "words": forms.lines(fields, "words") or None,
            "examples": texts["examples"] or None,
            "unlike": texts["unlike"] or None,
            "weight": number(fields, "weight", words),
        }

    async def options(self, config: Config, was: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return no options: no field of the form needs any."""
        del config, was, values
        return {}

    async def preview(self, config: Config, name: str, words: Wording, *, asked: bool) -> dict[str, Any]:
        """Return the profile and the nearest stories; pages of examples are fetched only if it was `asked` for."""
        table = next(one for one in config.interests if one.name == name)
        urls = [text for text in (*table.examples, *table.unlike) if is_url(text)]
        texts = await self._pages(urls) if asked else await run_in_threadpool(self._stored_pages, urls)
        interest = load_interest(config, table, texts)

        def profile() -> dict[str, Any]:
            built = InterestProfile.build(interest, configured_encoder(config))
            nearest = nearest_to_interest(self.base.program.db, built)[:NEAREST]
            return {"profile": built.lines(words), "nearest": [_nearest_line(one, words) for one in nearest]}

        return await run_in_threadpool(profile)

    def _stored_pages(self, urls: Sequence[str]) -> dict[str, str]:
        return {url: text for url in urls if (text := page_texts.get(self.base.program.db, url))}

    async def _pages(self, urls: Sequence[str]) -> dict[str, str]:
        texts: dict[str, str] = {}
        try:
            async with asyncio.timeout(PAGE_SECONDS):
                for url in urls:
                    texts[url] = await self.base.program.stories.page_text(url)
        except TimeoutError:
            pass  # the others are left out of this preview; the daemon fetches them
        return texts


@dataclass(frozen=True, slots=True)
class MatchingPages:
    """Handles the lists of rules, alerts and interests, and searches that become one of them."""

    base: Management

    def routes(self) -> list[Route]:
        """Return the routes of rules, alerts, interests and kept searches."""
        both = ["GET", "POST"]
        return [
            self.base.route("/manage/rules", self.rules),
            self.base.route("/manage/rules/change", TablePage(self.base, RuleForm(self.base)).handle, both),
            self.base.route("/manage/alerts/change", TablePage(self.base, AlertForm(self.base)).handle, both),
            self.base.route("/manage/interests", self.interests),
            self.base.route("/manage/interests/change", TablePage(self.base, InterestForm(self.base)).handle, both),
            self.base.route("/manage/keep", self.keep, ["POST"]),
        ]

    async def rules(self, request: Request) -> Response:
        """List the rules and the alerts."""
        config = self.base.config(await self.base.snapshot())
        rules = [(rule, effect(rule, self.base.words(request))) for rule in config.rules]
        return await self.base.page(request, "rules.html", _("Rules"), rules=rules, alerts=config.alerts)

    async def interests(self, request: Request) -> Response:
        """List the interests."""
        config = self.base.config(await self.base.snapshot())
        return await self.base.page(request, "interests.html", _("Interests"), interests=config.interests)

    async def keep(self, request: Request) -> Response:
        """Turn a search into a rule, an interest or an alert."""
        fields, found = await self.base.fields(request), await self.base.snapshot()
        fields["version"] = [found.version]  # the search shows nothing of the file, so its state does not matter
        query, kind = forms.first(fields, "query")[:MOST_QUERY], forms.first(fields, "as")
        config, words = self.base.config(found), self.base.words(request)
        try:
            table = _table_of_search(config, kind, query)
        except QueryError as error:
            return await self.base.refused(request, [query_problem(error, words)])
        if table is None:
            problem = words.t("This search has no words of which an interest could be made.")
            return await self.base.refused(request, [problem])
        paths = {
            "rule": "/manage/rules/change",
            "alert": "/manage/alerts/change",
            "interest": "/manage/interests/change",
        }
        then = self.base.then(f"{paths[kind]}?name={quote(str(table['name']))}", "made")
        try:
            return await self.base.change(request, fields, addition(kind, [table]), then)
        except ConfigError as error:
            return await self.base.refusal(request, error)


def _table_of_search(config: Config, kind: str, query: str) -> TableKeys | None:
    """Return the table to add; None if there is none to make. Raises QueryError."""
    parse(query)
    if not query:
        return None
    if kind == "rule":
        return rule_of_search(config, query)
    if kind == "alert":
        return alert_of_search(config, query)
    return interest_of_search(config, query) if kind == "interest" else None


def matches(base: Management, query: str, words: Wording, effect: str) -> dict[str, Any]:
    """Return what a query matched among the stories of the last week; `effect` is a sentence about it."""
    program = base.program
    rule = CompiledRule("", parse(query), "")
    quick = newest_matches(program.db, rule, query, program.clock.now() - WEEK, MOST_LOOKED_AT)
    found = quick.found
    lines = [
        MatchLine(
            one.story, title := shown_title(one.title, one.story), direction(title), words.t(", ").join(one.outlets)
        )
        for one in found[:MATCHES]
    ]
    return {
        "count": len(found),
        "of": quick.stories,
        "looked_at": "" if quick.whole else quick.looked_at,
        "effect": effect,
        "matches": lines,
        "more": len(found) - len(lines),
    }


def effect(rule: RuleTable, words: Wording) -> str:
    """Return what a rule does to the stories that match, as a sentence."""
    value = words.number(rule.value, "+0.##;-0.##") if isinstance(rule.value, float) else rule.value
    return words.t(_EFFECTS[rule.action], value=value)


def masked_recipients(config: Config, alert: str) -> dict[str, str]:
    """Return the recipients of an alert whose addresses are secrets, as written, by what its page shows instead."""
    masks: dict[str, str] = {}
    for text in next((one.to for one in config.alerts if one.name == alert), ()):
        recipient = split_recipient(text)
        if recipient.kind.secret:
            masks[unused_name(recipient.shown, masks)] = text
    return masks


def _check_recipients(config: Config, wanted: Sequence[str], words: Wording) -> None:
    """Raise ConfigError for a recipient that a page may not add: a new folder, or a service that nothing guards."""
    listed = {text for output in config.outputs for text in output.to}
    for text in wanted:
        kind = CHANNEL_KINDS.get(split_recipient(text).channel)
        if kind is not None and kind.unguarded and text not in listed:
            expected = words.t("a mail address, a webhook, or a recipient of the file; this kind is added by hand")
            raise problem("to", words.t("“{kind}:” names a new folder or service", kind=kind.name), expected)


def _whole_number(fields: forms.Fields, name: str, words: Wording) -> int | None:
    found = number(fields, name, words)
    if found is not None and not found.is_integer():
        raise problem(name, words.t("{number} is not a whole number", number=words.number(found)))
    return int(found) if found is not None else None


def _nearest_line(one: NearStory, words: Wording) -> MatchLine:
    title = shown_title(one.title)
    return MatchLine(one.id, title, direction(title), f"{words.percent(one.score)} · {sentences(one.reasons, words)}")


def _texts(fields: forms.Fields, name: str) -> tuple[str, ...]:
    """Return the texts of all fields of a name, without empty ones."""
    found = ("\n".join(value.splitlines()).strip() for value in fields.get(name, ()))
    return tuple(dict.fromkeys(filter(None, found)))
