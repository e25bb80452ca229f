"""Writes the sites that are recipients of digests, when an edition was delivered to them."""

from __future__ import annotations

import logging
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

from aggregator.services.program import Program
from aggregator.web.site.files import write_site
from aggregator.web.site.pages import Site
from digests.channels.files import SITE_DUE
from digests.channels.kinds import Channels

log = logging.getLogger(__name__)

_WRITING = (
    ".writing"  # the mark while pages are written; it stays if the process is killed, so that they are written again
)


def refresh_sites(program: Program) -> list[str]:
    """Write each site with a new edition; return what went wrong. A site that fails is written next time."""
    problems: list[str] = []
    for folder, digests in _sites(program).items():
        if not _take(folder):
            continue
        try:
            written = write_site(folder, Site(program, sorted(digests)).files())
            (folder / _WRITING).unlink()
        except OSError as error:
            problems.append(f"site:{folder} is not written: {error.strerror}")
            continue
        log.info("site", extra={"fields": {"folder": str(folder), "written": written.changed}})
    return problems


def _sites(program: Program) -> dict[Path, set[str]]:
    found: dict[Path, set[str]] = defaultdict(set)
    for digest in program.config.digests:
        for recipient in program.editions.plan(digest.name).recipients if digest.enabled else ():
            if recipient.channel == Channels.SITE:
                found[Path(recipient.address)].add(digest.name)
    return found


def _take(folder: Path) -> bool:
    """Turn the mark of a site into that of the process that writes it; return whether there was one."""
    with suppress(OSError):
        (folder / SITE_DUE).replace(folder / _WRITING)
    return (folder / _WRITING).exists()
