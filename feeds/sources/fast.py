"""Reads well-formed RSS, RDF and Atom with libxml2, in a hundredth of feedparser's time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from feeds.sources.element_text import ElementReader
from feeds.sources.elements import distinct_names, short_name, xml_root
from feeds.sources.raw import MEDIA, RawEntry, RawFeed, RawLink, RawPicture, RawTombstone, newest, read_each
from feeds.text.images import pixels

_FORMATS = {
    "0.9": "rss090",
    "0.90": "rss090",
    "0.91": "rss091u",
    "0.92": "rss092",
    "0.93": "rss093",
    "0.94": "rss094",
    "2.0": "rss20",
    "2.00": "rss20",
    "2": "rss20",
    "2.01": "rss20",
    "1.0": "rss10",
}
_ATOM_03 = "http://purl.org/atom/ns#"
_ROOTS = frozenset({"rss", "rdf:rdf", "rdf", "feed", "atom:feed", "atom:entry", "entry"})
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_LONGER = ("itunes:summary", "googleplay:description")
_MEDIA_NAMES = frozenset(
    {"enclosure", "media:content", "media:group", "media:thumbnail", "itunes:image", "googleplay:image", "image"}
)
_PUBLISHED = (
    "pubdate",
    "atom:published",
    "published",
    "atom:issued",
    "issued",
    "dc:date",
    "dcterms:issued",
    "dcterms:created",
    "atom:created",
    "created",
    "dcterms:available",
    "date",
)
_UPDATED = ("atom:updated", "updated", "atom:modified", "modified", "dcterms:modified", "lastbuilddate")
Found = dict[str, list[Any]]


def read_well_formed(text: str, *, recover: bool = False) -> RawFeed | None:
    """Return the feed of a well-formed document. None if it is not well-formed or of an unknown kind.

    `text` and `recover` as of `xml_root`.
    """
    root = xml_root(text, recover=recover)
    kind = short_name(root.tag) if root is not None else "?"
    if kind not in _ROOTS:
        return None
    reader = _FeedReader("xml:base" in text, "xml:lang" in text)
    if kind in ("atom:feed", "feed", "atom:entry", "entry"):
        return reader.atom(root, single=kind.endswith("entry"))
    return reader.rss(root, kind)


def _group(element: Any) -> Found:
    """Return the children by short name, in order."""
    found: Found = {}
    for child in element:
        name = short_name(child.tag)
        there = found.get(name)
        if there is None:
            found[name] = [child]
        else:
            there.append(child)
    return found


def _date(item: Any) -> str | None:
    """Return the item's date as written."""
    found = _group(item)
    return next((child.text for child in _each(found, (*_PUBLISHED, *_UPDATED)) if child.text), None)


def _each(found: Found, names: Iterable[str]) -> Iterable[Any]:
    for name in names:
        if name in found:
            yield from found[name]


