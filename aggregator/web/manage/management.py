"""What all management pages share: access, layout, forms, and changes of the configuration file."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from aggregator.config.edit import ChangedMeanwhile, NotWritable
from aggregator.config.errors import ConfigError, Problem
from aggregator.config.schema import Config
from aggregator.services.manage.configuration import ConfigurationFile, Snapshot, TableEdit
from aggregator.services.program import Program
from aggregator.web import forms
from aggregator.web.access.gate import SIGNED_OUT, FormRefused
from aggregator.web.look import Look
from digests.channels.kinds import Channels
from digests.channels.recipient import Recipient
from digests.reasons import _
from digests.render.view.wording import Wording, said

SECTIONS = (
    ("/manage/feeds", _("Feeds")),
    ("/manage/digests", _("Digests")),
    ("/manage/interests", _("Interests")),
    ("/manage/rules", _("Rules")),
    ("/manage/recipients", _("Recipients")),
    ("/manage/deliveries", _("Deliveries")),
)
NOTICES = {
    "written": _("Written to the configuration. The daemon uses it within seconds."),
    "removed": _("Removed from the configuration. The daemon uses it within seconds."),
    "paused": _("Paused. The daemon uses it within seconds."),
    "resumed": _("Resumed. The daemon uses it within seconds."),
    "nothing": _("Nothing was new; the configuration is unchanged."),
    "made": _("Made from your search. Change it or remove it here."),
    "queued": _("The edition is composed. Its deliveries are below; the daemon sends them now."),
    "no-edition": _("No edition: nothing is new."),
    "allowed": _("Mail is sent to this address again."),
    "suppressed": _("Nothing is sent to this address any more."),
    "settled": _("The outcome is stored."),
}
_LABELS = {
    "name": _("Name"),
    "title": _("Title"),
    "query": _("Query"),
    "action": _("Action"),
    "value": _("Value"),
    "weight": _("Weight"),
    "topic": _("Topic"),
    "full_text": _("Full text"),
    "sources": _("Sources at least"),
    "quiet_hours": _("Quiet hours"),
    "to": _("Recipients"),
    "unlike": _("Counterexamples"),
}
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Management:
    """Renders management pages and changes the configuration file."""

    look: Look
    file: ConfigurationFile

    @property
    def program(self) -> Program:
        """The program that is managed."""
        return self.look.program

    def route(self, path: str, handler: Handler, methods: Sequence[str] = ("GET",)) -> Route:
        """Return a route that only the operator can use. A posted form is checked by the handler."""

        async def checked(request: Request) -> Response:
            gate = self.look.gate
            if not await self.look.is_signed_in(request):
                if request.method == "POST" and "text/html" in request.headers.get("accept", ""):
                    return await self.look.refused(request, FormRefused(SIGNED_OUT))
                return gate.refusal(request)
            try:
                gate.check_host(request)
            except FormRefused as error:
                return await self.look.refused(request, error)
            if not gate.manages:
                words = self.words(request)
                title = words.t("Not available")
                text = words.t("Anybody can open these pages. Set token_env or token_file in [web] to manage here.")
                return await self.look.page(request, "notice.html", title, status=403, text=text)
            if request.method != "POST":
                return await handler(request)
            try:
                return await handler(request)
            except (FormRefused, forms.FormTooLong) as error:
                return await self.look.refused(request, error)

        return Route(path, checked, methods=list(methods))

    def words(self, request: Request) -> Wording:
        """Return the fixed texts in the language of the request."""
        return self.look.words(request)

    async def fields(self, request: Request, most: int = forms.MAX_BYTES) -> forms.Fields:
        """Return the fields of a posted form. Raises FormRefused, FormTooLong."""
        return await self.look.gate.checked_form(request, most)

    async def snapshot(self) -> Snapshot:
        """Return the configuration file as it is now."""
        return await run_in_threadpool(self.file.snapshot)

    def config(self, found: Snapshot) -> Config:
        """Return the configuration to show: that of the file, else the one in use."""
        return found.config or self.program.config

    async def page(self, request: Request, template: str, title: str, *, status: int = 200, **values: Any) -> Response:
        """Return a management page; `version` identifies the file for its forms. `title` is translated if it can be."""
        words = self.words(request)
        found = await self.snapshot()
        path = request.url.path.removeprefix(self.look.prefix)
        section = next(
            (one for one, _ in SECTIONS if path.startswith(one)), "/manage/rules" if "/alerts/" in path else ""
        )
        done = NOTICES.get(request.query_params.get("done", ""), "") if request.method == "GET" else ""
        shared: dict[str, Any] = {
            "sections": SECTIONS,
            "section": section,
            "here": "/manage",
            "notice": words.word(done),
            "version": values.pop("version", found.version),
            "file_problems": [file_problem_line(problem, words) for problem in found.problems],
        }
        return await self.look.page(
            request, f"manage/{template}", words.word(title), status=status, **(shared | values)
        )

    def then(self, path: str, done: str = "") -> Response:
        """Redirect to a page after a change; `done` is the code of its notice."""
        joint = "&" if "?" in path else "?"
        target = f"{self.look.prefix}{path}" + (f"{joint}done={done}" if done else "")
        return RedirectResponse(target, status_code=303)

    async def change(self, request: Request, fields: forms.Fields, wanted: TableEdit, then: Response) -> Response:
        """Make an edit of the file and return `then`; else a page that shows what to put in. Raises ConfigError.

        A ConfigError is about the values of the form.
        """
        version = forms.first(fields, "version")
        try:
            await run_in_threadpool(self.file.save, version, wanted)
        except ChangedMeanwhile:
            why = self.words(request).t(
                "The configuration file has changed since this page was opened. Nothing was written over."
            )
            return await self._by_hand(request, why, wanted, again=True)
        except NotWritable as error:
            why = self.words(request).t(
                "The configuration file cannot be changed from here ({why}).",
                why=said(error.problems[0].wrong, self.words(request)),
            )
            return await self._by_hand(request, why, wanted)
        return then

    async def refusal(self, request: Request, error: ConfigError) -> Response:
        """Return the page for an edit that would make the file invalid, or that the file's form does not allow."""
        return await self.refused(request, problem_lines(error, self.words(request)))

    async def refused(self, request: Request, problems: Sequence[str]) -> Response:
        """Return the page for a form with problems; nothing has changed."""
        return await self.page(request, "problems.html", _("Nothing has changed"), status=422, problems=problems)

    async def missing(self, request: Request, title: str = _("There is no such choice")) -> Response:
        """Return the page for something that is not there. `title` says what."""
        text = self.words(request).t("It may have been removed.")
        return await self.page(request, "problems.html", title, status=404, problems=[text])

    async def _by_hand(self, request: Request, why: str, wanted: TableEdit, *, again: bool = False) -> Response:
        return await self.page(
            request,
            "by-hand.html",
            _("Nothing has changed"),
            status=409,
            why=why,
            edit=wanted,
            again=again,
            path=str(self.program.config.path),
        )


