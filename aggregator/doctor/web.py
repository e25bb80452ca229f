"""Who can reach the pages, and whether links in mail work."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from aggregator.config import Config
from aggregator.doctor.finding import Finding, ok, warning


def check(config: Config) -> Iterator[Finding]:
    """The address the pages listen on, the public address, and whether the port is free."""
    web = config.web
    if not web.enabled:
        yield ok("web", "the pages are switched off")
        return
    exposed = web.host not in ("127.0.0.1", "::1", "localhost")
    yield ok(
        "web", f"pages at {web.listen}, {'open to the network behind a token' if exposed else 'for this machine only'}"
    )
    if _taken(web.host, web.port):
        yield warning(
            "web",
            f"something listens on {web.listen} already",
            "fine if it is the daemon; else choose another port in [web] listen",
        )
    if config.sends_mail() and not web.public_url.startswith("https://"):
        yield warning(
            "web",
            "mail goes out without one-click unsubscribing, which needs an https address",
            'set [web] public_url = "https://…" if the pages are public',
        )


def _taken(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False
