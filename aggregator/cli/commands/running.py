"""`run`, `worker`, `queues` and `demo`: the daemon, workers of a cluster, and the whole pipeline on bundled feeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.base import Command, Failure, current_options, start_logs
from aggregator.cli.output import WholeNumber

if TYPE_CHECKING:
    from aggregator.cli.rows import QueueRow
    from aggregator.config import Config
    from aggregator.store.cluster.jobs import QueueFigures

_QUEUES = ("poll", "group", "compose", "deliver", "bounces", "maintain")


@click.command("run", cls=Command, examples=("aggregator run", "aggregator run --log-format json"))
def run_command() -> None:
    """Run the daemon: it fetches, groups, composes and delivers on schedule until it is stopped.

    SIGTERM or Ctrl-C stops it; started work is finished or saved for the next start. The configuration is reloaded
    when it changes. The daemon logs to standard error; with -q only errors. With `[cluster] enabled` it is a worker for
    all queues that also serves the pages, and there may be several.
    """
    import asyncio

    config = _daemon_config()
    if config.cluster.enabled:
        _run_worker(config, _QUEUES, None, pages=True)
        return
    from aggregator.daemon.run import run_daemon

    asyncio.run(run_daemon(config))


def _queue_names(context: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    """Parse the names of queues, separated by commas."""
    del context, parameter
    names = tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
    unknown = [name for name in names if name not in _QUEUES]
    if unknown or not names:
        raise click.BadParameter(f"{', '.join(unknown) or 'no queue'}: the queues are {', '.join(_QUEUES)}")
    return names


@click.command(
    "worker",
    cls=Command,
    examples=("aggregator worker", "aggregator worker --queues poll,deliver --concurrency 8"),
)
@click.option(
    "--queues",
    default=",".join(_QUEUES),
    show_default=True,
    callback=_queue_names,
    help="The queues to work on, separated by commas.",
)
@click.option("--concurrency", type=WholeNumber(1, 64), default=4, show_default=True, help="Most tasks at a time.")
def worker_command(*, queues: tuple[str, ...], concurrency: int) -> None:
    """Run one more worker of a cluster, without pages, until it is stopped.

    Needs `[cluster] enabled`. All workers use the same configuration and one PostgreSQL database; each may run on a
    machine of its own. One of them at a time is the leader, which looks for work that is due. When a worker dies,
    others take its work over.
    """
    config = _daemon_config()
    if not config.cluster.enabled:
        raise Failure("[cluster] enabled is not set", "set it, and use a PostgreSQL database (docs/scaling.md)")
    _run_worker(config, queues, concurrency, pages=False)


@click.command("queues", cls=Command, examples=("aggregator queues", "aggregator queues --json"))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def queues_command(*, as_json: bool) -> None:
    """Show the queues of a cluster: tasks that wait and run, the oldest, how many ended a second, and failures.

    Ended and failed tasks are those of the last five minutes. A task polls or delivers many rows.
    """
    from aggregator.cli.database import opened_database
    from aggregator.cli.output import print_json, print_line, print_table
    from aggregator.store.cluster import jobs

    config = current_options().load()
    if not config.cluster.enabled:
        raise Failure("[cluster] enabled is not set", "one daemon needs no queues; `aggregator doctor` checks it")
    with opened_database(config) as db:
        if jobs.installed_version(db) is None:
            raise Failure("no worker has run yet", "start one: `aggregator run` or `aggregator worker`")
        figures = jobs.queue_figures(db)
        workers = jobs.live_workers(db)
    if as_json:
        for one in figures:
            print_json(queue_fields(one))
        return
    print_table(
        ("QUEUE", "WAITING", "RUNNING", "OLDEST", "DONE/S", "FAILED"),
        [
            (
                one.name,
                one.waiting,
                one.running,
                f"{one.oldest.total_seconds():.0f}s",
                f"{one.per_second:.2f}",
                one.failed,
            )
            for one in figures
        ],
    )
    print_line(f"workers: {workers}")


def queue_fields(one: QueueFigures) -> QueueRow:
    """Return the figures of a queue with the keys of the JSON output."""
    return {
        "queue": one.name,
        "waiting": one.waiting,
        "running": one.running,
        "oldest_seconds": round(one.oldest.total_seconds(), 1),
        "done_per_second": one.per_second,
        "failed": one.failed,
    }


def _run_worker(config: Config, queues: Sequence[str], concurrency: int | None, *, pages: bool) -> None:
    import asyncio

    try:
        from aggregator.daemon.cluster.run import CONCURRENCY, run_worker
    except ImportError as error:
        hint = "pip install --require-hashes -r requirements/extras.lock"
        raise Failure(f"[cluster] enabled needs the extra `cluster`: {error}", hint) from error
    asyncio.run(run_worker(config, queues=queues, concurrency=concurrency or CONCURRENCY, pages=pages))


def _daemon_config() -> Config:
    """Log as a daemon does, and load the configuration. Raises SecretMissing."""
    from aggregator.config.errors import SecretMissing
    from aggregator.config.secrets import missing

    options = current_options()
    # A daemon without log lines looks like one that does nothing, so it logs information by default.
    start_logs(replace(options, verbose=max(options.verbose, 1)))
    config = options.load()
    if errors := missing(config):
        raise SecretMissing([problem for error in errors for problem in error.problems])
    return config


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
