"""The routes of the pages. No GET changes anything, because scanners follow links (RFC 8058 section 3.1)."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from aggregator.config.schema import Config
from aggregator.config.secrets import secret
from aggregator.observe.health import Health
from aggregator.observe.metrics import Metrics
from aggregator.pipeline import push as pushing
from aggregator.services.context import Context
from aggregator.services.program import Program
from aggregator.store import Database
from aggregator.store.errors import NotFound, StoreError
from aggregator.store.figures import Figures, read_figures
from aggregator.store.intake import feeds as feed_store
from aggregator.store.intake import push as push_store
from aggregator.store.outgoing import deliveries as delivery_store
from aggregator.web import entries, pages, recipients
from aggregator.web.access import sign_in
from aggregator.web.access.gate import Gate
from aggregator.web.access.prefix import UnderPrefix
from aggregator.web.limits import Compressed, RequestLimits
from aggregator.web.look import STANDALONE_HEADERS, Look, requested_wording
from aggregator.web.look import routes as look_routes
from aggregator.web.manage.routes import routes as manage_routes
from aggregator.web.private import PrivateByDefault
from aggregator.web.reading.archive import ArchivePages, DigestFeeds
from aggregator.web.reading.search import SearchPages
from aggregator.web.reading.story import StoryPages
from aggregator.web.reading.topics import TopicPages
from feeds.websub import SignatureCheck

log = logging.getLogger(__name__)

MAX_PUSH = 4 * 1024 * 1024  # bytes; a larger push is refused, and the feed is polled as ever
_MAX_TOKEN = 64  # characters; ours have 32
_FEED_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache"}
_ENTRIES_HEADERS = {**STANDALONE_HEADERS, "Cache-Control": "private, no-cache"}
Handler = Callable[[Request], Awaitable[Response]]


def _figures(program: Program) -> Figures:
    figures = read_figures(program.db)
    if not program.config.cluster.enabled:
        return figures
    from aggregator.store.cluster import jobs

    return replace(figures, queues=jobs.queue_figures(program.db))


def application(program: Program, metrics: Metrics) -> ASGIApp:
    """Return the web application of one daemon."""
    config = program.config
    gate = Gate(program, _access_token(config), urlsplit(config.web.public_url).path.rstrip("/"))
    look = Look(gate, config.resolve(config.web.templates) if config.web.templates else None)

    async def measures(_: Request) -> Response:
        figures = await run_in_threadpool(_figures, program)
        return Response(metrics.text(figures, program.clock.now()), media_type="text/plain; version=0.0.4")

    feeds = DigestFeeds(program)

    async def feed(request: Request) -> Response:
        try:
            text = await feeds.text(request.path_params["digest"])
        except NotFound:
            words = requested_wording(request)
            return _page(pages.message(words, words.t("There is no such digest"), words.t("Check the address.")), 404)
        return look.response(request, text, headers={"Content-Type": "application/atom+xml", **_FEED_HEADERS})

    with_token = _token_check(gate)
    app = Starlette(
        routes=[
            Route("/healthz", _health_handler(program, metrics, gate)),
            Route("/metrics", with_token(measures)),
            *_reading_routes(look, with_token),
            Route("/editions/{id}/entries", with_token(_entries_handler(look))),
            Route(
                pushing.PATH + "{token}",
                _hub_handler(program.context),
                methods=["GET", "POST"],
            ),
            Route("/digests/{digest}.xml", with_token(feed)),
            *manage_routes(look),
            *sign_in.routes(look),
            *look_routes(),
            *recipients.routes(program, _private_page),
        ],
        middleware=[Middleware(PrivateByDefault), Middleware(RequestLimits), Middleware(Compressed)],
        exception_handlers={StoreError: _database_failed, HTTPException: _refusal_handler(look), Exception: _failed},
    )
    return UnderPrefix(app, gate.prefix) if gate.prefix else app


def _reading_routes(look: Look, with_token: Callable[[Handler], Handler]) -> list[Route]:
    archive, stories, topics = ArchivePages(look), StoryPages(look), TopicPages(look)
    return [
        Route("/", with_token(archive.index)),
        Route("/editions/{id}", with_token(archive.edition)),
        Route("/today", with_token(archive.today)),
        Route("/today/{digest}", with_token(archive.today)),
        Route("/topics", with_token(topics.topics)),
        Route("/topics/{name}", with_token(topics.topic)),
        Route("/stories/{id}", with_token(stories.story)),
        Route("/like", with_token(stories.like), methods=["GET", "POST"]),
        Route("/search", with_token(SearchPages(look).search)),
    ]


def _health_handler(program: Program, metrics: Metrics, gate: Gate) -> Handler:
    """Return a handler that reports whether the daemon works, and to those who may see it what is wrong."""
    shows_details = _details_check(program.config, gate)

    async def health(request: Request) -> Response:
        try:
            report = _health if shows_details(request) else _short_health
            facts = await run_in_threadpool(report, program.db, program.clock.now(), metrics.health)
        except StoreError as error:
            why = f"database: {error.code}" if shows_details(request) else "failing"
            return PlainTextResponse(f"{why}\n", status_code=503)
        status = 200 if facts["status"] == "ok" else 503
        return Response(json.dumps(facts, sort_keys=True), status_code=status, media_type="application/json")

    return health


def _entries_handler(look: Look) -> Handler:
    """Return a handler that lists the entries of an edition's period; an edition's key shows only its digest's."""
    program = look.program

    async def answer(request: Request) -> Response:
        try:
            found = await run_in_threadpool(program.editions.edition, request.path_params["id"])
        except NotFound:
            return _no_edition(request)
        back = f"../{found.id}" + (f"?{request.url.query}" if request.url.query else "")
        everything = "key" not in request.query_params
        page = await run_in_threadpool(entries.entries_page, program.db, found, back, everything=everything)
        return look.response(request, page, headers=_ENTRIES_HEADERS)

    return answer


