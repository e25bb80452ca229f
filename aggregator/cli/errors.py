"""The edge of the process: here errors become words, a hint and an exit status, and nowhere else."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

import click

from aggregator.cli.base import FAILED, USAGE, Failure, State, root
from aggregator.observe.redact import redact

INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def run(args: Sequence[str] | None = None) -> int:
    """Run one command line and return the exit status. Never raises, but for what ends the process by will."""
    now = State()
    try:
        status = root.main(
            args=list(args) if args is not None else None, prog_name="aggregator", standalone_mode=False, obj=now
        )
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        say("stopped")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last place that can turn it into words
        return _ended(single(error), now)
    return status if isinstance(status, int) else 0  # click hands an exit status back instead of raising it


def _ended(error: Exception, now: State) -> int:
    if isinstance(error, BrokenPipeError):
        # The reader of our output has left, as `head` does. Python would complain once more when it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return USAGE
    return report(error, now)


def single(error: Exception) -> Exception:
    """The one error inside a group that tasks running side by side raised; the first when there are several."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def report(error: Exception, now: State) -> int:
    """Print an error as a person can use it and return its exit status. Secrets are cut."""
    message, hint, status = words(error)
    if now.verbose > 1 or (status == FAILED and not message):
        say("".join(traceback.format_exception(error)).rstrip())
    for line in message.splitlines() or [type(error).__name__]:
        say(line)
    if hint:
        say(f"  hint: {hint}")
    return status


def words(error: Exception) -> tuple[str, str, int]:
    """Message, hint and exit status of an error."""
    from aggregator.config.errors import ConfigError

    if isinstance(error, click.UsageError):
        hint = f"`{error.ctx.command_path} --help` shows how it is used" if error.ctx else ""
        return error.format_message(), hint, USAGE
    if isinstance(error, Failure):
        return error.message, error.hint, error.exit_code
    if isinstance(error, click.ClickException):
        return error.format_message(), "", error.exit_code
    if isinstance(error, ConfigError):
        count = len(error.problems)
        head = f"{count} problems in the configuration:\n" if count > 1 else ""
        return f"{head}{error}", error.hint, USAGE
    if _is_ours(error):
        where = f"{error.url}: " if getattr(error, "url", None) else ""  # type: ignore[attr-defined]
        return f"{where}{error} [{error.code}]", error.hint, FAILED  # type: ignore[attr-defined]
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or ''}: {error.strerror}".lstrip(": "), "", FAILED
    return f"unexpected {type(error).__name__}: {error}", "run it again with -vv and report what it prints", FAILED


def _is_ours(error: Exception) -> bool:
    """Whether an error is of one of the three trees. What was never imported cannot have been raised."""
    trees = (
        ("feeds.errors", "FeedError"),
        ("digests.errors", "DigestError"),
        ("aggregator.store.errors", "StoreError"),
    )
    return any(isinstance(error, getattr(sys.modules[module], name)) for module, name in trees if module in sys.modules)


def say(text: str) -> None:
    """One line on standard error, secrets cut, control characters shown instead of obeyed."""
    cleaned = "".join(c if c.isprintable() or c in "\n\t" else repr(c)[1:-1] for c in redact(text))
    click.echo(f"aggregator: {cleaned}" if not cleaned.startswith("  ") else cleaned, err=True)
