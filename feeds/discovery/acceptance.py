"""Whether a page is the article of an entry, so that its text may replace the teaser. Pure.

Proof is what page and entry share: a run of words, or enough of the words of title and teaser. Words are compared by
their first letters, so that inflected forms agree; scripts without blanks by pairs of letters. What the page says
beside the teaser must be about the same subject: a wall that repeats title and teaser is no article. The limits were
measured on 300 real pages with their titles and descriptions, each also compared with the pages of others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from feeds.discovery import walls
from feeds.model import Entry, ExtractedArticle

_WORD = re.compile(r"[^\W_]+")
_WIDE = re.compile(r"[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]+")
_STEM = 5  # letters of a word that are compared; shorter words are mostly the same in all texts
_SHORT = 3  # letters of the words that are compared where there are hardly any others
_RUN = 6  # words in the same order that two texts share only if one quotes the other
_WIDE_RUN = 12  # the same in letters of a script without blanks
_LIKELY = 0.3  # share of the words of title and teaser that an article has, at least three words
_PROVEN = 0.5  # the same in a long page with another title, which has many words of any text
_SAME_TITLE = 0.6  # share of the words of an entry's title in a page's title
_OTHER_TITLE = 0.3  # below it, the page has another title
_ON_SUBJECT = 0.25  # share of the words in the rest of a page that has phrases of walls, or another title
_OFF_SUBJECT = 0.05  # below it, the rest of a page has nothing to do with the entry
_HARDLY_ANY = 4  # words of title and teaser; one of them may have to be enough
_FEW = 8  # words of title and teaser; with fewer, the rest of a page proves nothing
_LONG_REST = 40  # words
_SHORT_REST = 12  # words: with fewer, none may be shared by chance
_LONG_PAGE = 400  # words
_SHORT_PAGE = 250  # words; in longer ones a phrase of a wall may be part of the article
_REPEATED = 0.6  # share of a text's lines, by length, that another page of the site has too
_LONG_LINE = 25  # characters
_INDEX = re.compile(
    r"/(?:(?:index|home|default|start|main)(?:\.\w{2,5})?/?)?|/[a-z]{2}(?:[-_][a-z]{2})?/?", re.IGNORECASE
)


class PageProblem(StrEnum):
    """Why a page was refused. The values are stored and shown; the texts are in `REASONS`."""

    HOME = "home-page"
    CONSENT = "consent"
    LOGIN = "login"
    PAYWALL = "paywall"
    MISSING = "missing"
    BOT_CHECK = "bot-check"
    REPEATED = "repeated"
    OTHER = "other-text"


REASONS = {
    PageProblem.HOME: "the link leads to a front page",
    PageProblem.CONSENT: "the page asks for consent to cookies",
    PageProblem.LOGIN: "the page asks to sign in",
    PageProblem.PAYWALL: "the page is for subscribers",
    PageProblem.MISSING: "the page says that the article does not exist",
    PageProblem.BOT_CHECK: "the page checks for robots",
    PageProblem.REPEATED: "several links of the feed lead to the same text",
    PageProblem.OTHER: "the page has neither title nor text of the entry",
}


@dataclass(frozen=True, slots=True)
class OtherPage:
    """Another page of the same feed: the title of its entry and its text."""

    title: str
    text: str


def refusal(
    entry: Entry, page: ExtractedArticle, final_url: str, others: Sequence[OtherPage] = ()
) -> PageProblem | None:
    """Return why the page is not the article of the entry; None if it is. `final_url` is its URL after redirects.

    `others` are the pages of other entries, of the same poll and of the last ones.
    """
    return (
        _by_redirect(entry.link or final_url, final_url)
        or _by_title(entry, page)
        or _by_text(entry, page, final_url)
        or (PageProblem.REPEATED if _is_repeated(entry, page, others) else None)
    )


def without_headings(text: str, titles: Iterable[str]) -> str:
    """Return a text without lines at its beginning that repeat one of the titles, also with a site's name behind."""
    headings = {_letters(title) for title in titles} - {""}
    lines = text.split("\n")
    first = [line for line in lines[:_HEAD] if not _is_heading(_letters(line), headings)]
    return "\n".join([*first, *lines[_HEAD:]])


