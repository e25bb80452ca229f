"""The command `aggregator`, also as `python -m aggregator`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit status."""
    from aggregator import shadow

    strangers = shadow.problems()
    if strangers:
        sys.exit("\n".join(f"aggregator: {stranger}" for stranger in strangers))
    from aggregator.cli.boundary import run

    sys.exit(run())


if __name__ == "__main__":
    main()
