"""The command `aggregator`, also `python -m aggregator`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and exit with its status."""
    gc.set_threshold(20_000, 20, 20)  # by default garbage collection takes a tenth of a short command's time
    from aggregator.system import packages

    if problems := packages.problems():
        sys.exit("\n".join(f"aggregator: {problem}" for problem in problems))
    from aggregator.cli.errors import run_command_line

    sys.exit(run_command_line())


if __name__ == "__main__":
    main()
