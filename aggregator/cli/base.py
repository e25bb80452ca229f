"""What all commands share: the root that loads them only when asked, their common options, their examples."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from aggregator.config import Config

COMMANDS = {
    "demo": "running",
    "init": "init",
    "add": "subscriptions",
    "remove": "subscriptions",
    "import": "subscriptions",
    "export": "subscriptions",
    "feeds": "feeds",
    "fetch": "fetching",
    "stories": "stories",
    "show": "stories",
    "explain": "stories",
    "rules": "tuning",
    "interests": "tuning",
    "replay": "tuning",
    "digest": "composing",
    "send": "composing",
    "editions": "archive",
    "show-edition": "archive",
    "resend": "archive",
    "deliveries": "deliveries",
    "recipients": "recipients",
    "bounces": "bounces",
    "run": "running",
    "doctor": "maintenance",
    "backup": "maintenance",
}
"""Every command and the file that has it, in the order of the help: from the first step to the last."""

FAILED, USAGE, NOTHING = 1, 2, 3
"""Exit statuses: the operation failed; usage or configuration error; every feed or every recipient failed."""


@dataclass(slots=True)
class State:
    """What the options common to all commands say."""

    config: Path | None = None
    verbose: int = 0
    quiet: bool = False
    log_format: str = "text"

    def load(self) -> Config:
        """Read the configuration; its secrets are cut from every output from here on. Raises ConfigError."""
        from aggregator.config import load
        from aggregator.config.secrets import sensitive
        from aggregator.observe.redact import redact

        config = load(self.config)
        redact.add(sensitive(config))
        return config


def state(context: click.Context | None = None) -> State:
    """The state of the command that runs."""
    return (context or click.get_current_context()).ensure_object(State)


class Failure(Exception):
    """The operation failed: one message, a hint if there is one, an exit status."""

    def __init__(self, message: str, hint: str = "", exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code


class Command(click.Command):
    """A command with the common options, and examples below its help."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)
        self.params.extend(common_options())

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they would be typed."""
        super().format_epilog(ctx, formatter)
        write_examples(formatter, self.examples)

    def invoke(self, ctx: click.Context) -> Any:
        """Start logs and notes at the asked level, then run."""
        from aggregator.cli.output import silence

        start_logs(state(ctx))
        silence(quiet=state(ctx).quiet)
        return super().invoke(ctx)


class Group(click.Group):
    """A command with commands below it."""

    command_class = Command

    def __init__(self, *args: Any, examples: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)
        self.params.extend(common_options())

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they would be typed."""
        super().format_epilog(ctx, formatter)
        write_examples(formatter, self.examples)


class Root(Group):
    """The command `aggregator`: its commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the file of a command and take it out."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"aggregator.cli.commands.{COMMANDS[cmd_name]}")
        found: click.Command = getattr(module, cmd_name.replace("-", "_") + "_command")
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a misspelt one gets a suggestion."""
        if args[0] not in COMMANDS:
            import difflib

            close = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            ctx.fail(f"there is no command {args[0]!r}{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each command with the whole first sentence of its help; click would cut it to a line."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, found.get_short_help_str(200)) for name, found in commands if found])


def write_examples(formatter: click.HelpFormatter, examples: Sequence[str]) -> None:
    """A section of command lines."""
    if not examples:
        return
    with formatter.section("Examples"):
        for example in examples:
            formatter.write(f"{'':{formatter.current_indent}}{example}\n")


def start_logs(now: State) -> None:
    """Logs on standard error: warnings as a rule, errors with -q, information with -v, everything with -vv."""
    import logging

    from aggregator.observe.logs import setup

    levels = {0: logging.WARNING, 1: logging.INFO}
    level = logging.ERROR if now.quiet else levels.get(now.verbose, logging.DEBUG)
    setup(level, "json" if now.log_format == "json" else "text")


def common_options() -> list[click.Parameter]:
    """--config, -v, -q and --log-format; they may stand before or behind the command's name."""
    return [
        click.Option(
            ["--config"],
            type=click.Path(path_type=Path),
            metavar="FILE",
            expose_value=False,
            callback=_keep("config"),
            help="Configuration file [else AGGREGATOR_CONFIG, ./config.toml, the platform's folder].",
        ),
        click.Option(
            ["-v", "--verbose"],
            count=True,
            expose_value=False,
            callback=_keep("verbose"),
            help="Say more; -vv for tracebacks.",
        ),
        click.Option(
            ["-q", "--quiet"],
            is_flag=True,
            expose_value=False,
            callback=_keep("quiet"),
            help="Say only what went wrong.",
        ),
        click.Option(
            ["--log-format"],
            type=click.Choice(["text", "json"]),
            envvar="AGGREGATOR_LOG_FORMAT",
            expose_value=False,
            callback=_keep("log_format"),
            help="Form of the log lines on standard error.",
        ),
    ]


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """A callback that puts an option's value into the state, unless it was not given here."""

    def callback(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        del param
        if value:
            setattr(state(ctx), name, value)

    return callback


@click.group(
    cls=Root,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    examples=(
        "aggregator demo --open",
        "aggregator init && aggregator fetch && aggregator digest morning --open",
        "aggregator add https://example.org --topic Science",
        "aggregator run",
    ),
)
@click.version_option(package_name="aggregator-digest", message="aggregator %(version)s")
def root() -> None:
    """Every event once, every sentence with its source.

    Pulls news feeds, tells each event once however many outlets carry it, and sends digests by mail or writes them as pages.
    """
