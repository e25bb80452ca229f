"""Reads OPML files, also malformed ones, and writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from feeds.errors import NotAList
from feeds.model import Subscription
from feeds.parse.doctype import without_doctype
from feeds.parse.encoding import decode_document, without_xml_declaration
from feeds.parse.repair import declare_prefixes, repair_xml
from feeds.text import one_line, plain_line, resolved

Folder = tuple[str, ...]
Outline = tuple[dict[str, str], Folder]
MAX_OUTLINES = 25_000  # more would take longer than seconds in every later step
_ROOTS = frozenset({"opml", "outlinedocument", "body", "outline"})
_MARK = re.compile(r"<outline(?=[\s/>])|</outline\s*>|</body", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"\s(text|title|description|xmlurl|htmlurl|type|version|category|language|created|url|id|icon|iconurl|comment|isopen|isdefault|isfolder|[a-z]+:[a-z]+)\s*=\s*([\"'])",
    re.IGNORECASE,
)
_ATTRIBUTES = frozenset({"text", "title", "xmlurl", "url", "htmlurl", "type", "category"})
_MAX_DEPTH = 100
_MAX_FOLDERS = 200  # of one feed
_MAX_TITLE = 5000  # characters


def read_opml(data: bytes) -> list[Subscription]:
    """Return the feeds of an OPML file in document order. Malformed files are read as far as possible. Raises NotAList.

    URLs are as published; the caller checks them. A feed in several folders comes once, with all of them in `folders`.
    """
    text, _ = decode_document(data, {})
    text = without_doctype(without_xml_declaration(text.lstrip("\ufeff \t\r\n")))[0]
    root = _tree(text)
    outlines = islice(_outlines(root) if root is not None else broken_outlines(text), MAX_OUTLINES + 1)
    found: list[Subscription] = []
    places: dict[tuple[str, str], int] = {}
    for number, (attributes, folder) in enumerate(outlines):
        if number == MAX_OUTLINES:
            raise NotAList(f"the list has more than {MAX_OUTLINES} outlines; split it")
        one = _subscription(attributes, folder)
        if one is None:
            continue
        place = places.setdefault((one.url, one.title), len(found))
        known = _folders(found[place]) if place < len(found) else ()
        if known and one.folder not in known:
            if len(known) >= _MAX_FOLDERS:
                continue
            found[place] = replace(found[place], folders=(*known, *_folders(one)))
        else:
            found.append(one)
    if root is None and not found:
        raise NotAList
    return found


def _folders(one: Subscription) -> tuple[Folder, ...]:
    return one.folders or (one.folder,)


def _tree(text: str) -> Any:
    """Return the root element; None if the document is not well-formed. Raises NotAList if it is of another kind."""
    from lxml import etree

    for attempt in (text, declare_prefixes(repair_xml(text))):
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            huge_tree=False,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            root = etree.fromstring(attempt.encode("utf-8", "replace"), parser)
        except (etree.XMLSyntaxError, ValueError):
            continue
        if _name(root) in _ROOTS:
            return root
        raise NotAList
    return None


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _outlines(root: Any) -> Iterator[Outline]:
    """Yield every outline with its attributes (names in lower case) and the folders above it."""
    stack: list[tuple[Any, Folder]] = [(root, ())]
    while stack:
        element, folder = stack.pop()
        inner = folder
        if _name(element) == "outline":
            attributes = _attributes(element)
            yield attributes, folder
            inner = folder_below(folder, attributes)
        elif _name(element) == "head":
            continue
        stack.extend((child, inner) for child in reversed(element))


def _attributes(element: Any) -> dict[str, str]:
    """Return the known attributes of an element, names in lower case. To read all would take quadratic time."""
    names = {name: str(name).rpartition("}")[2].lower() for name in element.keys()}  # noqa: SIM118 - an element is not a dictionary
    return {plain: str(element.get(name)) for name, plain in names.items() if plain in _ATTRIBUTES}


def folder_below(folder: Folder, attributes: dict[str, str]) -> Folder:
    """Return the folder of the outlines inside an outline with these attributes."""
    title = plain_line((attributes.get("text") or attributes.get("title") or "")[:_MAX_TITLE])
    return (*folder, title) if title and len(folder) < _MAX_DEPTH else folder


def broken_outlines(text: str) -> Iterator[Outline]:
    """Yield the outlines of invalid XML: bare quotes, ampersands and tags in attributes, missing end tags."""
    if not re.search(r"<(?:opml|outlinedocument|body)\b", text, re.IGNORECASE):
        raise NotAList
    folders: list[Folder] = []
    marks = list(islice(_MARK.finditer(text), 2 * MAX_OUTLINES + 2))  # a start and an end of each
    for place, mark in enumerate(marks):
        if mark[0].startswith("</"):
            del folders[-1:]
            continue
        end = marks[place + 1].start() if place + 1 < len(marks) else len(text)
        inside = text[mark.end() : end]
        inside = inside[: inside.rfind(">") + 1] or inside
        attributes = _broken_attributes(inside)
        folder = folders[-1] if folders else ()
        yield attributes, folder
        if not inside.rstrip().endswith("/>") and len(folders) < _MAX_DEPTH:
            folders.append(folder_below(folder, attributes))


def _broken_attributes(inside: str) -> dict[str, str]:
    """Return the known attributes of a broken outline; all text between two of them is the value of the first."""
    starts = list(_ATTRIBUTE.finditer(inside))
    found: dict[str, str] = {}
    for place, start in enumerate(starts):
        end = starts[place + 1].start() if place + 1 < len(starts) else len(inside)
        value = inside[start.end() : end].rstrip().removesuffix(">").removesuffix("/").rstrip()
        found.setdefault(start[1].lower(), resolved(value.removesuffix(start[2])))
    return found


def _subscription(attributes: dict[str, str], folder: Folder) -> Subscription | None:
    url = (attributes.get("xmlurl") or "").strip()
    if not url and attributes.get("type", "").strip().lower() in ("rss", "atom", "feed"):
        url = (attributes.get("url") or "").strip()
    if not url:
        return None
    title = plain_line((attributes.get("text") or attributes.get("title") or "")[:_MAX_TITLE])
    extra = [path for path in _categories(attributes.get("category") or "") if path != folder]
    folders = tuple(dict.fromkeys([folder, *extra] if folder else extra)) if extra else ()
    site = (attributes.get("htmlurl") or "").strip()
    return Subscription(url, title, site or None, folder, folders)


def _categories(text: str) -> list[Folder]:
    """Return the folders in OPML 2.0's category attribute: comma-separated paths (`/News/Local`) and tags."""
    paths = (tuple(plain_line(part) for part in path.split("/") if part.strip()) for path in text.split(",")[:50])
    return [path for path in paths if path]


def write_opml(subscriptions: Sequence[Subscription], title: str = "") -> bytes:
    """Return an OPML 2.0 file in UTF-8, folders as nested outlines, in the given order; always the same bytes."""
    from xml.sax.saxutils import escape  # imports the standard library's HTTP client, which reading does not need

    tree: dict[str, Any] = {}
    for one in subscriptions:
        for folder in _folders(one):
            node = tree
            for name in folder:
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
    from xml.sax.saxutils import quoteattr

    return quoteattr(one_line(text))
