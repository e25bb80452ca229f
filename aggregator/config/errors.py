"""The errors of the configuration. One error lists all problems, each with its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Place = tuple[str | int, ...]
"""Where a key is: names and, in arrays, indexes from 0: `("feed", 2, "url")`."""


def key_text(place: Place) -> str:
    """Return a place as text: `("feed", 2, "url")` is `feed[2].url`."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One problem. `line` counts from 1, and is 0 for a problem without a line, such as a missing file.

    `key` is the place in the file, such as `feed[2].url`; `wrong` describes the problem, `expected` what is valid;
    `hint` is the value that was probably meant.
    """

    file: str
    line: int
    key: str
    wrong: str
    expected: str = ""
    hint: str = ""

    def __str__(self) -> str:
        """Return `file:line: key: what is wrong; expected …; did you mean …`."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        parts = [f"{place}: {self.key}: {self.wrong}" if self.key else f"{place}: {self.wrong}"]
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.hint:
            parts.append(f"did you mean {self.hint}?")
        return "; ".join(parts)


class ConfigError(Exception):
    """the configuration cannot be used"""

    code = "config"
    hint = "edit the file at the lines named; docs/configuration.md lists every key"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class MissingConfig(ConfigError, FileNotFoundError):
    """there is no configuration file"""

    code = "no-config"
    hint = "run `aggregator init` to write one, or name one with --config"


class SecretMissing(ConfigError, LookupError):
    """a password or token named in the configuration is missing"""

    code = "secret"
    hint = "set the environment variable, or write the file, that the configuration names"
