"""A library that cannot be imported is found before it is needed."""

import sys
import tomllib
from pathlib import Path

import pytest

from aggregator.config import parse
from aggregator.doctor import libraries

PROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def messages(findings):
    return [(str(one.level), one.message.partition(" ")[0], one.hint) for one in findings if one.level != "ok"]


def test_all_is_well_here():
    [found] = libraries.check_required()
    assert found.level == "ok"


@pytest.mark.parametrize("module", ["trafilatura", "lxml_html_clean"])
def test_a_missing_library_is_an_error_that_says_what_to_install(monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    package = module.replace("_", "-")
    [(level, name, hint)] = messages(libraries.check_required())
    assert (level, name) == ("error", package)
    assert hint.endswith(f"pip install '{package}'")


def test_each_library_is_a_dependency():
    declared = {text.partition(">")[0] for text in PROJECT["dependencies"]}
    assert {package for _, package, _ in libraries.NEEDED} - declared == set()


@pytest.mark.parametrize(
    ("text", "modules"),
    [
        ('[storage]\nurl = "postgresql://localhost/news"\n', ["psycopg"]),
        ('[mail]\nhost = "h"\nsender = "me@example.org"\ndkim_selector = "s"\ndkim_key_file = "key"\n', ["dkim"]),
        ('[[digest]]\nname = "d"\nto = ["notify:ntfy://topic"]\n', ["apprise"]),
        ('[stories]\nembeddings = "model"\n', ["onnxruntime", "tokenizers"]),
    ],
)
def test_an_extra_that_the_configuration_needs_is_looked_for(monkeypatch, tmp_path, text, modules):
    (tmp_path / "key").write_text("a key")
    for module in modules:
        monkeypatch.setitem(sys.modules, module, None)
    found = messages(libraries.check_optional(parse(text, tmp_path / "config.toml")))
    assert [level for level, _, _ in found] == ["error"] * len(modules)
    declared = {text.partition(">")[0] for extra in PROJECT["optional-dependencies"].values() for text in extra}
    assert {hint.partition("pip install ")[2].strip("'") for _, _, hint in found} <= declared


def test_no_extra_is_looked_for_without_need(monkeypatch, tmp_path):
    for module in ("psycopg", "dkim", "apprise", "onnxruntime", "tokenizers"):
        monkeypatch.setitem(sys.modules, module, None)
    assert list(libraries.check_optional(parse("", tmp_path / "config.toml"))) == []