_HEAD = 4  # first lines of a text that may be a heading


def _is_heading(line: str, headings: set[str]) -> bool:
    return line in headings or any(
        len(title) >= 20 and line.startswith(title) and len(line) < len(title) + 25 for title in headings
    )


def _letters(text: str) -> str:
    return "".join(_WORD.findall(text)).casefold()


def _by_redirect(link: str, final_url: str) -> PageProblem | None:
    """Whether the link led to a front page, to a page above it, or to a URL that names a wall."""
    try:
        asked, got = urlsplit(link), urlsplit(final_url)
    except ValueError:
        return None
    if (asked.hostname, asked.path.rstrip("/"), asked.query) == (got.hostname, got.path.rstrip("/"), got.query):
        return None
    before, after = (f"{(url.hostname or '').removeprefix('www.')}{url.path}" for url in (asked, got))
    kind = walls.path_kind(after)
    if kind and kind != walls.path_kind(before):
        return PageProblem(kind)
    if _is_front(got.path, got.query) and not _is_front(asked.path, asked.query):
        return PageProblem.HOME
    above = after.rstrip("/") + "/"
    return (
        PageProblem.HOME if before.startswith(above) and before.rstrip("/") + "/" != above and not got.query else None
    )


def _is_front(path: str, query: str) -> bool:
    return bool(_INDEX.fullmatch(path or "/")) and not query


def _by_title(entry: Entry, page: ExtractedArticle) -> PageProblem | None:
    """Whether the page's title says that it is a wall, and is not the entry's own title."""
    if _title_share(entry, page) >= _SAME_TITLE:
        return None
    kinds = (walls.title_kind(part) for title in (page.title, *page.titles[:2]) for part in _parts(title))
    kind = next(filter(None, kinds), None)
    return PageProblem(kind) if kind and not walls.title_kind(entry.title) else None


def _parts(title: str) -> list[str]:
    return [title, *(part for part in re.split(r"\s[|\-–—:·»•/]\s|: ", title) if part != title)]


def _by_text(entry: Entry, page: ExtractedArticle, final_url: str) -> PageProblem | None:
    """Whether title, teaser and text do not fit together."""
    teaser, body = entry.text, page.text
    wanted, found = _comparable(f"{entry.title}\n{teaser}", body)
    quoted = _quotes(teaser, body) if teaser else False
    kind = _kind(body)
    title = _title_share(entry, page)
    share = _share(wanted, found)
    likely = _PROVEN if _count(body) >= _LONG_PAGE else _LIKELY
    alike = len(wanted & found) >= 3 and share >= (_LIKELY if title >= _OTHER_TITLE else likely)
    if not (quoted or alike or _fits(title, share, wanted)):
        return kind or _front_or_other(entry, page, final_url)
    rest = _rest(entry, body)
    words, rest_share = _count(rest), _share(wanted, _comparable(f"{entry.title}\n{teaser}", rest)[1])
    if kind and rest_share < _ON_SUBJECT and _count(body) < _SHORT_PAGE:
        return kind
    if len(wanted) >= _FEW and words >= _LONG_REST:
        if title < _OTHER_TITLE and rest_share < _ON_SUBJECT:
            return kind or _front_or_other(entry, page, final_url)
        if rest_share < _OFF_SUBJECT and (quoted or title < _SAME_TITLE):
            return kind or PageProblem.OTHER
    if len(wanted) >= _FEW and rest_share == 0 and _SHORT_REST <= words < _SHORT_PAGE:
        return kind or PageProblem.OTHER  # under the entry's title only a form or an invitation
    return None


def _fits(title: float, share: float, wanted: set[str]) -> bool:
    """Whether the page's own title is enough: it is the entry's, and the text does not contradict it."""
    if len(wanted) <= _HARDLY_ANY:
        return title >= _OTHER_TITLE or share >= _LIKELY
    return title >= _SAME_TITLE and (share >= 0.1 or len(wanted) < 2 * _FEW)


