"""Go the ways of a new user and write what happened: `python -m tests.e2e.transcripts [PATH ...] [--out FILE]`."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tests.e2e.transcripts import paths
from tests.e2e.transcripts.systems import missing_tools
from tests.e2e.transcripts.transcript import ROOT, Failed, Transcript

SYSTEM_TOOLS = ("debootstrap", "systemd-nspawn", "nsenter", "ip")
WAYS: dict[str, tuple[str, Callable[[Transcript, Path], None], tuple[str, ...]]] = {
    "tools": ("pipx and uv", paths.tools, ()),
    "laptop": ("By hand, and on another machine from a backup", paths.laptop, SYSTEM_TOOLS),
    "service": ("As a systemd service", paths.service, SYSTEM_TOOLS),
    "container": ("In a container", paths.container, ("podman", "debootstrap")),
    "upgrade": ("From the database of each earlier schema", paths.upgrade, ("git",)),
    "demo": ("The README's first command", partial(paths.readme, tests=False), SYSTEM_TOOLS),
    "readme": ("The README's two commands", paths.readme, SYSTEM_TOOLS),
}


def main() -> int:
    """Returns 1 if a way did not reach its end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ways", nargs="*", help=f"of {', '.join(WAYS)}; without one all", metavar="PATH")
    parser.add_argument("--out", type=Path, help="a Markdown file")
    parser.add_argument("--work", type=Path, default=ROOT / ".cache" / "transcripts", help="a folder for the systems")
    chosen = parser.parse_args()
    if unknown := set(chosen.ways) - set(WAYS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    work = chosen.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    made = [_go(name, work) for name in chosen.ways or WAYS]
    if chosen.out:
        chosen.out.write_text("\n\n".join([_heading(), *(one.markdown() for one in made)]) + "\n", "utf-8")
    return int(any(one.failed for one in made))


def _go(name: str, work: Path) -> Transcript:
    title, function, needed = WAYS[name]
    out = Transcript(title)
    print(f"── {title}", flush=True)
    if absent := missing_tools(*needed):
        out.say(f"Skipped: this machine has no {', '.join(absent)}.")
    elif needed == SYSTEM_TOOLS and os.geteuid():
        out.say("Skipped: only root can start a system.")
    else:
        try:
            function(out, work)
        except (Failed, OSError, subprocess.SubprocessError) as problem:
            print(f"{type(problem).__name__}: {problem}", flush=True)
            out.fail()
    return out


def _heading() -> str:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    load = os.getloadavg()[0]
    return (
        "# Transcripts\n\n"
        "What `make transcripts` did and how long it took: the program installed, run, upgraded and moved as\n"
        "a new user does. A tool that the machine lacks is named, and what needs it is skipped.\n\n"
        f"{datetime.now(UTC):%Y-%m-%d}, commit {commit.strip()}, Python {platform.python_version()}, "
        f"{os.cpu_count()} processors with a load of {load:.0f}."
    )


if __name__ == "__main__":
    sys.exit(main())
