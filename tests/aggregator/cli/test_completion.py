"""Completion of options and names, by each shell that is installed: what it lists, and what it inserts."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path
from select import select

import pytest
from click.shell_completion import BashComplete, ShellComplete

from aggregator.cli.base import root
from tests.support.programs import aggregator

CONFIG = """
[[feed]]
url = "https://north.example/feed"
name = "North Post"
[[feed]]
url = "https://north.example/world"
name = "World: News, Views & Co"
[[feed]]
url = "https://south.example/feed"
[[digest]]
name = "morning"
to = ["folder:out", "webhook:https://chat.example/secret"]
[[interest]]
name = "ferries"
words = ["ferry"]
"""
BASH = """
source ./script
COMP_LINE='{line}'; COMP_POINT={point}; COMP_WORDS=({words}); COMP_CWORD={last}
_aggregator_completion aggregator
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
ZSH = """
compdef() {{ }}
compadd() {{ local name="${{@[-1]}}"; print -rl -- "${{(P@)name}}" }}
_describe() {{ local name="$3"; print -rl -- "${{(P@)name}}" }}
source ./script
words=({words}); CURRENT=$(({last} + 1))
_aggregator_completion
"""
FISH = "source ./script; complete -C '{line}'"
LINES = {
    "aggregator stories --lim": {"--limit"},
    "aggregator fetch nor": {"North Post"},
    "aggregator send mor": {"morning"},
    "aggregator interests fer": {"ferries"},
    "aggregator stories --topic Sci": {"Science"},
    "aggregator send --to fol": {"folder:out"},
    "aggregator send --to web": set(),  # an address that is a secret
    "aggregator recipients add --zone Europe/Ber": {"Europe/Berlin"},
    "aggregator resto": {"restore"},
}
ANSWER = {
    "bash": 'aggregator() { [ "$_AGGREGATOR_COMPLETE" ] && command aggregator || printf "<%s>\\n" "$@"; }',
    "zsh": 'answer() { printf "<%s>\\n" "$@" }; compdef _aggregator_completion answer',
    "fish": 'function answer; printf "<%s>\\n" $argv; end; complete --command answer --wraps aggregator',
}
BEFORE = {"zsh": "autoload -Uz compinit && compinit -u -D; zstyle ':completion:*' insert-tab false"}
START = {"bash": ["--norc", "-i"], "zsh": ["-f", "-i"], "fish": ["--no-config", "-i"]}
TYPED = {"World": "World: News, Views & Co", "https://so": "https://south.example/feed", "nor": "North Post"}
_SILENCE = 60.0  # seconds without output after which a program waits for more: a quotation mark is open
HOSTILE = 'It\'s $(touch it), `touch it`! "x"'  # a feed may call itself so


@pytest.fixture
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Return a folder with a configuration and the completion script of the test's shell."""
    shell = request.getfixturevalue("shell")
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    (tmp_path / "config.toml").write_text(CONFIG, "utf-8")
    (tmp_path / "script").write_text(aggregator("completion", shell, folder=tmp_path).stdout, "utf-8")
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "HOME": str(folder), "TERM": "xterm", "COLUMNS": "200"}


