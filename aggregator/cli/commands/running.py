"""`run` and `demo`: the daemon, and the whole pipeline on bundled feeds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from aggregator.cli.base import Command, current_options, start_logs


@click.command("run", cls=Command, examples=("aggregator run", "aggregator run --log-format json"))
def run_command() -> None:
    """Run the daemon: it fetches, groups, composes and delivers on schedule until it is stopped.

    SIGTERM or Ctrl-C stops it; started work is finished or saved for the next start. The configuration is reloaded
    when it changes. The daemon logs to standard error; with -q only errors.
    """
    import asyncio

    from aggregator.config.errors import SecretMissing
    from aggregator.config.secrets import missing
    from aggregator.daemon.run import run_daemon

    options = current_options()
    # A daemon without log lines looks like one that does nothing, so it logs information by default.
    start_logs(replace(options, verbose=max(options.verbose, 1)))
    config = options.load()
    if errors := missing(config):
        raise SecretMissing([problem for error in errors for problem in error.problems])
    asyncio.run(run_daemon(config))


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
    """Make a digest of bundled feeds, without configuration and network.

    Serves bundled sample feeds on loopback, fetches them over real HTTP, groups and summarizes them, writes the digest
    as HTML, text and mail, and prints where.
    """
    from aggregator import demo
    from aggregator.cli.output import print_note

    result = demo.run(out, print_note)
    if show:
        click.launch(str(result.page))
