"""Read the configuration: find the file, check it whole, and name every problem with its line."""

from __future__ import annotations

import copy
import os
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from aggregator.config import checks
from aggregator.config.errors import ConfigError, MissingConfig, Problem
from aggregator.config.layout import Layout, scan
from aggregator.config.layout import Path as Place
from aggregator.config.schema import Config
from aggregator.config.sections import model_of
from aggregator.config.types import Table

VARIABLE = "AGGREGATOR_CONFIG"
_STAND_INS = re.compile(r"missing-\d+(?:, )?")  # names of what is wrong elsewhere are no advice
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_SECRET_KEYS = ("password", "api_key", "token", "secret")
_TYPES = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list in brackets",
}
_BOUNDS = {"greater_than_equal": ("ge", "at least"), "less_than_equal": ("le", "at most")}


def platform_file() -> Path:
    """Where a configuration lies when none is in the working folder: the platform's own place for it."""
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA", "~"))
    elif sys.platform == "darwin":
        base = Path("~/Library/Application Support")
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config")
    return base.expanduser() / "aggregator" / "config.toml"


def find(named: str | os.PathLike[str] | None = None, environ: Mapping[str, str] | None = None) -> Path:
    """The file to read: the one named, else `AGGREGATOR_CONFIG`, else ./config.toml, else the platform's. Raises MissingConfig."""
    asked = named or (os.environ if environ is None else environ).get(VARIABLE)
    if asked:
        path = Path(asked).expanduser()
        path = path / "config.toml" if path.is_dir() else path
        if not path.is_file():
            raise MissingConfig([Problem(str(path), 0, "", "there is no such file")])
        return path
    tried = [Path("config.toml"), platform_file()]
    for path in tried:
        if path.is_file():
            return path
    raise MissingConfig([Problem(str(tried[0]), 0, "", f"there is no configuration here, nor at {tried[1]}")])


def load(path: str | os.PathLike[str] | None = None) -> Config:
    """Read and check a configuration file. Raises ConfigError with every problem, MissingConfig when there is no file."""
    file = find(path)
    return parse(read_text(file), file)


def read_text(file: Path) -> str:
    """The text of a configuration file, without a byte order mark. Raises ConfigError when it cannot be read."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ConfigError([Problem(str(file), 0, "", f"cannot be read: {error.strerror}")]) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError([Problem(str(file), line, "", "is not UTF-8 text", "a file saved as UTF-8")]) from error


def parse(text: str, file: Path) -> Config:
    """Check the text of a configuration; `file` names it in messages and anchors its paths. Raises ConfigError."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_syntax(str(error), text, file)]) from error
    layout = scan(text)
    try:
        config = Config.model_validate(raw).at(file)
        problems = []
    except ValidationError as error:
        details = error.errors(include_url=False)
        problems = [_problem(detail, layout, file) for detail in details]
        salvaged = _salvage(raw, details)
        if salvaged is None:
            raise ConfigError(problems) from error
        config = salvaged.at(file)
    told = {problem.key for problem in problems}  # what is wrong in itself is not called missing besides
    found = [_found(finding, layout, file) for finding in checks.check(config)]
    problems += [problem for problem in found if problem.key not in told]
    if problems:
        raise ConfigError(problems)
    return config


def _syntax(message: str, text: str, file: Path) -> Problem:
    match = _PLACE.search(message)
    line = int(match[1]) if match and match[1] else text.count("\n") + 1
    return Problem(str(file), line, "", f"is not TOML: {_PLACE.sub('', message)}", "name = value, with text in quotes")


def _found(finding: checks.Violation, layout: Layout, file: Path) -> Problem:
    line = layout.line(finding.place) or layout.line(finding.near)
    expected = _STAND_INS.sub("", finding.expected)
    return Problem(str(file), line, spell(finding.place), finding.wrong, expected, finding.hint)


