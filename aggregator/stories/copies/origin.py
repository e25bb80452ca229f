"""Decides which of the outlets that carry an article wrote it, and records how that is known.

    source of a republished item   the feed names the source of the item
    dateline                       `LONDON (Reuters) -` at the start of the text
    link                           a copy links to the page of another
    "appeared first on", credit    a line after the text, `(dpa)`, `© AFP`
    author                         an agency or an outlet instead of a person's name

What a copy says of another outlet counts most, because no outlet credits another without need. About itself only its
dateline counts, and little, because outlets add their name to every text. Without any of these, the first to arrive
wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from feeds.text.phrases import AGENCIES, NOTED

TOGETHER = timedelta(hours=1)  # after the first arrival: the order within one round of polls means nothing
BEFORE = timedelta(days=2)  # a date earlier than this before the first arrival is not used
EXCERPT = 3  # an author's own text does not lead if another is this many times as long


class OriginCode(StrEnum):
    """How it is known who wrote a text. The codes are stored, so none may change."""

    TEXT = "text"  # name: a sentence that an earlier version stored
    REPUBLISHED = "republished"  # name: the source that a republishing feed names
    DATELINE = "dateline"  # by, name
    LINK = "link"  # by, name
    APPEARED_FIRST = "appeared-first"  # by, name
    CREDIT = "credit"  # by, name
    AUTHOR = "author"  # by, name
    OWN_DATELINE = "own-dateline"
    ARRIVED_FIRST = "arrived-first"  # name
    DATED_FIRST = "dated-first"  # name


_WEIGHTS = {
    OriginCode.REPUBLISHED: 3.0,
    OriginCode.DATELINE: 3.0,
    OriginCode.LINK: 3.0,
    OriginCode.APPEARED_FIRST: 2.0,
    OriginCode.CREDIT: 2.0,
    OriginCode.AUTHOR: 2.0,
    OriginCode.OWN_DATELINE: 1.5,
}
# One name for each agency, whatever it is called in the text.
_SAME = {
    "associated press": "AP", "the associated press": "AP", "agence france-presse": "AFP", "афп": "AFP",
    "法新社": "AFP",
    "рейтер": "Reuters", "路透社": "Reuters", "тасс": "TASS", "интерфакс": "Interfax", "риа новости": "RIA Novosti",
    "新华社": "Xinhua", "共同社": "Kyodo", "kyodo news": "Kyodo", "dpa": "dpa",
    "lusa": "Lusa", "press association": "PA Media", "pa": "PA Media",
    "the canadian press": "CP", "aa": "Anadolu", "bbc news": "BBC", "voice of america": "VOA",
    "deutsche welle": "DW", "cnn business": "CNN",
}  # fmt: skip
_AGENCY = re.compile(rf"(?<!\w)(?:{AGENCIES})(?!\w)")
_ONLY_AGENCY = re.compile(rf"(?:{AGENCIES})(?: News)?")
_FIRST = re.compile(
    r"appeared first o|first appeared on|originally (?:appeared|published)|is republished from|erschien zuerst auf"
    r"|en premier sur|publicó primero en|aparece primero en|proviene da|essere il primo su|apareceu primeiro em"
    r"|verscheen eerst op|впервые появил"
)
# Credits of pictures or of parts, and invitations to other texts, do not say who wrote this one.
_NO_CREDIT = re.compile(
    r"\b(?:photos?|photographs?|images?|pictures?|videos?|getty|shutterstock|fotos?|bild(?:er)?|crédit photo|фото)\b"
    rf"|^\W*(?:(?:with|mit|avec|con|com|met|med|с|со)\b|additional |further )|^\W*(?:{NOTED})\s?[:：]",
    re.IGNORECASE,
)
_PARTS = re.compile(r"\s[-–—|»›·]\s|:\s")
_BLANK = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Printed:
    """One outlet's copy of an article. `head` and `tail` are what it prints before and after the text itself.

    `home` is the host of its site. `republished`: its feed names `outlet` as the source of the item. `length` is that
    of the text in characters, `links` are the canonical URLs that the text links to.
    """

    entry: int
    outlet: str
    arrived: datetime
    published: datetime | None = None
    title: str = ""
    head: str = ""
    tail: str = ""
    authors: tuple[str, ...] = ()
    link: str | None = None
    links: tuple[str, ...] = ()
    home: str = ""
    republished: bool = False
    length: int = 0


@dataclass(frozen=True, slots=True)
class OriginReason:
    """How it is known that `name` wrote a text: `by` is the outlet that says so.

    `excerpt`: the author's own copy has only the beginning of the text.
    """

    code: OriginCode
    by: str = ""
    name: str = ""
    excerpt: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """The entry `lead` that leads an article. `copy_of` is the author if that is another outlet."""

    article: int
    lead: int
    copy_of: str = ""
    reason: OriginReason | None = None


@dataclass(frozen=True, slots=True)
class _Claim:
    key: str  # see `_key`
    reason: OriginReason


def originator(article: int, copies: Sequence[Printed]) -> Origin:
    """Return the origin of an article. `copies` are all that carry it, in order of arrival; never empty."""
    known = _known(copies)
    claims = [claim for copy in copies for claim in _claims(copy, copies, known)]
    first, first_reason = _first(copies)
    best = _best(claims, known, first)
    if best is None:
        return Origin(article, first.entry, reason=first_reason)
    own = known.get(best.key)
    if own is None:
        return Origin(article, first.entry, best.reason.name, best.reason)
    if own.length * EXCERPT < max(copy.length for copy in copies):
        whole = next(c for c in copies if c.length > own.length)
        return Origin(article, whole.entry, own.outlet, replace(best.reason, excerpt=True))
    return Origin(article, own.entry, reason=best.reason if len(copies) > 1 else None)


def _best(claims: Iterable[_Claim], known: dict[str, Printed], first: Printed) -> _Claim | None:
    """Return the strongest claim for the name with the greatest total weight; of equals the first to arrive."""
    sums: dict[str, float] = {}
    best: dict[str, _Claim] = {}
    for claim in claims:
        weight = _WEIGHTS[claim.reason.code]
        sums[claim.key] = sums.get(claim.key, 0.0) + weight
        if claim.key not in best or weight > _WEIGHTS[best[claim.key].reason.code]:
            best[claim.key] = claim
    ranked = sorted(sums, key=lambda key: (-sums[key], known.get(key) is not first))
    return best[ranked[0]] if ranked else None


def _first(copies: Sequence[Printed]) -> tuple[Printed, OriginReason | None]:
    """Return the first copy: by arrival, and by their own dates among those that arrived together."""
    seen = min(copies, key=lambda c: (c.arrived, c.entry))
    together = [c for c in copies if c.arrived - seen.arrived <= TOGETHER]

    def dated(copy: Printed) -> datetime:
        date = copy.published
        return date if date is not None and seen.arrived - BEFORE <= date <= copy.arrived else copy.arrived

    first = min(together, key=lambda c: (dated(c), c.arrived, c.entry))
    if len(copies) == 1:
        return first, None
    code = OriginCode.ARRIVED_FIRST if first is seen else OriginCode.DATED_FIRST
    return first, OriginReason(code, name=first.outlet)


def _known(copies: Sequence[Printed]) -> dict[str, Printed]:
    """Return the copies by each name of their outlet; an outlet's own feed precedes one that republishes it."""
    found: dict[str, Printed] = {}
    for copy in sorted(copies, key=lambda c: c.republished):
        for name in _names(copy.outlet):
            found.setdefault(name, copy)
    return found


