"""CSS selectors of the items of a web page, checked and translated to XPath."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cssselect import ExpressionError, HTMLTranslator, SelectorError, SelectorSyntaxError

MAX_SELECTOR = 500  # characters
_POSITION = re.compile(r" at (\d+)(>?)\Z")
_WHOLE_PAGE = re.compile(r"(?:^|,)\s*(?:\*|html|body|:root)\s*(?:,|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PageSelectors:
    """Where the items of a page are, and their parts within an item.

    Without a selector of its own the title is the first heading, else the text of the link; the link is the first one;
    the date is the first `<time>`; the picture is the first one; there is no text.
    """

    item: str
    title: str = ""
    link: str = ""
    date: str = ""
    text: str = ""
    picture: str = ""


def selector_problem(selector: str) -> str:
    """Return what is wrong with a selector, with the column; an empty text if it is valid."""
    if len(selector) > MAX_SELECTOR:
        return f"is longer than {MAX_SELECTOR} characters"
    try:
        compiled(selector)
    except SelectorSyntaxError as error:
        found = _POSITION.search(str(error))
        column = f" at column {int(found[1]) + 1}" if found else ""
        cause = _POSITION.sub(r"\2", str(error))
        return f"cannot be read as a CSS selector{column}: {cause}"
    except (SelectorError, ExpressionError, RecursionError) as error:
        return f"is a selector that is not supported: {error}"
    return ""


def is_whole_page(selector: str) -> bool:
    """Whether a selector matches the page itself, or everything on it."""
    return _WHOLE_PAGE.search(selector) is not None


@lru_cache(maxsize=256)
def compiled(selector: str) -> Any:
    """Return a selector as a function from an element to those that it matches there, the element included."""
    from lxml import etree

    try:
        return etree.XPath(HTMLTranslator().css_to_xpath(selector))
    except (etree.XPathError, ValueError) as error:  # ValueError: a control character
        raise ExpressionError(str(error)) from error
