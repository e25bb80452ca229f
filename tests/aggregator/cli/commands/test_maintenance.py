from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFIG = """
[storage]
url = "sqlite:///data/news.db"

[[digest]]
name = "daily"
to = ["folder:out"]
"""


def test_restore_brings_back_what_the_backup_held(shell) -> None:
    shell.write(CONFIG)
    assert shell("recipients", "add", "ann@example.org", "--digest", "daily").status == 0, "before the backup"
    assert shell("backup", "copy.db").status == 0
    assert shell("recipients", "remove", "ann@example.org", "--digest", "daily").status == 0
    done = shell("restore", "copy.db")
    assert done.status == 0, done.err
    assert "data/news.db from copy.db" in done.out
    assert "data/news.db.replaced-" in done.out
    assert "ann@example.org" in shell("recipients", "list").out


def test_restore_names_what_is_wrong_with_the_file(shell) -> None:
    shell.write(CONFIG)
    Path("notes.txt").write_text("no database")
    done = shell("restore", "notes.txt")
    assert done.status == 1
    assert "notes.txt: this file is no backup" in done.err
    assert "hint: name a file that `aggregator backup` wrote" in done.err
    assert not list(Path("data").glob("*")), "nothing was written"


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_that_the_shell_can_read(shell, shell_name: str) -> None:
    done = shell("completion", shell_name)
    assert done.status == 0
    assert "_AGGREGATOR_COMPLETE" in done.out
    if shutil.which(shell_name):
        assert subprocess.run([shell_name, "-n"], input=done.out, text=True, check=False).returncode == 0


def test_a_shell_gets_the_commands_that_begin_so(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("aggregator")
    asked = {
        "_AGGREGATOR_COMPLETE": "bash_complete",
        "COMP_WORDS": "aggregator re",
        "COMP_CWORD": "1",
        "PATH": "/usr/bin:/bin",
    }
    done = subprocess.run([program], env=asked, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.stdout.split() == ["plain,remove", "plain,replay", "plain,resend", "plain,recipients", "plain,restore"]
