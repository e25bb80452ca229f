"""Summaries by a language model; each sentence is checked before it is used.

    story → endpoint (cache, budget, retries) → lenient parser → gate → extracted sentences in place of refused ones

The gate checks a sentence against its sources.

No failure here can stop an edition: if the endpoint is down, slow, over budget or wrong, the summary is extracted,
with a note for the operator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from digests.errors import SummaryError
from digests.language.tokens import sentence_term_set, word_count
from digests.model import ItemKind, Reported, Sentence, Source, Story, Summary
from digests.ranking.related import reported_part
from digests.summarize import candidates, facts, overdue
from digests.summarize.base import BY_MODEL
from digests.summarize.extractive import ExtractiveSummarizer
from digests.summarize.model import gate, prompt
from digests.summarize.model.endpoint import ChatEndpoint
from digests.summarize.model.prompt import Claimed

_LONGEST = 70  # words of one sentence
_REPEATED = 0.8  # share of terms that makes one sentence say another again


class ChatSummarizer:
    """Summarizes new stories by a model. Updates and corrections are extractive, so that new sentences can be marked.

    `endpoint` is open; it serves one edition. `extractive` makes what the model cannot.
    """

    def __init__(self, endpoint: ChatEndpoint, extractive: ExtractiveSummarizer | None = None) -> None:
        self._endpoint = endpoint
        self._extractive = extractive or ExtractiveSummarizer()

    async def summarize(
        self,
        story: Story,
        *,
        words: int,
        kind: ItemKind = ItemKind.NEW,
        reported: Reported | None = None,
        language: str = "en",
        at: datetime | None = None,
    ) -> Summary:
        """Summarize one story; never raises: what the model cannot give is extracted, and `notes` say why."""
        extracted = await self._extractive.summarize(
            story, words=words, kind=kind, reported=reported, language=language, at=at
        )
        if kind is not ItemKind.NEW or not extracted.sentences:
            return extracted
        story = reported_part(story)
        chosen, code = _articles(story, language, at)
        try:
            answer, cost = await self._endpoint.answer(prompt.messages(chosen, words, code), prompt.VERSION)
        except SummaryError as error:
            return replace(extracted, notes=(f"{error.code}: {error.message}; the summary was extracted",))
        try:
            claimed = prompt.claimed_sentences(answer)
        except SummaryError as error:
            return replace(extracted, cost=cost, notes=(f"{error.code}: {error.message}; the summary was extracted",))
        return _checked(story, claimed, extracted, dict(chosen), words, code, self._endpoint.settings.model, cost)


def _articles(story: Story, language: str, at: datetime | None) -> tuple[list[tuple[int, Source]], str]:
    """Return the articles for a model, with ids from 1, and their language, in which it must write."""
    chosen = candidates.readable(story, language)
    current = overdue.still_current(story, at, language) if at else set(chosen)
    chosen = [index for index in chosen if index in current] or chosen
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
    """Return why a sentence must not be shown; empty when it may."""
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
    """Replace each failed sentence by the next extracted one that does not repeat another sentence of the summary."""
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
    """Drop the last sentences until the rest has at most `words` words; the first sentence always stays."""
    taken: list[Sentence] = []
    for sentence in sentences:
        if taken and sum(word_count(s.text) for s in taken) + word_count(sentence.text) > words:
            break
        taken.append(sentence)
    return tuple(taken)
