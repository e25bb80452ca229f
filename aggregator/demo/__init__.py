"""The demo: fetches sample feeds from a server on loopback and composes digests, without configuration or network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aggregator.demo.two_days import DemoResult


def run(out: Path, echo: Callable[[str], None] = print) -> DemoResult:
    """Run the demo and write into `out`, over the files of an earlier demo. `echo` gets each line of the report."""
    from aggregator.demo import two_days

    return two_days.run(out, echo)
