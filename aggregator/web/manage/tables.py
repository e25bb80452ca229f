"""The pages that change interests, rules and alerts: a form, a preview of what it would do, and only then the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from aggregator.config.edit import Value
from aggregator.config.errors import ConfigError
from aggregator.config.matching import AlertTable, InterestTable, RuleTable
from aggregator.config.model.table import Table
from aggregator.config.schema import Config
from aggregator.services.manage.configuration import TableEdit, addition, change, removal
from aggregator.web import forms
from aggregator.web.look import shown_title
from aggregator.web.manage.management import Management, problem_lines
from digests.reasons import _
from digests.render.view.wording import Wording

MOST_FIELDS = 512 * 1024  # bytes of a form with examples
Values = dict[str, Value | None]
_NEW = {"interest": _("New interest"), "rule": _("New rule"), "alert": _("New alert")}
_MISSING = {
    "interest": _("There is no such interest"),
    "rule": _("There is no such rule"),
    "alert": _("There is no such alert"),
}
_MODELS: dict[str, type[Table]] = {"interest": InterestTable, "rule": RuleTable, "alert": AlertTable}


class TableForm(Protocol):
    """One kind of table: its form, and what the program would do with it."""

    @property
    def kind(self) -> str:
        """The name of the table in the file."""

    @property
    def home(self) -> str:
        """The path of the page that lists these tables."""

    @property
    def template(self) -> str:
        """The template of the form."""

    def values(self, config: Config, fields: forms.Fields, words: Wording) -> Values:
        """Return the values of a posted form; None for a key that is left out. Raises ConfigError."""

    async def options(self, config: Config, was: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options that fields of the form offer, and other values of the page, by template variable."""

    async def preview(self, config: Config, name: str, words: Wording, *, asked: bool) -> dict[str, Any]:
        """Return what the table of this name does in `config`. `asked`: a person pressed Preview."""


@dataclass(frozen=True, slots=True)
class TablePage:
    """Handles the form of one kind of table."""

    base: Management
    form: TableForm

    async def handle(self, request: Request) -> Response:
        """Show the form of a new or a named table; preview, save or remove it."""
        if request.method != "POST":
            return await self._show(request)
        fields = await self.base.fields(request, MOST_FIELDS)
        was, action = forms.first(fields, "was"), forms.first(fields, "action")
        config, words = self.base.config(await self.base.snapshot()), self.base.words(request)
        index = _index(config, self.form.kind, was)
        if was and index is None:
            return await self.base.missing(request, _MISSING[self.form.kind])
        if action == "remove" and index is not None:
            return await self._remove(request, fields, index, was)
        values: Values = {}
        try:
            values = await run_in_threadpool(self.form.values, config, fields, words)
            wanted = self._edit(config, values, index, was)
            if action == "save":
                home = self.base.then(self.form.home, "written")
                return await self.base.change(request, fields, wanted, home)
            after = await run_in_threadpool(self.base.file.preview, wanted)
            found = await self.form.preview(after, str(values["name"]), words, asked=True)
        except ConfigError as error:
            return await self._page(request, was, values or _typed(fields), config, {}, problem_lines(error, words))
        return await self._page(request, was, values, config, found)

    async def _show(self, request: Request) -> Response:
        name = request.query_params.get("name", "")
        config = self.base.config(await self.base.snapshot())
        index = _index(config, self.form.kind, name)
        if name and index is None:
            return await self.base.missing(request, _MISSING[self.form.kind])
        values = _tables(config, self.form.kind)[index].dump() if index is not None else {}
        found = await self.form.preview(config, name, self.base.words(request), asked=False) if name else {}
        return await self._page(request, name, values, config, found)

    async def _remove(self, request: Request, fields: forms.Fields, index: int, was: str) -> Response:
        if not fields.get("confirmed"):
            return await self.base.page(
                request,
                "remove.html",
                self.base.words(request).t("Remove {name}?", name=shown_title(was)),
                field="was",
                value=was,
                home=self.form.home,
                path=request.url.path,
            )
        wanted = removal(self.form.kind, index, was)
        try:
            return await self.base.change(request, fields, wanted, self.base.then(self.form.home, "removed"))
        except ConfigError as error:
            return await self.base.refusal(request, error)

    def _edit(self, config: Config, values: Values, index: int | None, was: str) -> TableEdit:
        if index is None:
            return addition(self.form.kind, [{key: value for key, value in values.items() if value is not None}])
        now = _tables(config, self.form.kind)[index].dump()
        return change(self.form.kind, index, was, {key: new for key, new in values.items() if new != now[key]})

    async def _page(
        self,
        request: Request,
        was: str,
        values: Mapping[str, Any],
        config: Config,
        found: Mapping[str, Any],
        problems: list[str] | None = None,
    ) -> Response:
        title = shown_title(was) if was else self.base.words(request).t(_NEW[self.form.kind])
        return await self.base.page(
            request,
            self.form.template,
            title,
            status=422 if problems else 200,
            was=was,
            values={**dict.fromkeys(_MODELS[self.form.kind].key_names(), ""), **_shown(values)},
            problems=problems or [],
            found=found,
            **await self.form.options(config, was, values),
        )


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: "" if value is None else value for key, value in values.items()}


def _typed(fields: forms.Fields) -> dict[str, Any]:
    """Return the fields as they were typed, for a form with a problem: nothing that a person wrote is lost."""
    typed = {name: found[0] if len(found) == 1 else list(filter(None, found)) for name, found in fields.items()}
    return {**typed, "action": forms.first(fields, "action_of"), "enabled": forms.first(fields, "enabled") or False}


def _tables(config: Config, kind: str) -> Any:
    return {"interest": config.interests, "rule": config.rules, "alert": config.alerts}[kind]


def _index(config: Config, kind: str, name: str) -> int | None:
    return next((place for place, one in enumerate(_tables(config, kind)) if one.name == name), None)
