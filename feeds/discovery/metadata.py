"""A page's title, date of publication and authors, from its metadata and markup."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from feeds.parse.dates import parse_date
from feeds.parse.people import author_names
from feeds.text import plain_line

_ARTICLES = re.compile(
    r"(?:News|Blog|Report|Scholarly|Tech|Review|Opinion|Analysis|Satirical|Background|Advertiser)?(?:Article|Posting|NewsArticle)|LiveBlogPosting|Report|WebPage|Review|Recipe",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s+[|\-–—:·»•/\\_]\s+|\s+::\s+|_(?=[^\W\d]{1,12}$)")
_WORD = re.compile(r"\w+")
_TITLE_NAMES = (
    "dc.title",
    "dcterms.title",
    "og:title",
    "headline",
    "twitter:title",
    "parsely-title",
    "sailthru.title",
    "title",
)
_DATE_NAMES = (
    "article:published_time",
    "og:published_time",
    "og:article:published_time",
    "datepublished",
    "date_published",
    "publication_date",
    "publish-date",
    "publishdate",
    "pubdate",
    "publish_date",
    "parsely-pub-date",
    "sailthru.date",
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
    "dc.date.created",
    "date",
    "article.published",
    "cxenseparse:recs:publishtime",
    "published_time_telegram",
    "displaydate",
)
_AUTHOR_NAMES = (
    "author",
    "article:author_name",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "twitter:creator_name",
    "cxenseparse:author",
)
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?:[/-]|\.|$)")
_YEAR = re.compile(r"\s*\d{4}\s*")
_MAX_JSON = 500_000  # characters of one JSON-LD block
_MAX_NODES = 2000
_MAX_CONTENT = 4000  # characters of what a <meta> element says; it may be a URL
_MAX_VALUE = 1000  # characters of a title, a name or a date
_MAX_VALUES = 50  # of one name
_MAX_TITLES = 12


@dataclass(frozen=True, slots=True)
class PageFacts:
    """Each may be missing. `article` means that the page declares to be an article."""

    title: str = ""
    titles: tuple[str, ...] = ()  # all that the page gives: declared ones, the <title>, headings
    published: datetime | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    image: str | None = None
    canonical: str | None = None
    article: bool = False


def read_facts(tree: Any, url: str) -> PageFacts:
    """Return the facts of a parsed page. Declared ones are used before those in the visible page."""
    metas = _metas(tree)
    ld = [node for node in _json_ld(tree) if _is_article(node)]
    kind = next(iter(metas.get("og:type", [])), "").lower()
    return PageFacts(
        title=_title(tree, metas, ld),
        titles=_titles(tree, metas, ld),
        published=_published(tree, metas, ld, url),
        authors=_authors(tree, metas, ld),
        language=_language(tree, metas),
        image=next(iter(metas.get("og:image", [])), None),
        canonical=_href(tree, "canonical") or next(iter(metas.get("og:url", [])), None),
        article=kind.startswith("article") or any("webpage" not in str(node.get("@type")).lower() for node in ld),
    )


def _metas(tree: Any) -> dict[str, list[str]]:
    """Return the contents of <meta> by name, property or itemprop, in lower case; one may have several names."""
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        content = (element.get("content") or "")[:_MAX_CONTENT].strip()
        if content:
            for attribute in ("name", "property", "itemprop"):
                for name in (element.get(attribute) or "")[:_MAX_VALUE].lower().split():
                    values = found.setdefault(name, [])
                    if len(values) < _MAX_VALUES:
                        values.append(content)
    return found


def _json_ld(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in the page's JSON-LD, nested graphs included."""
    stack: deque[Any] = deque()
    for element in tree.iter("script"):
        if (
            (element.get("type") or "").strip().lower() == "application/ld+json"
            and element.text
            and len(element.text) < _MAX_JSON
        ):
            try:
                stack.append(json.loads(element.text, strict=False))
            except (ValueError, RecursionError):
                continue
    seen = 0
    while stack and seen < _MAX_NODES:
        node = stack.popleft()
        seen += 1
        if isinstance(node, list):
            stack.extend(node)
        elif isinstance(node, dict):
            yield node
            stack.extend(
                node.get(name)
                for name in ("@graph", "mainEntity", "mainEntityOfPage")
                if isinstance(node.get(name), list | dict)
            )


