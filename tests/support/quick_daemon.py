"""The command line with a daemon whose ticks come often, and that waits for unfinished work for two seconds only.

    python -m tests.support.quick_daemon --config FILE run

Nothing else differs from `aggregator`: what a test would wait for in vain is left out.
"""

from __future__ import annotations

from datetime import timedelta

from aggregator.__main__ import main
from aggregator.daemon import run, ticks

OFTEN = timedelta(seconds=0.25)

if __name__ == "__main__":
    run.RELOAD, run.DRAIN_SECONDS = OFTEN, 2.0
    for name in ("poll", "group", "compose", "deliver"):
        ticks.TICKS[name] = (ticks.TICKS[name][0], OFTEN)
    main()
