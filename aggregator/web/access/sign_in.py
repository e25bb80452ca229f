"""The pages that sign a browser in and out."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from aggregator.web import forms
from aggregator.web.access.gate import FormRefused
from aggregator.web.look import Look


def routes(look: Look) -> list[Route]:
    """Return the routes of sign-in and sign-out."""
    handlers = _SignIn(look)
    return [
        Route("/sign-in", handlers.sign_in, methods=["GET", "POST"]),
        Route("/sign-out", handlers.sign_out, methods=["POST"]),
    ]


@dataclass(frozen=True, slots=True)
class _SignIn:
    """Handles sign-in and sign-out."""

    look: Look

    async def sign_in(self, request: Request) -> Response:
        """Ask for the token, or check it and start a new session."""
        gate = self.look.gate
        target = forms.local_path(request.query_params.get("next", ""))
        if not gate.token:
            return RedirectResponse(gate.prefix + target, status_code=303)
        if request.method != "POST":
            return await self._form(request)
        words = self.look.words(request)
        try:
            gate.check_origin(request)
            fields = await forms.form_fields(request)
        except (FormRefused, forms.FormTooLong) as error:
            return await self._form(request, words.word(str(error)), 403)
        client = request.client.host if request.client else ""
        if not gate.tries.allows(client, gate.program.clock.now()):
            return await self._form(request, words.t("Too many tries. Try again in an hour."), 429)
        given = forms.first(fields, "token")
        if not hmac.compare_digest(given.encode(), gate.token.encode()):
            return await self._form(request, words.t("This is not the token."), 403)
        response = RedirectResponse(gate.prefix + target, status_code=303)
        gate.set_cookie(response, request, await run_in_threadpool(gate.sessions.start))
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session of this browser, or of all browsers."""
        gate = self.look.gate
        try:
            fields = await gate.checked_form(request)
        except (FormRefused, forms.FormTooLong) as error:
            return await self.look.refused(request, error)
        if fields.get("everywhere"):
            await run_in_threadpool(gate.sessions.end_all)
        response = RedirectResponse(f"{gate.prefix}/sign-in", status_code=303)
        gate.set_cookie(response, request, "")
        return response

    async def _form(self, request: Request, error: str = "", status: int = 200) -> Response:
        title = self.look.words(request).t("Sign in")
        return await self.look.page(request, "sign-in.html", title, status=status, error=error, plain=True)