class _FeedReader(ElementReader):
    """Reads one document."""

    def rss(self, root: Any, kind: str) -> RawFeed | None:
        """Return a feed of RSS 0.9x, 1.0 or 2.0: the channel's items, and those outside of it."""
        top = _group(root)
        channels = top.get("channel", [])
        items = list(top.get("item", ())) if channels else []
        if not channels and "item" not in top:
            return None
        channel = channels[0] if channels else root
        found = _group(channel)
        raw = self._head(channel, found, self._rss_format(root, kind))
        items = [
            *found.get("item", ()),
            *found.get("atom:entry", ()),
            *(item for other in top.get("channel", [])[1:] for item in _group(other).get("item", ())),
            *items,
        ]
        if channel is not root and "items" in found and not items:
            items = _group(found["items"][0]).get("item", [])
        raw.entries = self._entries(items, raw)
        raw.base = self.base(channel)
        raw.image = raw.image or self._channel_image(top)
        return raw

    def atom(self, root: Any, *, single: bool) -> RawFeed:
        """Return a feed of Atom 1.0 or 0.3; a single entry is a feed of one."""
        found: Found = {} if single else _group(root)
        old = _ATOM_03 in root.tag or root.get("version", "") in ("0.3", "0.2", "0.1")
        raw = self._head(root, found, "atom03" if old else "atom10")
        items = [root] if single else [*found.get("atom:entry", ()), *found.get("entry", ())]
        raw.entries = self._entries(items, raw)
        raw.base = self.base(root)
        return raw

    def _entries(self, items: list[Any], raw: RawFeed) -> list[RawEntry]:
        return read_each(self._entry, newest(items, raw, _date), raw)

    def _rss_format(self, root: Any, kind: str) -> str:
        if kind in ("rdf:rdf", "rdf"):
            return (
                "rss090"
                if any(
                    "netscape.com/rdf/simple" in (child.tag if isinstance(child.tag, str) else "") for child in root[:2]
                )
                else "rss10"
            )
        return _FORMATS.get((root.get("version") or "").strip(), "rss")

    def _head(self, element: Any, found: Found, form: str) -> RawFeed:
        raw = RawFeed(format=form, parser="fast")
        raw.title = self.first(found, ("title", "atom:title", "dc:title", "itunes:title"))
        raw.description = self.first(
            found,
            (
                "description",
                "atom:subtitle",
                "subtitle",
                "atom:tagline",
                "tagline",
                "dc:description",
                "itunes:summary",
                "itunes:subtitle",
                "googleplay:description",
            ),
        )
        raw.links = self._links(found)
        raw.language = self.word(found, ("language", "dc:language")) or self.language(element)
        raw.authors = (
            self._people(_each(found, ("atom:author", "author")))
            or self._people(
                _each(found, ("managingeditor", "dc:creator", "dc:author", "itunes:author", "googleplay:author"))
            )
            or self._people(_each(found, ("itunes:owner", "webmaster", "dc:publisher")))
        )
        raw.image = self._channel_image(found) or self.word(found, ("atom:logo", "logo", "atom:icon", "icon"))
        raw.updated = self.words(
            found,
            (
                "lastbuilddate",
                "atom:updated",
                "updated",
                "atom:modified",
                "modified",
                "pubdate",
                "dc:date",
                "dcterms:modified",
            ),
        )
        raw.moved_to = self.word(found, ("itunes:new-feed-url", "newlocation"))
        raw.categories = self._categories(found)
        raw.ttl, raw.period, raw.frequency = (
            self.word(found, ("ttl",)),
            self.word(found, ("sy:updateperiod",)),
            self.word(found, ("sy:updatefrequency",)),
        )
        raw.skip_hours = [(child.text or "").strip() for skip in found.get("skiphours", ()) for child in skip]
        raw.skip_days = [(child.text or "").strip() for skip in found.get("skipdays", ()) for child in skip]
        raw.tombstones = [
            RawTombstone(child.get("ref") or "", child.get("when") or "") for child in found.get("at:deleted-entry", ())
        ]
        return raw

    def _channel_image(self, found: Found) -> str | None:
        for image in found.get("image", ()):
            url = self.word(_group(image), ("url",)) or (image.text or "").strip()
            if url:
                return str(url)
        for image in _each(found, ("itunes:image", "googleplay:image")):
            if image.get("href"):
                return str(image.get("href"))
        return None

    def _entry(self, element: Any) -> RawEntry:
        found = _group(element)
        raw = RawEntry(base=self.base(element), language=self.language(element))
        self._identify(raw, element, found)
        raw.title = self.first(found, ("title", "atom:title", "dc:title", "media:title", "itunes:title"))
        self._texts(raw, found)
        raw.authors = (
            self._people(_each(found, ("author", "atom:author"))) if "atom:author" in found or "author" in found else []
        )
        raw.authors += self._people(_each(found, ("dc:creator", "dc:author"))) or (
            []
            if raw.authors
            else self._people(_each(found, ("itunes:author", "googleplay:author", "dc:contributor", "dc:publisher")))
        )
        raw.published = self.words(found, _PUBLISHED)[:6]
        raw.updated = self.words(found, _UPDATED)
        raw.categories = self._categories(found)
        raw.language = self.word(found, ("dc:language", "language")) or raw.language
        self._media(raw, found)
        self._source(raw, found)
        return raw

    def _identify(self, raw: RawEntry, element: Any, found: Found) -> None:
        guid = next((child for child in _each(found, ("guid", "atom:id", "id")) if self.inner(child).strip()), None)
        about = element.get(_ABOUT)
        if guid is not None:
            raw.guid = self.inner(guid).strip()
            said = (guid.get("isPermaLink") or guid.get("ispermalink") or "").strip().lower()
            raw.permalink = short_name(guid.tag) == "guid" and said not in ("", "false")
        elif about and about.strip():
            raw.guid, raw.permalink = about.strip(), True
        else:
            raw.guid = self.word(found, ("dc:identifier",))
        raw.links = self._links(found)
        raw.origin = self.word(found, ("feedburner:origlink", "pheedo:origlink"))

    def _texts(self, raw: RawEntry, found: Found) -> None:
        """Contents, and the summary."""
        raw.contents = [
            markup
            for child in _each(
                found, ("content:encoded", "atom:content", "content", "xhtml:body", "xhtml:div", "body", "fullitem")
            )
            if (markup := self.content(child)) and markup.value.strip()
        ]
        raw.summary = self.first(
            found,
            (
                "description",
                "atom:summary",
                "summary",
                "dc:description",
                "dcterms:abstract",
                "itunes:summary",
                "googleplay:description",
                "itunes:subtitle",
                "media:description",
            ),
        )
        if raw.summary is None:
            groups = [_group(group) for group in found.get("media:group", ())]
            raw.summary = next((text for group in groups if (text := self.first(group, ("media:description",)))), None)
        longer = None if raw.contents else self.first(found, _LONGER)
        if longer and raw.summary and len(longer.value) > len(raw.summary.value):
            raw.contents = [longer]

    def _links(self, found: Found) -> list[RawLink]:
        links = []
        plain = any(child.get("href") is None and child.text for child in found.get("link", ()))
        for child in _each(found, ("link", "atom:link", "xhtml:link")):
            href = child.get("href")
            rel = (child.get("rel") or "alternate").strip().lower().rpartition("/")[2]
            href = href if href is not None else self.inner(child)
            if plain and rel == "alternate" and short_name(child.tag) != "link":
                continue  # RSS's own link counts
            if href.strip() or (self._bases and child.get("href") == ""):
                links.append(RawLink(href.strip(), rel, child.get("type"), child.get("length"), self.base(child)))
        # Of RSS's own link elements, which say no relation, publishers and other readers mean the last.
        return links[::-1] if plain else links

    def _people(self, elements: Iterable[Any]) -> list[str]:
        people = []
        for child in elements:
            parts = _group(child)
            names = ("atom:name", "name", "itunes:name", "atom:email", "email", "itunes:email")
            text = self.word(parts, names) if parts else self.inner(child).strip()
            if text:
                people.append(text)
        return people

    def _categories(self, found: Found) -> list[str]:
        values = []
        for child in _each(
            found,
            ("category", "atom:category", "dc:subject", "itunes:category", "googleplay:category", "media:category"),
        ):
            given = distinct_names(map(child.get, ("label", "term", "text"))) if child.attrib else []
            values += given or [self.inner(child).strip()]
            values += [sub.get("text") for sub in child if short_name(sub.tag) == "itunes:category" and sub.get("text")]
        for child in _each(found, ("itunes:keywords", "media:keywords")):
            values += [word.strip() for word in (child.text or "").split(",")[:50]]
        return values

    def _media(self, raw: RawEntry, found: Found) -> None:
        """Enclosures in order, and the image of the entry."""
        if _MEDIA_NAMES.isdisjoint(found) and all(link.rel != "enclosure" for link in raw.links):
            return
        raw.enclosures = [
            RawLink(
                child.get("url") or child.get("href") or "",
                "enclosure",
                child.get("type"),
                child.get("length"),
                self.base(child),
            )
            for child in found.get("enclosure", ())
        ]
        raw.enclosures += [link for link in raw.links if link.rel == "enclosure"]
        groups = [found, *(_group(group) for group in found.get("media:group", ()))]
        for group in groups:
            for child in group.get("media:content", ()):
                kind = child.get("type") or MEDIA.get(child.get("medium") or "")
                raw.enclosures.append(RawLink(child.get("url") or "", "enclosure", kind, child.get("fileSize")))
                groups.append(_group(child)) if len(child) and len(groups) < 50 else None
        raw.pictures = [
            RawPicture(child.get("href"))
            for child in _each(found, ("itunes:image", "googleplay:image"))
            if child.get("href")
        ]
        if own := self._channel_image({"image": found.get("image", [])}):
            raw.pictures.append(RawPicture(own))
        for child in (
            c for group in groups for c in (*group.get("media:thumbnail", ()), *group.get("media:content", ()))
        ):
            kind = "image/" if short_name(child.tag) == "media:thumbnail" else child.get("type") or ""
            if child.get("url") and (kind or MEDIA.get(child.get("medium") or "", "")).startswith("image/"):
                raw.pictures.append(
                    RawPicture(child.get("url"), pixels(child.get("width")), pixels(child.get("height")))
                )
        original = self.word(found, ("feedburner:origenclosurelink",))
        if original and raw.enclosures:
            raw.enclosures[0].href = original

    def _source(self, raw: RawEntry, found: Found) -> None:
        """Set the source of a republished item, and the authors that an entry inherits from an Atom source."""
        for child in _each(found, ("source", "atom:source", "dc:source")):
            parts = _group(child)
            title = self.first(parts, ("atom:title", "title")) if parts else None
            raw.source_title = title.value if title else (child.text or "").strip() or None
            if not raw.authors and parts:
                raw.authors = self._people(_each(parts, ("atom:author", "author")))
            return
