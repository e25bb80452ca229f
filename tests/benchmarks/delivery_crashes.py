"""Kill a delivering process at random moments and count: `python -m tests.benchmarks.delivery_crashes [options]`.

A real process delivers from a real SQLite database to a real SMTP server on loopback and gets SIGKILL, again and again;
then it is left alone until nothing is open. A message is lost when it neither arrived nor is reported as unknown.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from digests.outbox import WhenUnknown
from tests.support.crashes import Outcome, crash


def main() -> int:
    """Run all seeds; exit status 1 if a promise was broken."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, default=300)
    options.add_argument("--kills", type=int, default=40)
    options.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options.add_argument("--policies", nargs="+", default=[policy.value for policy in WhenUnknown])
    chosen = options.parse_args()
    broken = False
    for policy in map(WhenUnknown, chosen.policies):
        for seed in chosen.seeds:
            with tempfile.TemporaryDirectory() as folder:
                outcome = crash(Path(folder), chosen.messages, chosen.kills, seed, policy)
            broken = broken or not kept(outcome, policy)
            print(
                f"{policy.value:6} seed {seed}: {outcome.kills} kills, arrived {outcome.arrived} of {chosen.messages}, "
                f"lost {outcome.lost}, duplicates {outcome.duplicates} ({outcome.outside} outside the dot window), "
                f"unknown {outcome.unknown}, other bytes {outcome.different}, {outcome.seconds:.0f} s",
                flush=True,
            )
    return int(broken)


def kept(outcome: Outcome, policy: WhenUnknown) -> bool:
    """Whether the promises hold: nothing lost, at most one duplicate a kill, none when unknown outcomes are held."""
    allowed = outcome.kills if policy is WhenUnknown.RESEND else 0
    return outcome.lost == outcome.outside == outcome.different == 0 and outcome.duplicates <= allowed


if __name__ == "__main__":
    raise SystemExit(main())
