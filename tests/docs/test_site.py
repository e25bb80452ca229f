"""The site of the documentation: every page is in its navigation, and every picture is there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
_TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)
_PICTURE = re.compile(r"!\[[^\]]+\]\(([^)\s]+)\)")


def _navigation(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for child in part.values():
            yield from _navigation(child)
    elif isinstance(part, list):
        for child in part:
            yield from _navigation(child)


def test_every_page_is_in_the_navigation_once() -> None:
    project = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]
    assert sorted(_navigation(project["nav"])) == [page.relative_to(DOCS).as_posix() for page in PAGES]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_tables_and_headings_are_such_in_every_dialect(page: Path) -> None:
    """Python-Markdown takes a heading below a table for a row, and rows without a head for text."""
    text = re.sub(r"^( *)```.*?^\1```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    assert re.findall(r"^\|.*\n#+ .*", text, re.MULTILINE) == []
    tables = [table.group().splitlines() for table in _TABLE.finditer(text)]
    assert [table[0] for table in tables if len(table) < 2 or not re.fullmatch(r"\|[-:| ]+\|", table[1])] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pictures_exist(page: Path) -> None:
    linked = _PICTURE.findall(page.read_text("utf-8"))
    assert [name for name in linked if not (page.parent / name).is_file()] == []
