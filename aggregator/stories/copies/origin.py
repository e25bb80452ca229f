"""Whose text it is: of all the outlets that carry one article, the one that wrote it, and how we know.

    source of a republished item   the feed itself says whose it is
    dateline                       `LONDON (Reuters) -` at the start of the text
    link                           a copy links to the page of another
    "appeared first on", credit    what stands after the text, `(dpa)`, `© AFP`
    author                         an agency or an outlet where a person's name would stand

What a copy says of another counts most: nobody credits a rival without need. Of itself only its dateline counts, and
little, since every outlet signs every text it prints. If nobody says anything, it is theirs from whom we had it
first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from feeds.text.phrases import AGENCIES, NOTED

TOGETHER = timedelta(hours=1)  # after the first arrival: what one round of polls brings says nothing of who was first
BEFORE = timedelta(days=2)  # a date further back than this is not believed
EXCERPT = 3  # times as long: the text of one who only gives a beginning does not lead
OWN_DATELINE = 1.5

_WEIGHTS = {"source": 3.0, "dateline": 3.0, "link": 3.0, "first": 2.0, "credit": 2.0, "author": 2.0}
_WORDS = {
    "source": "{by} names {name} as its source",
    "dateline": "{by} names {name} in its dateline",
    "link": "{by} links to the page of {name}",
    "first": "{by} says that it appeared first on {name}",
    "credit": "{by} credits {name}",
    "author": "{by} names {name} as the author",
}
# Agencies under one name, whatever they are called in the text.
_SAME = {
    "associated press": "AP", "the associated press": "AP", "agence france-presse": "AFP", "афп": "AFP", "法新社": "AFP",
    "рейтер": "Reuters", "路透社": "Reuters", "тасс": "TASS", "интерфакс": "Interfax", "риа новости": "RIA Novosti",
    "新华社": "Xinhua", "共同社": "Kyodo", "kyodo news": "Kyodo", "dpa": "dpa", "lusa": "Lusa", "press association": "PA Media",
    "pa": "PA Media", "the canadian press": "CP", "aa": "Anadolu", "bbc news": "BBC", "voice of america": "VOA",
    "deutsche welle": "DW", "cnn business": "CNN",
}  # fmt: skip
_AGENCY = re.compile(rf"(?<!\w)(?:{AGENCIES})(?!\w)")
_ONLY_AGENCY = re.compile(rf"(?:{AGENCIES})(?: News)?")
_FIRST = re.compile(
    r"appeared first o|first appeared on|originally (?:appeared|published)|is republished from|erschien zuerst auf|en premier sur"
    r"|publicó primero en|aparece primero en|proviene da|essere il primo su|apareceu primeiro em|verscheen eerst op|впервые появил"
)
# Pictures, parts of the material and invitations to other texts say nothing of who wrote this one.
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

    `home` is the host of its site; `republished` that its feed names `outlet` as the source of what it passes on;
    `length` of the text in characters; `links` the canonical addresses that the text links to.
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
class Origin:
    """Who leads an article: the entry `lead`. `copy_of` names the author where that is another than it; `why` in words."""

    article: int
    lead: int
    copy_of: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Claim:
    name: str  # as `_key` gives it
    shown: str
    kind: str
    by: str  # who says so; "" of itself
    weight: float


def originator(article: int, copies: Sequence[Printed]) -> Origin:
    """Name the copy that leads. `copies` are all that carry the article, in order of arrival; never empty."""
    known = _known(copies)
    claims = [claim for copy in copies for claim in _claims(copy, copies, known)]
    first, first_why = _first(copies)
    best = _best(claims, known, first)
    if best is None:
        return Origin(article, first.entry, why=first_why)
    own = known.get(best.name)
    why = _WORDS[best.kind].format(by=best.by, name=best.shown) if best.by else "its own dateline says so"
    if own is None:
        return Origin(article, first.entry, best.shown, why)
    if own.length * EXCERPT < max(copy.length for copy in copies):
        whole = next(c for c in copies if c.length > own.length)
        return Origin(article, whole.entry, own.outlet, f"{why}, which gives only the beginning")
    return Origin(article, own.entry, why=why if len(copies) > 1 else "")


def _best(claims: Iterable[_Claim], known: dict[str, Printed], first: Printed) -> _Claim | None:
    """The weightiest claim on the name for which most speaks; of equals the one from whom we had it first."""
    sums: dict[str, float] = {}
    best: dict[str, _Claim] = {}
    for claim in claims:
        sums[claim.name] = sums.get(claim.name, 0.0) + claim.weight
        if claim.name not in best or claim.weight > best[claim.name].weight:
            best[claim.name] = claim
    ranked = sorted(sums, key=lambda name: (-sums[name], known.get(name) is not first))
    return best[ranked[0]] if ranked else None


def _first(copies: Sequence[Printed]) -> tuple[Printed, str]:
    """Who was first: by arrival, and by their own dates among those that came in together."""
    seen = min(copies, key=lambda c: (c.arrived, c.entry))
    together = [c for c in copies if c.arrived - seen.arrived <= TOGETHER]

    def dated(copy: Printed) -> datetime:
        date = copy.published
        return date if date is not None and seen.arrived - BEFORE <= date <= copy.arrived else copy.arrived

    first = min(together, key=lambda c: (dated(c), c.arrived, c.entry))
    if len(copies) == 1:
        return first, ""
    if first is seen:
        return first, f"it came in from {first.outlet} first"
    return first, f"{first.outlet} dates it earliest of those that came in together"


def _known(copies: Sequence[Printed]) -> dict[str, Printed]:
    """The copies by each name that a text may call their outlet; a feed of its own before one that passes it on."""
    found: dict[str, Printed] = {}
    for copy in sorted(copies, key=lambda c: c.republished):
        for name in _names(copy.outlet):
            found.setdefault(name, copy)
    return found


def _names(outlet: str) -> list[str]:
    """`Reuters: World News` is Reuters, `World | BBC News` is the BBC."""
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
    """What a copy says of who wrote it, each name once, by the strongest kind."""
    said = {_key(copy.outlet)}
    own = known.get(_key(copy.outlet))
    if copy.republished:
        yield _Claim(_key(copy.outlet), copy.outlet, "source", "a feed that passes it on", _WEIGHTS["source"])
    for kind, name, shown in _said(copy, copies, known):
        itself = own is not None and known.get(name) is own
        if itself and kind == "dateline" and not copy.republished:
            yield _Claim(name, shown, kind, "", OWN_DATELINE)
        if not itself and name not in said:
            yield _Claim(name, shown, kind, copy.outlet, _WEIGHTS[kind])
        said.add(name)


def _said(copy: Printed, copies: Sequence[Printed], known: dict[str, Printed]) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, key, name as shown)."""
    for line in copy.head.split("\n"):
        yield from (("dateline", *found) for found in _named(line, copy.title, known))
    for other in _linked(copy, copies):
        yield "link", _key(other.outlet), other.outlet
    for line in copy.tail.split("\n"):
        first = _FIRST.search(line)
        kind, words = ("first", line[first.end() :]) if first else ("credit", line)
        yield from ((kind, *found) for found in _named(words, copy.title, known))
    for author in copy.authors:
        if _key(author) in known or _ONLY_AGENCY.fullmatch(author.strip()):
            yield "author", _key(author), _shown(_key(author), author, known)


def _named(line: str, title: str, known: dict[str, Printed]) -> Iterator[tuple[str, str]]:
    """The outlets and agencies that a line of furniture names, in their order; `title` is not looked into."""
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
    """Those to whose page of this article the copy leads: its own link is theirs, or its text links to it."""
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
