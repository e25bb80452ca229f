"""Every benchmark that needs no material from outside, one after the other: `python -m tests.benchmarks [NAME...]`.

Each prints figures with their units and their peer. Those that measure quality on labelled texts take files: see
docs/measurements.md.
"""

from __future__ import annotations

import subprocess
import sys

OWN = {
    "fetch": ["--feeds", "500", "--repeat", "3"],
    "week": [],
    "histories": [],
    "store": [],
    "compose": [],
    "choosing": [],
    "delivery_crashes": [],
    "alert_crashes": [],
    "cron_days": [],
}


def main(names: list[str]) -> int:
    """Run these, or all. Returns the first exit status that is not 0."""
    unknown = sorted(set(names) - set(OWN))
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are: {', '.join(OWN)}")
        return 2
    worst = 0
    for name in names or OWN:
        print(f"── {name}", flush=True)
        status = subprocess.call([sys.executable, "-m", f"tests.benchmarks.{name}", *OWN[name]])
        worst = worst or status
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
