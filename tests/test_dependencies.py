"""Every dependency is imported somewhere, and every import has a dependency."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions

from tests.draw_imports import PACKAGES, ROOT, modules

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
# Never imported by name, each with its reason.
BEHIND_ANOTHER = {
    "sniffio": "httpcore looks for it",
    "psycopg": "SQLAlchemy imports it",
    "tzdata": "zoneinfo reads it where the system has no time zones",
    "lxml-html-clean": "trafilatura imports it",
}
# By version of Python, and one library in two packages.
ONLY_ELSEWHERE = {"backports": "backports-zstd", "compression": "backports-zstd", "pydantic_core": "pydantic"}


@cache
def declared() -> set[str]:
    """The names of all dependencies, extras included."""
    lines = [*PROJECT["dependencies"], *(one for extra in PROJECT["optional-dependencies"].values() for one in extra)]
    return {re.match(r"[a-z0-9-]+", line.lower())[0] for line in lines}  # type: ignore[index]


@cache
def imported() -> dict[str, str]:
    """Every module from elsewhere that the product imports, and one file that does."""
    found: dict[str, str] = {}
    for name, path in modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found.update({alias.name: name for alias in node.names})
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found[node.module] = name
    ours = {*PACKAGES, *sys.stdlib_module_names}
    return {module: name for module, name in found.items() if module.split(".")[0] not in ours}


@cache
def installed() -> Mapping[str, list[str]]:
    """The packages that are installed here, by the module that they bring."""
    return packages_distributions()


def distributions(module: str) -> set[str]:
    """The packages that may bring a module, by their names on the index."""
    top = module.split(".", maxsplit=1)[0]
    if top in ONLY_ELSEWHERE:
        return {ONLY_ELSEWHERE[top]}
    names = installed().get(top, [top])  # an extra that is not installed here is called as its module
    return {re.sub(r"[._]", "-", name).lower() for name in names}


def test_every_import_has_a_dependency() -> None:
    lost = {module: name for module, name in imported().items() if not distributions(module) & declared()}
    assert lost == {}


def test_every_dependency_is_imported() -> None:
    used = {name for module in imported() for name in distributions(module)}
    assert declared() - used - BEHIND_ANOTHER.keys() == set()


def test_what_is_imported_by_name_needs_no_excuse() -> None:
    used = {name for module in imported() for name in distributions(module)}
    assert used & BEHIND_ANOTHER.keys() == set()
