"""Completion of options and names, by each shell that is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFIG = """
[[feed]]
url = "https://north.example/feed"
name = "North Post"
[[feed]]
url = "https://south.example/feed"
[[digest]]
name = "morning"
to = ["folder:out"]
"""
BASH = """
source ./script
COMP_WORDS=({words}); COMP_CWORD={last}
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
LINES = {
    "aggregator stories --lim": {"--limit"},
    "aggregator fetch nor": {"North Post"},
    "aggregator send mor": {"morning"},
}
FISH = "source ./script; complete -C '{line}' | string split -f1 \\t"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_completes_options_and_names(tmp_path: Path, shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    (tmp_path / "config.toml").write_text(CONFIG, "utf-8")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

    def output(*command: str) -> str:
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout

    (tmp_path / "script").write_text(output("aggregator", "completion", shell), "utf-8")
    options = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    for line, found in LINES.items():
        words = line.split()
        text = {"bash": BASH, "zsh": ZSH, "fish": FISH}[shell]
        shown = output(program, *options, "-c", text.format(words=" ".join(words), last=len(words) - 1, line=line))
        names = [re.split(r"(?<!\\):", one)[0] if shell == "zsh" else one for one in shown.splitlines()]
        assert {one.replace("\\ ", " ").replace("\\:", ":") for one in names} == found, line
