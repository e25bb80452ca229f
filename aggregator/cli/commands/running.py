"""`run` and `demo`: the whole at work."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from aggregator.cli.base import Command, start_logs, state


@click.command("run", cls=Command, examples=("aggregator run", "aggregator run --log-format json"))
def run_command() -> None:
    """Run the daemon: it fetches, groups, composes and delivers on schedule until it is stopped.

    SIGTERM or Ctrl-C stops it; work in hand is finished or parked. The configuration is read again when it changes. What it does is
    logged on standard error; -q logs only what went wrong.
    """
    import asyncio

    from aggregator.config.errors import SecretMissing
    from aggregator.config.secrets import missing
    from aggregator.daemon.run import run

    now = state()
    start_logs(
        replace(now, verbose=max(now.verbose, 1))
    )  # a daemon that says nothing cannot be told from one that does nothing
    config = now.load()
    absent = missing(config)
    if absent:
        raise SecretMissing([problem for error in absent for problem in error.problems])
    asyncio.run(run(config))


@click.command("demo", cls=Command, examples=("aggregator demo", "aggregator demo --out /tmp/demo --open"))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Folder to write to.",
)
@click.option("--open", "show", is_flag=True, help="Open the digest in the browser.")
def demo_command(out: Path, *, show: bool) -> None:
    """Do the main job with no configuration and no network.

    Serves bundled sample feeds on loopback, fetches them over real HTTP, groups and summarizes them, writes the digest as HTML, text and mail, and
    says where.
    """
    from aggregator import demo
    from aggregator.cli.output import note

    result = demo.run(out, note)
    if show:
        click.launch(str(result.page))
