"""The gate: whether a sentence says only what its sources say, as far as this can be checked without a model.

Numbers, dates, names and quotations must be in the cited articles; one that is missing rejects the sentence. Other
evidence lowers its score: words that the sources do not have, negations and opposites of the source sentences that it
resembles.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from digests.language import names, numbers, sentences
from digests.language.detect import language_code
from digests.language.stems import latin
from digests.language.tokens import raw, sentence_terms
from digests.summarize.model import bound
from digests.summarize.model.opposites import opposites, synonyms

_QUOTED = re.compile(r"[\"“„«「]([^\"“”„«»「」]{2,400})[\"”“»」]")
_CALENDAR = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september|"
    r"october|november|december|"
    r"montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|januar|februar|märz|mai|juni|juli|oktober|dezember|"
    r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|janvier|février|mars|avril|juin|juillet|août|septembre|"
    r"octobre|novembre|décembre|"
    r"lunes|martes|miércoles|jueves|viernes|sábado|domingo|enero|febrero|marzo|abril|mayo|junio|julio|agosto|"
    r"septiembre|octubre|noviembre|diciembre|"
    r"понедельник|вторник|сред[ау]|четверг|пятниц[ау]|суббот[ау]|воскресенье|январ|феврал|март|апрел|ма[йя]|июн|июл|"
    r"август|сентябр|октябр|ноябр|декабр\b",
    re.IGNORECASE,
)
_SCALE_WORD = re.compile(r"\b(?:dozens|hundreds|thousands|millions|billions|trillions)\b", re.IGNORECASE)
_FOLLOWS = 0.6  # share of common terms from which a sentence is taken as a version of a source sentence
_ACCEPT = 0.55  # score from which a model's sentence is accepted; one with a hard mismatch is never


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing in a sentence that its sources do not support. `hard` when that is certain."""

    what: str
    detail: str
    hard: bool = True

    def __str__(self) -> str:
        return f"{self.what}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result for one sentence: its support from 0 to 1, and the mismatches."""

    score: float
    findings: tuple[Mismatch, ...] = ()

    @property
    def passes(self) -> bool:
        """Whether the sentence may be used."""
        return self.score >= _ACCEPT and not any(f.hard for f in self.findings)


class SourceTexts:
    """The cited texts, prepared once for many sentences. `texts` are articles with their titles."""

    def __init__(self, texts: Sequence[str], language: str | None = None) -> None:
        self.language = language_code(language)
        self.text = "\n".join(texts)
        self.folded = _plain(self.text)
        self.numbers = {n.key for n in numbers.numbers_in(self.text, self.language)}
        self.values = {f"{n.value:.10g}" for n in numbers.numbers_in(self.text, self.language)}
        self.words = {latin(t) for t in raw(self.text)}
        self.terms = frozenset(sentence_terms(self.text, self.language))
        split = [s for text in texts for s in sentences.split(text, self.language)]
        self.sentences = [(frozenset(sentence_terms(s, self.language)), s) for s in split]
        self.bonds = bound.bonds_of(split, self.language)

    def nearest(self, own: frozenset[str], most: int = 3) -> list[tuple[frozenset[str], str]]:
        """Return the sentences that share most terms with `own`, with their terms."""
        ranked = sorted(self.sentences, key=lambda s: -len(own & s[0]))
        return ranked[:most]


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.lower()).strip()


def judge(sentence: str, evidence: SourceTexts) -> Verdict:
    """Compare one sentence, or a short text, with the texts it cites."""
    findings = [
        *_numbers(sentence, evidence),
        *_names(sentence, evidence),
        *_dates(sentence, evidence),
        *_quotes(sentence, evidence),
    ]
    score, soft = _support(sentence, evidence)
    hard = sum(f.hard for f in findings)
    return Verdict(max(0.0, score - 0.35 * hard), (*findings, *soft))


def _numbers(sentence: str, evidence: SourceTexts) -> list[Mismatch]:
    lost = [
        sentence[n.start : n.end]
        for n in numbers.numbers_in(sentence, evidence.language)
        if n.key not in evidence.numbers and f"{n.value:.10g}" not in evidence.values
    ]
    words = {m.group().lower() for m in _SCALE_WORD.finditer(sentence)} - set(evidence.folded.split())
    return [Mismatch("number", word) for word in (*lost, *sorted(words))]


