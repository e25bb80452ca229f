"""Subscription lists as OPML, the way they are really published; and written the way everything reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from feeds.errors import ParseError
from feeds.model import Subscription
from feeds.parse import sniff
from feeds.parse.repair import repair
from feeds.text import label, one_line
from feeds.urls import join

MAX_OUTLINES = 200_000
_MAX_DEPTH = 100


class NotAList(ParseError):
    """this is not a subscription list"""

    code = "not-opml"
    mend = "export the list from your reader as OPML and import that file"


def read(data: bytes) -> list[Subscription]:
    """The feeds of an OPML file in document order, malformed files as far as they go. Raises NotAList."""
    tree = _tree(data)
    found: dict[tuple[str, tuple[str, ...]], Subscription] = {}
    for attributes, folder in _outlines(tree):
        one = _subscription(attributes, folder)
        if one:
            found.setdefault((one.url, one.folder), one)
    return list(found.values())


def _tree(data: bytes) -> Any:
    from lxml import etree

    text, _ = sniff.decode(data, {})
    text = sniff.without_declaration(text.lstrip("\ufeff \t\r\n"))
    for attempt, recover in ((text, False), (repair(text), True)):
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            huge_tree=False,
            load_dtd=False,
            recover=recover,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            root = etree.fromstring(attempt.encode("utf-8", "replace"), parser)
        except (etree.XMLSyntaxError, ValueError):
            continue
        if root is not None and _name(root) in ("opml", "outlinedocument", "body", "outline"):
            return root
    raise NotAList


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _outlines(root: Any) -> Iterator[tuple[dict[str, str], tuple[str, ...]]]:
    """Every outline with its attributes (names in lower case) and the folders above it."""
    stack: list[tuple[Any, tuple[str, ...]]] = [(root, ())]
    count = 0
    while stack and count < MAX_OUTLINES:
        element, folder = stack.pop()
        inner = folder
        if _name(element) == "outline":
            count += 1
            attributes = {str(name).rpartition("}")[2].lower(): str(value) for name, value in element.attrib.items()}
            yield attributes, folder
            title = label(attributes.get("text") or attributes.get("title") or "")
            if title and len(folder) < _MAX_DEPTH:
                inner = (*folder, title)
        elif _name(element) == "head":
            continue
        stack.extend((child, inner) for child in reversed(element))


def _subscription(attributes: dict[str, str], folder: tuple[str, ...]) -> Subscription | None:
    url = (attributes.get("xmlurl") or "").strip()
    if not url and attributes.get("type", "").strip().lower() in ("rss", "atom", "feed"):
        url = (attributes.get("url") or "").strip()
    url = join("", url) or ""
    if not url:
        return None
    site = (attributes.get("htmlurl") or "").strip()
    title = label(attributes.get("title") or attributes.get("text") or "")
    return Subscription(url, title, join(url, site) if site else None, folder)


def write(subscriptions: Sequence[Subscription], title: str = "") -> bytes:
    """An OPML 2.0 file in UTF-8, folders as nested outlines, in the order given. The same input gives the same bytes."""
    tree: dict[str, Any] = {}
    for one in subscriptions:
        node = tree
        for name in one.folder:
            node = node.setdefault(f"/{name}", {})
        node.setdefault("", []).append(one)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        f"<head><title>{escape(one_line(title))}</title></head>",
        "<body>",
    ]
    _write_node(tree, lines, 1)
    return "\n".join([*lines, "</body>", "</opml>", ""]).encode("utf-8")


def _write_node(node: dict[str, Any], lines: list[str], depth: int) -> None:
    indent = "  " * depth
    for name, inner in node.items():
        if name == "":
            lines.extend(indent + _outline(one) for one in inner)
        else:
            lines.append(f"{indent}<outline text={_quoted(name[1:])}>")
            _write_node(inner, lines, depth + 1)
            lines.append(f"{indent}</outline>")


def _outline(one: Subscription) -> str:
    title = one.title or one.url
    site = f" htmlUrl={_quoted(one.site)}" if one.site else ""
    return f'<outline type="rss" text={_quoted(title)} title={_quoted(title)} xmlUrl={_quoted(one.url)}{site}/>'


def _quoted(text: str) -> str:
    return quoteattr(one_line(text))
