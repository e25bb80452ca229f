"""The routes of the pages. No GET changes anything, because scanners follow links (RFC 8058 section 3.1)."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from datetime import datetime

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from aggregator.config.schema import Config
from aggregator.config.secrets import secret
from aggregator.observe.health import Health
from aggregator.observe.metrics import Metrics
from aggregator.pipeline import push as pushing
from aggregator.pipeline.issue import READ, Outputs
from aggregator.recipients.wording import preferred, wording
from aggregator.services.context import Context
from aggregator.services.editions import EditionsService
from aggregator.services.program import Program
from aggregator.store import Database
from aggregator.store.errors import NotFound, StoreError
from aggregator.store.intake import feeds as feed_store
from aggregator.store.outgoing import deliveries as delivery_store
from aggregator.store.stories import stories as story_store
from aggregator.web import pages, recipients
from digests import links
from digests.errors import LinkError
from digests.render.view.wording import Wording
from digests.summarize.extractive import summarize_story

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
STORY_WORDS = 120  # of a summary on a story's page
Handler = Callable[[Request], Awaitable[Response]]


def application(program: Program, metrics: Metrics) -> Starlette:
    """The web application of one daemon."""

    async def health(_: Request) -> Response:
        try:
            facts = await run_in_threadpool(_health, program.db, program.clock.now(), metrics.health)
        except StoreError as error:
            return PlainTextResponse(f"database: {error.code}\n", status_code=503)
        status = 200 if facts["status"] == "ok" else 503
        return Response(json.dumps(facts, sort_keys=True), status_code=status, media_type="application/json")

    async def measures(_: Request) -> Response:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4")

    async def edition(request: Request) -> Response:
        try:
            found = await run_in_threadpool(program.editions.edition, request.path_params["id"])
        except NotFound:
            words = _words(request)
            removed = pages.message(words, words.t("This edition is not here"), words.t("It may have been removed."))
            return _page(removed, 404)
        outputs = Outputs(found, program.editions.renderer(found.digest), program.editions.sender())
        return _page(await run_in_threadpool(outputs.page))

    async def story(request: Request) -> Response:
        found = await run_in_threadpool(_story, program.db, request.path_params["id"])
        if found is None:
            words = _words(request)
            removed = pages.message(words, words.t("This story is not here"), words.t("It may have been removed."))
            return _page(removed, 404)
        return _page(found)

    async def feed(request: Request) -> Response:
        try:
            text = await run_in_threadpool(program.editions.feed, request.path_params["digest"])
        except NotFound:
            words = _words(request)
            return _page(pages.message(words, words.t("There is no such digest"), words.t("Check the address.")), 404)
        return Response(text, media_type="application/atom+xml")

    async def index(_: Request) -> Response:
        return _page(pages.index(await run_in_threadpool(program.editions.recent)))

    with_token = _token_check(program.config, program.context, program.editions)
    return Starlette(
        routes=[
            Route("/healthz", health),
            Route("/metrics", with_token(measures)),
            Route("/", with_token(index)),
            Route("/editions/{id}", with_token(edition)),
            Route("/stories/{id}", with_token(story)),
            Route(
                pushing.PATH + "{token}",
                _hub_handler(program.context, lambda: program.config.fetch.max_bytes),
                methods=["GET", "POST"],
            ),
            Route("/digests/{digest}.xml", with_token(feed)),
            *recipients.routes(program, _page),
        ]
    )


def _token_check(config: Config, context: Context, editions: EditionsService) -> Callable[[Handler], Handler]:
    """Require the configured token: as a bearer token, or `?token=` in a link.

    A page of an edition also opens with the `?key=` of the links in its mails, because recipients have no token.
    """
    given = secret(config, "web", "token")
    token = given.get_secret_value() if given else ""

    def around(handler: Handler) -> Handler:
        async def checked(request: Request) -> Response:
            shown = request.headers.get("authorization", "").removeprefix("Bearer ") or request.query_params.get(
                "token", ""
            )
            if (
                token
                and not hmac.compare_digest(shown.encode(), token.encode())
                and not _has_key(editions, context, request)
            ):
                return PlainTextResponse("a token is needed\n", status_code=401, headers={"WWW-Authenticate": "Bearer"})
            return await handler(request)

        return checked

    return around


def _hub_handler(context: Context, max_bytes: Callable[[], int]) -> Handler:
    """Handles requests of WebSub hubs: a GET verifies our subscription, a POST is a push."""

    async def answer(request: Request) -> Response:
        token, now = request.path_params["token"], context.clock.now()
        if request.method == "GET":
            query = dict(request.query_params)
            echo = await run_in_threadpool(pushing.confirm_subscription, context.db, token, query, now)
            return PlainTextResponse("" if echo is None else echo, status_code=404 if echo is None else 200)
        body = await _body_within(request, max_bytes())
        if body is None:
            return PlainTextResponse("too large\n", status_code=413)
        signature = request.headers.get("x-hub-signature", "")
        known = await run_in_threadpool(pushing.accept_push, context.db, token, signature, body, now)
        return PlainTextResponse("", status_code=202 if known else 410)

    return answer


async def _body_within(request: Request, limit: int) -> bytes | None:
    """The body of a request; None when it is larger than `limit` bytes, without reading the rest."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            return None
    return body


def _has_key(editions: EditionsService, context: Context, request: Request) -> bool:
    """Whether the request has the key of the requested edition, or of any edition when it requests a story."""
    if "key" not in request.query_params or not request.url.path.startswith(("/editions/", "/stories/")):
        return False
    try:
        data = links.token_data(editions.sender().keys, request.query_params["key"], READ, context.clock.now())
    except LinkError:
        return False
    return not request.url.path.startswith("/editions/") or request.path_params["id"] == data["edition"]


def _words(request: Request) -> Wording:
    return wording(preferred(request.headers.get("accept-language", "")))


def _page(html: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(html, status_code=status, headers=HEADERS)


def _story(db: Database, story_id: str) -> str | None:
    """The page of a story, also for the id of a story that was merged into it. Summarized without a model."""
    record = story_store.story(db, story_id)
    found = story_store.stories(db, ids=[record.id]) if record else []
    if not found:
        return None
    summary = summarize_story(found[0], words=STORY_WORDS, language=found[0].language or "en")
    return pages.story(found[0], summary)


def _health(db: Database, now: datetime, health: Health) -> dict[str, object]:
    states = delivery_store.counts(db)
    feeds = feed_store.list_feeds(db, now)
    problems = health.problems(now)
    return {
        "status": "failing" if problems else "ok",
        "problems": problems,
        "configuration": health.configuration or "as in the file",
        "feeds": len(feeds),
        "feeds_failing": sum(f.state.failures > 0 for f in feeds),
        "deliveries": {state.value: count for state, count in sorted(states.items())},
    }
