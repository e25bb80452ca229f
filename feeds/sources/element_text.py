"""Texts from XML elements: their kind, and inline markup as HTML."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from copy import deepcopy
from html import escape
from typing import Any

from lxml import etree

from feeds.sources.elements import short_name
from feeds.sources.raw import Markup, TextKind

_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_HTML_TYPES = frozenset({"html", "text/html", "xhtml", "application/xhtml+xml"})
_PLAIN_RSS = frozenset({"title", "description", "dc:title", "dc:description"})


class ElementReader:
    """Reads texts. `bases` and `languages` say whether the document has xml:base and xml:lang at all."""

    def __init__(self, bases: bool, languages: bool) -> None:
        self._bases = bases
        self._languages = languages

    def base(self, element: Any) -> str | None:
        """Return the xml:base that holds for this element, which may be relative to the feed's URL."""
        if not self._bases:
            return None
        from urllib.parse import urljoin

        chain = [node.get(_XML_BASE) for node in (element, *element.iterancestors()) if node.get(_XML_BASE)]
        whole = ""
        for part in reversed(chain):
            try:
                whole = urljoin(whole, part.strip()) if whole else part.strip()
            except ValueError:
                continue
        return whole or None

    def language(self, element: Any) -> str | None:
        """Return the nearest xml:lang."""
        if not self._languages:
            return None
        return next(
            (node.get(_XML_LANG) for node in (element, *element.iterancestors()) if node.get(_XML_LANG) is not None),
            None,
        )

    def inner(self, element: Any) -> str:
        """Return the element's text; with child elements, its content as HTML."""
        if len(element) == 0:
            return element.text or ""
        return inner_html(element)

    def word(self, found: dict[str, list[Any]], names: Iterable[str]) -> str | None:
        """Return the first text under one of the names."""
        return next(iter(self.words(found, names)), None)

    def words(self, found: dict[str, list[Any]], names: Iterable[str]) -> list[str]:
        """Return all texts under the names, in the order of the names."""
        # Most names are missing: looking for them first takes half the time of an empty inner loop for each.
        return [
            text for name in names if name in found for child in found[name] if (text := (child.text or "").strip())
        ]

    def first(self, found: dict[str, list[Any]], names: Iterable[str]) -> Markup | None:
        """Return the first text that is not empty, with its kind."""
        for name in names:
            if name in found:
                for child in found[name]:
                    markup = self.content(child)
                    if markup and markup.value.strip():
                        return markup
        return None

    def content(self, element: Any) -> Markup | None:
        """Return a text construct: plain in RSS, by `type` in Atom 1.0, by `mode` and `type` in Atom 0.3."""
        name = short_name(element.tag)
        kind = (element.get("type") or "").strip().lower()
        mode = (element.get("mode") or "").strip().lower()
        base = self.base(element)
        if name.startswith("xhtml:") or name == "body":
            return Markup(inner_html(element), TextKind.HTML, base)
        if len(element):
            return Markup(inner_html(element), TextKind.HTML, base)
        value = element.text or ""
        if not (kind or mode) and ":" not in name:  # most texts of RSS
            return Markup(value, TextKind.UNKNOWN, base)
        if mode == "base64" or (name.startswith("atom:") and _is_base64(kind)):
            value = decode_base64(value)
        if name == "content:encoded" or kind in _HTML_TYPES:
            return Markup(value, TextKind.HTML, base)
        if name.startswith("atom:") and mode != "escaped":
            return Markup(value, TextKind.TEXT if kind in ("", "text", "text/plain") else TextKind.UNKNOWN, base)
        return Markup(value, TextKind.UNKNOWN, base)


def _is_base64(kind: str) -> bool:
    """Whether content of a media type is in base64: neither text nor XML (Atom 1.0, 4.1.3.3)."""
    return "/" in kind and not kind.startswith(("text/", "message/")) and not kind.endswith(("+xml", "/xml"))


def decode_base64(text: str) -> str:
    """Return the decoded text; `text` itself when it is not base64."""
    try:
        return base64.b64decode(text, validate=False).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return text


def inner_html(element: Any) -> str:
    """Return the element's content as HTML, without prefixes and without Atom's wrapping div."""
    wrapped = [child for child in element if short_name(child.tag) in ("xhtml:div", "div")]
    if (
        len(wrapped) == 1
        and len(element) == 1
        and not (element.text or "").strip()
        and not (wrapped[0].tail or "").strip()
    ):
        element = wrapped[0]
    element = deepcopy(element)
    for node in element.iter():
        if isinstance(node.tag, str) and "}" in node.tag:
            try:
                node.tag = node.tag.rpartition("}")[2]
            except ValueError:  # a name that XML allows and lxml rejects
                node.tag = "span"
    etree.cleanup_namespaces(element)
    parts = [escape(element.text or "", quote=False)]
    parts += [etree.tostring(child, encoding="unicode", method="html", with_tail=True) for child in element]
    return "".join(parts)
