"""The gate of translations: whether a text in another language says the same, as far as this can be checked.

Numbers, names, quotations and negations must be on both sides. Names are compared by their keys, which do not depend on
the alphabet; countries and large cities by their names in CLDR. Scripts without capitals show no names, so that there
only names of the other side are checked.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache

from digests.language import names, numbers
from digests.language.detect import UNKNOWN, detect, language_code
from digests.language.frequencies import share
from digests.language.negations import is_negation, knows_negations
from digests.language.stems import latin, name_key
from digests.language.tokens import raw, terms, word_count

_QUOTED = re.compile(r"[\"“„«「『]([^\"“”„«»「」『』]{2,400})[\"”“»」』]")
_UNSAFE = re.compile(r"https?://|www\.|[<>]|\]\(", re.IGNORECASE)
_LENGTHS = (0.4, 2.5)  # of a translation, as a share of the words of the original
_ALIKE = 0.7  # from which two keys of names are one name, perhaps inflected
# Verbs and adverbs that other languages write without a negation.
_MILD = frozenset({"denied", "denies", "deny", "refused", "failed", "unlikely", "hardly", "barely", "except"})
_COMMON = 1 / 1500  # share of the words of news; a rarer noun may be a name
_DETECTABLE = 6  # words from which the language of a text is known


def difference(original: str, translation: str, source: str, target: str) -> str:
    """Return what a translation has changed, lost or added; empty if nothing is found."""
    source, target = language_code(source), language_code(target)
    if not translation.strip() or _UNSAFE.search(translation):
        return "it is empty, or holds a link or markup"
    length = word_count(translation) / max(1, word_count(original))
    if not _LENGTHS[0] <= length <= _LENGTHS[1]:
        return "its length differs too much"
    if word_count(translation) >= _DETECTABLE and detect(translation) not in (target, UNKNOWN):
        return f"it is not in {target}"
    return (
        _numbers(original, translation, source, target)
        or _names(original, translation, source, target)
        or _quotations(original, translation)
        or _negations(original, translation, source, target)
    )


def _numbers(original: str, translation: str, source: str, target: str) -> str:
    before, after = _values(original, source), _values(translation, target)
    for value in sorted(before ^ after):
        return f"the number {value} is " + ("lost" if value in before else "added")
    return ""


def _values(text: str, language: str) -> set[str]:
    """Return the numbers of a text; one and zero are left out, because many languages write them as articles."""
    return {f"{n.value:.10g}" for n in numbers.numbers_in(text, language) if n.value not in (0, 1)}


def _names(original: str, translation: str, source: str, target: str) -> str:
    for text, code, other, other_code in (
        (original, source, translation, target),
        (translation, target, original, source),
    ):
        words = [name_key(word) for word in raw(other)]
        for name in names.names_in(text, code):
            if not _is_kept(name, words, code, other_code):
                return f"the name {name} is " + ("lost" if text == original else "added")
    return ""


def _is_kept(name: str, words: list[str], code: str, other: str) -> bool:
    """Whether each part of a name is in the other text: as it is, in another alphabet, or by its name there."""
    if _place_among(name, words, code, other):
        return True
    parts = [p for p in re.split(r"[\s\-‑&]+", name) if len(p) > 2 and not names.is_part(p, code)]
    if code == "de":  # its nouns have capitals too, so that one word of a name must do
        parts = [p for p in parts if not _is_common(p, code)]
    kept = (_is_acronym(p) or _among(name_key(p), words) or _place_among(p, words, code, other) for p in parts)
    return not parts or (any(kept) if code == "de" else all(kept))


def _is_common(word: str, code: str) -> bool:
    return bool(numbers.numbers_in(word, code)) or any(share(term, code) > _COMMON for term in terms(word, code))


def _place_among(name: str, words: list[str], code: str, other: str) -> bool:
    place = _place(latin(name), code, other)
    return bool(place) and all(_among(name_key(p), words) for p in place.split())


def _is_acronym(part: str) -> bool:
    return part.isupper() and len(part) <= 5  # ООН, UN and ONU are one


def _among(key: str, words: list[str]) -> bool:
    return any(_alike(key, word) for word in words)


@lru_cache(maxsize=10_000)
def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    short = min(len(one), len(other))
    return short >= 4 and (one[:4] == other[:4] or SequenceMatcher(None, one, other).ratio() >= _ALIKE)


def _place(name: str, source: str, target: str) -> str:
    """Return the name of a country, language or city in the target language; empty if it is none that CLDR knows."""
    known = _places(source)
    found = known.get(name) or next((p for n, p in known.items() if len(name) > 4 and n[:-1] == name[: len(n) - 1]), "")
    return _named(target).get(found, "") if found else ""


@lru_cache(maxsize=32)
def _places(language: str) -> dict[str, str]:
    return {latin(name): key for key, name in _named(language).items()}


@lru_cache(maxsize=32)
def _named(language: str) -> dict[str, str]:
    """Return the names of countries, languages and cities in a language, by their codes."""
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return {}
    cities = {f"city {zone}": str(place["city"]) for zone, place in locale.time_zones.items() if "city" in place}
    return {
        **{f"country {code}": str(name) for code, name in locale.territories.items()},
        **{f"language {code}": str(name) for code, name in locale.languages.items()},
        **_zone_names(),
        **cities,
    }


@lru_cache(maxsize=1)
def _zone_names() -> dict[str, str]:
    """Return the English names of cities by time zone, which CLDR gives only where another language differs."""
    from zoneinfo import available_timezones

    return {f"city {zone}": zone.rpartition("/")[2].replace("_", " ") for zone in available_timezones() if "/" in zone}


def _quotations(original: str, translation: str) -> str:
    before, after = len(_QUOTED.findall(original)), len(_QUOTED.findall(translation))
    return "" if before == after else f"it has {after} quotations, the original {before}"


def _negations(original: str, translation: str, source: str, target: str) -> str:
    if not (knows_negations(source) and knows_negations(target)):
        return ""
    before, after = _denies(original, source), _denies(translation, target)
    return "" if before == after else "a negation is " + ("lost" if before else "added")


def _denies(text: str, language: str) -> bool:
    return any(is_negation(word, language) and word.lower() not in _MILD for word in raw(text))
