"""What the tests of the command line share."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aggregator.cli import errors as boundary
from tests.support.site import BANK, GRID, Site, rss


@dataclass
class Done:
    """The result of a command line."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


class Shell:
    """Runs command lines in a folder of their own."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.config = folder / "config.toml"
        self._capture = capture

    def __call__(self, *args: str) -> Done:
        status = boundary.run_command_line(args)
        taken = self._capture.readouterr()
        return Done(status, taken.out, taken.err)

    def write(self, text: str) -> None:
        self.config.write_text(text, encoding="utf-8")


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AGGREGATOR_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-such-home"))
    level, handlers = logging.getLogger().level, list(logging.getLogger().handlers)
    yield Shell(tmp_path, capsys)
    logging.getLogger().setLevel(level)
    logging.getLogger().handlers[:] = handlers


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture
def configured(shell: Shell, site: Site) -> Shell:
    """A configuration with two feeds of the site, one that is not there, and a digest into a folder."""
    grid = site.feed("/north.xml", rss("North", ("Storm cuts power line, 40,000 homes dark", GRID)))
    bank = site.feed(
        "/south.xml",
        rss(
            "South",
            ("Vale central bank raises rate to 4.5 percent", BANK),
            ("Storm leaves 40,000 homes without power", GRID + " Lorn waits."),
        ),
    )
    shell.write(
        f"""# a comment
[[feed]]
url = "{grid}"
name = "North"
allow_private = true

[[feed]]
url = "{bank}"
name = "South"
allow_private = true

[[feed]]
url = "{site.base}/missing.xml"
name = "Missing"
allow_private = true

[[digest]]
name = "morning"
zone = "UTC"
to = ["folder:out"]
"""
    )
    return shell