def _front_or_other(entry: Entry, page: ExtractedArticle, final_url: str) -> PageProblem:
    """Return `HOME` if the page declares to be the front page and the entry's link is not; else `OTHER`."""
    canonical = urlsplit(page.canonical or final_url)
    asked = urlsplit(entry.link or final_url)
    front = _is_front(canonical.path, canonical.query) and not _is_front(asked.path, asked.query)
    return PageProblem.HOME if front else PageProblem.OTHER


def _kind(body: str) -> PageProblem | None:
    """Return the kind of wall of which a text has most phrases, if any."""
    found = walls.phrases(body)
    return PageProblem(max(found, key=lambda kind: found[kind])) if found else None


def _title_share(entry: Entry, page: ExtractedArticle) -> float:
    """Return the share of the words of the entry's title in the closest title of the page."""
    wanted = _all_words(entry.title)
    return max((_share(wanted, _all_words(title)) for title in (page.title, *page.titles)), default=0.0)


def _all_words(text: str) -> set[str]:
    return _units(text) or {word.casefold() for word in _WORD.findall(text)}


def _comparable(entry: str, page: str) -> tuple[set[str], set[str]]:
    """Return the comparable parts of an entry and a page, with short words if the entry has hardly any others."""
    wanted = _units(entry)
    return (wanted, _units(page)) if len(wanted) >= 3 else (_units(entry, _SHORT), _units(page, _SHORT))


def _units(text: str, least: int = _STEM) -> set[str]:
    """Return the comparable parts of a text: beginnings of long words, numbers, acronyms, pairs of wide letters."""
    found: set[str] = set()
    for word in _WORD.findall(text):
        if _WIDE.search(word):
            for run in _WIDE.findall(word):
                found.update(run[at : at + 2] for at in range(max(1, len(run) - 1)))
        elif len(word) >= least or word.isdigit() or (word.isupper() and len(word) > 1):
            found.add(word.casefold()[:_STEM])
    return found


def _share(wanted: set[str], found: set[str]) -> float:
    return len(wanted & found) / len(wanted) if wanted else 0.0


def _quotes(teaser: str, body: str) -> bool:
    """Whether the body has a run of words of the teaser."""
    return not _runs(teaser).isdisjoint(_runs(body))


def _runs(text: str) -> set[str]:
    words = _WORD.findall(text.casefold())
    found = {" ".join(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1)}
    for run in _WIDE.findall("".join(words)):
        found.update(run[at : at + _WIDE_RUN] for at in range(len(run) - _WIDE_RUN + 1))
    return found


def _rest(entry: Entry, body: str) -> str:
    """Return the lines of a page that neither quote the teaser nor repeat the title."""
    quoted, title = _runs(entry.text), _letters(entry.title)
    return "\n".join(
        line for line in body.split("\n") if _letters(line) != title and (not quoted or quoted.isdisjoint(_runs(line)))
    )


def _count(text: str) -> int:
    """Return the number of words of a text; two letters of a script without blanks count as one."""
    wide = sum(map(len, _WIDE.findall(text)))
    return len(_WIDE.sub(" ", text).split()) + wide // 2


def _is_repeated(entry: Entry, page: ExtractedArticle, others: Sequence[OtherPage]) -> bool:
    """Whether most of the text is on the page of another entry too, one with another title."""
    lines = _lines(page.text, entry.title)
    total = sum(map(len, lines))
    own = _all_words(entry.title)
    for other in others:
        if total and sum(map(len, lines & _lines(other.text, other.title))) >= _REPEATED * total:
            alike = _share(own, _all_words(other.title)), _share(_all_words(other.title), own)
            if min(alike) < _SAME_TITLE:
                return True
    return False


def _lines(text: str, title: str) -> set[str]:
    """Return the longer lines of a text, folded, without its title."""
    return {
        folded for line in text.split("\n") if len(line) >= _LONG_LINE and (folded := _letters(line)) != _letters(title)
    }
