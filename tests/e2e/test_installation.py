"""The program works from its package, outside the checkout, as the documented commands install it."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from tests.support.installation import FULL_TEXT, documented, environment, fetch_teaser, pip

pytestmark = pytest.mark.anyio


async def test_the_installed_program_stores_the_full_text_of_a_teasers_page(tmp_path: Path) -> None:
    python = environment(tmp_path / "environment")
    # The dependencies are those of the environment of the tests: `python -m tests.benchmarks.installation` downloads
    # them.
    [packages] = (tmp_path / "environment" / "lib").glob("python3*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    locked, program = documented()
    assert "--require-hashes" in locked
    pip(python, *program, "--no-index", "--no-compile")
    assert (packages / "aggregator" / "__main__.py").is_file()
    output, full_text, stored = await fetch_teaser(python, tmp_path)
    assert "1 new entry, 0 failed" in output
    assert (full_text, stored.split()) == (True, FULL_TEXT.split())
