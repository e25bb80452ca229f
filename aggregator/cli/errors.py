"""Running a command line: errors become a message, a hint and an exit status here and nowhere else."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence

import click

from aggregator.cli.base import COMPLETION, FAILED, USAGE, CommonOptions, Failure, root
from aggregator.observe.redact import redact

_SYSTEM_HINTS = {
    errno.ENOENT: "check the path: its folder must exist",
    errno.EACCES: "name a place that you may read and write, or run it as another user",
    errno.EPERM: "name a place that you may read and write, or run it as another user",
    errno.EROFS: "name a place on a disk that can be written to",
    errno.ENOSPC: "free some space on the disk",
    errno.ENOTDIR: "check the path: a part of it is a file",
}
INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def run_command_line(args: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit status. Raises only SystemExit and the like."""
    options = CommonOptions()
    if COMPLETION in os.environ:
        from aggregator.cli import shells

        shells.use()
    try:
        status = root.main(
            args=list(args) if args is not None else None, prog_name="aggregator", standalone_mode=False, obj=options
        )
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        print_error("stopped")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - nothing above could report it
        return _exit_status(first_error(error), options)
    return status if isinstance(status, int) else 0  # click returns an exit status instead of raising it


def _exit_status(error: Exception, options: CommonOptions) -> int:
    if isinstance(error, BrokenPipeError):
        # The program that reads our output has ended, as `head` does. Without a valid standard output Python would
        # report the same error again when it closes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return USAGE
    return report_error(error, options)


def first_error(error: Exception) -> Exception:
    """Return the first error in a group of errors from concurrent tasks."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def report_error(error: Exception, options: CommonOptions) -> int:
    """Print an error and its hint without secrets; return the exit status."""
    message, hint, status = error_message(error)
    if options.verbose > 1 or (status == FAILED and not message):
        print_error("".join(traceback.format_exception(error)).rstrip())
    for line in message.splitlines() or [type(error).__name__]:
        print_error(line)
    if hint:
        print_error(f"  hint: {hint}")
    return status


def error_message(error: Exception) -> tuple[str, str, int]:
    """Return the message, the hint and the exit status of an error."""
    from aggregator.config.errors import ConfigError

    if isinstance(error, click.UsageError):
        hint = f"`{error.ctx.command_path} --help` shows the usage" if error.ctx else ""
        return " ".join(error.format_message().split()), hint, USAGE  # click lists choices on lines of their own
    if isinstance(error, Failure):
        return error.message, error.hint, error.exit_code
    if isinstance(error, click.ClickException):
        return error.format_message(), "", error.exit_code
    if isinstance(error, ConfigError):
        count = len(error.problems)
        head = f"{count} problems in the configuration:\n" if count > 1 else ""
        return f"{head}{error}", error.hint, USAGE
    if _has_code(error):
        url = getattr(error, "url", None)
        where = f"{url}: " if url and str(url) not in str(error) else ""
        status = USAGE if _is_unknown_id(error) else FAILED
        return f"{where}{error} [{error.code}]", error.hint, status  # type: ignore[attr-defined]
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or ''}: {error.strerror}".lstrip(": "), _SYSTEM_HINTS.get(error.errno or 0, ""), FAILED
    return f"unexpected {type(error).__name__}: {error}", "run it again with -vv and report the output", FAILED


def _has_code(error: Exception) -> bool:
    """Whether an error belongs to one of the three error trees. A module that is not imported cannot have raised."""
    trees = (
        ("feeds.errors", "FeedError"),
        ("digests.errors", "DigestError"),
        ("aggregator.store.errors", "StoreError"),
    )
    return any(isinstance(error, getattr(sys.modules[module], name)) for module, name in trees if module in sys.modules)


def _is_unknown_id(error: Exception) -> bool:
    """Whether the command line names something that is not stored."""
    errors = sys.modules.get("aggregator.store.errors")
    return errors is not None and isinstance(error, errors.NotFound)


def print_error(text: str) -> None:
    """Print a line to standard error, without secrets and with control characters escaped."""
    cleaned = "".join(c if c.isprintable() or c in "\n\t" else repr(c)[1:-1] for c in redact(text))
    click.echo(f"aggregator: {cleaned}" if not cleaned.startswith("  ") else cleaned, err=True)
