"""Runs the installed program as a person or a service manager would."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def aggregator(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run one command to its end in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "aggregator", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
