"""Reading what was rendered, as a browser would."""

from __future__ import annotations

import re

from lxml import html as parser
from lxml.html import HtmlElement

ACTIVE = (
    "script",
    "iframe",
    "object",
    "embed",
    "form",
    "input",
    "button",
    "base",
    "link",
    "svg",
    "math",
    "template",
    "audio",
    "video",
)


def tree(content: str) -> HtmlElement:
    return parser.document_fromstring(content.encode(), parser=parser.HTMLParser(encoding="utf-8"))


def seen(content: str) -> str:
    """The visible text, blanks collapsed."""
    body = tree(content).find("body")
    assert body is not None
    return re.sub(r"\s+", " ", " ".join(body.itertext()))


def dangers(content: str) -> list[str]:
    """Everything that could run, load or leave: elements, event handlers, schemes."""
    found = []
    for element in tree(content).iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in ACTIVE:
            found.append(f"<{element.tag}>")
        for name, value in element.attrib.items():
            if name.startswith("on"):
                found.append(f"{element.tag} {name}")
            if name in ("href", "src") and not re.match(r"(https?://|mailto:|cid:|#)", value):
                found.append(f"{element.tag} {name}={value}")
    return found
