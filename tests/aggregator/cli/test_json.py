"""What commands print with `--json` is what the documented schema says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import click
import pytest

from aggregator.cli.base import root
from aggregator.cli.commands.running import queue_fields
from aggregator.cli.commands.tuning import change_fields
from aggregator.cli.output import jsonable
from aggregator.cli.rows import OUTPUTS
from aggregator.pipeline.preview import Change
from aggregator.store.cluster.jobs import QueueFigures
from tests.aggregator.cli.conftest import Shell
from tests.docs.outputs import EDITION_SCHEMA, SCHEMA, edition_schema, schema
from tests.support.json_schema import problems
from tests.support.site import GRID, Site, rss

DOCUMENT: dict[str, Any] = json.loads(SCHEMA.read_text("utf-8"))
MORE = """
[[feed]]
url = "{extra}"
name = "Extra"
allow_private = true

[[interest]]
name = "rates"
examples = ["Central bank of Vale lifts its rate again, says Ina Holt"]

[[rule]]
name = "no storms"
query = "title:storm"
action = "mute"
"""


def with_json(group: click.Group, before: str = "") -> Iterator[str]:
    """The names of all commands that take --json."""
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from with_json(command, f"{name} ")
        elif any("--json" in param.opts for param in command.params):
            yield before + name


def test_the_schema_is_up_to_date_and_has_every_command_that_takes_json() -> None:
    assert SCHEMA.read_text("utf-8") == schema(), "run `python -m tests.docs.write`"
    assert set(OUTPUTS) == set(with_json(root)) == set(DOCUMENT["commands"])


def test_the_schema_of_editions_is_up_to_date() -> None:
    assert EDITION_SCHEMA.read_text("utf-8") == edition_schema(), "run `python -m tests.docs.write`"


def an_edition(document: dict[str, Any]) -> None:
    """Check a document, and that the schema refuses it with a key more or another format."""
    described = json.loads(EDITION_SCHEMA.read_text("utf-8"))
    shape = {key: value for key, value in described.items() if key not in {"$schema", "title", "$defs"}}
    assert problems(document, shape, described) == []
    assert problems({**document, "more": 1}, shape, described) == [": unknown key 'more'"]
    assert problems({**document, "format": 1}, shape, described) == [".format: 1 is none of [2]"]


def as_printed(row: object) -> dict[str, Any]:
    printed: dict[str, Any] = json.loads(json.dumps(row, default=jsonable))
    return printed


def of_command(name: str, rows: list[dict[str, Any]]) -> None:
    assert rows, name
    for row in rows:
        assert problems(row, DOCUMENT["commands"][name], DOCUMENT) == [], (name, row)


def test_what_each_command_prints_is_as_the_schema_says(configured: Shell, site: Site) -> None:
    extra = site.feed("/extra.xml", rss("Extra", ("Storm cuts power line, 40,000 homes dark", GRID)))
    of_command("fetch", configured("fetch", "--json").rows)
    of_command("fetch", configured("fetch", f"{site.base}/north.xml", "--json").rows)
    of_command("rules test", configured("rules", "test", "title:storm", "--json").rows)
    of_command("stories", configured("stories", "--json").rows)
    assert configured("send", "morning").status == 0
    configured.write(configured.config.read_text("utf-8") + MORE.format(extra=extra))
    of_command("fetch", configured("fetch", "Extra", "--json").rows)
    of_command("feeds", configured("feeds", "--json").rows)
    stories = configured("stories", "--json").rows
    of_command("stories", stories)
    for row in stories:
        of_command("show", configured("show", row["id"], "--json").rows)
        (story,) = configured("explain", row["id"], "--json").rows
        of_command("explain", [story])
        assert story["events"]
        assert story["digests"]
    (edition,) = configured("editions", "--json").rows
    of_command("editions", [edition])
    of_command("explain", configured("explain", edition["id"], "--json").rows)
    of_command("explain", configured("explain", "morning", "--json").rows)
    sent = json.loads(configured("show-edition", edition["id"], "--format", "json").out)
    assert sent["sections"]
    an_edition(sent)
    an_edition(json.loads(configured("digest", "morning", "--format", "json").out))
    of_command("deliveries list", configured("deliveries", "list", "--json").rows)
    of_command("recipients list", configured("recipients", "list", "--json").rows)
    of_command("rules test", configured("rules", "test", "--json").rows)
    of_command("interests", configured("interests", "--json").rows)
    of_command("doctor", configured("doctor", "--offline", "--json").rows)
    assert configured("replay", "--json").status == 0  # the same settings change nothing


def test_a_preview_and_a_change_and_a_queue_are_as_the_schema_says(shell: Shell, site: Site) -> None:
    url = site.feed("/preview.xml", rss("Preview", ("A title", "A text")))
    shell.write("[fetch]\nallow_private = true\n")
    of_command("fetch", shell("fetch", url, "--json").rows)
    figures = QueueFigures("poll", 3, 1, timedelta(seconds=2), 4, 0, timedelta(minutes=5))
    of_command("queues", [as_printed(queue_fields(figures))])
    of_command("replay", [as_printed(change_fields(Change("split", ("a",), (("A", "B"), ("C",)))))])


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"level": "ok", "subject": "a", "message": "b"}, "no key 'hint'"),
        ({"level": "fine", "subject": "a", "message": "b", "hint": ""}, "'fine' is none of"),
        ({"level": "ok", "subject": 1, "message": "b", "hint": ""}, "1 is no string"),
        ({"level": "ok", "subject": "a", "message": "b", "hint": "", "more": 1}, "unknown key 'more'"),
    ],
)
def test_the_check_finds_what_differs(row: dict[str, Any], problem: str) -> None:
    (found,) = problems(row, DOCUMENT["commands"]["doctor"], DOCUMENT)
    assert problem in found