def _names(sentence: str, evidence: SourceTexts) -> list[Mismatch]:
    found = []
    for name in names.names_in(sentence, evidence.language):
        if f" {_plain(name)} " in f" {evidence.folded} ":
            continue
        parts = [p for p in latin(name).split() if len(p) > 1]
        missing = [p for p in parts if not _known(p, evidence)]
        if missing:
            found.append(Mismatch("name", name))
    return found


def _known(part: str, evidence: SourceTexts) -> bool:
    """Whether the texts contain a part of a name, perhaps inflected: Berlins, Londoner, Иванова."""
    if part in evidence.words:
        return True
    stem = part[: max(4, len(part) - 2)]
    return len(part) >= 5 and any(word.startswith(stem) for word in evidence.words)


def _dates(sentence: str, evidence: SourceTexts) -> list[Mismatch]:
    found = []
    for match in _CALENDAR.finditer(sentence):
        if match.group().lower() == "may" and not match.group()[0].isupper():
            continue
        if match.group().lower() not in evidence.folded:
            found.append(Mismatch("date", match.group()))
    return found


def _quotes(sentence: str, evidence: SourceTexts) -> list[Mismatch]:
    quoted = (match[1].strip(" ,.") for match in _QUOTED.finditer(sentence))
    return [Mismatch("quotation", q) for q in quoted if _plain(q) not in evidence.folded]


def _support(sentence: str, evidence: SourceTexts) -> tuple[float, list[Mismatch]]:
    """Return how much of a sentence the texts support, and the soft mismatches."""
    listed = sentence_terms(sentence, evidence.language)
    own = frozenset(listed)
    if not own:
        return 1.0, []
    near = evidence.nearest(own)
    context: frozenset[str] = frozenset().union(*(n[0] for n in near)) if near else frozenset()
    followed = near[0][0] if near and len(own & near[0][0]) >= _FOLLOWS * len(own) else frozenset()
    findings: list[Mismatch] = []
    credit = 0.0
    for term in own:
        credit += _credit(term, context, evidence)
        # The source sentence that this one resembles counts more than others: "open until noon" for "closed".
        against = opposites(term) & (context if term not in context else followed - own)
        if against and term not in followed:
            findings.append(Mismatch("opposite", f"{term} for {', '.join(sorted(against))}", hard=False))
    findings.extend(_bonds(sentence, bool(followed), near, evidence))
    return max(0.0, credit / len(own) - 0.25 * len(findings)), findings


def _bonds(
    sentence: str, follows: bool, near: Sequence[tuple[frozenset[str], str]], evidence: SourceTexts
) -> list[Mismatch]:
    """Return what the sentence denies or counts differently from the source sentences that it resembles."""
    claim, source = (
        bound.bonds_of([sentence], evidence.language),
        bound.bonds_of([text for _, text in near], evidence.language),
    )
    wrong = bound.wrongly_denied(claim, source)
    if follows and not claim.denied:
        wrong += bound.wrongly_affirmed(claim, bound.bonds_of([near[0][1]], evidence.language))
    negations = [Mismatch("negation", term, hard=False) for term in wrong]
    return negations + [Mismatch("count", what, hard=False) for what in bound.miscounted(claim, evidence.bonds)]


def _credit(term: str, context: frozenset[str], evidence: SourceTexts) -> float:
    """Return the support of one term: in a similar sentence, as a synonym, elsewhere in the texts, or none."""
    if term in context:
        return 1.0
    if synonyms(term) & context:
        return 0.9
    if term in evidence.terms:
        return 0.6
    return 0.4 if synonyms(term) & evidence.terms else 0.0


def support(text: str, sources: Sequence[str], language: str | None = None) -> float:
    """Score a whole summary against its sources from 0 to 1: the support of its weakest sentence counts most."""
    evidence = SourceTexts(sources, language)
    verdicts = [judge(s, evidence) for s in sentences.split(text, language)]
    if not verdicts:
        return 0.0
    scores = [v.score for v in verdicts]
    return 0.5 * min(scores) + 0.5 * sum(scores) / len(scores)
