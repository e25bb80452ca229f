"""Checks of a loaded configuration: missing or readable secrets, no feeds, no digests, no recipients."""

from __future__ import annotations

import stat
from collections.abc import Iterator

from aggregator.config import Config, secrets
from aggregator.config.sections import Digest
from aggregator.doctor.finding import Finding, error, ok, warning
from aggregator.system.counts import count_of
from digests.render.view.wording import Wording, catalogues

_READABLE_BY_OTHERS = stat.S_IRGRP | stat.S_IROTH


def check_configuration(config: Config) -> Iterator[Finding]:
    """Check the configuration's secrets, feeds and digests."""
    counts = [(len(config.feeds), "feed"), (len(config.digests), "digest")]
    counts += [(len(config.alerts), "alert")] if config.alerts else []
    yield ok(
        "configuration",
        f"{config.path}: {', '.join(count_of(number, name) for number, name in counts)}",
    )
    for missing in secrets.missing(config):
        yield error("secrets", str(missing), missing.hint)
    yield from _readable_secrets(config)
    if not config.feeds and not config.opml:
        yield warning("feeds", "no feed is subscribed", "`aggregator add URL` subscribes to one")
    if not config.digests:
        yield warning("digests", "there is no [[digest]]: nothing will be sent", "add one; docs/digests.md shows how")
    for output in config.outputs:
        if output.enabled and not output.to:
            yield warning("digests", f"{output.name} has no recipients", 'add some: to = ["me@example.org"]')
    for digest in config.digests:
        yield from _check_language(config, digest)


def _check_language(config: Config, digest: Digest) -> Iterator[Finding]:
    """Report a digest in a language without fixed texts: its mails have them in English."""
    folder = config.resolve(digest.template_folder) if digest.template_folder else None
    wanted = digest.language.split("-", maxsplit=1)[0]
    if Wording(digest.language, folder=folder).language.split("-", maxsplit=1)[0] != wanted:
        yield warning(
            "languages",
            f"there are no fixed texts in {digest.language!r}; {digest.name} has them in English",
            f"there are texts in {', '.join(catalogues())}; others go into locale/{digest.language}.po of "
            "`template_folder`, see docs/templates.md",
        )


def _readable_secrets(config: Config) -> Iterator[Finding]:
    for path in dict.fromkeys(config.resolve(named.file) for named in secrets.named_secrets(config) if named.file):
        if path.is_file() and path.stat().st_mode & _READABLE_BY_OTHERS:
            yield warning("secrets", f"{path} can be read by other users of this machine", f"chmod 600 {path}")
