"""init: a file that works, with the answers given on a terminal, or for the service."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from aggregator.config.start import Answers, first_configuration
from digests.render.view.wording import catalogues
from tests.aggregator.cli.conftest import Shell

ASKED = ("Language of the digest", "Hour of the digest", "Your mail address", "Interests")


def on_a_terminal(folder: Path, *answers: str) -> tuple[int, str]:
    """Run `init` on a pseudo-terminal; write an answer to each question when it is asked."""
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "aggregator", "init"]
    process = subprocess.Popen(command, cwd=folder, stdin=terminal, stdout=terminal, stderr=terminal)
    os.close(terminal)
    shown, left = "", list(answers)
    while True:
        try:
            part = os.read(controller, 4096)
        except OSError:  # the process has closed its side
            break
        if not part:
            break
        shown += part.decode()
        if left and shown.rstrip(" ").endswith(":"):
            os.write(controller, f"{left.pop(0)}\n".encode())
    os.close(controller)
    return process.wait(), shown


def written(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "config.toml").read_text("utf-8"))


def test_four_questions_make_a_configuration_that_is_valid(tmp_path: Path, shell: Shell) -> None:
    status, shown = on_a_terminal(tmp_path, "de", "6", "ann@example.org", "power grids, Ferries, power  grids,")
    assert status == 0, shown
    assert [question for question in ASKED if question not in shown] == []
    made = written(tmp_path)
    [digest] = made["digest"]
    assert (digest["language"], digest["schedule"], digest["to"]) == ("de", "0 6 * * *", ["ann@example.org"])
    assert digest["title"] == "Die Nachrichten des Tages"
    assert [one["words"] for one in made["interest"]] == [["power grids"], ["Ferries"]]
    assert made["mail"]["host"] == "smtp.example.org"
    assert len(shell("feeds", "--json").rows) >= 12


def test_a_wrong_answer_is_asked_again_and_enter_takes_the_default(tmp_path: Path) -> None:
    status, shown = on_a_terminal(tmp_path, "xx", "en", "25", "", "ann@", "", "")
    assert status == 0, shown
    assert "'25' is not a whole number from 0 to 23" in shown
    assert shown.count("Hour of the digest") == 2
    [digest] = written(tmp_path)["digest"]
    assert (digest["schedule"], digest["to"]) == ("0 7 * * *", ["folder:digests-out"])
    assert "interest" not in written(tmp_path)


def test_the_service_gets_paths_where_it_may_write(shell: Shell) -> None:
    done = shell("init", "--service", "etc")
    assert done.status == 0, done.err
    assert "systemctl enable" in done.out
    made = written(shell.folder / "etc")
    assert made["storage"]["url"] == "sqlite:////var/lib/aggregator/aggregator.db"
    assert made["digest"][0]["to"] == ["folder:/var/lib/aggregator/digests-out"]
    assert (shell.folder / "etc").stat().st_mode & 0o777 == 0o755
    assert (shell.folder / "etc" / "config.toml").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("text", ['a "quoted" name', "back\\slash", "]# x"])
def test_an_answer_cannot_change_the_form_of_the_file(text: str) -> None:
    made = tomllib.loads(first_configuration(Answers(to=f"folder:{text}", interests=[text])))
    assert made["digest"][0]["to"] == [f"folder:{text}"]
    assert made["interest"][0]["words"] == [text]
    assert len(made["digest"]) == 1


def test_a_digest_has_a_title_in_its_language_that_fits_its_hour() -> None:
    titles = {
        (language, hour): tomllib.loads(first_configuration(Answers(language, hour)))["digest"][0]["title"]
        for language in catalogues()
        for hour in (7, 18)
    }
    assert titles["en", 7] == "The morning digest"
    assert titles["en", 18] == "The daily digest"
    assert len(set(titles.values())) == len(catalogues()) + 1, "each language has its own"
