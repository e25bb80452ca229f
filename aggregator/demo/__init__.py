"""The main job with no configuration and no network: sample feeds of an invented world, served on loopback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aggregator.demo.two_days import DemoResult


def run(out: Path, echo: Callable[[str], None] = print) -> DemoResult:
    """Run the demo and write into `out`; what an earlier demo left there is written anew. `echo` is given each line of the account."""
    from aggregator.demo import two_days

    return two_days.run(out, echo)
