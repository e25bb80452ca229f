"""Writes an Atom feed of editions (RFC 4287): each edition is an entry with its whole text."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from urllib.parse import quote
from xml.etree import ElementTree as ET

from digests.model import Edition
from digests.render.page_links import Links
from digests.render.view.clean import language_tag, safe_url, tidy

NAMESPACE = "http://www.w3.org/2005/Atom"
_XML = "http://www.w3.org/XML/1998/namespace"
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def atom_feed(
    editions: Sequence[Edition], contents: Sequence[str], links: Links, title_of: Callable[[Edition], str]
) -> str:
    """Return the document. `contents` are the editions' texts as HTML fragments, in the same order."""
    pairs = sorted(zip(editions, contents, strict=True), key=lambda p: p[0].slot, reverse=True)
    newest = pairs[0][0] if pairs else None
    root = ET.Element("feed", {"xmlns": NAMESPACE})
    if newest and language_tag(newest.language):
        root.set(f"{{{_XML}}}lang", language_tag(newest.language) or "")
    name = tidy(newest.title or newest.digest) if newest else "Digest"
    add(root, "title", name)
    add(root, "id", urn("digest", newest.digest if newest else ""))
    add(root, "updated", stamp(newest.composed if newest else EPOCH))
    add(ET.SubElement(root, "author"), "name", name)
    for edition, content in pairs:
        _entry(root, edition, content, links, title_of(edition))
    return document(root)


def _entry(root: ET.Element, edition: Edition, content: str, links: Links, title: str) -> None:
    entry = ET.SubElement(root, "entry")
    add(entry, "title", title)
    add(entry, "id", urn("edition", edition.id))
    add(entry, "updated", stamp(edition.composed))
    add(entry, "published", stamp(edition.slot))
    address = safe_url(links.web.replace("{edition}", quote(edition.id, safe=""))) if links.web else None
    if address:
        ET.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": address})
    for section in edition.sections:
        if tidy(section.topic):
            ET.SubElement(entry, "category", {"term": tidy(section.topic)})
    add(entry, "content", content).set("type", "html")


def document(root: ET.Element) -> str:
    """Return the text of a document."""
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def add(parent: ET.Element, name: str, text: str) -> ET.Element:
    """Add an element with a text, without the characters that XML does not allow; return it."""
    element = ET.SubElement(parent, name)
    element.text = _ILLEGAL.sub("", text)
    return element


def stamp(at: datetime) -> str:
    """Return an instant as the feed writes it (RFC 3339)."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def urn(kind: str, name: str) -> str:
    """Return a permanent id that needs no URL (RFC 4287 4.2.6; RFC 9562 5.5)."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{kind}:{name}").urn
