"""The code's own measures: functions that fit the eye, files with one idea, imports that go round in no circle."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from tests.draw_imports import ROOT, imported, modules

LONG, LONGEST = 30, 60  # lines of a function: nine in ten are under the first, all under the second
LONG_FILE, LONGEST_FILE = 400, 500
MOST_METHODS = 12  # public ones of a class, properties aside
MOST_SIBLINGS = 16  # modules and packages of one folder


def functions() -> Iterator[tuple[int, str]]:
    """Every function of the product with its length in lines, from `def` to its end, with decorators and docstring."""
    for name, path in modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and "migrations" not in name:
                yield (node.end_lineno or node.lineno) - node.lineno + 1, f"{name}.{node.name}"


def test_nine_functions_in_ten_are_short_and_none_is_long() -> None:
    lengths = sorted(functions(), reverse=True)
    assert len(lengths) > 1000
    assert lengths[0][0] <= LONGEST, lengths[:5]
    assert sum(length >= LONG for length, _ in lengths) <= len(lengths) / 10


def test_files_are_seldom_long() -> None:
    lengths = {name: path.read_text("utf-8").count("\n") for name, path in modules() if "migrations" not in name}
    long = {name: length for name, length in lengths.items() if length > LONG_FILE}
    assert len(long) <= len(lengths) / 50, long
    assert max(lengths.values()) <= LONGEST_FILE, long


def test_no_folder_holds_more_than_a_reader_can_overlook() -> None:
    siblings = Counter(name.rpartition(".")[0] for name, _ in modules() if "migrations" not in name)
    del siblings[""]  # the three packages themselves
    assert max(siblings.values()) <= MOST_SIBLINGS, siblings.most_common(3)


def test_no_class_has_more_public_methods_than_a_reader_can_hold() -> None:
    found = {}
    for name, path in modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[f"{name}.{node.name}"] = sum(map(_is_public_method, node.body))
    assert max(found.values()) <= MOST_METHODS, sorted(found.items(), key=lambda one: -one[1])[:5]


def _is_public_method(node: ast.stmt) -> bool:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
        return False
    decorators = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
    return not decorators & {"property", "classmethod", "staticmethod"}


def test_no_import_goes_round_in_a_circle() -> None:
    """Imports inside functions and under TYPE_CHECKING count: a circle is one however it is written.

    A package stands for its modules' own: `from package import name` means the module that has the name.
    """
    known = {name for name, _ in modules()}
    graph = {name: {t for t in imported(path) if t in known and t != name} for name, path in modules()}
    for name, targets in graph.items():  # `from a.b import c` names both a.b and a.b.c; the module is meant
        graph[name] = {t for t in targets if not any(o.startswith(t + ".") for o in targets)}
    assert circle(graph) == []


def circle(graph: dict[str, set[str]]) -> list[str]:
    """The first circle of a graph, or nothing."""
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done:
            return []
        for target in sorted(graph[name]):
            if found := walk(target, [*way, name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(graph) if (found := walk(name, []))), [])


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_the_drawing_of_the_imports_is_of_this_code() -> None:
    from tests.draw_imports import draw

    drawn = draw()
    assert "#c33" not in drawn, "an import goes up"
    assert (ROOT / "docs" / "imports.svg").read_text("utf-8") == drawn, "make imports"


def test_no_two_public_classes_have_one_name() -> None:
    places: dict[str, list[str]] = {}
    for name, path in modules():
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(name)
    assert len(places) > 300
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_what_opens_sqlite_closes_it() -> None:
    """`with` on a connection of sqlite3 ends a transaction only; see tests/support/sqlite.py."""
    left = re.compile(r"with sqlite3" + r"\.connect\(")
    files = [path for folder in ("aggregator", "feeds", "digests", "tests") for path in (ROOT / folder).rglob("*.py")]
    assert [str(path) for path in files if left.search(path.read_text("utf-8"))] == []


def test_no_pattern_has_possessive_groups() -> None:
    """CPython up to 3.11.4, as Debian 12 has it, matches them wrongly (gh-106052); single characters are fine."""
    character_class = re.compile(r"\[(?:\\.|[^\]\\])+\]")
    possessive = re.compile(r"(?<![\\(])\)(?:[*+?]|\{[\d,]+\})\+|(?<!\\)\(\?>")
    found = [
        f"{name}:{node.lineno}"
        for name, path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if possessive.search(character_class.sub("c", node.value))
    ]
    assert not found