def spell(place: Place) -> str:
    """A place in words: `("feed", 2, "url")` is `feed[2].url`."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _problem(detail: ErrorDetails, layout: Layout, file: Path) -> Problem:
    place = _real(detail["loc"])
    wrong, expected, hint = _words(detail, place)
    return Problem(str(file), layout.line(place), spell(place), wrong, expected, hint)


def _real(loc: Place) -> Place:
    """The place without the branches of a union that pydantic adds, such as `float` and `str`."""
    return tuple(part for part in loc if part not in ("float", "str", "int"))


def _words(detail: ErrorDetails, place: Place) -> tuple[str, str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "config":
        return context["wrong"], context["expected"], context["hint"]
    if kind == "missing":
        return "is missing", _meaning(place), ""
    if kind == "extra_forbidden":
        return _unknown(place)
    if kind == "literal_error":
        choices = re.findall(r"'([^']*)'", context["expected"])
        given = detail["input"] if isinstance(detail["input"], str) else ""
        return (
            f'"{given}" is not known' if given else "is of the wrong kind",
            "one of " + ", ".join(choices),
            checks.closest(given, choices),
        )
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        return f"{detail['input']} is out of range", f"{words} {context[key]:g}", ""
    if kind == "model_type":
        return "is not a table", f"a table: [{spell(place)}] on a line of its own, its keys below", ""
    if kind == "tuple_type" and len(place) == 1:
        return "is not a list of tables", f"[[{spell(place)}]] with two brackets for each", ""
    return "is of the wrong kind", _TYPES.get(kind, detail["msg"]), ""


def _unknown(place: Place) -> tuple[str, str, str]:
    name = str(place[-1])
    if name in _SECRET_KEYS:
        return (
            "secrets do not belong in this file",
            f'{name}_env = "NAME OF A VARIABLE" or {name}_file = "PATH OF A FILE"',
            "",
        )
    known = _keys(place[:-1])
    hint = checks.closest(name, known).strip('"')
    return ("unknown key", "" if hint else "one of " + ", ".join(known), hint)


def _table(place: Place) -> type[Table]:
    """The table class at a place."""
    model: type[Table] = Config
    for part in place:
        if isinstance(part, str):
            for name, info in model.model_fields.items():
                if part == (info.alias or name):
                    model = model_of(info.annotation) or model
    return model


def _keys(place: Place) -> list[str]:
    return [info.alias or name for name, info in _table(place).model_fields.items()]


def _meaning(place: Place) -> str:
    info = _table(place[:-1]).model_fields.get(str(place[-1]))
    return (info.description or "").rstrip(".").lower() if info else ""


def _salvage(raw: dict[str, Any], details: Iterable[ErrorDetails]) -> Config | None:
    """The configuration without what is wrong in it, so that the checks between values run too and every error is told at once.

    Indexes stay as they are: a needed key that is missing or wrong gets a stand-in.
    """
    fixed = copy.deepcopy(raw)
    for detail in details:
        place = _real(detail["loc"])
        if len(place) == 1 or not isinstance(place[1], int):
            _drop(fixed, place[:2])
        elif len(place) == 2:
            fixed[str(place[0])][place[1]] = _stand_in(str(place[0]), place[1])
        else:
            _drop(fixed[str(place[0])][place[1]], place[2:3])
            for key, value in _stand_in(str(place[0]), place[1]).items():
                fixed[str(place[0])][place[1]].setdefault(key, value)
    try:
        return Config.model_validate(fixed)
    except ValidationError:
        return None


def _drop(holder: dict[str, Any], place: Place) -> None:
    for part in place[:-1]:
        inner = holder.get(str(part))
        if not isinstance(inner, dict):
            return
        holder = inner
    holder.pop(str(place[-1]), None)


def _stand_in(table: str, index: int) -> dict[str, str]:
    """Values for the needed keys of a table, different for each index so that none is there twice."""
    values = {
        "url": f"https://missing-{index}.invalid/",
        "name": f"missing-{index}",
        "query": "missing",
        "action": "must",
    }
    fields = _table((table,)).model_fields
    return {key: value for key, value in values.items() if key in fields and fields[key].is_required()}
