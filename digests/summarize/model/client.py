"""Summaries by a language model behind any OpenAI-compatible endpoint; each sentence is checked before it is used.

    story → cache? → budget? → request (deadline, retries) → tolerant reader → gate → what failed is replaced by
    extraction

No failure here can stop an edition: if the endpoint is down, slow, over budget or wrong, the summary is extracted,
with a note for the operator. One summarizer serves one edition; after repeated failures it sends no more requests.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Protocol, Self

import httpx

from digests.errors import BudgetSpent, EndpointDown, SummaryError
from digests.language.tokens import sentence_term_set, word_count
from digests.model import ItemKind, Reported, Sentence, Source, Story, Summary
from digests.summarize import candidates, facts
from digests.summarize.base import BY_MODEL
from digests.summarize.extractive import summarize_story
from digests.summarize.model import gate, prompt
from digests.summarize.model.prompt import Claimed

_MAX_BYTES = 1024 * 1024  # of an answer
_FAILURES = 2  # in a row, before an endpoint counts as down for this edition
_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_LONGEST = 70  # words of one sentence
_REPEATED = 0.8  # share of terms that makes one sentence say another again
_LETTERS_A_TOKEN = 3.0  # a cautious guess before the endpoint has counted


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


class ChatSummarizer:
    """Summarizes new stories by a model. Updates and corrections are extractive, so that new sentences can be marked.

    Use as an async context manager, one for each edition.
    """

    def __init__(
        self,
        settings: ChatSettings,
        *,
        cache: Cache | None = None,
        budget: Budget | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._cache = cache if cache is not None else MemoryCache()
        self._budget = budget if budget is not None else Budget()
        self._sleep = sleep
        self._client: httpx.AsyncClient | None = None
        self._gate = asyncio.Semaphore(settings.concurrency)
        self._failures = 0
        self._plain_format = False  # the endpoint knows no response_format

    async def __aenter__(self) -> Self:
        headers = {"Authorization": f"Bearer {self._settings.key}"} if self._settings.key else {}
        self._client = httpx.AsyncClient(
            headers=headers,
            trust_env=False,
            follow_redirects=False,
            timeout=self._settings.timeout,
            transport=self._settings.transport() if self._settings.transport else None,
        )
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    @property
    def budget(self) -> Budget:
        """What was spent so far."""
        return self._budget

    async def summarize(
        self,
        story: Story,
        *,
        words: int,
        kind: ItemKind = ItemKind.NEW,
        reported: Reported | None = None,
        language: str = "en",
    ) -> Summary:
        """Summarize one story; never raises: what the model cannot give is extracted, and `notes` say why."""
        extracted = summarize_story(story, words=words, kind=kind, reported=reported, language=language)
        if kind is not ItemKind.NEW or not extracted.sentences:
            return extracted
        chosen, code = _articles(story, language)
        try:
            answer, cost = await self._answer(prompt.messages(chosen, words, code))
        except SummaryError as error:
            return replace(extracted, notes=(f"{error.code}: {error.message}; the summary was extracted",))
        try:
            claimed = prompt.claimed_sentences(answer)
        except SummaryError as error:
            return replace(extracted, cost=cost, notes=(f"{error.code}: {error.message}; the summary was extracted",))
        return _checked(story, claimed, extracted, dict(chosen), words, code, self._settings.model, cost)

    async def _answer(self, messages: list[dict[str, str]]) -> tuple[str, float]:
        """The model's text and what it cost; from the cache at no cost."""
        key = _cache_key(self._settings, messages)
        known = self._cache.get(key)
        if known is not None:
            return known, 0.0
        if self._failures >= _FAILURES:
            raise EndpointDown("the endpoint failed before in this edition")
        estimate = self._estimate(messages)
        self._budget.take(estimate)
        cost = 0.0
        try:
            async with self._gate:
                text, cost = await self._ask(messages)
        finally:
            self._budget.settle(estimate, cost)
        self._cache.put(key, text)
        return text, cost

    def _estimate(self, messages: Sequence[dict[str, str]]) -> float:
        tokens = sum(len(m["content"]) for m in messages) / _LETTERS_A_TOKEN
        return (tokens * self._settings.price_in + self._settings.max_tokens * self._settings.price_out) / 1e6

    async def _ask(self, messages: list[dict[str, str]]) -> tuple[str, float]:
        """Request until there is a valid response; busy and invalid ones are retried after the requested wait."""
        if self._failures >= _FAILURES:
            raise EndpointDown("the endpoint failed before in this edition")
        reason = "no answer"
        for attempt in range(self._settings.retries + 1):
            try:
                async with asyncio.timeout(self._settings.timeout):
                    status, asked, body = await self._post(messages)
            except TimeoutError:
                reason = f"no answer within {self._settings.timeout:g} s"
                break  # a second wait as long would make the edition late
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                reason, wait = f"{type(error).__name__}: {error}", 0.5 * 2**attempt
            else:
                if status == 200:
                    self._failures = 0
                    return self._content(body)
                reason, wait = f"the endpoint answered {status}", asked or 0.5 * 2**attempt
                if status in (400, 422) and not self._plain_format:
                    self._plain_format, wait = True, 0.0
                elif status not in _RETRIED or wait > self._settings.longest_wait:
                    break
            if attempt < self._settings.retries:
                await self._sleep(wait)
        self._failures += 1
        raise EndpointDown(reason)

    async def _post(self, messages: list[dict[str, str]]) -> tuple[int, float | None, bytes]:
        """Return the status, the seconds that the endpoint asks to wait, and the body."""
        assert self._client is not None, "use the summarizer as a context manager"
        settings = self._settings
        payload: dict[str, object] = {
            "model": settings.model,
            "messages": messages,
            "temperature": 0,
            "max_tokens": settings.max_tokens,
            "stream": False,
        }
        if not self._plain_format:
            payload["response_format"] = {"type": "json_object"}
        url = settings.url.rstrip("/") + "/chat/completions"
        body = bytearray()
        async with self._client.stream("POST", url, json=payload, headers={"Accept-Encoding": "identity"}) as response:
            async for chunk in response.aiter_raw(65536):
                body += chunk
                if len(body) > _MAX_BYTES:
                    raise httpx.ReadError("the answer is too large")
            return response.status_code, response.extensions.get("retry_after"), bytes(body)

    def _content(self, body: bytes) -> tuple[str, float]:
        """Text of the first choice, and the cost of it as the endpoint counted."""
        try:
            reply = json.loads(body)
            text = reply["choices"][0]["message"]["content"]
            usage = reply.get("usage") or {}
            given, made = int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
            raise SummaryError("the endpoint's answer is not that of a chat completion") from error
        if not isinstance(text, str) or not text.strip():
            raise SummaryError("the model answered nothing")
        return text, (max(0, given) * self._settings.price_in + max(0, made) * self._settings.price_out) / 1e6