def _names(outlet: str) -> list[str]:
    """Return the names of an outlet: `Reuters: World News` is Reuters, `World | BBC News` is the BBC."""
    parts = _PARTS.split(outlet)
    names = [outlet, *parts[:1], *(part for part in parts[1:] if _ONLY_AGENCY.fullmatch(part.strip()))]
    return [key for key in dict.fromkeys(map(_key, names)) if len(key) > 1]


def _key(name: str) -> str:
    name = name.strip()
    if _ONLY_AGENCY.fullmatch(name):
        name = _agency(name.removesuffix(" News"))
    return _BLANK.sub(" ", name.casefold()).strip()


def _agency(name: str) -> str:
    return _SAME.get(name.casefold(), name.partition("/")[0] or name)


def _claims(copy: Printed, copies: Sequence[Printed], known: dict[str, Printed]) -> Iterator[_Claim]:
    """Yield what a copy says about who wrote it, each name once, by the strongest code."""
    named = {_key(copy.outlet)}
    own = known.get(_key(copy.outlet))
    if copy.republished:
        yield _Claim(_key(copy.outlet), OriginReason(OriginCode.REPUBLISHED, name=copy.outlet))
    for code, key, name in _mentions(copy, copies, known):
        itself = own is not None and known.get(key) is own
        if itself and code is OriginCode.DATELINE and not copy.republished:
            yield _Claim(key, OriginReason(OriginCode.OWN_DATELINE, name=name))
        if not itself and key not in named:
            yield _Claim(key, OriginReason(code, copy.outlet, name))
        named.add(key)


