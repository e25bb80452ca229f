"""The command `aggregator`, also as `python -m aggregator`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and leave with its exit status."""
    gc.set_threshold(20_000, 20, 20)  # looking for dead circles every 700 objects is a tenth of a short command's time
    from aggregator.system import packages as shadow

    strangers = shadow.problems()
    if strangers:
        sys.exit("\n".join(f"aggregator: {stranger}" for stranger in strangers))
    from aggregator.cli.errors import run_command_line

    sys.exit(run_command_line())


if __name__ == "__main__":
    main()
