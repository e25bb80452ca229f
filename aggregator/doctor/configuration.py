"""Checks of the configuration beyond what loading it holds: secrets that are there, and whether it would do anything."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sized

from aggregator.config import Config, secrets
from aggregator.config.checks import SECRETS
from aggregator.doctor.finding import Finding, error, ok, warning

_READABLE_BY_OTHERS = stat.S_IRGRP | stat.S_IROTH


def check(config: Config) -> Iterator[Finding]:
    """The configuration, its secrets, its feeds and digests."""
    yield ok("configuration", f"{config.path}: {_count(config.feeds, 'feed')}, {_count(config.digests, 'digest')}")
    for absent in secrets.missing(config):
        yield error("secrets", str(absent), absent.hint)
    yield from _open_files(config)
    if not config.feeds and not config.opml:
        yield warning("feeds", "no feed is subscribed", "`aggregator add URL` subscribes to one")
    if not config.digests:
        yield warning("digests", "there is no [[digest]]: nothing is ever sent", "add one; docs/digests.md shows how")
    for digest in config.digests:
        if digest.enabled and not digest.to:
            yield warning("digests", f"{digest.name} has no recipients", 'name some: to = ["me@example.org"]')


def _count(things: Sized, word: str) -> str:
    return f"{len(things)} {word}" + ("" if len(things) == 1 else "s")


def _open_files(config: Config) -> Iterator[Finding]:
    for table, key in SECRETS:
        name = getattr(getattr(config, table), f"{key}_file")
        path = config.resolve(name) if name else None
        if path and path.is_file() and path.stat().st_mode & _READABLE_BY_OTHERS:
            yield warning("secrets", f"{path} can be read by other users of this machine", f"chmod 600 {path}")
