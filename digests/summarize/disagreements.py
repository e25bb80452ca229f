"""Disagreements: what sources give for the same counted thing, and where they differ.

A number belongs to the nearest word that names a counted thing (`12 people were killed`, `killing at least 12`, `12 Tote`).
Each source has one count for each thing: the first in its article. Counts of the past, of a part, of additional things and
of time are ignored, because a wrong alignment is worse than a missed one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from digests.language import counted, names, numbers, sentences
from digests.language.detect import language_code
from digests.language.numbers import Number
from digests.language.stopwords import all_stop_words
from digests.language.tokens import sentence_term_set, sentence_terms
from digests.model import Claim, Disagreement, Story
from digests.summarize.timeline import moment_of

_LEAD = 6  # first sentences of an article that are read, with its title
_AFTER, _BEFORE = 6, 6  # words around a number in which its thing is named
_ALIKE = 0.3  # share of common terms from which two sentences count the same thing that `counted` does not know
_ABOUT = 1.2  # "more than 100" and 103 do not differ
_PAST = re.compile(
    r"\b(?:last\s+(?:year|month|week|decade)|in\s+(?:19|20)\d\d|since|per\s+year|a\s+year|annually|every\s+year|previous(?:ly)?|earlier\s+this|"
    r"so\s+far\s+this\s+year|years?\s+ago|record|im\s+vorjahr|im\s+jahr|seit|vor\s+\w+\s+jahren|pro\s+jahr|l'an\s+dernier|en\s+(?:19|20)\d\d|depuis|"
    r"il\s+y\s+a|par\s+an|el\s+año\s+pasado|desde|hace\s+\w+\s+años|al\s+año|в\s+прошлом|с\s+начала|ранее|в\s+(?:19|20)\d\d|"
    r"торік|минулого|з\s+початку|раніше|у\s+(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_PART = re.compile(
    r"(?:including|among\s+them|of\s+(?:them|whom|the|those)|darunter|davon|dont|parmi\s+eux|incluid[oa]s?|entre\s+ellos|tra\s+cui|waaronder|"
    r"в\s+том\s+числе|среди\s+них|зокрема|у\s+тому\s+числі|w\s+tym)\W+(?:\w+\W+){0,2}$",
    re.IGNORECASE,
)
_FROM = re.compile(r"\b(?:from|von|de|da|с|з|od|van)\s+$", re.IGNORECASE)
_TO = re.compile(r"\s+(?:to|auf|à|a|до|do|naar)\s+$", re.IGNORECASE)
_ROUGHLY = re.compile(
    r"(?:more\s+than|over|nearly|about|around|some|almost|up\s+to|as\s+many\s+as|roughly|mehr\s+als|rund|etwa|fast|über|bis\s+zu|plus\s+de|environ|près\s+de|"
    r"más\s+de|unos|casi|cerca\s+de|alrededor\s+de|более|около|свыше|почти|больше|понад|близько|майже|oltre|circa|quasi|ruim|ongeveer|ponad|około)\s+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Mention:
    """One source's count of one thing."""

    key: tuple[str, ...]
    value: float
    shown: str
    label: str
    rough: bool
    source: int
    terms: frozenset[str]


def disagreements(story: Story) -> tuple[Disagreement, ...]:
    """Return counted things for which sources give different numbers; each value with its sources, the most first."""
    return tuple(found for found in claims(story) if len(found.claims) > 1)


def claims(story: Story) -> tuple[Disagreement, ...]:
    """Return every thing that two or more sources count, whether they agree or not."""
    by_key: dict[tuple[str, ...], list[_Mention]] = {}
    for index in range(len(story.sources)):
        spoken: set[tuple[str, ...]] = set()
        for mention in _of_source(story, index):
            if mention.key not in spoken:
                spoken.add(mention.key)
                by_key.setdefault(mention.key, []).append(mention)
    found = (_side_by_side(_latest(story, mentions)) for mentions in by_key.values())
    return tuple(f for f in found if f is not None)


def _latest(story: Story, mentions: list[_Mention]) -> list[_Mention]:
    """Return the latest count of each outlet: its earlier counts are no disagreement."""
    last: dict[str, int] = {}
    for mention in mentions:
        outlet = story.sources[mention.source].outlet.casefold()
        held = last.get(outlet)
        if held is None or moment_of(story.sources[held]) <= moment_of(story.sources[mention.source]):
            last[outlet] = mention.source
    return [m for m in mentions if last[story.sources[m.source].outlet.casefold()] == m.source]


