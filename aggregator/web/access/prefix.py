"""Serves the pages under a path prefix, behind a reverse proxy that keeps the prefix or removes it."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class UnderPrefix:
    """ASGI middleware that gives every path the prefix of the public URL. `prefix` begins with a slash."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http":
            path = scope["path"]
            inside = path == self._prefix or path.startswith(self._prefix + "/")
            full = path if inside else self._prefix + path
            scope = {**scope, "root_path": self._prefix, "path": full if full != self._prefix else full + "/"}
        await self._app(scope, receive, send)
