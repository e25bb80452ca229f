"""The client of an OpenAI-compatible endpoint: deadline, retries, budget, cache, and adaptation to what it accepts.

Endpoints differ in the parameters that they accept: some refuse `max_tokens`, a `temperature` or a `response_format`.
A refusal names the parameter; it is left out or replaced, and the request is sent again.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Protocol, Self

import httpx

from digests.errors import BudgetSpent, EndpointDown, SummaryError

_MAX_BYTES = 1024 * 1024  # of a response
_FAILURES = 2  # in a row, before an endpoint counts as down for this edition
_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_LETTERS_A_TOKEN = 3.0  # a cautious guess before the endpoint has counted
_REASONING = 4  # times the tokens, where the limit includes what a model writes before its text
_SHOWN = 200  # characters of an endpoint's message


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """The `[summaries]` table. `url` is the base, such as http://localhost:11434/v1; times in seconds.

    Prices are per million tokens, in the operator's currency. `transport` opens the network of one summarizer,
    and puts the seconds of Retry-After into the response extension `retry_after`.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    timeout: float = 60.0
    retries: int = 2
    longest_wait: float = 20.0  # a Retry-After beyond this counts as down
    concurrency: int = 2
    max_tokens: int = 800
    price_in: float = 0.0
    price_out: float = 0.0
    transport: Callable[[], httpx.AsyncBaseTransport] | None = field(default=None, repr=False)


class Cache(Protocol):
    """Answers by content, so that the same question is paid once."""

    def get(self, key: str) -> str | None:
        """Return the stored answer, or None."""
        ...

    def put(self, key: str, value: str) -> None:
        """Store an answer."""
        ...


