"""Sentences of news text as positions in the text, so that every sentence is an exact part of its source.

One pass from left to right over the marks that may end a sentence; at each mark, a bounded part of the text before
and after decides. A short quotation or bracket is not split, nor separated from the words that name its speaker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from digests.language import abbreviations
from digests.language.detect import language_code

Span = tuple[int, int]

_CLOSERS = "\"'”’»›)\\]」』）】〉》“"
_DENSE_STOPS = "。！？｡．"
_MARK = re.compile(rf"(?P<stop>[.!?…؟۔।॥։።{_DENSE_STOPS}‼⁇⁈⁉]+)(?P<close>[{_CLOSERS}]*)(?P<blank>[\s\u200b]*)")
_ATTACHED = re.compile(r"[^\W_][\w'’.\-]*$")
_NEXT = re.compile(r"[\"'“”«»„‘‚‹›(\[—–\-¿¡\s]*([^\W_][\w'’-]*)")
# Begins only where blanks begin: otherwise a long run of blanks takes quadratic time.
_BREAK = re.compile(r"(?<![ \t\u00a0])[ \t\u00a0]*(?:\r\n?|\n|\u2028|\u2029|\x0b|\x0c)[\s\u00a0]*")
_BULLET = re.compile(r"(?:[•▪●‣*·–—-]|\d{1,2}[.)])\s+\S")
_SPEECH = re.compile(
    r"(?:[^\W\d_][\w'’.-]*\s+){1,4}?(?:said|says|asked|asks|told|added|adds|wrote|tweeted|replied|shouted|сказал|"
    r"сказала|"
    r"заявил|заявила|сказав|сказала|заявив|заявила)\b"
)
_SPEECH_DENSE = re.compile(r"[と、，,]|って|[^\s。！？]{0,8}(?:说|說|表示|道|称|稱|写道)")
_PAIRS = {"“": "”", "„": "“", "«": "»", "「": "」", "『": "』", "(": ")", "（": "）", "[": "]"}
_QUOTE_LIMIT = 320  # characters; a longer quotation is split into sentences
_LOOK_BACK = 48


def spans(text: str, language: str | None = None) -> list[Span]:
    """Return the positions of the sentences in `text`, without surrounding blanks."""
    return list(walk(text, language))


def walk(text: str, language: str | None = None) -> Iterator[Span]:
    """Yield the positions one by one, so that finding the first sentence does not split the whole text."""
    for start, end in _paragraphs(text):
        yield from _trimmed(text, _split(text, start, end, language_code(language)))


def split(text: str, language: str | None = None) -> list[str]:
    """Return the sentences of `text` in order, unchanged."""
    return [text[a:b] for a, b in spans(text, language)]


def _trimmed(text: str, found: Iterator[Span]) -> Iterator[Span]:
    for start, end in found:
        piece = text[start:end]
        left = len(piece) - len(piece.lstrip())
        right = len(piece.rstrip())
        if right > left:
            yield start + left, start + right


def _paragraphs(text: str) -> Iterator[Span]:
    """Yield paragraphs. A line break ends one, unless no full stop is before it and a small letter is after it."""
    start = 0
    for mark in _BREAK.finditer(text):
        blank, after, before = mark.group(), text[mark.end() : mark.end() + 1], text[mark.start() - 1 : mark.start()]
        wrapped = (
            blank.count("\n") <= 1 and after.islower() and before not in ".!?…:。！？" and mark.start() - start > 40
        )
        if not wrapped:
            yield start, mark.start()
            start = mark.end()
    yield start, len(text)


def _enclosed(text: str, start: int, end: int) -> list[Span]:
    """Return the positions of short quotations and brackets."""
    found: list[Span] = []
    opened: list[tuple[str, int]] = []
    straight = -1
    for match in re.finditer(r'["“”„«»「」『』()（）\[\]]', text[start:end]):
        sign, at = match.group(), start + match.start()
        if sign == '"':
            if straight < 0:
                straight = at
            else:
                found.append((straight, at))
                straight = -1
        elif opened and sign == _PAIRS[opened[-1][0]]:
            found.append((opened.pop()[1], at))
        elif sign in _PAIRS:
            opened.append((sign, at))
            del opened[:-8]  # bounds the work on a text full of open brackets
    return [(a, b) for a, b in found if b - a <= _QUOTE_LIMIT]


def _split(text: str, start: int, end: int, language: str) -> Iterator[Span]:
    inside = sorted(_enclosed(text, start, end))
    first, here = start, 0
    reach = -1  # the last end of the quotations and brackets that began before the mark
    for mark in _MARK.finditer(text, start, end):
        stop = mark.end("stop")
        while here < len(inside) and inside[here][0] < mark.start():
            reach = max(reach, inside[here][1])
            here += 1
        if mark.end("close") <= reach:
            continue
        if _ends(text, mark, first, end, language):
            yield first, max(stop, mark.end("close"))
            first = mark.end()
    if first < end:
        yield first, end


def _ends(text: str, mark: re.Match[str], first: int, end: int, language: str) -> bool:
    """Whether the mark ends the sentence that began at `first`."""
    after = mark.end()
    if after >= end:
        return True
    sign, following = mark["stop"][-1], text[after]
    if sign in _DENSE_STOPS:
        return not (mark["close"] and ("）" in mark["close"] or _SPEECH_DENSE.match(text, after, end)))
    if not mark["blank"]:
        return _glued(text, mark, end, language)
    if following.islower() or following in ",;:)]»”…":
        return False
    if following in "—–-" and (mark["close"] or _small_after(text, after, end)):
        return False  # – Who is there? – he asked
    if _BULLET.match(text, first, mark.end() + 1) and mark.end("stop") - first <= 3:
        return False  # the number of a list, not a sentence
    if mark["close"] and _SPEECH.match(text, after, end):
        return False
    if mark["stop"] != ".":
        return True
    return _full_stop_ends(text, mark, end, language)


def _small_after(text: str, at: int, end: int) -> bool:
    word = _NEXT.match(text, at, end)
    return word is not None and word[1][:1].islower()


def _glued(text: str, mark: re.Match[str], end: int, language: str) -> bool:
    """Whether a mark without a blank ends a sentence (`the end.The next`), by the letter before and the word after."""
    before = text[max(0, mark.start() - 3) : mark.start()]
    if mark["stop"] not in (".", "!", "?") or not (len(before) == 3 and before.isalpha() and before.islower()):
        return mark["stop"][-1] in "؟۔।॥։"
    word = _NEXT.match(text, mark.end("close"), end)
    if word is None or len(word[1]) < 2 or not word[1][:1].isupper():
        return False
    return word[1].lower() in abbreviations.starters(language)


@lru_cache(maxsize=1024)
def _initials(word: str) -> bool:
    """Whether a word is made of single letters: `J`, `U.S`, `J.R.R`."""
    return all(len(part) == 1 for part in word.split(".")) and word[:1].isalpha()


def _back(chunk: str) -> tuple[str, str]:
    """Return the word before the previous one and the word that a mark follows directly; empty where there is none."""
    parts = chunk.split()
    if not parts or chunk[-1].isspace():
        return "", ""
    word = _ATTACHED.search(parts[-1])
    return parts[-2] if len(parts) > 1 else "", word.group().rstrip(".'’") if word else ""


def _full_stop_ends(text: str, mark: re.Match[str], end: int, language: str) -> bool:
    if mark["close"]:
        return True
    before, word = _back(text[max(0, mark.start() - _LOOK_BACK) : mark.start()])
    if not word:
        return True
    word = re.split(r"['’]", word)[-1]  # l'avv.
    ahead = _NEXT.match(text, mark.end(), end)
    follower = ahead[1] if ahead else ""
    if ahead and len(follower) == 1 and len(word) < 3 and text[ahead.end() : ahead.end() + 1] == ".":
        return False  # z. B., J. R. R.
    starts = len(follower) > 0 and follower.lower() in abbreviations.starters(language)
    return _word_ends(word, before, follower, starts=starts, language=language)


def _word_ends(word: str, before: str, follower: str, *, starts: bool, language: str) -> bool:
    """Whether a full stop after `word` ends a sentence, when `follower` begins with a capital or a digit."""
    low = word.lower()
    if word.isdigit():
        return _number_ends(word, follower, starts=starts, language=language)
    if low in abbreviations.NUMBERED and not follower[:1].isdigit():
        return starts or not word[:1].isupper() or low in ("no", "nos")
    if low in abbreviations.others(language) or (low in abbreviations.YEARS and before.isdigit()):
        return starts and not (follower.isdigit() and len(word) <= 4)
    # "Minneapolis-St. Paul": a name that is joined to a place begins with a capital.
    title = word.rpartition("-")[2].lower() if word.rpartition("-")[2][:1].isupper() else low
    if title in abbreviations.titles(language) or abbreviations.is_compound(low, language):
        return False
    if _initials(word):
        # "George W. Bush" goes on, "to the U.S. The" ends, "Vitamin C. Doctors" is not split.
        return ("." not in word and word.islower()) or (starts and follower != "I")
    return True


def _number_ends(word: str, follower: str, *, starts: bool, language: str) -> bool:
    if abbreviations.is_month(follower) and len(word) <= 2:
        return False
    if abbreviations.ordinal(language) and len(word) <= 3 and follower[:1].isupper():
        return starts
    return True