def _cache_key(settings: ChatSettings, messages: Sequence[dict[str, str]]) -> str:
    content = json.dumps(
        [prompt.VERSION, settings.url, settings.model, settings.max_tokens, list(messages)], sort_keys=True
    )
    return blake2b(content.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _articles(story: Story, language: str) -> tuple[list[tuple[int, Source]], str]:
    """Return the articles for a model, with ids from 1, and their language, in which it must write."""
    chosen = candidates.readable(story, language)
    code = candidates.language_of(story, story.sources[chosen[0]])
    return [(index + 1, story.sources[index]) for index in chosen], code or language


def _checked(
    story: Story,
    claimed: Sequence[Claimed],
    extracted: Summary,
    shown: dict[int, Source],
    words: int,
    language: str,
    model: str,
    cost: float,
) -> Summary:
    """Keep what passes the gate; put extracted sentences, marked, where a sentence failed."""
    kept: list[Sentence | None] = []
    refused: list[str] = []
    for claim in claimed:
        refusal = _refusal(claim, shown, language)
        if refusal:
            refused.append(f"{claim.text[:120]!r}: {refusal}")
            kept.append(None)
        elif not any(s and _repeats(claim.text, s.text, language) for s in kept):
            kept.append(Sentence(claim.text, tuple(i - 1 for i in claim.ids)))
    if not any(kept):
        return replace(extracted, cost=cost, refused=tuple(refused))
    sentences = _within(_filled(kept, extracted, language), words)
    summary = replace(extracted, sentences=sentences, method=BY_MODEL + model, cost=cost, refused=tuple(refused))
    return replace(summary, facts=facts.of_summary(story, summary))


def _refusal(claim: Claimed, shown: dict[int, Source], language: str) -> str:
    """Why a sentence must not be shown; empty when it may."""
    if not claim.ids:
        return "it cites no article"
    unknown = [i for i in claim.ids if i not in shown]
    if unknown:
        return f"it cites article {unknown[0]}, which does not exist"
    if any(mark in claim.text.lower() for mark in ("http://", "https://", "www.", "<", ">", "](")):
        return "it holds a link or markup"
    if word_count(claim.text) > _LONGEST:
        return "it is too long"
    evidence = gate.SourceTexts([f"{shown[i].title}\n{shown[i].text}" for i in claim.ids], language)
    verdict = gate.judge(claim.text, evidence)
    if verdict.passes:
        return ""
    return "; ".join(map(str, verdict.findings)) or f"its words have too little support ({verdict.score:.2f})"


def _repeats(one: str, other: str, language: str) -> bool:
    a, b = sentence_term_set(one, language), sentence_term_set(other, language)
    return bool(a and b) and len(a & b) >= _REPEATED * min(len(a), len(b))


def _filled(kept: Sequence[Sentence | None], extracted: Summary, language: str) -> list[Sentence]:
    """Put the next extracted sentence that says something else in the place of each that failed."""
    spare = list(extracted.sentences)
    said = [s for s in kept if s is not None]
    filled: list[Sentence] = []
    for sentence in kept:
        if sentence is not None:
            filled.append(sentence)
            continue
        while spare:
            substitute = spare.pop(0)
            if not any(_repeats(substitute.text, s.text, language) for s in said):
                filled.append(replace(substitute, replaced=True))
                said.append(substitute)
                break
    return filled


def _within(sentences: Sequence[Sentence], words: int) -> tuple[Sentence, ...]:
    """Drop from the end what goes beyond the budget of words; the first always stays."""
    taken: list[Sentence] = []
    for sentence in sentences:
        if taken and sum(word_count(s.text) for s in taken) + word_count(sentence.text) > words:
            break
        taken.append(sentence)
    return tuple(taken)