class MemoryCache:
    """The cache for tests and for a single run."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        """Return the stored answer, or None."""
        return self.answers.get(key)

    def put(self, key: str, value: str) -> None:
        """Store an answer."""
        self.answers[key] = value


@dataclass(slots=True)
class Budget:
    """The budget: money by edition and by day, and calls by edition. `day_spent` is what earlier editions spent."""

    edition: float = math.inf
    day: float = math.inf
    day_spent: float = 0.0
    calls: int = 200
    spent: float = 0.0
    called: int = 0

    def take(self, estimate: float) -> None:
        """Reserve a call that may cost `estimate`; raises BudgetSpent when it does not fit."""
        if self.called >= self.calls:
            raise BudgetSpent(f"{self.calls} calls were made for this edition")
        if self.spent + estimate > self.edition or self.day_spent + self.spent + estimate > self.day:
            raise BudgetSpent
        self.called += 1
        self.spent += estimate

    def settle(self, estimate: float, cost: float) -> None:
        """Put the true cost in place of the estimate."""
        self.spent += cost - estimate


class ChatEndpoint:
    """Sends messages to a model and returns its text. Use as an async context manager, one for each edition."""

    def __init__(
        self,
        settings: ChatSettings,
        *,
        cache: Cache | None = None,
        budget: Budget | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.settings = settings
        self.budget = budget if budget is not None else Budget()
        self._cache = cache if cache is not None else MemoryCache()
        self._sleep = sleep
        self._client: httpx.AsyncClient | None = None
        self._turn = asyncio.Semaphore(settings.concurrency)
        self._failures = 0
        self._parameters: dict[str, object] = {
            "response_format": {"type": "json_object"},
            "temperature": 0,
            "max_tokens": settings.max_tokens,
        }

    async def __aenter__(self) -> Self:
        headers = {"Authorization": f"Bearer {self.settings.key}"} if self.settings.key else {}
        self._client = httpx.AsyncClient(
            headers=headers,
            trust_env=False,
            follow_redirects=False,
            timeout=self.settings.timeout,
            transport=self.settings.transport() if self.settings.transport else None,
        )
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def answer(self, messages: list[dict[str, str]], version: object = "") -> tuple[str, float]:
        """Return the model's text and its cost; from the cache at no cost. `version` is that of the prompt.

        Raises SummaryError: the endpoint does not respond or refuses, or the budget is spent.
        """
        key = _cache_key(self.settings, messages, version)
        known = self._cache.get(key)
        if known is not None:
            return known, 0.0
        self._refuse_if_down()
        estimate = self._estimate(messages)
        self.budget.take(estimate)
        cost = 0.0
        try:
            async with self._turn:
                text, cost = await self._ask(messages)
        finally:
            self.budget.settle(estimate, cost)
        self._cache.put(key, text)
        return text, cost

    def _refuse_if_down(self) -> None:
        if self._failures >= _FAILURES:
            raise EndpointDown("the endpoint failed before in this edition")

    def _estimate(self, messages: Sequence[dict[str, str]]) -> float:
        tokens = sum(len(m["content"]) for m in messages) / _LETTERS_A_TOKEN
        return (tokens * self.settings.price_in + self.settings.max_tokens * self.settings.price_out) / 1e6

    async def _ask(self, messages: list[dict[str, str]]) -> tuple[str, float]:
        """Request until there is a valid response; busy and invalid ones are retried after the requested wait."""
        self._refuse_if_down()
        reason, attempt = "no answer", 0
        while attempt <= self.settings.retries:
            sent = dict(self._parameters)
            try:
                async with asyncio.timeout(self.settings.timeout):
                    status, asked, body = await self._post(messages, sent)
            except TimeoutError:
                reason = f"no answer within {self.settings.timeout:g} s"
                break  # a second wait as long would make the edition late
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                reason, wait = f"{type(error).__name__}: {error}", 0.5 * 2**attempt
            else:
                if status == 200:
                    self._failures = 0
                    return self._content(body)
                message, parameter = _refusal(body)
                reason = f"the endpoint answered {status}" + (f": {self._shown(message)}" if message else "")
                if status in (400, 422) and self._adapted(sent, f"{parameter} {message}"):
                    continue  # each adaptation removes a parameter, so there are few
                wait = asked or 0.5 * 2**attempt
                if status not in _RETRIED or wait > self.settings.longest_wait:
                    break
            if attempt < self.settings.retries:
                await self._sleep(wait)
            attempt += 1
        self._failures += 1
        raise EndpointDown(reason)

    def _shown(self, message: str) -> str:
        """Return an endpoint's message for people: one short line without the key."""
        line = " ".join("".join(c if c.isprintable() else " " for c in message).split())
        if self.settings.key:
            line = line.replace(self.settings.key, "…")
        return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"

    def _adapted(self, sent: dict[str, object], refusal: str) -> bool:
        """Change the parameters of further requests to what a refusal allows; False if it does not help.

        Another request may have adapted them meanwhile; then this one is only sent again. A refusal that names none of
        our parameters is taken to be of `response_format`, which the fewest endpoints know.
        """
        if sent != self._parameters:
            return True
        named = [name for name in sent if re.search(rf"\b{name}\b", refusal)]
        # `max_tokens is not supported, use max_completion_tokens` names the one that was sent, and another.
        name = named[0] if named else "response_format"
        if name not in self._parameters:
            return False
        del self._parameters[name]
        if name == "max_tokens":
            self._parameters["max_completion_tokens"] = self.settings.max_tokens * _REASONING
        return True

    async def _post(
        self, messages: list[dict[str, str]], parameters: dict[str, object]
    ) -> tuple[int, float | None, bytes]:
        """Return the status, the seconds that the endpoint asks to wait, and the body."""
        assert self._client is not None, "use the endpoint as a context manager"
        payload = {"model": self.settings.model, "messages": messages, "stream": False, **parameters}
        url = self.settings.url.rstrip("/") + "/chat/completions"
        body = bytearray()
        async with self._client.stream("POST", url, json=payload, headers={"Accept-Encoding": "identity"}) as response:
            async for chunk in response.aiter_raw(65536):
                body += chunk
                if len(body) > _MAX_BYTES:
                    raise httpx.ReadError("the answer is too large")
            return response.status_code, response.extensions.get("retry_after"), bytes(body)

    def _content(self, body: bytes) -> tuple[str, float]:
        """Return the text of the first choice, and the cost of it as the endpoint counted."""
        try:
            reply = json.loads(body)
            text = reply["choices"][0]["message"]["content"]
            usage = reply.get("usage") or {}
            given, made = int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
            raise SummaryError("the endpoint's answer is not that of a chat completion") from error
        if not isinstance(text, str) or not text.strip():
            raise SummaryError("the model answered nothing")
        return text, (max(0, given) * self.settings.price_in + max(0, made) * self.settings.price_out) / 1e6


async def probe(settings: ChatSettings) -> str:
    """Send one small request, as for a summary. Return an empty text, or why the endpoint cannot be used."""
    try:
        async with ChatEndpoint(settings) as endpoint:
            await endpoint.answer([{"role": "user", "content": 'Answer with the JSON object {"sentences": []}.'}])
    except SummaryError as error:
        return error.message
    return ""


def _refusal(body: bytes) -> tuple[str, str]:
    """Return the message of an error and the parameter that it names; empty where it has none.

    OpenAI's form is `{"error": {"message", "param"}}`; others have a text, or `message` or `detail` at the top.
    """
    try:
        reply: Any = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    error = reply.get("error", reply) if isinstance(reply, dict) else reply
    if isinstance(error, str):
        return error, ""
    if not isinstance(error, dict):
        return "", ""
    message = error.get("message") or error.get("detail") or ""
    # FastAPI lists what is wrong: [{"loc": ["body", "max_tokens"], "msg": …}]
    return (message if isinstance(message, str) else json.dumps(message)), str(error.get("param") or "")


def _cache_key(settings: ChatSettings, messages: Sequence[dict[str, str]], version: object) -> str:
    content = json.dumps([version, settings.url, settings.model, settings.max_tokens, list(messages)], sort_keys=True)
    return blake2b(content.encode(errors="surrogatepass"), digest_size=16).hexdigest()
