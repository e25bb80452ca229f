"""`init`: a configuration to start from."""

from __future__ import annotations

from pathlib import Path

import click

from aggregator.cli.base import Command, Failure


@click.command(
    "init",
    cls=Command,
    examples=("aggregator init", "aggregator init ~/news && aggregator --config ~/news/config.toml run"),
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".", metavar="[DIR]")
@click.option("--force", is_flag=True, help="Write over a configuration that is there.")
def init_command(folder: Path, *, force: bool) -> None:
    """Write a commented config.toml with working feeds into DIR (here)."""
    from importlib.resources import files

    from aggregator.cli.output import line

    target = folder / "config.toml"
    if target.exists() and not force:
        raise Failure(f"{target} is already there", "edit it, or write over it with --force")
    folder.mkdir(parents=True, exist_ok=True)
    target.write_bytes(files("aggregator.config").joinpath("sample.toml").read_bytes())
    line(f"wrote {target}")
    where = "" if folder == Path() else f" --config {target}"
    line(f"next: aggregator{where} fetch, then aggregator{where} digest morning --open")
