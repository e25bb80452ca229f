"""The form of an article or a story: a report, or an opinion, a live blog, an offer and the like.

Four things show it: how the title is made, a folder of the URL, a category of the feed, and the author line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib.resources import files

from digests.model import Form, Source, Story

ROLLING = frozenset({Form.LIVE, Form.BRIEFING})  # they tell of several events, one after the other
ADVERTISING = frozenset({Form.OFFER, Form.SPONSORED})
# These mention an event but are not about it alone: they give neither headline nor summary while a report exists.
SECONDARY = frozenset(
    {
        Form.OPINION, Form.ANALYSIS, Form.LIST, Form.QUIZ, Form.REVIEW, Form.FIXTURE, Form.RESULT,
        *ROLLING,
        *ADVERTISING,
    }
)  # fmt: skip

_SPACE = re.compile(r"\s+")


@cache
def _lines() -> tuple[tuple[str, str, str], ...]:
    """Return the lines of `data/forms.txt`: a form, in what it shows, and the words."""
    text = (files(__package__) / "data" / "forms.txt").read_text("utf-8")
    split = (line.partition(": ") for line in text.splitlines())
    return tuple((head.partition(" ")[0], head.partition(" ")[2], listed) for head, _, listed in split)


def _patterns(shown_in: str, before: str = "", after: str = "") -> dict[Form, re.Pattern[str]]:
    """Return the patterns of `data/forms.txt` by form, each with what must be around it."""
    items: dict[str, list[str]] = {}
    for form, kind, listed in _lines():
        if kind in shown_in.split():
            items.setdefault(form, []).append(listed)
    return {
        Form(form): re.compile(f"{before}(?:{'|'.join(found)}){after}", re.IGNORECASE) for form, found in items.items()
    }


# A label: "Opinion | ...", "Anzeige: ...", "[Sponsored] ...", "Il commento – ...", "DIRECT. ...", "... | Opinion".
_MARK = r"(?:\W{0,3}(?:[:：|/\]\)】·•–—]|\s[-–—]\s)|\.\s)"
_LABEL = _patterns("label", r"^\W*(?:(?:the|der|die|das|le|la|el|il|het)\s|l['’])?", _MARK)
_END_LABEL = _patterns("label", r"[|\[\(]\s*", r"\s*\W?$")
_TITLE = _patterns("title")
# Betting tips sell bets, whatever their title says of prices.
_BETTING = _patterns("betting")
_FOLDER = _patterns("folder", "^", "$")
_CATEGORY = _patterns("label folder", "^", "$")
_AUTHORS: dict[Form, re.Pattern[str]] = {
    Form.SPONSORED: re.compile(
        r"\b(?:sponsor(?:ed)?|brand ?(?:studio|voice|content)|partner content|"
        r"advertis|anzeige\b|paid\b)",
        re.IGNORECASE,
    ),
    Form.OPINION: re.compile(
        r"\b(?:editorial board|columnist|opinion|letters to the editor|"
        r"kolumnist|éditorialiste|columnista)\b",
        re.IGNORECASE,
    ),
    Form.OFFER: re.compile(r"\b(?:deals|shopping|commerce)\b (?:team|editor|writer|staff|desk)", re.IGNORECASE),
}  # fmt: skip
_PAID = re.compile(
    r"\b(?:paid for by|in paid partnership with|this (?:article|post|content) is sponsored|produced for .{2,30} by "
    r".{2,30} studio|"
    r"präsentiert von|dieser beitrag ist eine anzeige|en partenariat avec|contenu proposé par|patrocinado por|"
    r"contenido ofrecido por|"
    r"oferecido por|партн[её]рский материал|на правах рекламы|erid:)",
    re.IGNORECASE,
)
_COMMISSION = re.compile(
    (
        r"(?:earn|receive|get) (?:an? )?(?:affiliate )?commissions?|affiliate links?|affiliate-links?|"
        r"provisions-links?|liens? affili|enlaces? de afiliad|link affiliat"
    ),
    re.IGNORECASE,
)
# The forms in the order in which they are tried: what is paid for first, then what is most certain.
_BY_LABEL = tuple(_LABEL)
_BY_TITLE = (
    Form.SPONSORED, Form.OFFER, Form.QUIZ, Form.LIVE, Form.BRIEFING, Form.RESULT, Form.FIXTURE, Form.REVIEW, Form.LIST,
    Form.OBITUARY, Form.OPINION, Form.ANALYSIS,
)  # fmt: skip
_BY_FOLDER = tuple(_FOLDER)
# "Deals" are also what companies make, and "20 % off" is also what a share loses: an offer names a price that a
# person pays.
_PRICE = re.compile(
    (
        r"[%$€£¥₽₴]|\b(?:off|zł|percent|prozent|euro|euros|free|gratis|rabatt|codes?|coupons?|cheap|save|deals|guide|"
        r"cart|markdowns|ahorra|économisez|low(?:est)? price|amazon|(?:tiefst|best|spar)preis|prix|offres|precio|"
        r"ofertas|prezzo|offerte)\b|скид|зниж|angebot"
    ),
    re.IGNORECASE,
)
_BUSINESS = re.compile(
    r"\b(?:[mb]illions?|trillions?|bn|mio|mrd|milliarden|millionen|milliards?|mill?ones|miliardi|milioni|bilh[õo]es|"
    r"acqui\w+|merger|shares|stocks?|"
    r"wip\w+|knock\w*|shav\w+|slash\w*|inflation|tariffs?|ceasefire|trade deal|peace)\b|млрд|млн|акци[йя] компании",
    re.IGNORECASE,
)


def of_article(source: Source) -> Form:
    """Return the form of one article."""
    title, opening = _SPACE.sub(" ", source.title).strip(), source.text[:400]
    return _form(title, opening, source.url or "", source.authors, source.categories)


@lru_cache(maxsize=20_000)
def _form(title: str, opening: str, url: str, authors: tuple[str, ...], categories: tuple[str, ...]) -> Form:
    if _PAID.search(opening):
        return Form.SPONSORED
    if _first(_BETTING, tuple(_BETTING), [title]):
        return Form.OFFER
    checks = (
        _first(_LABEL, _BY_LABEL, [title]) or _first(_END_LABEL, _BY_LABEL, [title]),
        _first(_AUTHORS, tuple(_AUTHORS), authors),
        _first(_CATEGORY, _BY_LABEL, categories),
        _first(_FOLDER, _BY_FOLDER, _folders(url)),
        _first(_TITLE, _BY_TITLE, [title]),
    )
    found = next((form for form in checks if form is not None), Form.REPORT)
    if found is Form.OFFER and not _sells(f"{title} {opening}"):
        return Form.REPORT
    return Form.OFFER if _COMMISSION.search(opening) and found in (Form.REPORT, Form.LIST, Form.REVIEW) else found


def _sells(text: str) -> bool:
    return bool(_PRICE.search(text)) and not _BUSINESS.search(text)


def of_story(story: Story) -> Form:
    """Return the form of a story: a report while one of its articles is a report, else the form of most of them.

    Where more of them advertise than report, the report is one of the offer.
    """
    standing = [s for s in story.sources if not s.withdrawn] or list(story.sources)
    forms = Counter(of_article(s) for s in standing)
    advertising = sum(forms[form] for form in ADVERTISING)
    if forms[Form.REPORT] >= max(1, advertising) or not forms:
        return Form.REPORT
    if advertising > forms[Form.REPORT] > 0:
        return max(ADVERTISING, key=lambda form: (forms[form], form))
    return max(forms, key=lambda form: (forms[form], form not in ADVERTISING))


def main_sources(sources: Sequence[Source]) -> list[int]:
    """Return the positions of the articles that report the event; all of them where none does."""
    places = [place for place, one in enumerate(sources) if of_article(one) not in SECONDARY]
    return places or list(range(len(sources)))


def _first(patterns: dict[Form, re.Pattern[str]], order: Iterable[Form], texts: Iterable[str]) -> Form | None:
    said = [text for text in texts if text]
    return next((form for form in order if any(patterns[form].search(text) for text in said)), None) if said else None


def _folders(url: str) -> list[str]:
    """Return the parts of a URL's path before the last, which names the article."""
    path = url.partition("://")[2].partition("?")[0].partition("#")[0].split("/")
    return [part for part in path[1:-1] if part]
