"""Decides which requests may see a page or change something.

With a token a request needs it: as a bearer token, as `?token=`, or by a session after sign-in. Without a token the
pages are open. A posted form needs the token of its session and must come from our own pages (CSRF).
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from aggregator.pipeline.issue import READ
from aggregator.services.program import Program
from aggregator.web import forms
from aggregator.web.access.sessions import COOKIE, LIFE, Sessions
from aggregator.web.limits import ClientLimit
from digests import links
from digests.errors import LinkError
from digests.reasons import _

OPEN = "open"  # the session of everybody where no token is configured
SIGNED_OUT = _("You are signed out. Sign in and try again.")
BEARER = "bearer"  # the session of a program that sends the token itself
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:]+)(?::\d+)?")
MOST_TRIES = 20  # sign-ins an hour from one client


class FormRefused(ValueError):
    """A posted form is not from one of our pages, or its session has ended."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Checks requests. `prefix` is the path of `public_url`, empty or with a slash before it."""

    program: Program
    token: str
    prefix: str = ""
    tries: ClientLimit = field(default_factory=lambda: ClientLimit(MOST_TRIES))

    @property
    def sessions(self) -> Sessions:
        """The sessions of this token."""
        return Sessions(self.program.context, self.program.link_keys, self.token)

    def has_token(self, request: Request) -> bool:
        """Whether the request itself has the configured token."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        given = given or request.query_params.get("token", "")
        return bool(self.token) and hmac.compare_digest(given.encode(), self.token.encode())

    def session(self, request: Request) -> str | None:
        """Return the session of a request; None if it must sign in."""
        if not self.token:
            return OPEN
        return BEARER if self.has_token(request) else self.sessions.session(request.cookies.get(COOKIE, ""))

    def has_key(self, request: Request) -> bool:
        """Whether a link of a mail opens the page: it has the key of this edition, or of any edition for a story."""
        path = request.url.path.removeprefix(self.prefix)
        if "key" not in request.query_params or not path.startswith(("/editions/", "/stories/")):
            return False
        keys, now = self.program.link_keys(), self.program.clock.now()
        try:
            data = links.token_data(keys, request.query_params["key"], READ, now)
        except LinkError:
            return False
        return not path.startswith("/editions/") or request.path_params["id"] == data["edition"]

    def refusal(self, request: Request) -> Response:
        """Redirect a browser to the sign-in; respond with 401 to a program."""
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            path = request.url.path.removeprefix(self.prefix)
            target = path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"{self.prefix}/sign-in?next={quote(target, safe='')}", status_code=303)
        return PlainTextResponse("a token is needed\n", status_code=401, headers={"WWW-Authenticate": "Bearer"})

    @staticmethod
    def foreign_host() -> Response:
        """Return the response to a request for another host name."""
        return PlainTextResponse("no such host name here; public_url in [web] sets it\n", status_code=421)

    @property
    def manages(self) -> bool:
        """Whether who has a session is the operator: not where the pages are public without a token."""
        return bool(self.token) or not self.program.config.web.public_url

    async def checked_form(self, request: Request, most: int = forms.MAX_BYTES) -> forms.Fields:
        """Return the fields of a form of one of our pages, at most `most` bytes. Raises FormRefused, FormTooLong."""
        self.check_origin(request)
        session = await run_in_threadpool(self.session, request)
        fields = await forms.form_fields(request, most)
        if session is None:
            raise FormRefused(SIGNED_OUT)
        given = forms.first(fields, "form_token")
        expected = await run_in_threadpool(self.sessions.form_token, session)
        if session != BEARER and not hmac.compare_digest(given.encode(), expected.encode()):
            raise FormRefused(_("The form is out of date. Open the page again."))
        return fields

    def check_origin(self, request: Request) -> None:
        """Raise FormRefused for a form of another site, and for a foreign host name where no token protects us."""
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise FormRefused(_("The form is from another site."))
        public = urlsplit(self.program.config.web.public_url).netloc
        host, origin = request.headers.get("host", ""), request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc not in {host, public} - {""}:
            raise FormRefused(_("The form is from another site."))
        self.check_host(request)

    def check_host(self, request: Request) -> None:
        """Raise FormRefused for a foreign host name where no token protects the pages (DNS rebinding)."""
        if not self.has_own_host(request):
            raise FormRefused(_("The pages have no such host name."))

    def has_own_host(self, request: Request) -> bool:
        """Whether the host name is ours. Any is, where a token protects the pages."""
        public = urlsplit(self.program.config.web.public_url).netloc.lower()
        host = request.headers.get("host", "").lower()
        return bool(self.token) or host == public or _is_own_host(host)

    def set_cookie(self, response: Response, request: Request, cookie: str) -> None:
        """Set the session cookie; an empty one ends the session of this browser."""
        public = self.program.config.web.public_url
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=int(LIFE.total_seconds()) if cookie else 0,
            path=self.prefix or "/",
            secure=request.url.scheme == "https" or public.startswith("https://"),
            httponly=True,
            samesite="lax",
        )


def _is_own_host(host: str) -> bool:
    found = _HOST.fullmatch(host)
    name = found[1].strip("[]") if found else ""
    try:
        ip_address(name)
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
    return True
