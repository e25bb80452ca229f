"""A browser without script on the management pages: forms are sent as the pages have them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn
from lxml import html

from aggregator.observe.metrics import Metrics
from aggregator.services.program import Program
from aggregator.store.stories.search import index_entries
from aggregator.web.routes import application

ORIGIN = "http://127.0.0.1:8440"


def client_of(program: Program, base: str = ORIGIN) -> httpx.AsyncClient:
    """A client of the program's pages."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(application(program, Metrics())), base_url=base, follow_redirects=True
    )


def form_fields(page: httpx.Response, button: str) -> tuple[str, str, dict[str, Any]]:
    """The path, encoding and fields of the form on a page that has a button with this text."""
    for form in html.fromstring(page.content).forms:
        for pressed in form.iter("button"):
            if " ".join(pressed.text_content().split()) != button:
                continue
            fields: dict[str, Any] = {}
            for name, value in form.form_values():
                fields.setdefault(name, []).append(value)
            if pressed.get("name"):
                fields[pressed.get("name")] = pressed.get("value", "")
            return form.get("action") or page.request.url.raw_path.decode(), form.get("enctype", ""), fields
    raise AssertionError(f"no form has the button {button!r}: {page.text[:3000]}")


async def press(client: httpx.AsyncClient, page: httpx.Response, button: str, **values: Any) -> httpx.Response:
    """Fill in fields of a form and press its button. A value of bytes is an uploaded file."""
    path, encoding, fields = form_fields(page, button)
    files = {name: ("file.opml", value) for name, value in values.items() if isinstance(value, bytes)}
    fields |= {name: value for name, value in values.items() if name not in files}
    assert bool(files) == (encoding == "multipart/form-data")
    return await client.post(path, data=fields, files=files or None, headers={"origin": str(client.base_url)})


@asynccontextmanager
async def served(program: Program) -> AsyncIterator[str]:
    """The pages over HTTP; yields their URL."""
    config = uvicorn.Config(application(program, Metrics()), port=0, log_level="warning", lifespan="off")
    sock = config.bind_socket()
    sock.listen(100)  # so that a browser that is faster than the server is not refused
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve([sock]))
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


async def grouped(program: Program) -> None:
    """What the daemon's ticks do after a fetch."""
    await asyncio.to_thread(program.stories.group)
    while await asyncio.to_thread(index_entries, program.db, 500):
        pass
