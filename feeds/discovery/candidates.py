"""Finds links to feeds on a page: in its headers, links and anchors, and by the URL forms of known sites."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from feeds.model import FeedLink
from feeds.parse.encoding import decode_document
from feeds.parse.page_tree import page_tree
from feeds.text import plain_line, resolved
from feeds.urls import join_url

_TYPES = frozenset(
    {
        "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json",
        "application/json", "application/xml", "text/xml",
        "application/x.atom+xml", "application/x-atom+xml", "application/rss", "application/atom", "text/rss+xml",
        "text/atom+xml", "text/rss", "text/atom",
    }
)  # fmt: skip
_GENERIC = frozenset({"application/json", "application/xml", "text/xml", "application/rdf+xml"})
_FEEDISH = re.compile(r"(?:\b|_)(?:rss2?|atom|feeds?|rdf|xml|json ?feed|syndication)(?:\b|_)", re.IGNORECASE)
_FEED_PATH = re.compile(
    (
        r"(?:/(?:feeds?|rss2?|atom)(?:/(?:all|index|main|news|rss2?|atom|posts?|default|\d+)?)?/?|[./_-](?:rss2?|"
        r"atom|rdf)|/(?:rss|atom|feed|index|news)\.(?:xml|json|rdf|php)|feed\.json)\Z"
    ),
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(r"(?:^|&)(?:feed|format|type|output|alt)=(?:rss2?|atom|feed|rdf|json)(?:&|$)", re.IGNORECASE)
_FEED_TEXT = re.compile(
    (
        r"(?:(?:subscribe|via|our|full|the|site|news|blog|abonnieren|s[’']abonner|suscribirse)\W+){0,3}(?:rss|atom|"
        r"xml|json|rdf)(?:[\s-]?(?:feeds?|[12]\.0|0\.9[0-4]))?(?:\W*(?:rss|feeds?|xml))?"
    ),
    re.IGNORECASE,
)
_FEED_HOST = re.compile(r"(?:feeds?|rss|feeds2)\.|.*\bfeedburner\.com\Z", re.IGNORECASE)
_NOT_FEEDS = re.compile(
    (
        r"/wp-json\b|/oembed\b|\.(?:html?|css|js|png|jpe?g|gif|svg|ico|webmanifest|pdf)\Z|/(?:opensearch|osd|sitemap|"
        r"rsd|wlwmanifest|xmlrpc)[\w.-]*\Z"
    ),
    re.IGNORECASE,
)
_LINK_HEADER = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:\"[^\"]*\"|[^\s;,\"]+))*)")
_PARAMETER = re.compile(r";\s*([\w*-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))")
_FEED_START = re.compile(
    (
        r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<\?.{0,500}?\?>\s*|<!--.{0,2000}?-->\s*|<!DOCTYPE\s+(?!html)[^>]{0,300}>\s*)*"
        r"<(?:rss|feed|rdf:RDF|RDF|channel|[\w-]+:feed)[\s>]"
    ),
    re.DOTALL,
)
_COMMENTS = re.compile(r"(?:^|[/=_-])comments?(?:[/_.&-]|$)", re.IGNORECASE)
_COMMENTS_TITLE = re.compile(
    r"\b(?:comments?|kommentare?|commentaires?|comentarios|coment[áa]rios|commenti|reacties|komentarz\w*|"
    r"комментари\w*|коментар\w*)\b|评论|コメント",
    re.IGNORECASE,
)
_PART = re.compile(
    r"/(?:categor(?:y|ies|ie|ia)|tags?|topics?|authors?|rubri(?:k|que|c)|section|kategorie?|themen?)/[^/]+",
    re.IGNORECASE,
)
_REFRESH_BYTES = 50_000  # of a page that are searched for a refresh
_REFRESH_WAIT = 10  # seconds: a page that waits longer is meant to be read
_META = re.compile(r"<meta\b[^<>]*>", re.IGNORECASE)
_META_ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))")
# HTML Standard, 4.2.5.3: `5; url=...`, with or without quotes; `url=` may be left out after the separator.
_REFRESH = re.compile(
    r"\s*(\d*(?:\.\d+)?)\s*(?:[;,]?\s*url\s*=|[;,](?!\s*url\s*=))\s*(?:'([^']*)'|\"([^\"]*)\"|(\S+))", re.IGNORECASE
)
GUESSES = (
    "/feed",
    "/rss",
    "/feed.xml",
    "/rss.xml",
    "/atom.xml",
    "/index.xml",
    "/feed.json",
    "/feeds/posts/default",
    "/?feed=rss2",
)
_MAX_LINKS = 100


def find_feeds(html: bytes, url: str, headers: Mapping[str, str]) -> list[FeedLink]:
    """Return the links from a page to its feeds, best first, each once. `url` is the page's final URL.

    In order: the document itself if it is a feed; `Link` headers; `<link>` elements; feeds of known sites (YouTube,
    Reddit, GitHub, Mastodon ...); anchors that look like feeds. `guessed_feeds` are not included.
    """
    kind = _header(headers, "content-type").partition(";")[0].strip().lower()
    if kind.startswith(("image/", "video/", "audio/", "font/")):
        return []
    text, _ = decode_document(html, headers)
    if _is_feed(text):
        return [FeedLink(url, "", kind, "itself")]
    base = join_url(url, _header(headers, "content-location")) or url
    found: dict[str, FeedLink] = {}
    tree = page_tree(text)
    for link in _candidates(tree, base, url, headers):
        found.setdefault(link.url, link)
    return list(found.values())[:_MAX_LINKS]


def guessed_feeds(url: str) -> list[FeedLink]:
    """Return URLs where sites often have their feed, to try when the page links none."""
    return [FeedLink(found, "", "", "guess") for path in GUESSES if (found := join_url(url, path))]


def _is_feed(text: str) -> bool:
    if text[:20].lstrip("\ufeff \t\r\n").startswith("{"):
        return "jsonfeed.org/version" in text[:2000]
    return bool(_FEED_START.match(text[:4000].lstrip("\ufeff")))


def _candidates(tree: Any, base: str, url: str, headers: Mapping[str, str]) -> Iterator[FeedLink]:
    yield from _from_headers(base, headers)
    if tree is not None:
        given = tree.find(".//base[@href]")
        base = join_url(base, given.get("href")) or base if given is not None else base
        linked = sorted(_from_links(tree, base), key=lambda link: _is_partial(link, url))
        yield from linked
        yield from known_site_feeds(url)
        if not linked:
            yield from _from_anchors(tree, base)
    else:
        yield from known_site_feeds(url)


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _from_headers(base: str, headers: Mapping[str, str]) -> Iterator[FeedLink]:
    """Yield the feeds of headers `Link: <...>; rel="alternate"; type="application/rss+xml"` (RFC 8288)."""
    for target, rest in _LINK_HEADER.findall(_header(headers, "link")[:8000]):
        given = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(rest)}
        found = _feed_link(given, target, base, "header")
        if found:
            yield found


def _from_links(tree: Any, base: str) -> Iterator[FeedLink]:
    for element in tree.iter("link"):
        found = _feed_link(element.attrib, element.get("href"), base, "link")
        if found:
            yield found


def _is_partial(link: FeedLink, page: str) -> bool:
    """Whether a feed is of comments, or of a category, tag or author while the page is not."""
    path = urlsplit(link.url).path
    if _COMMENTS.search(path) or _COMMENTS.search(urlsplit(link.url).query) or _COMMENTS_TITLE.search(link.title):
        return True
    part = _PART.search(path)
    return part is not None and part[0].lower() not in urlsplit(page).path.lower()


def refresh_target(html: bytes, url: str, headers: Mapping[str, str]) -> str | None:
    """Return the target of an immediate `<meta http-equiv="refresh">`; None if there is none or it is the page."""
    text, _ = decode_document(html[:_REFRESH_BYTES], headers)
    for tag in _META.findall(text):
        given = {name.lower(): resolved(a or b or c) for name, a, b, c in _META_ATTRIBUTE.findall(tag)}
        if given.get("http-equiv", "").strip().lower() != "refresh":
            continue
        found = _REFRESH.match(given.get("content", ""))
        target = (
            join_url(url, found[2] or found[3] or found[4] or "")
            if found and float(found[1] or 0) <= _REFRESH_WAIT
            else None
        )
        return target if target != url else None
    return None


def _feed_link(given: Mapping[str, str], href: str | None, base: str, how: str) -> FeedLink | None:
    """Return the feed of a link with these attributes, or None. rel and type are lists of words of any case."""
    rels = (given.get("rel") or "").lower().split()
    kind = (given.get("type") or "").partition(";")[0].strip().lower()
    if not href or not href.strip() or not ("alternate" in rels or "feed" in rels):
        return None
    if "feed" not in rels and ("stylesheet" in rels or kind not in _TYPES):
        return None
    url = join_url(base, href)
    if url is None or _NOT_FEEDS.search(urlsplit(url).path):
        return None
    title = plain_line(given.get("title") or "")
    if kind in _GENERIC and "feed" not in rels and not _FEEDISH.search(url):
        return None
    return FeedLink(url, title, kind, how)


def _from_anchors(tree: Any, base: str) -> Iterator[FeedLink]:
    """Yield links whose URL looks like that of a feed, or whose text is only a word such as `RSS`."""
    for element in tree.iter("a"):
        href = element.get("href")
        url = join_url(base, href) if href and href.strip() else None
        if url is None:
            continue
        text = plain_line("".join(element.itertext())[:200]) or plain_line(element.get("title") or "")
        if is_feed_url(url) or (_FEED_TEXT.fullmatch(text) and not _NOT_FEEDS.search(urlsplit(url).path)):
            yield FeedLink(url, text, "", "anchor")


def is_feed_url(url: str) -> bool:
    """Whether the form of the URL alone says that it is a feed."""
    parts = urlsplit(url)
    if _NOT_FEEDS.search(parts.path):
        return False
    return bool(
        _FEED_PATH.search(parts.path)
        or _FEED_QUERY.search(parts.query)
        or (_FEED_HOST.match(parts.netloc) and len(parts.path) > 1)
    )


def known_site_feeds(url: str) -> list[FeedLink]:
    """Return the feeds that a known site has for a page of this URL; nothing is fetched."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return []
    host, path = (parts.hostname or "").removeprefix("www.").removeprefix("m."), parts.path
    words = [word for word in path.split("/") if word]
    made: list[tuple[str, str]] = []
    if host == "youtube.com":
        made = _youtube(words, parse_qs(parts.query))
    elif host in ("reddit.com", "old.reddit.com") and len(words) >= 2 and words[0] in ("r", "u", "user"):
        made = [(f"https://www.reddit.com/{words[0]}/{words[1]}/.rss", f"{words[0]}/{words[1]}")]
    elif host == "github.com" and len(words) >= 2:
        made = [
            (f"https://github.com/{words[0]}/{words[1]}/{kind}.atom", f"{words[1]}: {kind}")
            for kind in ("releases", "commits", "tags")
        ]
    elif (
        len(words) == 1
        and re.fullmatch(r"@[\w.-]+", words[0])
        and host not in ("medium.com", "tiktok.com", "threads.net", "youtube.com")
    ):
        made = [(f"https://{parts.netloc}/{words[0]}.rss", words[0])]
    elif host == "medium.com" and words:
        made = [(f"https://medium.com/feed/{words[0]}", words[0])]
    elif host.endswith(".substack.com"):
        made = [(f"https://{parts.netloc}/feed", host)]
    return [FeedLink(address, title, "", "known-site") for address, title in made]


def _youtube(words: list[str], query: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Return the feed of a channel or playlist; the page of a handle or a video links its feed itself."""
    feed = "https://www.youtube.com/feeds/videos.xml?"
    if len(words) >= 2 and words[0] == "channel":
        return [(f"{feed}channel_id={words[1]}", words[1])]
    if len(words) >= 2 and words[0] == "user":
        return [(f"{feed}user={words[1]}", words[1])]
    playlist = query.get("list")
    return [(f"{feed}playlist_id={playlist[0]}", playlist[0])] if playlist else []
