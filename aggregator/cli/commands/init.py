"""`init`: writes a first configuration."""

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
@click.option("--force", is_flag=True, help="Overwrite an existing configuration.")
def init_command(folder: Path, *, force: bool) -> None:
    """Write a commented config.toml with working feeds into DIR [the current folder]."""
    from importlib.resources import files

    from aggregator.cli.output import print_line
    from aggregator.system.files import make_private_folder

    target = folder / "config.toml"
    if target.exists() and not force:
        raise Failure(f"{target} exists already", "edit it, or overwrite it with --force")
    make_private_folder(folder)
    target.write_bytes(files("aggregator.config").joinpath("sample.toml").read_bytes())
    target.chmod(target.stat().st_mode & 0o755)  # a service with its own user reads it; others must not change it
    print_line(f"wrote {target}")
    where = "" if folder == Path() else f" --config {target}"
    print_line(f"next: aggregator{where} fetch, then aggregator{where} digest morning --open")
