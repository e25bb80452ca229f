"""Chooses the reader of a document: libxml2, libxml2 after repairs, or feedparser."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from feeds.errors import EmptyResponse, NotAFeed, ParseError, RobotCheck
from feeds.model import Parsed
from feeds.parse.build import build_parsed
from feeds.parse.doctype import without_doctype
from feeds.parse.encoding import decode_document, without_xml_declaration
from feeds.parse.repair import declare_prefixes, repair_xml
from feeds.sources.fast import read_well_formed
from feeds.sources.json_feed import read_json_feed
from feeds.sources.raw import RawFeed
from feeds.sources.sitemap import is_sitemap, read_sitemap
from feeds.sources.tolerant import read_any

MAX_TAGS = 30_000  # of a broken document that feedparser gets: about two seconds
MAX_MARKS = 200_000  # ampersands and equals signs, likewise
_FEEDISH = re.compile(r"<(?:[\w.\-]{1,40}:)?(?:rss|feed|rdf|channel|item|entry)[\s>]", re.IGNORECASE)

_HTML = re.compile(
    r"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype html|html|head|title|body|meta)\b", re.IGNORECASE | re.DOTALL
)
# Titles and marks of the pages that services show to programs they take for robots.
_CHALLENGE = re.compile(
    r"<title>\s*(?:just a moment|attention required|checking your browser|access denied|"
    r"are you (?:a )?human|are you (?:a )?robot|ddos-guard|please wait|security check|bot verification|"
    r"human verification|einen moment|un instant|un momento|"
    r"один момент|请稍候|しばらくお待ちください)|cf-(?:browser-verification|challenge)|challenge-platform|"
    r"captcha-delivery\.com|enable javascript and cookies to continue|_incapsula_resource|anubis_challenge",
    re.IGNORECASE,
)


def parse_document(
    body: bytes,
    url: str,
    headers: Mapping[str, str],
    known: Collection[bytes] = (),
    page: Mapping[str, str] | None = None,
) -> Parsed:
    """Parse a feed, or a page by selectors; the arguments are those of `feeds.parse.parse`."""
    if page is not None:
        return build_parsed(_page(body, url, headers, page), url, known)
    text, problems = decode_document(body, headers)
    text = text.lstrip("\ufeff \t\r\n\0")
    if not text:
        raise EmptyResponse(url=url)
    if text.startswith(("{", "[")):
        raw = read_json_feed(text)
    else:
        raw = _xml(without_xml_declaration(text), url, headers)
    raw.problems[:0] = problems
    return build_parsed(raw, url, known)


def _page(body: bytes, url: str, headers: Mapping[str, str], page: Mapping[str, str]) -> RawFeed:
    # Imported late: hardly any feed is a page, and cssselect takes time to import.
    from feeds.sources.page import read_page
    from feeds.sources.selectors import PageSelectors

    return read_page(body, url, headers, PageSelectors(**page))


def _xml(text: str, url: str, headers: Mapping[str, str]) -> RawFeed:
    """Read with libxml2; if it fails, repair the usual errors and try again; if that fails, use feedparser."""
    if is_sitemap(text):
        return _sitemap(text, url)
    bare, entities = without_doctype(text)
    raw = read_well_formed(bare) if not entities else None
    if raw is not None:
        return raw
    fixed = declare_prefixes(repair_xml(bare, entities))
    raw = read_well_formed(fixed) if fixed != bare else None
    if raw is not None:
        raw.problems.append("illegal characters, entities or prefixes were repaired")
        return raw
    return _broken(fixed, url, headers)


def _sitemap(text: str, url: str) -> RawFeed:
    bare, entities = without_doctype(text)
    raw = read_sitemap(bare)
    if raw is not None:
        return raw
    fixed = declare_prefixes(repair_xml(bare, entities))
    raw = read_sitemap(fixed) or _recovered(read_sitemap, fixed)
    if raw is None:
        raise NotAFeed("the sitemap cannot be read", url=url)
    raw.problems.append("not well-formed: read as far as possible")
    return raw


def _with_feedparser(text: str, headers: Mapping[str, str]) -> RawFeed:
    """Return what feedparser reads; a feed without entries if it fails."""
    try:
        return read_any(text.encode("utf-8", "replace"), headers)
    except Exception as error:  # noqa: BLE001 - a large library on hostile input can raise anything
        return RawFeed(format="", parser="feedparser", problems=[f"feedparser failed: {type(error).__name__}"])


def _recovered(read: Callable[..., RawFeed | None], text: str) -> RawFeed | None:
    """Return what libxml2 reads in recovery mode; None if it fails. Raises ParseError."""
    try:
        return read(text, recover=True)
    except ParseError:
        raise
    except ValueError:  # it can return invalid text
        return None


def _amount(raw: RawFeed) -> tuple[int, int]:
    """Return how much a reader found: the number of entries, then of their filled fields."""
    filled = sum(
        bool(item.title) + bool(item.links) + bool(item.guid) + bool(item.contents or item.summary)
        for item in raw.entries
    )
    return len(raw.entries), filled


def _other_page(text: str, url: str) -> NotAFeed:
    """Return the error for a document that is no feed, by what it is."""
    if _CHALLENGE.search(text[:20_000]):
        return RobotCheck(url=url)
    if _HTML.match(text):
        return NotAFeed("the server sent a web page and no feed", url=url)
    return NotAFeed(url=url)


def _broken(text: str, url: str, headers: Mapping[str, str]) -> RawFeed:
    """Read a document that is not well-formed with feedparser, or with libxml2 in recovery mode if that finds more.

    feedparser takes time quadratic in the nesting, so it does not get a document of very many tags, or only its
    beginning.
    """
    if not _FEEDISH.search(text):
        raise _other_page(text, url)
    other = _recovered(read_well_formed, text)
    if text.count("<") > MAX_TAGS or text.count("&") + text.count("=") > MAX_MARKS:
        if other is not None:
            other.problems.append("not well-formed, and too large for feedparser")
            return other
        text = "<".join(text.split("<", MAX_TAGS)[:MAX_TAGS])[: 5 * MAX_MARKS]
    raw = _with_feedparser(text, headers)
    if other is not None:
        raw.tombstones = other.tombstones = other.tombstones or raw.tombstones
    if other is not None and _amount(other) > _amount(raw):
        other.problems = [*raw.problems, "not well-formed: read as far as possible"]
        return other
    if not raw.format and not raw.entries:
        raise NotAFeed(url=url)
    if other is not None:
        raw.title, raw.links = raw.title or other.title, raw.links or other.links
        raw.language = raw.language or (other.language or "").split("\n")[0].strip() or None
    return raw
