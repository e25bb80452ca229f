"""Taking a changed configuration over while the daemon runs; a bad edit keeps the running one and says why."""

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

Stamp = tuple[tuple[str, int, int], ...]


class Reload:
    """Called every few seconds; looks at the file, and at the subscription lists it names."""

    def __init__(self, program: Program, health: Health) -> None:
        self._program = program
        self._health = health
        self._seen = stamp(program.config)

    async def __call__(self) -> None:
        """Take the file over if it has changed. Raises StoreError; the change is then taken over the next time."""
        now = stamp(self._program.config)
        if now == self._seen or not now:  # an editor that writes a new file in its place leaves a moment without one
            return
        try:
            config = await self._take_over()
        except (ConfigError, ParseError) as error:
            self._seen = now
            self._health.configuration = f"{error.url}: {error}" if isinstance(error, ParseError) else str(error)
            log.error("the new configuration is not taken over", extra={"fields": {"why": self._health.configuration}})
            return
        self._seen = stamp(config)
        self._health.configuration = ""
        log.info("configuration reloaded")

    async def _take_over(self) -> Config:
        """The new configuration, taken over. Raises ConfigError, ParseError for a list that is none, or StoreError."""
        before = self._program.config
        config = await asyncio.to_thread(_read, before.path)
        await self._program.reconfigure(config)
        for key in for_a_restart(before, config):
            log.warning("this change takes a restart", extra={"fields": {"key": key}})
        return config


def _read(path: Path) -> Config:
    """The configuration with its secrets, none of which shows in any output from here on. Raises ConfigError."""
    config = load(path)
    redact.add(sensitive(config))
    absent = missing(config)
    if absent:
        raise SecretMissing([problem for error in absent for problem in error.problems])
    return config


def for_a_restart(old: Config, new: Config) -> list[str]:
    """The keys whose change the running daemon cannot follow."""
    keys = [("storage", "url"), ("web", "enabled"), ("web", "listen"), ("web", "token_env"), ("web", "token_file")]
    return [
        f"{table}.{key}"
        for table, key in keys
        if getattr(getattr(old, table), key) != getattr(getattr(new, table), key)
    ]


def stamp(config: Config) -> Stamp:
    """What tells one state of the files from the next; empty while the configuration is not there."""
    found = []
    for path in [config.path, *(config.resolve(table.file) for table in config.opml)]:
        try:
            state = path.stat()
        except OSError:
            continue
        found.append((str(path), state.st_mtime_ns, state.st_size))
    return tuple(found) if found and found[0][0] == str(config.path) else ()