def _mentions(
    copy: Printed, copies: Sequence[Printed], known: dict[str, Printed]
) -> Iterator[tuple[OriginCode, str, str]]:
    """Yield the outlets that a copy names: code, key and name as shown."""
    for line in copy.head.split("\n"):
        yield from ((OriginCode.DATELINE, *found) for found in _named(line, copy.title, known))
    for other in _linked(copy, copies):
        yield OriginCode.LINK, _key(other.outlet), other.outlet
    for line in copy.tail.split("\n"):
        first = _FIRST.search(line)
        code, words = (OriginCode.APPEARED_FIRST, line[first.end() :]) if first else (OriginCode.CREDIT, line)
        yield from ((code, *found) for found in _named(words, copy.title, known))
    for author in copy.authors:
        if _key(author) in known or _ONLY_AGENCY.fullmatch(author.strip()):
            yield OriginCode.AUTHOR, _key(author), _shown(_key(author), author, known)


def _named(line: str, title: str, known: dict[str, Printed]) -> Iterator[tuple[str, str]]:
    """Yield the outlets and agencies that a line of boilerplate names, in order; names in `title` do not count."""
    if title:
        line = line.replace(title, " ")
    if not line.strip() or _NO_CREDIT.search(line):
        return
    folded = f" {_BLANK.sub(' ', line.casefold()).strip()} "
    spots = {name: folded.find(f" {name} ") for name in known}
    yield from (
        (name, known[name].outlet) for name in sorted(spots, key=lambda n: (spots[n], -len(n))) if spots[name] >= 0
    )
    for found in _AGENCY.finditer(line):
        key = _key(found[0])
        yield key, _shown(key, found[0], known)


def _shown(key: str, name: str, known: dict[str, Printed]) -> str:
    return known[key].outlet if key in known else name.strip().partition("/")[0]


def _linked(copy: Printed, copies: Sequence[Printed]) -> Iterator[Printed]:
    """Yield the copies whose page the copy links to, by its own link or by a link in its text."""
    host = _host(copy.link)
    away = bool(copy.home and host) and not _same_site(host, copy.home)
    for other in copies:
        if other.outlet == copy.outlet:
            continue
        theirs = away and bool(other.home) and _same_site(host, other.home)
        if theirs or (other.link and other.link != copy.link and other.link in copy.links):
            yield other


def _host(url: str | None) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.") if url else ""
    except ValueError:
        return ""


def _same_site(one: str, other: str) -> bool:
    return one == other or one.endswith("." + other) or other.endswith("." + one)
