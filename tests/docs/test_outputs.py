"""The manual pages and the bill of materials, which are written from the program and the lock files."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from aggregator.cli.base import COMMANDS
from tests.docs.man import pages
from tests.docs.sbom import bill

ROOT = Path(__file__).resolve().parents[2]


def test_each_command_has_a_manual_page_that_the_formatter_accepts(tmp_path: Path) -> None:
    made = dict(pages())
    stored = {path.name: path.read_text("utf-8") for path in (ROOT / "docs" / "man").iterdir()}
    assert stored == made, "run `python -m tests.docs.write`"
    assert set(made) == {"aggregator.1", *(f"aggregator-{name}.1" for name in COMMANDS)}
    assert "\\-\\-dry\\-run" in made["aggregator-send.1"]
    assert "list" in made["aggregator-deliveries.1"]
    if shutil.which("groff"):
        for name, text in made.items():
            command = ["groff", "-man", "-ww", "-Tutf8", "-z"]
            done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
            assert done.stderr == "", name


@pytest.mark.parametrize("lock", ["default", "extras"])
def test_the_bill_has_every_package_of_the_lock_with_its_hashes(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.lock").read_text("utf-8")
    found = bill(text)
    named = set(re.findall(r"^([\w.-]+)==", text, re.MULTILINE))
    assert {one["name"] for one in found["components"]} == named
    assert len(found["components"]) == len({one["purl"] for one in found["components"]})
    hashes = [content["content"] for one in found["components"] for content in one["externalReferences"][0]["hashes"]]
    assert len(hashes) == text.count("--hash=sha256:")
    assert all(one["externalReferences"][0]["hashes"] for one in found["components"])