def _of_source(story: Story, index: int) -> Iterator[_Mention]:
    source = story.sources[index]
    if source.withdrawn:
        return
    language = language_code(source.language or story.language)
    text = source.text[:3000]
    lead = [text[a:b] for a, b in sentences.spans(text, language)[:_LEAD]]
    # The text is more exact than the title; the title counts when the text has no number.
    for sentence in [*lead, source.title]:
        if not _PAST.search(sentence):
            yield from _mentions(sentence, language, index)


def _mentions(text: str, language: str, index: int) -> Iterator[_Mention]:
    found = numbers.numbers_in(text, language)
    own = sentence_term_set(text, language)
    for place, number in enumerate(found):
        before = found[place - 1].end if place else 0
        after = found[place + 1].start if place + 1 < len(found) else len(text)
        if place + 1 < len(found) and _FROM.search(text[: number.start]) and _TO.fullmatch(text[number.end : after]):
            continue  # from 12 to 15: the second is the count
        if place and _TO.fullmatch(text[before : number.start]) and _FROM.search(text[: found[place - 1].start]):
            before = found[place - 2].end if place > 1 else 0
        if _PART.search(text[before : number.start]):
            continue
        named = _thing(text, number, before, after, language)
        if named is not None:
            key, label = named
            rough = bool(_ROUGHLY.search(text[max(0, number.start - 24) : number.start]))
            yield _Mention(key, number.value, _shown(text, number), label, rough, index, own)


def _shown(text: str, number: Number) -> str:
    written = text[number.start : number.end].strip()
    return written if any(c.isdigit() for c in written) else f"{number.value:g}{number.unit}"


def _thing(text: str, number: Number, before: int, after: int, language: str) -> tuple[tuple[str, ...], str] | None:
    """Return what a number counts, by the nearest word that names a counted thing, and the words that show it."""
    behind = [t for t in counted.words_with_places(text, number.end, after) if ";" not in text[number.end : t.start()]][
        :_AFTER
    ]
    ahead = counted.words_with_places(text, before, number.start)[-_BEFORE:][::-1]
    ahead = [t for t in ahead if not re.search(r"[;,:]", text[t.end() : number.start])]
    adjacent = behind[0].group() if behind and not text[number.end : behind[0].start()].strip("\u00a0 -‑") else ""
    if counted.is_other_count(adjacent) or counted.is_other_count(adjacent.split("-")[0]):
        return None
    near = [(float(d), t) for d, t in enumerate(behind) if counted.thing(t.group(), language)][:1]
    near += [(d + 0.5, t) for d, t in enumerate(ahead) if counted.thing(t.group(), language)][:1]
    if near and not number.unit:
        word = min(near, key=lambda pair: pair[0])[1].group()
        who = _who(adjacent, language)
        return (counted.thing(word, language), *who), f"{adjacent} {word}" if who else word
    if adjacent and _is_noun(adjacent, language) and not number.unit:
        stem = sentence_terms(adjacent, language)
        return (("noun", language, *stem), adjacent) if stem else None
    return None


def _who(adjacent: str, language: str) -> tuple[str, ...]:
    """Return the terms of who is counted, unless any people are: soldiers are not children."""
    low = adjacent.lower()
    if not adjacent or counted.is_anybody(low) or counted.thing(adjacent, language) or low in all_stop_words(language):
        return ()
    if language != "de" and adjacent[:1].isupper():
        return ()
    return tuple(sentence_terms(adjacent, language))


def _is_noun(word: str, language: str) -> bool:
    low = word.lower()
    return (
        len(word) > 3
        and low not in all_stop_words(language)
        and not counted.is_anybody(low)
        and not names.last_words("x " + word, language)
    )


def _side_by_side(mentions: list[_Mention]) -> Disagreement | None:
    first = mentions[0]
    if first.key[0] == "noun":
        mentions = [m for m in mentions if _alike(first.terms, m.terms)]
    if len({m.source for m in mentions}) < 2:
        return None
    groups: list[list[_Mention]] = []
    for mention in sorted(mentions, key=lambda m: (m.rough, m.source)):
        home = next((g for g in groups if _same(g[0], mention)), None)
        if home is None:
            groups.append([mention])
        else:
            home.append(mention)
    groups.sort(key=lambda g: (-len(g), g[0].value))
    claims = tuple(Claim(g[0].shown, tuple(sorted(m.source for m in g))) for g in groups)
    return Disagreement(first.label, claims)


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= _ALIKE * min(len(one), len(other))


def _same(one: _Mention, other: _Mention) -> bool:
    if one.value == other.value:
        return True
    low, high = sorted((one.value, other.value))
    return (one.rough or other.rough) and low > 0 and high / low <= _ABOUT
