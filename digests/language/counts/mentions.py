"""Mentions: what each article counts, such as the dead or the injured, and how many.

A number belongs to the nearest word that names a counted thing (`12 people were killed`, `killing at least 12`, `12
Tote`). Counts of the past, of a part, of additional things and of time are ignored, because a wrong alignment is
worse than a missed one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from digests.language import dates, names, numbers, sentences
from digests.language.counts import counted
from digests.language.detect import language_code
from digests.language.numbers import Number
from digests.language.stopwords import all_stop_words
from digests.language.tokens import sentence_term_set, sentence_terms

_LEAD = 6  # first sentences of an article that are read, with its title
_LONGEST = 3000  # characters that are read
_AFTER, _BEFORE = 6, 6  # words around a number in which its thing is named
_UNLISTED = "noun"  # begins the key of a thing that `counted` does not have
_PAST = re.compile(
    r"\b(?:last\s+(?:year|month|week|decade)|in\s+(?:19|20)\d\d|since|per\s+year|a\s+year|annually|every\s+year|"
    r"previous(?:ly)?|earlier\s+this|"
    r"so\s+far\s+this\s+year|years?\s+ago|record|im\s+vorjahr|im\s+jahr|seit|vor\s+\w+\s+jahren|pro\s+jahr|"
    r"l'an\s+dernier|en\s+(?:19|20)\d\d|depuis|"
    r"il\s+y\s+a|par\s+an|el\s+año\s+pasado|desde|hace\s+\w+\s+años|al\s+año|в\s+прошлом|с\s+начала|ранее|в\s+(?:19|"
    r"20)\d\d|"
    r"торік|минулого|з\s+початку|раніше|у\s+(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_PART = re.compile(
    r"(?:including|among\s+them|of\s+(?:them|whom|the|those)|darunter|davon|dont|parmi\s+eux|incluid[oa]s?|"
    r"entre\s+ellos|tra\s+cui|waaronder|"
    r"в\s+том\s+числе|среди\s+них|зокрема|у\s+тому\s+числі|w\s+tym)\W+(?:\w+\W+){0,2}$",
    re.IGNORECASE,
)
_OPENS = re.compile(r"(?:^|[\s(])[\"“„«‘']$")
_NAME = re.compile(r"\s([^\W\d_a-zß-öø-ÿа-яёіїєґ][^\"”“»’]{0,40}?)[\"”“»’']")  # a capital, up to the closing mark
_SMALL = 3  # letters of a small word inside a name, such as "and", "of", "der"
_FROM = re.compile(r"\b(?:from|von|de|da|с|з|od|van)\s+$", re.IGNORECASE)
_TO = re.compile(r"\s+(?:to|auf|à|a|до|do|naar)\s+$", re.IGNORECASE)
_ROUGHLY = re.compile(
    r"(?:more\s+than|over|nearly|about|around|some|almost|up\s+to|as\s+many\s+as|roughly|mehr\s+als|rund|etwa|fast|"
    r"über|bis\s+zu|plus\s+de|environ|près\s+de|"
    r"más\s+de|unos|casi|cerca\s+de|alrededor\s+de|более|около|свыше|почти|больше|понад|близько|майже|oltre|circa|"
    r"quasi|ruim|ongeveer|ponad|około)\s+$",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(
    r"(?:\b(?:at\s+least|more\s+than|over|mindestens|wenigstens|mehr\s+als|über|au\s+moins|plus\s+de|al\s+menos|"
    r"por\s+lo\s+menos|más\s+de|almeno|oltre|più\s+di|minstens|ruim|meer\s+dan|pelo\s+menos|mais\s+de|"
    r"не\s+менее|более|свыше|больше|щонайменше|понад|більше|co\s+najmniej|ponad)\s+|(?:至少|超过|超過|逾|少なくとも))$",
    re.IGNORECASE,
)
# "dies at 86", "aged 86", "was 86 when", "Emma, 12, was": ages, which no word of years marks.
_BEFORE_AGE = re.compile(
    r"(?:\b(?:at|aged?|age\s+of|mit|im\s+alter\s+von|à|a\s+los|aos|в\s+возрасте|у\s+віці|w\s+wieku)|"
    r"[^\W\d_],|[^\W\d_]\s?\()\s*$",
    re.IGNORECASE,
)
_AFTER_AGE = re.compile(
    r"\s*(?:[,;.!)]|$|when\b|in\b|after\b|nach\b|gestorben\b|verstorben\b|après\b|tras\b|после\b)", re.IGNORECASE
)
_WAS_AGE = re.compile(r"\b(?:was|were|is|turned|war|wurde|avait|tenía)\s+$", re.IGNORECASE)
_SUM = re.compile(
    r"\b(?:tolls?|numbers?|counts?|totals?|tally|figures?|zahl|opferzahl|todeszahl|bilan|nombre|balance|cifra|número|"
    r"bilancio|saldo|число|количество|кількість|liczba)\b",
    re.IGNORECASE,
)
_OLDEST = 120
_ROUND = 100  # from which a bound is taken for a round number
_FORMER = re.compile(
    r"(?:(?:up|down|revised|raised|lowered)\s+from|compared\s+(?:with|to)|instead\s+of|earlier\s+(?:toll|count|"
    r"figure)\s+(?:of|was)|"
    r"nach\s+zuvor|zuvor|statt|contre|au\s+lieu\s+de|frente\s+a|en\s+lugar\s+de|вместо|ранее\s+сообщал\w+\s+о|"
    r"раніше)\s+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """One count in an article: `key` names the counted thing across languages, `label` in the words of the text.

    `beside` are the other numbers of the sentence that name no thing: `7 were killed in Lund and 5 in Orr`. `least`:
    it is only a lower bound.
    """

    key: tuple[str, ...]
    value: float
    shown: str
    label: str
    rough: bool
    terms: frozenset[str]
    beside: tuple[float, ...] = ()
    least: bool = False

    @property
    def is_listed(self) -> bool:
        """Whether `counted` has the thing; of any other only the words around it show whether two are the same."""
        return self.key[0] != _UNLISTED

    @property
    def may_shrink(self) -> bool:
        """Whether the count may go down without a correction."""
        return not self.is_listed or self.key[0] in counted.MAY_SHRINK

    def allows(self, other: Mention) -> bool:
        """Whether both may be true because one is a round lower bound: `over 500,000` and 650,000."""
        low = min(self, other, key=lambda one: one.value)
        return low.least and _is_round(low.value)

    def raises(self, earlier: Mention) -> bool:
        """Whether it is a higher toll than an earlier one. `At least 120 killed` was all that was known then."""
        return not self.may_shrink and self.value > earlier.value

    def is_of(self, other: Mention, share: float) -> bool:
        """Whether another count with the same key is of the same thing.

        `share` is the least share of common terms of two sentences whose thing is not listed.
        """
        least = share * min(len(self.terms), len(other.terms))
        return self.is_listed or len(self.terms & other.terms) >= least


def mentions(title: str, text: str, language: str | None) -> list[Mention]:
    """Return the counts of an article in reading order; those of the title come last, because a text is more exact."""
    code = language_code(language)
    text = text[:_LONGEST]
    lead = [text[a:b] for a, b in sentences.spans(text, code)[:_LEAD]]
    return [one for sentence in [*lead, title] if not _PAST.search(sentence) for one in in_sentence(sentence, code)]


def in_sentence(text: str, language: str) -> list[Mention]:
    """Return the counts in one sentence; each looks back to its beginning, so a very long one is cut."""
    text = text[:_LONGEST]
    found = numbers.numbers_in(text, language)
    own = sentence_term_set(text, language)
    named: list[tuple[Number, tuple[tuple[str, ...], str]]] = []
    unnamed: list[float] = []
    for place, number in enumerate(found):
        before = found[place - 1].end if place else 0
        after = found[place + 1].start if place + 1 < len(found) else len(text)
        if place + 1 < len(found) and _FROM.search(text[: number.start]) and _TO.fullmatch(text[number.end : after]):
            continue  # from 12 to 15: the second is the count
        if place and _TO.fullmatch(text[before : number.start]) and _FROM.search(text[: found[place - 1].start]):
            before = found[place - 2].end if place > 1 else 0
        if _PART.search(text[before : number.start]) or _FORMER.search(text[before : number.start]):
            continue
        if dates.is_date(text, number) or _is_age(text, number) or _is_of_a_name(text, number):
            continue
        thing = _thing(text, number, before, after, language)
        if thing is not None:
            named.append((number, thing))
        elif not number.unit:
            unnamed.append(number.value)
    beside = tuple(unnamed)
    return [
        Mention(
            key,
            number.value,
            _shown(text, number),
            label,
            _is_rough(text, number),
            own,
            beside,
            _is_least(text, number),
        )
        for number, (key, label) in named
    ]


def _is_of_a_name(text: str, number: Number) -> bool:
    """Whether a number begins the quoted name of a work: `'19 Kids and Counting'`, `„4 Blocks“`.

    A longer word without a capital shows that somebody is quoted: `“20 Kenyans were killed”`.
    """
    quoted = _NAME.match(text[number.end :]) if _OPENS.search(text[: number.start]) else None
    if quoted is None:
        return False
    return not any(word.islower() and len(word) > _SMALL for word in re.findall(r"\w+", quoted[1]))


def _is_age(text: str, number: Number) -> bool:
    """Whether a number is somebody's age, without a word of years: a word before it and a break after it show that."""
    if number.unit or number.value > _OLDEST or number.value != int(number.value):
        return False
    if _SUM.search(text[: number.start]):
        return False
    before, after = text[max(0, number.start - 20) : number.start], text[number.end : number.end + 14]
    if _WAS_AGE.search(before):
        return bool(re.match(r"\s*(?:[.,;]|$|when\b)", after))
    return bool(_BEFORE_AGE.search(before) and _AFTER_AGE.match(after))


def _is_rough(text: str, number: Number) -> bool:
    return bool(_ROUGHLY.search(text[max(0, number.start - 24) : number.start]))


def _is_least(text: str, number: Number) -> bool:
    return bool(_AT_LEAST.search(text[max(0, number.start - 24) : number.start]))


def _is_round(value: float) -> bool:
    """Whether a number has at most two digits before its zeros, and at least one zero: 100, 1,500, 650,000."""
    return value >= _ROUND and value % 10 ** (len(str(int(value))) - 2) == 0


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
        return ((_UNLISTED, language, *stem), adjacent) if stem else None
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
