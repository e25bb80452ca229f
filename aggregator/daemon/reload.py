"""Reloading a changed configuration while the daemon runs. An invalid one is logged, and the old one is kept."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from aggregator.config import Config, ConfigError, SecretMissing, load
from aggregator.config.secrets import missing, sensitive
from aggregator.observe.health import Health
from aggregator.observe.redact import redact
from aggregator.services.program import Program
from feeds.errors import ParseError

log = logging.getLogger(__name__)

FileStamp = tuple[tuple[str, int, int], ...]


class Reload:
    """Reloads the configuration when its file or one of its OPML files has changed. Called every few seconds."""

    def __init__(self, program: Program, health: Health) -> None:
        self._program = program
        self._health = health
        self._seen = file_stamp(program.config)

    async def __call__(self) -> None:
        """Reload if a file has changed. Raises StoreError; the next call then tries again."""
        current = file_stamp(self._program.config)
        if current == self._seen or not current:  # an editor that replaces the file leaves a moment without one
            return
        try:
            config = await self._reload()
        except (ConfigError, ParseError) as error:
            self._seen = current
            self._health.configuration = f"{error.url}: {error}" if isinstance(error, ParseError) else str(error)
            log.error("the new configuration is not used", extra={"fields": {"why": self._health.configuration}})
            return
        self._seen = file_stamp(config)
        self._health.configuration = ""
        log.info("configuration reloaded")

    async def _reload(self) -> Config:
        """Use the new configuration. Raises ConfigError, StoreError, and ParseError for an invalid OPML file."""
        before = self._program.config
        config = await asyncio.to_thread(_load, before.path)
        await self._program.reconfigure(config)
        for key in keys_needing_restart(before, config):
            log.warning("this change needs a restart", extra={"fields": {"key": key}})
        return config


def _load(path: Path) -> Config:
    """Load the configuration and redact its secrets in all later output. Raises ConfigError."""
    config = load(path)
    redact.add(sensitive(config))
    if errors := missing(config):
        raise SecretMissing([problem for error in errors for problem in error.problems])
    return config


def keys_needing_restart(old: Config, new: Config) -> list[str]:
    """Return the changed keys that the running daemon cannot apply."""
    web = [("web", key) for key in ("enabled", "listen", "token_env", "token_file")]
    keys = [("storage", "url"), ("cluster", "enabled"), ("cluster", "direct_url"), *web]
    return [
        f"{table}.{key}"
        for table, key in keys
        if getattr(getattr(old, table), key) != getattr(getattr(new, table), key)
    ]


def file_stamp(config: Config) -> FileStamp:
    """Return path, time and size of the configuration's files; empty while the configuration file is missing."""
    files = []
    for path in [config.path, *(config.resolve(table.file) for table in config.opml)]:
        try:
            state = path.stat()
        except OSError:
            continue
        files.append((str(path), state.st_mtime_ns, state.st_size))
    return tuple(files) if files and files[0][0] == str(config.path) else ()
