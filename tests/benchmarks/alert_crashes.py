"""Kill a process that sends alerts at random moments and count: `python -m tests.benchmarks.alert_crashes [options]`.

Real processes on a real database and a real SMTP server on loopback. Every alert must reach every recipient, be
composed once, and arrive twice only if the process was killed in the window that SMTP leaves open.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from tests.support.alert_crashes import crash


def main() -> int:
    """Run all seeds; exit status 1 if a promise was broken."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--alerts", type=int, default=40)
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    chosen = options.parse_args()
    broken = False
    for seed in chosen.seeds:
        with tempfile.TemporaryDirectory() as folder:
            one = asyncio.run(crash(Path(folder), chosen.alerts, chosen.kills, seed))
        broken = broken or bool(one.lost or one.doubled or one.repeated or one.in_window > one.kills)
        print(
            f"seed {seed}: {one.kills} kills, {one.wanted} messages, lost {one.lost}, doubled {one.doubled}, "
            f"twice in the dot window {one.in_window}, repeated by the digest {one.repeated}, {one.seconds:.0f} s",
            flush=True,
        )
    return int(broken)


if __name__ == "__main__":
    raise SystemExit(main())
