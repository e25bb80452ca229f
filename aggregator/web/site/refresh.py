"""Writes the sites that are recipients of digests, when an edition was delivered to them."""

from __future__ import annotations

import logging
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

from jinja2 import TemplateError

from aggregator.services.program import Program
from aggregator.store.errors import NotFound
from aggregator.web.site.files import write_site
from aggregator.web.site.pages import Site
from digests.channels.files import SITE_DUE
from digests.channels.kinds import Channels
from digests.channels.recipient import Recipient

log = logging.getLogger(__name__)

# The mark while pages are written. It stays if the process is killed, so that they are written again.
_WRITING = ".writing"


def refresh_sites(program: Program) -> list[str]:
    """Write each site with a new edition; return what went wrong. A site that fails is written next time."""
    problems: list[str] = []
    for recipient, digests in _sites(program).items():
        folder = Path(recipient.address)
        if not _take(folder):
            continue
        try:
            written = write_site(folder, Site(program, sorted(digests), recipient=recipient).files())
            (folder / _WRITING).unlink(missing_ok=True)  # another process may have written it too
        except (OSError, NotFound, TemplateError) as error:  # a template of the user, or an edition that was removed
            problems.append(f"site:{folder} is not written: {getattr(error, 'strerror', None) or error}")
            continue
        log.info("site", extra={"fields": {"folder": str(folder), "written": written.changed}})
    return problems


def _sites(program: Program) -> dict[Recipient, set[str]]:
    """Return the digests of each site; a digest that is paused keeps its pages."""
    found: dict[Recipient, set[str]] = defaultdict(set)
    for digest in program.config.digests:
        for recipient in program.editions.plan(digest.name).recipients:
            if recipient.channel == Channels.SITE:
                found[recipient].add(digest.name)
    return found


def _take(folder: Path) -> bool:
    """Turn the mark of a site into that of the process that writes it; return whether there was one."""
    with suppress(OSError):
        (folder / SITE_DUE).replace(folder / _WRITING)
    return (folder / _WRITING).exists()
