"""Install the program from the package index into fresh virtual environments, and fetch a teaser's page with each.

`python -m tests.benchmarks.installation [PIP]` takes a version of pip; 23.2 is the one that comes with Python 3.11, and
it does not install `lxml[html_clean]`. The locked commands of docs/getting-started.md and a plain `pip install .` both
have to work.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.support.installation import FULL_TEXT, documented, environment, fetch_teaser, pip


def install_and_fetch(folder: Path, version: str, commands: list[list[str]]) -> bool:
    """Whether the program, installed by these commands, stores the full text of a teaser's page."""
    python = environment(folder / "environment")
    pip(python, "install", f"pip=={version}")
    for command in commands:
        pip(python, *command)
    output, full_text, stored = asyncio.run(fetch_teaser(python, folder))
    print(output, end="")
    return full_text and stored.split() == FULL_TEXT.split()


def main(version: str = "23.2") -> int:
    """Install in both ways. Returns 1 if one of them does not work."""
    worst = 0
    for name, commands in (("locked", documented()), ("plain", [["install", "."]])):
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            works = install_and_fetch(Path(folder), version, commands)
        print(
            f"{name} installation with pip {version}: {'works' if works else 'FAILS'}, "
            f"{time.monotonic() - started:.0f} s"
        )
        worst = worst or int(not works)
    return worst


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
