"""Runs the web application in the daemon's event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from aggregator.observe.metrics import Metrics
from aggregator.services.program import Program
from aggregator.web.routes import application

log = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    """Leaves the signals to the daemon."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@asynccontextmanager
async def serve(program: Program, metrics: Metrics) -> AsyncIterator[int]:
    """Serve while the block runs; yields the port. A port in use is logged, and the daemon runs without pages."""
    web = program.config.web
    if not web.enabled:
        yield 0
        return
    config = uvicorn.Config(
        application(program, metrics),
        host=web.host,
        port=web.port,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=5,  # a hanging client does not stop the daemon from ending
    )
    server = _Server(config)
    try:
        sock = config.bind_socket()
    except (OSError, SystemExit) as error:
        log.error("the pages are not served", extra={"fields": {"listen": web.listen, "why": str(error)}})
        yield 0
        return
    running = asyncio.create_task(server.serve([sock]))
    try:
        yield sock.getsockname()[1]
    finally:
        server.should_exit = True
        await running
