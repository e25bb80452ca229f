"""Checks of the pages: who can reach them, and whether unsubscribe links in mail work."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from aggregator.config import Config
from aggregator.doctor.finding import Finding, ok, warning


def check_pages(config: Config) -> Iterator[Finding]:
    """Check the listening address, the port and the public URL."""
    web = config.web
    if not web.enabled:
        yield ok("web", "the pages are disabled")
        return
    exposed = web.host not in ("127.0.0.1", "::1", "localhost")
    access = "open to the network with a token" if exposed else "for this machine only"
    yield ok("web", f"pages at {web.listen}, {access}")
    if _in_use(web.host, web.port):
        yield warning(
            "web",
            f"another program already listens on {web.listen}",
            "ignore this if it is the daemon; else set another port in [web] listen",
        )
    if config.sends_mail() and not web.public_url.startswith("https://"):
        yield warning(
            "web",
            "mail has no one-click unsubscribing, which needs an https URL",
            'set [web] public_url = "https://…" if the pages are public',
        )


def _in_use(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False
