"""Parses web pages into elements."""

from __future__ import annotations

from typing import Any

# libxml2 reads these from a page, and lxml refuses to write them when an element is changed.
_NO_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF))


def page_tree(text: str) -> Any:
    """Return the elements of a page, without control characters; None if it has none."""
    from lxml import etree
    from lxml import html as lxml_html

    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=False, no_network=True)
    try:
        return lxml_html.document_fromstring(text.translate(_NO_XML).encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError):
        return None