def _token_check(gate: Gate) -> Callable[[Handler], Handler]:
    """Require the configured token or a session.

    A page of an edition also opens with the `?key=` of the links in its mails, because recipients have no token.
    """

    def around(handler: Handler) -> Handler:
        async def checked(request: Request) -> Response:
            if not gate.has_own_host(request):
                return gate.foreign_host()
            if await run_in_threadpool(_may_see, gate, request):
                return await handler(request)
            return gate.refusal(request)

        return checked

    return around


def _may_see(gate: Gate, request: Request) -> bool:
    return gate.session(request) is not None or gate.has_key(request)


def _details_check(config: Config, gate: Gate) -> Callable[[Request], bool]:
    """Whether a request may see what is wrong: with the token; without one where no stranger reaches the pages."""
    local = not config.web.public_url

    def shown(request: Request) -> bool:
        return gate.has_token(request) if gate.token else local and gate.has_own_host(request)

    return shown


def _access_token(config: Config) -> str:
    given = secret(config, "web", "token")
    return given.get_secret_value() if given else ""


def _hub_handler(context: Context) -> Handler:
    """Return a handler of requests of WebSub hubs: a GET verifies our subscription, a POST is a push.

    Nothing of a body is read before its token is known, and nothing is kept: only its signature counts.
    """

    async def answer(request: Request) -> Response:
        token, now = request.path_params["token"], context.clock.now()
        if request.method == "GET":
            query = dict(request.query_params)
            echo = await run_in_threadpool(pushing.confirm_subscription, context.db, token, query, now)
            return PlainTextResponse("" if echo is None else echo, status_code=404 if echo is None else 200)
        push = await run_in_threadpool(push_store.by_token, context.db, token) if len(token) <= _MAX_TOKEN else None
        if push is None:
            return PlainTextResponse("", status_code=410, headers={"Connection": "close"})
        check = SignatureCheck(push, request.headers.get("x-hub-signature", ""))
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > MAX_PUSH:
                return PlainTextResponse("too large\n", status_code=413, headers={"Connection": "close"})
            check.update(chunk)
        if check.valid:
            await run_in_threadpool(pushing.accept_push, context.db, push, now)
        return PlainTextResponse("", status_code=202)

    return answer


async def _database_failed(request: Request, error: Exception) -> Response:
    """Return the page for a database that is busy or away; what a form asked for is not done."""
    log.warning("a page failed", extra={"fields": {"error": getattr(error, "code", ""), "why": str(error)}})
    words = requested_wording(request)
    text = words.t("The database does not respond at this moment. Nothing has changed. Try again.")
    page = _page(pages.message(words, words.t("The database is busy"), text), 503)
    page.headers["Retry-After"] = "10"
    return page


def _refusal_handler(look: Look) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Return a handler of paths that do not exist, and of methods that a path does not take: a page for a browser."""

    async def answer(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if "text/html" not in request.headers.get("accept", "") or not look.gate.has_own_host(request):
            return PlainTextResponse(f"{error.detail}\n", error.status_code, error.headers)
        words = look.words(request)
        title, text = words.t("There is no such page"), words.t("Check the address.")
        if error.status_code == 405:
            text = words.t("This address only takes what a form sends. Open the page of the form again.")
        page = await look.page(request, "notice.html", title, status=error.status_code, text=text)
        page.headers.update(error.headers or {})
        return page

    return answer


async def _failed(request: Request, error: Exception) -> Response:
    """Return the page for a fault of the program, which the server logs."""
    del error
    words = requested_wording(request)
    text = words.t("This is a fault of the program. The log says more. Look whether what you did is stored.")
    return _page(pages.message(words, words.t("The page failed"), text), 500)


def _no_edition(request: Request) -> Response:
    words = requested_wording(request)
    return _page(pages.message(words, words.t("This edition is not here"), words.t("It may have been removed.")), 404)


def _page(html: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(html, status_code=status, headers=STANDALONE_HEADERS)


def _private_page(html: str, status: int = 200) -> HTMLResponse:
    """Return a page of one recipient: no cache on the way may keep it."""
    return HTMLResponse(html, status_code=status, headers={**STANDALONE_HEADERS, "Cache-Control": "no-store"})


def _short_health(db: Database, now: datetime, health: Health) -> dict[str, object]:
    db.version()  # fails where the database does
    return {"status": "failing" if health.problems(now) else "ok"}


def _health(db: Database, now: datetime, health: Health) -> dict[str, object]:
    states = delivery_store.counts(db)
    feeds, failing = feed_store.count_subscribed(db)
    problems = health.problems(now)
    return {
        "status": "failing" if problems else "ok",
        "problems": problems,
        "configuration": health.configuration or "as in the file",
        "feeds": feeds,
        "feeds_failing": failing,
        "deliveries": {state.value: count for state, count in sorted(states.items())},
    }
