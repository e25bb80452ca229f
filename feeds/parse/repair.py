"""Repairs the usual errors in XML text before a strict parser reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html.entities import name2codepoint

# Characters that XML 1.0 does not allow (section 2.2).
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ILLEGAL_REFERENCE = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0*(?:[0-8bcBC]|[eE]|1[0-9a-fA-F]|[fF]{3}[eEfF]));"
)
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z_][\w.\-]{0,60});")
_BARE = re.compile(r"&(?!#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|(?:amp|lt|gt|quot|apos);)")
MAX_NAMED = 200_000  # named references that are resolved; later ones are kept as text
MAX_GROWTH = 1_000_000  # characters that the document's entities may add

_PREFIX = re.compile(r"</?([A-Za-z][\w.\-]{0,30}):[A-Za-z]|\s([A-Za-z][\w.\-]{0,30}):[A-Za-z][\w.\-]{0,60}\s?=")
_DECLARED = re.compile(r"\sxmlns:([A-Za-z][\w.\-]{0,60})\s*=")
_ROOT = re.compile(r"<[A-Za-z][\w:.\-]*(?=[\s/>])")
_USUAL = {
    "rss": "http://purl.org/rss/1.0/",
    "atom": "http://www.w3.org/2005/Atom", "atom10": "http://www.w3.org/2005/Atom",
    "dc": "http://purl.org/dc/elements/1.1/", "dcterms": "http://purl.org/dc/terms/",
    "content": "http://purl.org/rss/1.0/modules/content/", "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "googleplay": "http://www.google.com/schemas/play-podcasts/1.0", "xhtml": "http://www.w3.org/1999/xhtml",
    "at": "http://purl.org/atompub/tombstones/1.0",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
    "image": "http://www.google.com/schemas/sitemap-image/1.1",
}  # fmt: skip


def declare_prefixes(text: str) -> str:
    """Return `text` with every undeclared namespace prefix declared."""
    used = {one or two for one, two in _PREFIX.findall(text)} - {"xml", "xmlns"}
    missing = sorted(used - set(_DECLARED.findall(text)))[:50]
    root = _ROOT.search(text) if missing else None
    if root is None:
        return text
    added = "".join(f' xmlns:{prefix}="{_USUAL.get(prefix.lower(), "urn:undeclared:" + prefix)}"' for prefix in missing)
    return text[: root.end()] + added + text[root.end() :]


def repair_xml(text: str, entities: Mapping[str, str] | None = None) -> str:
    """Return `text` without illegal characters, with HTML's and given entities resolved, bare ampersands escaped.

    Linear time. The given entities add at most `MAX_GROWTH` characters; after that they stay unresolved.
    """
    if _ILLEGAL.search(text):
        text = _ILLEGAL.sub("", text)
    if "&" not in text:
        return text
    resolve = _Resolver(entities or {})
    parts = list(_split_cdata(text))
    for place in range(0, len(parts), 2):
        part = _ILLEGAL_REFERENCE.sub("", parts[place])
        parts[place] = _BARE.sub("&amp;", _NAMED.sub(resolve, part, max(1, MAX_NAMED - resolve.count)))
    return "".join(parts)


class _Resolver:
    """Replaces references to HTML's and the document's entities, within `MAX_GROWTH`."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self._left = MAX_GROWTH
        self.count = 0

    def __call__(self, found: re.Match[str]) -> str:
        self.count += 1
        name = found[1]
        value = self._known.get(name)
        if value is not None and len(value) <= self._left:
            self._left -= len(value)
            return value
        return f"&#{name2codepoint[name]};" if name in name2codepoint else found[0]


def _split_cdata(text: str) -> Iterator[str]:
    """Yield the text outside and inside of CDATA sections in turn; a section without end counts as outside."""
    start = 0
    while (opened := text.find("<![CDATA[", start)) >= 0 and (closed := text.find("]]>", opened)) >= 0:
        yield text[start:opened]
        yield text[opened : closed + 3]
        start = closed + 3
    yield text[start:]
