"""`init`: writes a first configuration."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.base import Command, Failure
from aggregator.cli.output import WholeNumber

if TYPE_CHECKING:
    from aggregator.config.start import Answers


@click.command(
    "init",
    cls=Command,
    examples=(
        "aggregator init",
        "aggregator init ~/news && aggregator --config ~/news/config.toml run",
        "sudo /opt/aggregator/bin/aggregator init --service",
    ),
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False, metavar="[DIR]")
@click.option("--force", is_flag=True, help="Overwrite an existing configuration.")
@click.option("--defaults", is_flag=True, help="Ask nothing, also on a terminal.")
@click.option(
    "--service",
    is_flag=True,
    help="For the systemd unit: write to /etc/aggregator, with the database and digests in /var/lib/aggregator.",
)
def init_command(folder: Path | None, *, force: bool, defaults: bool, service: bool) -> None:
    """Write a commented config.toml with working feeds into DIR [the current folder].

    On a terminal it asks four questions: the language of the digest, its hour, where it goes (a mail address or a
    folder), and your interests. Enter accepts the default.
    """
    from aggregator.cli.output import print_line
    from aggregator.config.load import parse
    from aggregator.config.start import SERVICE_FOLDER, Answers, first_configuration
    from aggregator.system.files import make_private_folder, write_private

    target = (folder or Path(SERVICE_FOLDER if service else ".")) / "config.toml"
    if target.exists() and not force:
        raise Failure(f"{target} exists already", "edit it, or overwrite it with --force")
    answers = _ask() if sys.stdin.isatty() and sys.stdout.isatty() and not defaults else Answers()
    text = first_configuration(answers, service=service)
    parse(text, target)
    make_private_folder(target.parent)
    write_private(target, text.encode())
    if service:  # the unit's user is not known before the start; passwords are in another file
        target.parent.chmod(0o755)
        target.chmod(0o644)
    print_line(f"wrote {target}")
    for line in _next_steps(target, answers, service=service):
        print_line(line)


def _ask() -> Answers:
    """Ask the four questions."""
    from aggregator.config.start import Answers
    from digests.render.view.wording import catalogues

    language = click.prompt("Language of the digest", default="en", type=click.Choice(catalogues()))
    hour = click.prompt("Hour of the digest (0 to 23)", default=7, type=WholeNumber(0, 23))
    to = click.prompt("Your mail address, or a folder for pages", default="digests-out", value_proc=_place)
    interests = click.prompt("Interests, with commas between them (may be empty)", default="", show_default=False)
    listed = dict.fromkeys(" ".join(one.split()) for one in interests.split(","))
    return Answers(language, hour, to, [one for one in listed if one])


def _place(text: str) -> str:
    """Return a recipient from a mail address or the path of a folder."""
    from digests.channels.kinds import mail_address

    text = text.strip()
    if "@" not in text or "/" in text:
        return f"folder:{text.removeprefix('folder:') or 'digests-out'}"
    try:
        return mail_address(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _next_steps(target: Path, answers: Answers, *, service: bool) -> list[str]:
    """Return what to do next, as lines."""
    where = "" if target.parent == Path() else f" --config {target}"
    lines = []
    if answers.address:
        lines += [
            "mail: check host and user in [mail] of the file, and put the password of the account into",
            "  /etc/aggregator/secrets as AGGREGATOR_SMTP_PASSWORD=…, readable by root only"
            if service
            else f"  AGGREGATOR_SMTP_PASSWORD; then: aggregator{where} doctor mail",
        ]
    if service:
        return [*lines, "next: systemctl enable --now aggregator, then journalctl -fu aggregator"]
    return [*lines, f"next: aggregator{where} fetch, then aggregator{where} digest morning --open"]