def _is_article(node: dict[str, Any]) -> bool:
    kinds = node.get("@type")
    return any(
        isinstance(kind, str) and _ARTICLES.fullmatch(kind) for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


def _words(text: str) -> str:
    return "".join(_WORD.findall(text)).casefold()


def _title(tree: Any, metas: dict[str, list[str]], ld: list[dict[str, Any]]) -> str:
    """Return a heading that agrees with the metadata, else the metadata's title, else the <title> without the site."""
    tag = _title_tag(tree)
    declared = _declared_titles(metas, ld)
    sites = {_words(value) for value in metas.get("og:site_name", [])}
    parts = [part for part in _SEPARATOR.split(tag) if part]
    wanted = {_words(text) for text in (*declared, *parts, tag)} - sites - {""}
    headings = _headings(tree)
    for text in headings:
        if _words(text) in wanted:
            return text
    for text in (*declared, tag):
        return _without_site(text, sites)
    return headings[0] if headings else ""


def _titles(tree: Any, metas: dict[str, list[str]], ld: list[dict[str, Any]]) -> tuple[str, ...]:
    found = (_title_tag(tree), *_declared_titles(metas, ld), *_headings(tree))
    return tuple(dict.fromkeys(text for text in found if text))[:_MAX_TITLES]


def _title_tag(tree: Any) -> str:
    tags = (
        one.text_content()
        for one in tree.iter("title")
        if one.getparent() is not None and one.getparent().tag == "head"
    )
    return _short_plain_line(next(tags, ""))


def _declared_titles(metas: dict[str, list[str]], ld: list[dict[str, Any]]) -> list[str]:
    declared = [_short_plain_line(node["headline"]) for node in ld if isinstance(node.get("headline"), str)]
    declared += [_short_plain_line(value) for name in _TITLE_NAMES for value in metas.get(name, [])]
    return [text for text in declared if text]


def _headings(tree: Any) -> list[str]:
    return [_short_plain_line(one.text_content()) for one in islice(tree.iter("h1"), 5)]


def _short_plain_line(text: str) -> str:
    return plain_line(text.strip()[:_MAX_VALUE])


def _without_site(text: str, sites: set[str]) -> str:
    """Return a title without the site's name at either end."""
    spots = list(_SEPARATOR.finditer(text))
    for spot in reversed(spots):
        before, after = text[: spot.start()], text[spot.end() :]
        if _words(after) in sites:
            return before
        if _words(before) in sites:
            return after
    if spots:
        before = text[: spots[-1].start()]
        if len(before.split()) > 3 and len(text[spots[-1].end() :].split()) <= 3:
            return before
    return text


def _published(tree: Any, metas: dict[str, list[str]], ld: list[dict[str, Any]], url: str) -> datetime | None:
    texts = [
        value for node in ld for name in ("datePublished", "dateCreated") if isinstance(value := node.get(name), str)
    ]
    texts += [value for name in _DATE_NAMES for value in metas.get(name, [])]
    for element in islice(tree.iter("time"), _MAX_NODES):
        if (
            element.get("itemprop") == "datePublished"
            or element.get("pubdate") is not None
            or "publish" in (element.get("class") or "")
            or "entry-date" in (element.get("class") or "")
        ):
            texts.append(element.get("datetime") or element.text_content()[:100])
    # A bare year is the year of a copyright more often than that of the article.
    read = (parse_date(text[:_MAX_VALUE]) for text in texts[: _MAX_VALUES * 2] if not _YEAR.fullmatch(text))
    found = next((moment for moment in read if moment), None)
    if found:
        return found
    spot = _URL_DATE.search(url)
    return parse_date(f"{spot[1]}-{int(spot[2]):02d}-{int(spot[3]):02d}") if spot else None


def _authors(tree: Any, metas: dict[str, list[str]], ld: list[dict[str, Any]]) -> tuple[str, ...]:
    """Return the names of the authors; URLs of profiles are left out."""
    texts: list[str] = []
    for node in ld:
        people = node.get("author")
        for person in people if isinstance(people, list) else [people]:
            value = person.get("name") if isinstance(person, dict) else person
            texts += (
                [value]
                if isinstance(value, str)
                else [item for item in value if isinstance(item, str)]
                if isinstance(value, list)
                else []
            )
    if not texts:
        texts = [value for name in _AUTHOR_NAMES for value in metas.get(name, [])]
    if not texts:
        texts = [element.text_content() for element in tree.xpath("//*[@itemprop='author' or @rel='author']")[:5]]
    return author_names(
        [text[:_MAX_CONTENT] for text in texts[:_MAX_VALUES] if not text.startswith(("http://", "https://", "@"))]
    )


def _language(tree: Any, metas: dict[str, list[str]]) -> str | None:
    root = tree.getroottree().getroot()
    text = (
        root.get("lang")
        or root.get("{http://www.w3.org/XML/1998/namespace}lang")
        or next(iter(metas.get("og:locale", [])), "")
    )
    return (
        text.strip().replace("_", "-") if re.fullmatch(r"\s*[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*\s*", text) else None
    )


def _href(tree: Any, rel: str) -> str | None:
    return next(
        (
            element.get("href")
            for element in tree.iter("link")
            if rel in (element.get("rel") or "").lower().split() and element.get("href")
        ),
        None,
    )
