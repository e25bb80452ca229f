"""Runs the web application in the daemon's event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from aggregator.observe.metrics import Metrics
from aggregator.services.program import Program
from aggregator.stories.query import parse
from aggregator.web.limits import BACKLOG, MOST_HEAD, LimitedConnection, connection_class, most_connections
from aggregator.web.look import compile_templates
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
        http=connection_class(most_connections(program.config.fetch.concurrency)),
        ws="none",
        backlog=BACKLOG,
        h11_max_incomplete_event_size=MOST_HEAD,
        timeout_graceful_shutdown=5,  # a hanging client does not stop the daemon from ending
    )
    server = _Server(config)
    try:
        sock = config.bind_socket()
        sock.listen(BACKLOG)  # so that nobody is refused while the server starts
    except (OSError, SystemExit) as error:
        log.error("the pages are not served", extra={"fields": {"listen": web.listen, "why": str(error)}})
        yield 0
        return
    running = asyncio.create_task(server.serve([sock]))
    watching = asyncio.create_task(_expire_connections(server))
    preparing = asyncio.create_task(asyncio.to_thread(_prepare, program))
    try:
        yield sock.getsockname()[1]
    finally:
        watching.cancel()
        server.should_exit = True
        await running
        await preparing


def _prepare(program: Program) -> None:
    """Do once at the start what the first readers would otherwise wait for, each in a thread of its own."""
    config = program.config
    compile_templates(config.resolve(config.web.templates) if config.web.templates else None)
    parse("word")  # imports the parser of queries


async def _expire_connections(server: uvicorn.Server) -> None:
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(1)
        for connection in list(server.server_state.connections):
            if isinstance(connection, LimitedConnection):
                connection.expire(loop.time())
