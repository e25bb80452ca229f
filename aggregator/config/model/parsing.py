"""Parses and checks a configuration, and reports every problem with its line."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from aggregator.config import checks
from aggregator.config.errors import ConfigError, Place, Problem, key_text
from aggregator.config.layout import Layout, scan
from aggregator.config.model.table import Table
from aggregator.config.model.validation import model, validate
from aggregator.config.schema import Config
from aggregator.config.types import model_of
from digests.reasons import Phrase, _

_PLACEHOLDERS = re.compile(r"missing-\d+(?:, )?")  # placeholders must not be offered as valid names
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_SECRET_KEYS = ("password", "api_key", "token", "secret")
_TYPES = {
    "string_type": _("text in quotes"),
    "int_type": _("a whole number"),
    "float_type": _("a number"),
    "bool_type": _("true or false"),
    "bool_parsing": _("true or false"),
    "tuple_type": _("a list in brackets"),
}
_BOUNDS = {"greater_than_equal": ("ge", _("at least {bound}")), "less_than_equal": ("le", _("at most {bound}"))}
_WRONG_TYPE = _("has the wrong type")


def parsed(text: str, file: Path) -> Config:
    """Parse and check a configuration. `file` is for messages and for relative paths. Raises ConfigError."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_syntax(str(error), text, file)]) from error
    layout = scan(text)
    try:
        config = validate(Config, raw).at(file)
        problems = []
    except ValidationError as error:
        details = error.errors(include_url=False)
        problems = [_problem(detail, layout, file) for detail in details]
        valid_part = _valid_part(raw, details)
        if valid_part is None:
            raise ConfigError(problems) from error
        config = valid_part.at(file)
    reported = {problem.key for problem in problems}  # an invalid value is not reported as missing, too
    found = [_problem_of(violation, layout, file) for violation in checks.check(config)]
    problems += [problem for problem in found if problem.key not in reported]
    if problems:
        raise ConfigError(problems)
    return config


def _syntax(message: str, text: str, file: Path) -> Problem:
    match = _PLACE.search(message)
    line = int(match[1]) if match and match[1] else text.count("\n") + 1
    return Problem(str(file), line, "", f"is not TOML: {_PLACE.sub('', message)}", "name = value, with text in quotes")


def _problem_of(violation: checks.Violation, layout: Layout, file: Path) -> Problem:
    line = layout.line(violation.place) or layout.line(violation.near)
    expected = violation.expected
    if _PLACEHOLDERS.search(expected):
        expected = _PLACEHOLDERS.sub("", expected)
    return Problem(str(file), line, key_text(violation.place), violation.wrong, expected, violation.hint)


def _problem(detail: ErrorDetails, layout: Layout, file: Path) -> Problem:
    place = _without_union_branches(detail["loc"])
    wrong, expected, hint = _describe(detail, place)
    return Problem(str(file), layout.line(place), key_text(place), wrong, expected, hint)


def _without_union_branches(loc: Place) -> Place:
    """Return the place without the union branches that pydantic adds, such as `float` and `str`."""
    return tuple(part for part in loc if part not in ("float", "str", "int"))


def _describe(detail: ErrorDetails, place: Place) -> tuple[str, str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "config":
        return context["wrong"], context["expected"], context["hint"]
    if kind == "missing":
        return Phrase(_("is missing")), _meaning(place), ""
    if kind == "extra_forbidden":
        return _unknown_key(place)
    if kind == "literal_error":
        choices = re.findall(r"'([^']*)'", context["expected"])
        given = detail["input"] if isinstance(detail["input"], str) else ""
        return (
            Phrase(_('"{value}" is not a valid value'), value=given) if given else Phrase(_WRONG_TYPE),
            Phrase(checks.ONE_OF, list=", ".join(choices)),
            checks.closest(given, choices),
        )
    if kind in _BOUNDS:
        key, bound = _BOUNDS[kind]
        wrong = Phrase(_("{value} is out of range"), value=detail["input"])
        return wrong, Phrase(bound, bound=f"{context[key]:g}"), ""
    if kind == "model_type":
        return "is not a table", f"a table: [{key_text(place)}] on its own line, with its keys below", ""
    if kind == "tuple_type" and len(place) == 1:
        return "is not a list of tables", f"[[{key_text(place)}]] with double brackets for each table", ""
    return Phrase(_WRONG_TYPE), Phrase(_TYPES[kind]) if kind in _TYPES else detail["msg"], ""


def _unknown_key(place: Place) -> tuple[str, str, str]:
    name = str(place[-1])
    if name in _SECRET_KEYS:
        return (
            "secrets must not be in this file",
            f'{name}_env = "NAME OF A VARIABLE" or {name}_file = "PATH OF A FILE"',
            "",
        )
    known = _keys(place[:-1])
    hint = checks.closest(name, known).strip('"')
    return Phrase(_("unknown key")), "" if hint else Phrase(checks.ONE_OF, list=", ".join(known)), hint


def _table(place: Place) -> type[Table]:
    """Return the table at a place."""
    table: type[Table] = Config
    for part in place:
        if isinstance(part, str):
            for name, info in model(table).model_fields.items():
                if part == (info.alias or name):
                    table = model_of(info.annotation) or table
    return table


def _keys(place: Place) -> list[str]:
    return [info.alias or name for name, info in model(_table(place)).model_fields.items()]


def _meaning(place: Place) -> str:
    info = model(_table(place[:-1])).model_fields.get(str(place[-1]))
    return (info.description or "").rstrip(".").lower() if info else ""


def _valid_part(raw: dict[str, Any], details: Iterable[ErrorDetails]) -> Config | None:
    """Return the configuration without its invalid values, so that the checks between values run too.

    Required keys that are missing or invalid get placeholders, so that the indexes of tables do not change.
    """
    fixed = copy.deepcopy(raw)
    for detail in details:
        place = _without_union_branches(detail["loc"])
        if len(place) == 1 or not isinstance(place[1], int):
            _remove(fixed, place[:2])
        elif len(place) == 2:
            fixed[str(place[0])][place[1]] = _placeholders(str(place[0]), place[1])
        else:
            _remove(fixed[str(place[0])][place[1]], place[2:3])
            for key, value in _placeholders(str(place[0]), place[1]).items():
                fixed[str(place[0])][place[1]].setdefault(key, value)
    try:
        return validate(Config, fixed)
    except ValidationError:
        return None


def _remove(holder: dict[str, Any], place: Place) -> None:
    for part in place[:-1]:
        inner = holder.get(str(part))
        if not isinstance(inner, dict):
            return
        holder = inner
    holder.pop(str(place[-1]), None)


def _placeholders(table: str, index: int) -> dict[str, str]:
    """Return values for the required keys of a table, different for each index, so that none is a duplicate."""
    values = {
        "url": f"https://missing-{index}.invalid/",
        "name": f"missing-{index}",
        "query": "missing",
        "action": "must",
    }
    fields = model(_table((table,))).model_fields
    return {key: value for key, value in values.items() if key in fields and fields[key].is_required()}
