"""The language of a text: by its script, then by its stop words, then by what the feed declares, then by a model.

The model (py3langid) takes most of a second to load, so it is used only where nothing cheaper decides.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any

from digests.language.stopwords import languages, languages_by_word

UNKNOWN = "und"  # ISO 639-2: undetermined

_ALIASES = {"nb": "no", "nn": "no"}
_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(f"{pattern}+"))
    for name, pattern in (
        ("latin", "[A-Za-z\u00c0-\u024f\u1e00-\u1eff]"),
        ("cyrillic", "[\u0400-\u052f]"),
        ("arabic", "[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]"),
        ("kana", "[\u3041-\u30ff]"),
        ("han", "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"),
        ("hangul", "[\u1100-\u11ff\uac00-\ud7af]"),
        ("el", "[\u0370-\u03ff\u1f00-\u1fff]"),
        ("he", "[\u0590-\u05ff]"),
        ("devanagari", "[\u0900-\u097f]"),
        ("bn", "[\u0980-\u09ff]"),
        ("pa", "[\u0a00-\u0a7f]"),
        ("gu", "[\u0a80-\u0aff]"),
        ("ta", "[\u0b80-\u0bff]"),
        ("te", "[\u0c00-\u0c7f]"),
        ("kn", "[\u0c80-\u0cff]"),
        ("ml", "[\u0d00-\u0d7f]"),
        ("th", "[\u0e00-\u0e7f]"),
        ("my", "[\u1000-\u109f]"),
        ("ka", "[\u10a0-\u10ff]"),
        ("km", "[\u1780-\u17ff]"),
        ("hy", "[\u0530-\u058f]"),
    )
)
_NO_LETTERS = bytes(b for b in range(128) if not chr(b).isalpha())
_WITHIN = {  # languages that share a script and differ only in their words or a few letters
    "cyrillic": ("ru", "uk", "bg", "sr", "be", "mk", "kk"),
    "arabic": ("ar", "fa", "ur"),
    "devanagari": ("hi", "mr", "ne"),
}


def language_code(tag: str | None) -> str:
    """Return the ISO 639 code of a language tag (`en-US` and `EN_us` are `en`); empty when there is none."""
    primary = (tag or "").strip().lower().replace("_", "-").partition("-")[0]
    return _ALIASES.get(primary, primary) if 2 <= len(primary) <= 3 and primary.isalpha() else ""


def script(text: str) -> str:
    """Return the script with most letters in the first 2,000 characters; empty when there are no letters."""
    sample = text[:2000]
    if len(sample.encode("ascii", "ignore").translate(None, _NO_LETTERS)) * 2 > len(sample):
        return "latin"  # decided without counting letter by letter, as for most texts
    best, most = "", 0
    for name, pattern in _SCRIPTS:
        count = sum(map(len, pattern.findall(sample)))
        if count > most:
            best, most = name, count
        if name == "latin" and count * 2 > len(sample):
            break  # nothing can outnumber it
    if best == "han" and _SCRIPTS[3][1].search(sample):
        return "kana"
    return best


def detect(text: str, declared: str | None = None, allowed: tuple[str, ...] = ()) -> str:
    """Return the ISO 639-1 code of `text`, or `und`.

    `declared` is the language tag of the feed, used when the text does not contradict it. `allowed` limits the
    answer where the script leaves a choice; empty allows any language.
    """
    prior = language_code(declared) or None
    found = script(text)
    if not found:
        return prior or UNKNOWN
    if found == "latin":
        return _by_words(text, prior, allowed)
    if found == "cyrillic":
        return _cyrillic(text, prior)
    if found == "arabic":
        return _arabic(text, prior)
    if found in _WITHIN:
        return prior if prior in _WITHIN[found] else _WITHIN[found][0]
    return {"kana": "ja", "han": "zh", "hangul": "ko"}.get(found, found)


def _cyrillic(text: str, prior: str | None) -> str:
    lower = text[:2000].lower()
    for code, letters in (
        ("be", "ў"),
        ("mk", "ѓќѕ"),
        ("sr", "ђћџљњј"),
        ("kk", "әғқңөұүһ"),
        ("uk", "іїєґ"),
        ("ru", "ыэё"),
    ):
        if any(letter in lower for letter in letters):
            return code
    if prior in _WITHIN["cyrillic"]:
        return prior
    votes = _votes(lower)
    return "bg" if votes["bg"] > votes["ru"] else "ru"


def _arabic(text: str, prior: str | None) -> str:
    if re.search("[ٹڈڑںے]", text):
        return "ur"
    if re.search("[پچژگ]", text):
        return "fa"
    return prior if prior in _WITHIN["arabic"] else "ar"


def _votes(lower: str) -> Counter[str]:
    known = languages_by_word()
    return Counter(chain.from_iterable(filter(None, map(known.get, _WORD.findall(lower)))))


def _by_words(text: str, prior: str | None, allowed: tuple[str, ...]) -> str:
    lower = text[:2000].lower()
    votes = _votes(lower)
    if allowed:
        votes = Counter({code: n for code, n in votes.items() if code in allowed})
    ranked = sorted(votes.items(), key=itemgetter(1), reverse=True)  # equals stay in order
    (first, most), (_, second) = [*ranked, ("", 0), ("", 0)][:2]
    if prior and prior not in _WITHIN and votes[prior] >= most - 1 and (votes[prior] or most <= 1):
        return prior
    if most >= 3 and most - second >= 2:
        return first
    if prior:
        return first if most - votes[prior] >= 3 else prior
    return _by_model(text, allowed)


@cache
def _model(allowed: tuple[str, ...]) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    # Unless the choice is limited, the model takes headlines in title case for Luxembourgish, Latin and others.
    known = set(identifier.labels)
    identifier.set_languages([code for code in allowed or languages() if code in known] or None)
    return identifier


def _by_model(text: str, allowed: tuple[str, ...]) -> str:
    if len(text.strip()) < 4:
        return UNKNOWN
    sample = text[:500]
    sample = sample.lower() if sample.istitle() or sample.isupper() else sample
    return str(_model(tuple(sorted(allowed))).classify(sample)[0])
