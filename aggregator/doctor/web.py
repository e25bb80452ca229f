"""Checks of the pages: who can reach them, and whether unsubscribe links in mail work."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from aggregator.config import Config
from aggregator.doctor.finding import Finding, ok, warning
from digests.channels.kinds import Channels, is_loopback


def check_pages(config: Config, *, daemon_runs: bool = False) -> Iterator[Finding]:
    """Check the listening address, the port and the public URL. The port of a running daemon is its own."""
    web = config.web
    if not web.enabled:
        yield ok("web", "the pages are disabled")
        return
    exposed = not is_loopback(web.host)
    access = "open to the network with a token" if exposed else "for this machine only"
    yield ok("web", f"pages at {web.listen}, {access}")
    in_use = _in_use(web.host, web.port)
    if in_use and not daemon_runs:
        yield warning(
            "web", f"another program already listens on {web.listen}", "stop it, or set another port in [web] listen"
        )
    elif daemon_runs and not in_use:
        yield warning(
            "web",
            f"the daemon runs, but nothing listens on {web.listen}",
            "restart the daemon: [web] listen was changed, or it runs in another container",
        )
    if not web.public_url.startswith("https://") and _mails_others(config):
        yield warning(
            "web",
            "mail has no one-click unsubscribing, which needs an https URL",
            'set [web] public_url = "https://…" if the pages are public',
        )


def _mails_others(config: Config) -> bool:
    """Whether mail goes to anybody but the operator, who leaves a digest by editing the configuration."""
    own = {config.mail.owner.casefold(), config.mail.sender.casefold()}
    recipients = [one for output in config.outputs if output.enabled for one in config.recipients(output)]
    to = {one.address.casefold() for one in recipients if one.channel == Channels.MAIL}
    return bool(to - own) or any(digest.open for digest in config.digests if digest.enabled)


def _in_use(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False
