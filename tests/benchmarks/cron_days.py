"""Ten days without a daemon, 250 recipients, a faulty mail server: `python -m tests.benchmarks.cron_days [options]`.

Every recipient that the server accepts must get every edition exactly once, and the exit status of each command must
say whether a delivery failed.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.support.cron import days_of_cron


def main() -> int:
    """Run all seeds; exit status 1 if a promise was broken."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--recipients", type=int, default=250)
    options.add_argument("--days", type=int, default=10)
    options.add_argument("--seeds", type=int, nargs="+", default=[1])
    chosen = options.parse_args()
    broken = False
    for seed in chosen.seeds:
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            one = days_of_cron(Path(folder), chosen.recipients, chosen.days, seed)
        broken = broken or bool(one.missing or one.doubled or one.to_refused or one.wrong_status)
        print(
            f"seed {seed}: {one.wanted} messages, missing {one.missing}, doubled {one.doubled}, to refused addresses "
            f"{one.to_refused}, commands that failed {one.failed_commands}, with a wrong exit status "
            f"{one.wrong_status}, "
            f"{time.monotonic() - began:.0f} s",
            flush=True,
        )
    return int(broken)


if __name__ == "__main__":
    raise SystemExit(main())
