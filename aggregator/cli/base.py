"""The root command, the options that all commands share, and the examples in their help."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

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
    "explain": "explaining",
    "rules": "tuning",
    "interests": "tuning",
    "replay": "tuning",
    "digest": "composing",
    "send": "composing",
    "editions": "archive",
    "show-edition": "archive",
    "resend": "archive",
    "publish": "archive",
    "deliver": "deliveries",
    "deliveries": "deliveries",
    "recipients": "recipients",
    "bounces": "bounces",
    "newsletters": "newsletters",
    "run": "running",
    "worker": "running",
    "queues": "running",
    "doctor": "maintenance",
    "backup": "maintenance",
    "restore": "maintenance",
    "completion": "maintenance",
}
"""The module of every command, in the order of the help."""

_SENTENCE = 200  # characters, at most, of the help of a command in a list
FAILED, USAGE, NOTHING = 1, 2, 3
"""Exit statuses: operation failed; usage or configuration error; every feed or every recipient failed."""
COMPLETION = "_AGGREGATOR_COMPLETE"  # the variable by which a shell asks for a completion; its name is click's


@dataclass(slots=True)
class CommonOptions:
    """The values of the options that all commands share."""

    config: Path | None = None
    verbose: int = 0
    quiet: bool = False
    log_format: str = "text"

    def load(self) -> Config:
        """Load the configuration and redact its secrets in all later output. Raises ConfigError."""
        from aggregator.config.model.kept import load_kept
        from aggregator.config.secrets import sensitive
        from aggregator.observe.redact import redact

        config = load_kept(self.config)
        redact.add(sensitive(config))
        return config


def current_options(context: click.Context | None = None) -> CommonOptions:
    """Return the shared options of the running command."""
    return (context or click.get_current_context()).ensure_object(CommonOptions)


class Failure(Exception):
    """An operation failed: its message, hint and exit status."""

    def __init__(self, message: str, hint: str = "", exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code


class Command(click.Command):
    """A command with the shared options and with examples in its help."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)
        self.params.extend(common_parameters())

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples below the help."""
        super().format_epilog(ctx, formatter)
        write_examples(formatter, self.examples)

    def invoke(self, ctx: click.Context) -> Any:
        """Set up logging and notes, then run the command."""
        from aggregator.cli.output import set_quiet
        from aggregator.cli.progress import set_shown

        start_logs(current_options(ctx))
        set_quiet(quiet=current_options(ctx).quiet)
        set_shown(not ctx.params.get("as_json"))
        return super().invoke(ctx)


class Group(click.Group):
    """A command with subcommands, with the shared options and examples."""

    command_class = Command

    def __init__(self, *args: Any, examples: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)
        self.params.extend(common_parameters())

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete subcommands with the whole first sentence of their help; click would truncate it."""
        found = super().shell_complete(ctx, incomplete)
        for item in found:
            if command := self.get_command(ctx, item.value):
                item.help = command.get_short_help_str(_SENTENCE)
        return found

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples below the help."""
        super().format_epilog(ctx, formatter)
        write_examples(formatter, self.examples)


class Root(Group):
    """The command `aggregator`; it imports a subcommand only when that is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the command names in the order of COMMANDS."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command's module and return the command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"aggregator.cli.commands.{COMMANDS[cmd_name]}")
        found: click.Command = getattr(module, cmd_name.replace("-", "_") + "_command")
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; suggest a similar name when there is none."""
        if args[0] not in COMMANDS:
            import difflib

            close = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            ctx.fail(f"there is no command {args[0]!r}{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each command with the whole first sentence of its help; click would truncate it."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, found.get_short_help_str(_SENTENCE)) for name, found in commands if found])


def write_examples(formatter: click.HelpFormatter, examples: Sequence[str]) -> None:
    """Write the section of example command lines."""
    if not examples:
        return
    with formatter.section("Examples"):
        for example in examples:
            formatter.write(f"{'':{formatter.current_indent}}{example}\n")


def start_logs(options: CommonOptions) -> None:
    """Log to standard error: warnings by default, errors with -q, information with -v, debug with -vv."""
    import logging

    from aggregator.observe.logs import setup

    levels = {0: logging.WARNING, 1: logging.INFO}
    level = logging.ERROR if options.quiet else levels.get(options.verbose, logging.DEBUG)
    setup(level, "json" if options.log_format == "json" else "text")


def common_parameters() -> list[click.Parameter]:
    """Return --config, -v, -q and --log-format; they are accepted before and after the command's name."""
    return [
        click.Option(
            ["--config"],
            type=click.Path(path_type=Path),
            metavar="FILE",
            expose_value=False,
            callback=_keep("config"),
            help="Configuration file [default: AGGREGATOR_CONFIG, ./config.toml, the platform's folder].",
        ),
        click.Option(
            ["-v", "--verbose"],
            count=True,
            expose_value=False,
            callback=_keep("verbose"),
            help="Print more; -vv prints tracebacks.",
        ),
        click.Option(
            ["-q", "--quiet"],
            is_flag=True,
            expose_value=False,
            callback=_keep("quiet"),
            help="Print errors only.",
        ),
        click.Option(
            ["--log-format"],
            type=click.Choice(["text", "json"]),
            envvar="AGGREGATOR_LOG_FORMAT",
            expose_value=False,
            callback=_keep("log_format"),
            help="Format of the log lines on standard error.",
        ),
    ]


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """Return a callback that stores an option's value, if it was given."""

    def callback(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        del param
        if value:
            setattr(current_options(ctx), name, value)

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
    """News digests that report every event once, every sentence with its source.

    Fetches news feeds, groups the articles about one event into one story, and sends digests by mail or writes them as
    pages.
    """
