"""How long the steps of a new user's first session take, in Chromium over loopback, by keyboard alone.

    python -m tests.benchmarks.first_session

Prints the seconds of each step: they include the key presses (a Tab is about 5 ms) and the fetch of the feed.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

from tests.support.first_session import TOKEN, first_session


def main() -> int:
    """Run the session and print its times."""
    os.environ["PAGES_TOKEN"] = TOKEN
    with tempfile.TemporaryDirectory() as folder:
        seconds, _ = asyncio.run(first_session(Path(folder)))
    for name, took in seconds.items():
        print(f"{name:10} {took:7.2f}")
    print(f"{'all':10} {sum(seconds.values()):7.2f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
