"""Short element names for all namespace spellings: `{http://purl.org/dc/elements/1.1/}creator` is `dc:creator`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree

# Namespace (lower case, without trailing slash or hash) to prefix. RSS of every version has no prefix.
_PREFIXES = {
    "": "",
    "http://purl.org/rss/1.0": "",
    "http://purl.org/net/rss1.1": "",
    "http://my.netscape.com/rdf/simple/0.9": "",
    "http://channel.netscape.com/rdf/simple/0.9": "",
    "http://my.netscape.com/publish/formats/rss-0.91.dtd": "",
    "http://backend.userland.com/rss": "",
    "http://backend.userland.com/rss2": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://cyber.law.harvard.edu/rss": "",
    "http://purl.org/net/rss": "",
    "http://www.rssboard.org/rss-specification": "",
    "http://example.com/newformat": "",
    "http://www.w3.org/2005/atom": "atom",
    "http://purl.org/atom/ns": "atom",
    "http://purl.org/dc/elements/1.0": "dc",
    "http://purl.org/dc/elements/1.1": "dc",
    "http://purl.org/dc/terms": "dcterms",
    "http://purl.org/rss/1.0/modules/content": "content",
    "http://purl.org/rss/1.0/modules/syndication": "sy",
    "http://purl.org/rss/1.0/modules/dc": "dc",
    "http://purl.org/atompub/tombstones/1.0": "at",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns": "rdf",
    "http://search.yahoo.com/mrss": "media",
    "http://www.rssboard.org/media-rss": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://example.com/dtds/podcast-1.0.dtd": "itunes",
    "https://www.google.com/schemas/play-podcasts/1.0/play-podcasts.xsd": "googleplay",
    "http://www.google.com/schemas/play-podcasts/1.0": "googleplay",
    "https://www.google.com/schemas/play-podcasts/1.0": "googleplay",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.pheedo.com/namespace/pheedo": "pheedo",
    "http://www.w3.org/xml/1998/namespace": "xml",
    "http://purl.org/rss/1.0/modules/image": "image",
    "http://www.day.com/jcr/webdav/1.0": "",
    "http://www.sitemaps.org/schemas/sitemap/0.9": "sitemap",
    "http://www.sitemaps.org/schemas/sitemap/0.84": "sitemap",
    "http://www.google.com/schemas/sitemap/0.84": "sitemap",
    "http://www.google.com/schemas/sitemap/0.9": "sitemap",
    "http://www.google.com/schemas/sitemap-news/0.9": "news",
    "http://www.google.com/schemas/sitemap-image/1.1": "image",
}
_known: dict[str, str] = {}
_MAX_KNOWN = 4000  # cached names; more are not cached


def short_name(tag: object) -> str:
    """Return `prefix:name` in lower case, `name` for RSS's elements; "?" for an unknown namespace or no element."""
    if not isinstance(tag, str):
        return "?"
    found = _known.get(tag)
    if found is None:
        found = _shorten(tag)
        if len(_known) < _MAX_KNOWN:
            _known[tag] = found
    return found


def xml_root(text: str, *, recover: bool = False) -> Any:
    """Return the root element of a document; None if it is not well-formed.

    With `recover`, libxml2 reads a malformed document as far as possible. `text` has no XML declaration and no document
    type (see `feeds.parse.doctype`). No entity is resolved, nothing is loaded, and libxml2's own limits on depth (256)
    and size of a text (10 MB) hold.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=recover,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        return etree.fromstring(text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def distinct_names(given: Iterable[str | None]) -> list[str]:
    """Return the different names of a category (label, term); URLs and numbers only if there is nothing else."""
    found: dict[str, str] = {}
    for name in given:
        plain = "".join(filter(str.isalnum, name or "")).casefold()
        if name and plain and (not found or not (len(plain) < 2 or plain.isdigit() or "://" in name)):
            found.setdefault(plain, name.strip())
    return list(found.values())


def _shorten(tag: str) -> str:
    space, _, name = tag.rpartition("}")
    space = space[1:].strip().lower().rstrip("/#")
    prefix = _PREFIXES.get(space.replace("https://", "http://", 1)) if space not in _PREFIXES else _PREFIXES[space]
    if prefix is None:
        return "?"
    name = name.lower()
    return f"{prefix}:{name}" if prefix else name
