"""Installs the program into a fresh virtual environment with the documented commands, and uses it there once."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from feeds.http.fake import Page
from tests.support.origin import Origin

ROOT = Path(__file__).parents[2]
TITLE = "Warehouse fire in Orr kills 12 people"
TEASER = "A fire in a warehouse at the harbour of Orr has killed people, the town's fire brigade said on Monday …"
FULL_TEXT = """\
A fire in a warehouse at the harbour of Orr has killed 12 people, the town's fire brigade said on Monday morning.
The flames broke out shortly after midnight in a hall where paint and tyres were stored, chief Ada Brook said.
Some 140 firefighters from Orr and from the neighbouring towns of Vale and Lorn fought the fire until dawn.
The harbour was closed to all ships, and people who live nearby were asked to keep their windows shut.
The hall belongs to the shipping company Maren Lines, which said that it would help the inquiry in every way.
Mayor Lena Vance spoke of the worst night that the town had seen since the flood, and called a day of mourning."""


def documented() -> list[list[str]]:
    """The arguments of each `pip install` in docs/getting-started.md, in order."""
    text = (ROOT / "docs" / "getting-started.md").read_text("utf-8")
    return [arguments.split() for arguments in re.findall(r"bin/pip (install .+)", text)]


def environment(folder: Path) -> Path:
    """Make a fresh virtual environment; returns its interpreter."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    return folder / "bin" / "python"


def pip(python: Path, *arguments: str) -> None:
    """Run pip of a virtual environment in the checkout."""
    command = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, cwd=ROOT, check=True)


async def fetch_teaser(python: Path, folder: Path) -> tuple[str, bool, str]:
    """Fetch a feed that has only a teaser with the installed command, in this folder.

    Returns the command's output, whether the entry has the full text of its page, and the stored text.
    """
    async with Origin() as origin:
        text = "".join(f"<p>{paragraph}</p>" for paragraph in FULL_TEXT.splitlines())
        article = f"<html><head><title>{TITLE}</title></head><body><article>{text}</article></body></html>"
        link = origin.on("/fire", Page(article.encode(), headers={"Content-Type": "text/html; charset=utf-8"}))
        item = f"<guid>fire</guid><title>{TITLE}</title><link>{link}</link><description>{TEASER}</description>"
        feed = f'<rss version="2.0"><channel><title>Herald</title><item>{item}</item></channel></rss>'
        url = origin.on("/feed", Page(feed.encode()))
        (folder / "config.toml").write_text(f'[[feed]]\nurl = "{url}"\nallow_private = true\n', "utf-8")
        output = await _output(python.parent / "aggregator", folder)
    with closing(sqlite3.connect(folder / "data" / "aggregator.db")) as database:
        [(full_text, stored)] = database.execute("SELECT full_text, text FROM entry").fetchall()
    return output, bool(full_text), stored


async def _output(program: Path, folder: Path) -> str:
    process = await asyncio.create_subprocess_exec(
        program, "fetch", cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return output.decode()
