"""An HTTP server on loopback for the sample feeds, with validators and a clock that the caller sets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aggregator.demo.outlets import OUTLETS, Outlet
from aggregator.demo.publish import feed


class Publisher(ThreadingHTTPServer):
    """Serves every outlet's feed at `now`; counts its responses by status."""

    daemon_threads = True

    def __init__(self, now: datetime) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.now = now
        self.responses: dict[int, int] = {}

    def url(self, outlet: Outlet) -> str:
        """Return the URL of the outlet's feed."""
        return f"http://127.0.0.1:{self.server_port}{outlet.path}"


class _Handler(BaseHTTPRequestHandler):
    server: Publisher

    def do_GET(self) -> None:
        outlet = next((o for o in OUTLETS if o.path == self.path), None)
        if outlet is None:
            self._respond(404, b"no such outlet")
        elif "down" in outlet.habits:
            self._respond(503, b"closed for maintenance")
        else:
            media_type, body = feed(outlet, self.server.now)
            etag = f'"{sha256(body).hexdigest()[:16]}"'
            known = self.headers.get("If-None-Match") == etag
            self._respond(304 if known else 200, b"" if known else body, {"ETag": etag, "Content-Type": media_type})

    def _respond(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.server.responses[status] = self.server.responses.get(status, 0) + 1
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
        """Log nothing, because the demo prints its own report."""


@contextmanager
def publisher(now: datetime) -> Iterator[Publisher]:
    """Run a publisher, and stop it at the end."""
    server = Publisher(now)
    thread = threading.Thread(target=server.serve_forever, name="demo-publisher", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
