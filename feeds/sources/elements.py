"""Short element names for all namespace spellings: `{http://purl.org/dc/elements/1.1/}creator` is `dc:creator`."""

from __future__ import annotations

from collections.abc import Iterable

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
}
_known: dict[str, str] = {}
_MAX_KNOWN = 4000  # cached names; more are not cached


def short_name(tag: object) -> str:
    """`prefix:name` in lower case, `name` for RSS's own elements; "?" for an unknown namespace or no element."""
    if not isinstance(tag, str):
        return "?"
    found = _known.get(tag)
    if found is None:
        found = _shorten(tag)
        if len(_known) < _MAX_KNOWN:
            _known[tag] = found
    return found


def distinct_names(given: Iterable[str | None]) -> list[str]:
    """The names of a category (label, term) without repetitions, URLs and numbers, unless there is nothing else."""
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