def listed(shell: str, folder: Path, line: str) -> dict[str, str]:
    """Return what the script offers for a line: names, in zsh and fish with their descriptions."""
    words = line.split()
    text = {"bash": BASH, "zsh": ZSH, "fish": FISH}[shell]
    text = text.format(words=" ".join(words), last=len(words) - 1, line=line, point=len(line))
    options = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    done = subprocess.run(
        [shell, *options, "-c", text],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found: dict[str, str] = {}
    for one in filter(None, done.stdout.splitlines()):
        name, *text_parts = re.split({"bash": "\0", "zsh": r"(?<!\\):", "fish": "\t"}[shell], one, maxsplit=1)
        found[name.replace("\\ ", " ").replace("\\:", ":")] = "".join(text_parts)
    return found


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_completes_options_and_names(shell: str, folder: Path) -> None:
    for line, found in LINES.items():
        assert set(listed(shell, folder, line)) == found, line
    if shell != "bash":  # which shows names only
        assert listed(shell, folder, "aggregator resto")["restore"] == (
            "Put a backup in the place of the database, and keep the replaced one beside it."
        )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_name_is_inserted_as_one_word_on_a_terminal(shell: str, folder: Path) -> None:
    """Names with spaces, commas, colons and signs of the shell, and URLs, which bash splits at their colon."""
    command = "aggregator" if shell == "bash" else "answer"
    lines = [
        BEFORE.get(shell, ""),
        "source ./script",
        ANSWER[shell],
        *(f"{command} fetch {text}\t" for text in TYPED),
        "exit",
    ]
    screen = on_terminal(["setsid", "--ctty", shell, *START[shell]], folder, [f"{line}\n" for line in lines])
    for inserted in TYPED.values():
        assert f"<{inserted}>" in screen, screen


@pytest.mark.parametrize("typed", ["it", "'it", '"it', "it\\'s\\ "])
@pytest.mark.parametrize("shell", ["bash"])
def test_bash_runs_nothing_in_a_name_however_it_is_quoted(shell: str, folder: Path, typed: str) -> None:
    feed = f"[[feed]]\nurl = 'https://odd.example/feed'\nname = {json.dumps(HOSTILE)}\n"
    (folder / "config.toml").write_text(CONFIG + feed, "utf-8")
    lines = ["source ./script", ANSWER[shell], f"aggregator fetch {typed}\t", "exit"]
    screen = on_terminal(["setsid", "--ctty", shell, *START[shell]], folder, [f"{line}\n" for line in lines])
    assert f"<{HOSTILE}>" in screen, screen
    assert not (folder / "it").exists()


@pytest.mark.parametrize("shell", ["bash"])
def test_a_script_of_an_earlier_version_inserts_one_word_too(shell: str, folder: Path) -> None:
    old = BashComplete(root, {}, "aggregator", "_AGGREGATOR_COMPLETE")
    (folder / "script").write_text(ShellComplete.source(old), "utf-8")
    feed = f"[[feed]]\nurl = 'https://odd.example/feed'\nname = {json.dumps(HOSTILE)}\n"
    (folder / "config.toml").write_text(CONFIG + feed, "utf-8")
    lines = ["source ./script", ANSWER[shell], "aggregator fetch nor\t", "aggregator fetch it\t", "exit"]
    screen = on_terminal(["setsid", "--ctty", shell, *START[shell]], folder, [f"{line}\n" for line in lines])
    assert "<North Post>" in screen, screen
    assert f"<{HOSTILE}>" in screen, screen


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_a_name_of_several_lines_is_not_offered(shell: str, folder: Path) -> None:
    config = CONFIG.replace('name = "morning"', 'name = "morning"\ntitle = "a\\nb"').replace(
        "North Post", "North\\nPost"
    )
    (folder / "config.toml").write_text(config, "utf-8")
    assert set(listed(shell, folder, "aggregator fetch nor")) == set()
    assert set(listed(shell, folder, "aggregator send mor")) == {"morning"}


def on_terminal(command: list[str], folder: Path, typed: list[str]) -> str:
    """Type lines into a program on a terminal, and return all that it wrote until it ended or wrote no more."""
    outer, inner = pty.openpty()
    with subprocess.Popen(command, cwd=folder, env=environment(folder), stdin=inner, stdout=inner, stderr=inner) as run:
        os.close(inner)
        os.write(outer, "".join(typed).encode())
        screen = b""
        try:
            while select([outer], [], [], _SILENCE)[0] and (part := os.read(outer, 65536)):
                screen += part
        except OSError:  # Linux says so when the program has ended
            pass
        finally:
            run.kill()
    os.close(outer)
    return screen.decode("utf-8", "replace")


@pytest.mark.parametrize("shell", ["fish"])
def test_a_database_gives_editions_stories_and_recipients(shell: str, folder: Path) -> None:
    assert aggregator("demo", "--out", ".", "--quiet", folder=folder).returncode == 0
    editions = listed(shell, folder, "aggregator show-edition ")
    assert len(editions) == 2
    assert all(subject.startswith("The daily digest") for subject in editions.values())
    stories = listed(shell, folder, "aggregator show ")
    assert "Twelve hurt as ferry and freighter collide off Port Verran" in stories.values()
    assert set(editions) | set(stories) | {"daily"} == set(listed(shell, folder, "aggregator explain "))
    (folder / "demo.db").unlink()
    assert listed(shell, folder, "aggregator show ") == {}
    assert not (folder / "demo.db").exists()
    (folder / "config.toml").write_text("no TOML", "utf-8")
    assert listed(shell, folder, "aggregator send ") == {}
