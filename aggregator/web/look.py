"""The look that all reading pages share: layout, navigation, headers, validators, and a user's own templates."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote, urlencode

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader, TemplateError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from aggregator.recipients.wording import preferred, wording
from aggregator.services.program import Program
from aggregator.web.access.gate import Gate
from digests.reasons import _
from digests.render.templates.environment import template_environment
from digests.render.view.clean import tidy
from digests.render.view.wording import Wording

NAVIGATION = (
    ("/", _("Editions")),
    ("/today", _("Today")),
    ("/topics", _("Topics")),
    ("/search", _("Search")),
    ("/like", _("Similar")),
)
OPERATORS = (("/saved", _("Saved")), ("/manage", _("Manage")))
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src https: data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Vary": "Accept-Language, Cookie",
}
STANDALONE_HEADERS = {  # of pages that contain their style
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_TITLE = 300  # characters
_YEAR = "public, max-age=31536000, immutable"
_TYPES = {"style.css": "text/css", "keys.js": "text/javascript", "site.js": "text/javascript"}


@dataclass(frozen=True, slots=True)
class Look:
    """Renders pages. `folder` has the user's own templates."""

    gate: Gate
    folder: Path | None = None

    @property
    def program(self) -> Program:
        """The program whose pages these are."""
        return self.gate.program

    @property
    def prefix(self) -> str:
        """The path before that of every page."""
        return self.gate.prefix

    @property
    def assets(self) -> dict[str, str]:
        """The URL paths of the style sheet and the scripts."""
        return {name: f"{self.prefix}/static/{version(name)}/{name}" for name in _TYPES}

    def link(self, path: str, **query: str) -> str:
        """Return the URL path of a page, with the query values that are not empty."""
        given = urlencode({name: value for name, value in query.items() if value})
        return self.prefix + quote(path) + (f"?{given}" if given else "")

    @property
    def navigation(self) -> tuple[tuple[str, str], ...]:
        """The paths of the main pages with their labels, which are not translated yet."""
        return (*NAVIGATION, *OPERATORS) if self.gate.manages else NAVIGATION

    def words(self, request: Request) -> Wording:
        """Return the fixed texts in the configured language of the pages, else in the one that the browser asks for.

        Times are in the zone of the pages.
        """
        config = self.program.config
        return wording(config.web.language or _requested(request), config.pages_zone)

    async def is_signed_in(self, request: Request) -> bool:
        """Whether the request has a session, and not only the key of a link."""
        return await run_in_threadpool(self.gate.session, request) is not None

    async def page(
        self, request: Request, template: str, title: str, *, status: int = 200, language: str = "", **values: object
    ) -> Response:
        """Return a rendered page, or 304 if the browser has it. Without a `language` it is that of `words`."""
        html = await run_in_threadpool(self._html, request, template, title, language, values)
        return self.response(request, html, status)

    def response(
        self, request: Request, html: str, status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        """Return a page with its headers and validator, or 304 if the browser has it."""
        tag = f'"{hashlib.sha256(html.encode()).hexdigest()[:32]}"'
        sent = {**(headers or HEADERS), "ETag": tag}
        if status == 200 and request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=sent)
        return HTMLResponse(html, status_code=status, headers=sent)

    async def refused(self, request: Request, error: ValueError) -> Response:
        """Return the page of a form that is refused; nothing has changed."""
        words = self.words(request)
        title, text = words.t("Nothing has changed"), words.word(str(error))
        return await self.page(request, "notice.html", title, status=403, text=text)

    async def missing(self, request: Request, title: str, text: str, language: str = "") -> Response:
        """Return the page for something that is not stored."""
        return await self.page(request, "notice.html", title, status=404, language=language, text=text)

    def _html(self, request: Request, template: str, title: str, language: str, values: dict[str, object]) -> str:
        gate = self.gate
        session = gate.session(request)
        here = request.url.path.removeprefix(gate.prefix) or "/"
        words = wording(language, self.program.config.pages_zone) if language else self.words(request)
        shared: dict[str, object] = {
            "title": title,
            "language": words.language,
            "direction": words.dir,
            "t": words.t,
            "word": words.word,
            "n": words.n,
            "number": words.number,
            "prefix": gate.prefix,
            "link": self.link,
            "static": False,
            "assets": self.assets,
            "navigation": [] if session is None or values.pop("plain", False) else self.navigation,
            "here": here,
            "back": here + (f"?{request.url.query}" if request.url.query else ""),
            "form_token": gate.sessions.form_token(session) if session else "",
            "manages": gate.manages and session is not None,
            "can_sign_out": bool(gate.token) and session is not None,
        }
        return page_environment(self.folder).get_template(template).render({**shared, **values})


@cache
def page_environment(folder: Path | None) -> Environment:
    """Return the environment with the templates of pages and those of `folder`."""
    made = template_environment(None, html=True)
    own, digests = PackageLoader("aggregator.web"), made.loader
    assert digests is not None
    folders = [FileSystemLoader(folder)] if folder else []
    # A name under `web/` or `standard/` is always the packaged template, so that a user's can extend it.
    made.loader = ChoiceLoader([PrefixLoader({"web": own}), digests, *folders, own])
    return made


def compile_templates(folder: Path | None) -> None:
    """Compile all templates of pages, so that the first readers after a start do not each compile them.

    One of the user's with an error is left to the page that shows it.
    """
    environment = page_environment(folder)
    for name in PackageLoader("aggregator.web").list_templates():
        with suppress(TemplateError):
            environment.get_template(name)


def requested_wording(request: Request) -> Wording:
    """Return the fixed texts in the language that the browser asks for."""
    return wording(_requested(request))


def _requested(request: Request) -> str | None:
    return preferred(request.headers.get("accept-language", ""))


def shown_title(title: str, otherwise: str = "Without a title") -> str:
    """Return a title as lists show it, cut to a bounded length."""
    return tidy(title)[:_TITLE] or otherwise


def routes() -> list[Route]:
    """Return the routes of the style sheet and the script. Their paths contain a digest, so that browsers keep them."""

    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _TYPES:
            return Response("", status_code=404)
        headers = {"Cache-Control": _YEAR, "X-Content-Type-Options": "nosniff"}
        return Response(content(name), media_type=_TYPES[name], headers=headers)

    return [Route("/static/{version}/{name}", asset)]


@cache
def content(name: str) -> str:
    """Return a static file; the style sheet begins with that of editions."""
    own = (files("aggregator.web") / "static" / name).read_text("utf-8")
    if name != "style.css":
        return own
    return (files("digests") / "templates" / "standard" / "page.css").read_text("utf-8") + own


@cache
def version(name: str) -> str:
    """Return a digest of a static file."""
    return hashlib.sha256(content(name).encode()).hexdigest()[:12]
