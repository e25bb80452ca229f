"""Parses web pages into elements."""

from __future__ import annotations

from typing import Any


def page_tree(text: str) -> Any:
    """The elements of a page; None if it has none."""
    from lxml import etree
    from lxml import html as lxml_html

    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=False, no_network=True)
    try:
        return lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError):
        return None
