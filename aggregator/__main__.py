"""The command `aggregator`, also `python -m aggregator`."""

from __future__ import annotations

import gc
import sys

_START_UP = 400_000  # objects that the imports of most commands stay under, so that garbage is not looked for


def _collect_as_usual(_phase: str, _info: dict[str, int]) -> None:
    """Look for garbage as often as a long run needs, from the first time on."""
    gc.callbacks.remove(_collect_as_usual)
    gc.set_threshold(20_000, 20, 20)  # by default it takes a tenth of a command's time


def main() -> None:
    """Run the command line and exit with its status."""
    gc.set_threshold(_START_UP)
    gc.callbacks.append(_collect_as_usual)
    from aggregator.system import packages

    if problems := packages.problems():
        sys.exit("\n".join(f"aggregator: {problem}" for problem in problems))
    from aggregator.cli.errors import run_command_line

    status = run_command_line()
    gc.freeze()  # Python looks for garbage three times while it ends: up to a third of a short command's time
    sys.exit(status)


if __name__ == "__main__":
    main()
