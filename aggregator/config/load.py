"""Finds and reads the configuration file."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from aggregator.config.errors import ConfigError, MissingConfig, Problem
from aggregator.config.schema import Config

VARIABLE = "AGGREGATOR_CONFIG"


def platform_file() -> Path:
    """Return the platform's default configuration file, used when the working folder has none."""
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA", "~"))
    elif sys.platform == "darwin":
        base = Path("~/Library/Application Support")
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config")
    return base.expanduser() / "aggregator" / "config.toml"


def find(named: str | os.PathLike[str] | None = None, environ: Mapping[str, str] | None = None) -> Path:
    """Return the file to read: `named`, else `AGGREGATOR_CONFIG`, else ./config.toml, else the platform's.

    Raises MissingConfig.
    """
    chosen = named or (os.environ if environ is None else environ).get(VARIABLE)
    if chosen:
        path = Path(os.path.expanduser(chosen))
        path = path / "config.toml" if path.is_dir() else path
        if not path.is_file():
            raise MissingConfig([Problem(str(path), 0, "", "there is no such file")])
        return path
    tried = [Path("config.toml"), platform_file()]
    for path in tried:
        if path.is_file():
            return path
    raise MissingConfig([Problem(str(tried[0]), 0, "", f"there is no configuration here, nor at {tried[1]}")])


def load(path: str | os.PathLike[str] | None = None) -> Config:
    """Read and check a configuration file. Raises ConfigError with every problem, or MissingConfig."""
    file = find(path)
    return parse(read_text(file), file)


def read_text(file: Path) -> str:
    """Return the text of a configuration file, without a byte order mark. Raises ConfigError if it cannot be read."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ConfigError([Problem(str(file), 0, "", f"cannot be read: {error.strerror}")]) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError([Problem(str(file), line, "", "is not UTF-8 text", "a file saved as UTF-8")]) from error


def parse(text: str, file: Path) -> Config:
    """Parse and check a configuration. `file` is for messages and for relative paths. Raises ConfigError."""
    from aggregator.config.model.parsing import parsed

    return parsed(text, file)