def problem_lines(error: ConfigError, words: Wording) -> list[str]:
    """Return the problems of an edit, with the labels of fields for keys of a text that nobody has seen."""
    return [_problem_line(one, words, _label(one.key, words) if one.line else "") for one in error.problems]


def file_problem_line(one: Problem, words: Wording) -> str:
    """Return a problem of the configuration file with its place, as commands print it in English."""
    place = f"{one.file}:{one.line}" if one.line else one.file
    return _problem_line(one, words, f"{place}: {one.key}" if one.key else place)


def _problem_line(one: Problem, words: Wording, about: str) -> str:
    wrong = said(one.wrong, words)
    parts = [f"{about}: {wrong}" if about else wrong]
    parts += [words.t("expected {what}", what=said(one.expected, words))] if one.expected else []
    parts += [words.t("did you mean {what}?", what=one.hint)] if one.hint else []
    return words.t("; ").join(parts)


def _label(key: str, words: Wording) -> str:
    """Return the label of the field of a key such as `alert[1].to[0]`; empty for a whole table such as `alert[1]`."""
    if "." not in key and key.endswith("]"):
        return ""
    name = key.rpartition(".")[2].partition("[")[0]
    return words.t(_LABELS[name]) if name in _LABELS else name


def recipient_name(recipient: Recipient) -> str:
    """Return a recipient as pages show it: a mail address alone, and no secret."""
    return recipient.address if recipient.channel == Channels.MAIL else recipient.shown


def sentence(text: str) -> str:
    """Return a message as a sentence: with a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "!", "?", "。", "؟")) else ".")


def problem(key: str, wrong: str, expected: str = "") -> ConfigError:
    """Return the error of one field of a form."""
    return ConfigError([Problem("", 1, key, wrong, expected)])


def number(fields: forms.Fields, name: str, words: Wording) -> float | None:
    """Return the number of a field; None for an empty one. Raises ConfigError."""
    text = forms.first(fields, name).replace(",", ".")
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise problem(name, words.t("“{text}” is not a number", text=text[:40]))
    return found
