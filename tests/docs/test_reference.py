"""What docs/ says of keys, commands, errors, metrics and dependencies is what the program has."""

import re
import tomllib
from typing import Literal, get_args, get_origin

import pytest

from aggregator.cli.base import COMMANDS, root
from aggregator.config import parse
from aggregator.config.checks import SECRETS
from tests.docs.reference import BLOCK, DOCS, every, tables, trees, written

PAGES = sorted(DOCS.glob("*.md"))
PROJECT = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(name: str, kind: str) -> set[str]:
    return {match["name"] for match in BLOCK.finditer(text(name)) if match["kind"] == kind}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_generated_blocks_are_up_to_date(page):
    found = page.read_text(encoding="utf-8")
    assert written(found) == found, "run `python -m tests.docs.write`"


def test_every_table_command_and_error_tree_has_its_block():
    assert blocks("configuration.md", "keys") == set(tables())
    assert blocks("commands.md", "command") == set(COMMANDS)
    assert blocks("troubleshooting.md", "errors") == set(trees())


def test_every_key_is_described_and_names_its_choices():
    for name, model in tables().items():
        for key, info in model.model_fields.items():
            assert info.description, f"{name}.{key}"
            choices = get_args(info.annotation) if get_origin(info.annotation) is Literal else ()
            assert all(f"`{choice}`" in info.description for choice in choices), f"{name}.{key}"


def test_every_secret_has_both_ways_to_give_it():
    for table, key in SECRETS:
        assert {f"{key}_env", f"{key}_file"} <= set(tables()[table].model_fields)


def test_error_codes_are_unique_within_their_tree_and_name_what_happened():
    for tree in trees().values():
        codes = [one.code for one in every(tree)]
        assert len(codes) == len(set(codes))
        assert all(one.__doc__ for one in every(tree))


def test_every_dependency_is_justified_and_nothing_else():
    declared = [
        *PROJECT["project"]["dependencies"],
        *(one for extra in PROJECT["project"]["optional-dependencies"].values() for one in extra),
        *PROJECT["dependency-groups"]["dev"],
    ]
    names = {re.match(r"[a-z0-9-]+", one.lower())[0] for one in declared}
    listed = re.findall(r"^\| ([a-z0-9-]+) \|", text("dependencies.md"), re.MULTILINE)
    assert sorted(names) == sorted(set(listed) - {"package"})


def test_every_metric_is_listed():
    from aggregator.observe.metrics import Metrics

    families = list(Metrics().registry.collect())
    names = [family.name + ("_total" if family.type == "counter" else "") for family in families]
    listed = re.findall(r"^\| `(aggregator_\w+)`", text("running.md"), re.MULTILINE)
    assert sorted(names) == sorted(listed)


@pytest.mark.parametrize("page", [*PAGES, DOCS.parent / "README.md"], ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_named_in_the_pages_exist(page):
    prose = page.read_text(encoding="utf-8")
    for options, name in re.findall(r"^(?:`|\s*)aggregator((?: --config \S+)?) ([a-z][a-z-]+)", prose, re.MULTILINE):
        assert name in COMMANDS, f"aggregator{options} {name}"
    for name in re.findall(r"`aggregator ([a-z][a-z-]+)", prose):
        assert name in COMMANDS, name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_toml_in_the_pages_is_right(page, tmp_path):
    (tmp_path / "subscriptions.opml").write_text("<opml/>", encoding="utf-8")
    (tmp_path / "dkim.pem").touch()
    (tmp_path / "my-templates").mkdir()
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "grid.txt").touch()
    for block in re.findall(r"^```toml\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        whole = block
        if 'feeds = ["NASA"]' in block:
            whole += '[[feed]]\nurl = "https://nasa.example/feed"\nname = "NASA"\n'
        if "me@example.org" in block and "[mail]" not in block:
            whole += '[mail]\nsender = "news@example.org"\nhost = "smtp.example.org"\n'
        assert parse(whole, tmp_path / "config.toml")


def test_decisions_are_numbered_without_gaps():
    numbers = [int(path.name[:4]) for path in sorted((DOCS / "decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_root_command_is_documented_by_its_own_options():
    assert all(f"`--{name}" in text("commands.md") for name in ("config", "verbose", "quiet", "log-format"))
    assert root.params
