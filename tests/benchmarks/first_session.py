"""How long the steps of a new user's first session take, in Chromium over loopback.

    python -m tests.benchmarks.first_session [--phone]

By keyboard alone on a desktop; with `--phone` by touch alone at 375 pixels. Prints the seconds of each step: they
include the key presses (a Tab is about 5 ms) and the fetch of the feed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

from tests.support.first_session import TOKEN, Finger, Keyboard, first_session


def main() -> int:
    """Read the arguments, run the session and print its times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phone", action="store_true")
    kind = Finger if parser.parse_args().phone else Keyboard
    os.environ["PAGES_TOKEN"] = TOKEN
    with tempfile.TemporaryDirectory() as folder:
        seconds, _ = asyncio.run(first_session(Path(folder), kind))
    for name, took in seconds.items():
        print(f"{name:10} {took:7.2f}")
    print(f"{'all':10} {sum(seconds.values()):7.2f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
