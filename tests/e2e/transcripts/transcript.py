"""A transcript: commands, how long each took, and what they printed, as Markdown."""

from __future__ import annotations

import resource
import subprocess
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[3]
WIDTH = 100

Shell = Callable[[str], subprocess.CompletedProcess[str]]


class Failed(Exception):
    """A command ended with another exit status than expected."""


class Transcript:
    """The commands of one path, in order."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.blocks: list[str] = []
        self.failed = False
        self._steps: list[str] = []

    def say(self, text: str) -> None:
        """Add a paragraph."""
        self._close()
        print(text, flush=True)
        self.blocks.append(textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False))

    def run(self, shell: Shell, command: str, *, lines: int = 3, status: int = 0, shown: str = "") -> str:
        """Run a command, and keep the last lines of its output. Another exit status than `status` ends the path."""
        started, processor = time.monotonic(), _processor_seconds()
        done = shell(command)
        times = f"[{time.monotonic() - started:.1f} s, processor {_processor_seconds() - processor:.1f} s]"
        output = [line for line in done.stdout.splitlines() if line.strip()]
        kept = [shorten(line, WIDTH - 2) for line in output[-lines:]] if lines else []
        ended = f", exit status {done.returncode}" if done.returncode else ""
        step = "\n".join(
            [*textwrap.wrap(f"$ {shown or command}", WIDTH), *("  " + line for line in kept), times + ended]
        )
        print(step, flush=True)
        self._steps.append(step)
        if done.returncode != status:
            whole = ["  " + line for line in output[-40:]]
            print("\n".join(whole), flush=True)
            self._steps += whole
            raise Failed(command)
        return done.stdout

    def note(self, line: str) -> None:
        """Add a line about the last command."""
        print("  " + line, flush=True)
        self._steps.append("  " + line)

    def fail(self) -> None:
        """Record that the path did not reach its end."""
        self.failed = True
        self.say("**This path failed here.**")

    def markdown(self) -> str:
        """The path as a section."""
        self._close()
        return "\n\n".join([f"## {self.title}", *self.blocks])

    def _close(self) -> None:
        if self._steps:
            self.blocks.append("```text\n" + "\n".join(self._steps) + "\n```")
            self._steps = []


def shorten(line: str, width: int) -> str:
    """A line of at most this many characters."""
    return line if len(line) <= width else line[: width - 1] + "…"


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def local(folder: Path, **environment: str) -> Shell:
    """A shell in a folder of this machine, with only these variables beside PATH."""

    def shell(command: str) -> subprocess.CompletedProcess[str]:
        words = ["env", "-i", *(f"{name}={value}" for name, value in environment.items()), "bash", "-c", command]
        return subprocess.run(
            words, check=False, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    return shell


def recipe(page: str, heading: str) -> list[str]:
    """The commands of the first `sh` block below a heading of the documentation."""
    below = (ROOT / page).read_text("utf-8").partition(f"# {heading}\n")[2]
    block = below.partition("```sh\n")[2].partition("```")[0]
    commands = [line.partition("   #")[0].strip() for line in block.splitlines()]
    return [command for command in commands if command and not command.startswith("#")]
