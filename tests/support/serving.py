"""A server of the standard library in a thread of its own, for as long as a test's `with` lasts."""

from __future__ import annotations

import socketserver
import threading
from typing import Self


class Serving:
    """The start and the end of what serves on loopback; a context manager."""

    def __init__(self, server: socketserver.TCPServer) -> None:
        self._server = server
        self.port: int = server.server_address[1]  # type: ignore[assignment]
        self._thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
