"""Proposes selectors for the list of articles on a page, from its repeated structure.

Elements of one tag and one class are a group. A group is a list of articles if most of its elements have a link of
their own with a title of some words, and are not navigation. The best group has many such elements, with headings,
dates, texts and pictures.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from feeds.errors import EmptyResponse, NoItems
from feeds.model import Parsed
from feeds.parse.encoding import decode_document
from feeds.parse.page_tree import page_tree
from feeds.sources.page import HEADINGS, MAX_LINKS
from feeds.sources.selectors import PageSelectors
from feeds.urls import join_url

_TAGS = frozenset({"article", "li", "div", "section", "tr", "a", "dl", "dt", "p", "h2", "h3"})
_APART = frozenset({"nav", "header", "footer", "aside", "form"})
_APART_NAMES = re.compile(
    r"(?:^|[-_ ])(?:nav|menu|footer|sidebar|breadcrumb|pager|pagination|social|share|tags?)", re.IGNORECASE
)
_CLASS = re.compile(r"-?[A-Za-z_][A-Za-z_-]*\Z")  # a class without digits, which are often generated
_DATE_CLASS = re.compile(r"date|time|publish|datum|fecha|posted", re.IGNORECASE)
_LEAST = 3  # elements of a list
_MOST_GROUPS = 200
_TITLE = 15  # letters of a title; the words of navigation are shorter
_TEXT = 40  # letters of a text
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A group of elements, with the selector that finds them."""

    selector: str
    items: list[Any]
    score: float


def propose_selectors(body: bytes, url: str, headers: Mapping[str, str]) -> tuple[dict[str, str], Parsed]:
    """Return selectors for the articles on a page, and what they find. Raises NoItems for a page without a list."""
    from feeds.parse import parse

    text, _ = decode_document(body, headers)
    tree = page_tree(text) if text.strip() else None
    if tree is None:
        raise EmptyResponse(url=url)
    candidates = sorted(_candidates(tree, url), key=lambda one: one.score, reverse=True)
    for candidate in candidates[:5]:
        selectors = {key: value for key, value in asdict(_selectors(candidate)).items() if value}
        try:
            parsed = parse(body, url, headers, page=selectors)
        except NoItems:
            continue
        if len(parsed.entries) >= _LEAST:
            return selectors, parsed
    raise NoItems("the page has no list of articles: no elements of one kind with a link and a title each", url=url)


def _candidates(tree: Any, url: str) -> Iterable[_Candidate]:
    for selector, items in _groups(tree).items():
        if len(items) < _LEAST:
            continue
        score = _score(items, url)
        if score > 0:
            yield _Candidate(selector, items, score)


def _groups(tree: Any) -> dict[str, list[Any]]:
    """Return the elements outside navigation, grouped by the selectors of `_names`."""
    found: dict[str, list[Any]] = defaultdict(list)
    links = sum(1 for _ in tree.iter("a"))
    apart = {element for element in tree.iter() if _is_apart(element, links)}
    for element in tree.iter(*_TAGS):
        if element in apart or any(above in apart for above in element.iterancestors()):
            continue
        for selector in _names(element):
            found[selector].append(element)
    return dict(sorted(found.items(), key=lambda pair: len(pair[1]), reverse=True)[:_MOST_GROUPS])


def _is_apart(element: Any, links: int) -> bool:
    """Whether an element is navigation: by tag or role, or by class or id if it has less than half of the links."""
    if not isinstance(element.tag, str) or element.tag in ("html", "body", "main", "article"):
        return False
    if element.tag in _APART or element.get("role") == "navigation":
        return True
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return _APART_NAMES.search(names) is not None and 2 * sum(1 for _ in element.iter("a")) < links


def _names(element: Any) -> list[str]:
    """Return the selectors of an element: `tag.class` for each class; without a class `parent > tag`."""
    classes = [name for name in (element.get("class") or "").split()[:6] if _CLASS.match(name)]
    names = [f"{element.tag}.{name}" for name in classes]
    if element.tag == "article":
        names.append("article")
    parent = element.getparent()
    if names or parent is None or not isinstance(parent.tag, str) or not parent.tag.isalnum():
        return names
    own = parent.get("id") or ""
    if _CLASS.match(own):
        return [f"#{own} > {element.tag}"]
    first = next((name for name in (parent.get("class") or "").split() if _CLASS.match(name)), "")
    return [f"{parent.tag}{f'.{first}' if first else ''} > {element.tag}"]


def _score(items: list[Any], url: str) -> float:
    """Return how much a group looks like a list of articles; 0 if it does not."""
    known = set(items)
    if any(above in known for item in items for above in item.iterancestors()):
        return 0.0
    links, titles, parts = [], [], Counter[str]()
    for item in items[:60]:
        target, title = _link_and_title(item, url)
        if target is None or sum(1 for _ in item.iter("a")) > MAX_LINKS:
            continue
        links.append(target)
        titles.append(title)
        parts["heading"] += item.tag in HEADINGS or next(item.iter(*HEADINGS), None) is not None
        parts["date"] += _date(item) is not None
        parts["text"] += _has_text(item)
        parts["picture"] += next(item.iter("img"), None) is not None
        parts["single"] += len(list(item.iter(*HEADINGS))) <= 1
    count, looked = len(links), min(len(items), 60)
    if count < _LEAST or count < 0.6 * looked or len(set(links)) < 0.8 * count:
        return 0.0
    length = statistics.median(map(_length, titles))
    if length < _TITLE:
        return 0.0
    quality = 1 + sum(
        weight * parts[part] / count
        for part, weight in (("heading", 2), ("date", 2), ("text", 1), ("picture", 0.5), ("single", 1))
    )
    return float(quality * min(count, 25) ** 0.5 * min(length, 60) ** 0.5 * count / looked)


def _length(title: str) -> int:
    return len(title) + 2 * len(_WIDE.findall(title))


def _link_and_title(item: Any, url: str) -> tuple[str | None, str]:
    """Return the link of an item with the longest text, and its title: the heading, else that text."""
    links = [(link, join_url(url, link.get("href") or "")) for link in item.iter("a") if link.get("href")]
    links += [(above, join_url(url, above.get("href") or "")) for above in item.iterancestors("a")]
    links = [(link, target) for link, target in links if target and target.partition("#")[0] != url]
    if not links:
        return None, ""
    heading = next(item.iter(*HEADINGS), None)
    inside = [(link, target) for link, target in links if heading is not None and heading in link.iterancestors()]
    inside += [(link, target) for link, target in links if heading is not None and link in heading.iterancestors()]
    link, target = inside[0] if inside else max(links, key=lambda pair: len(_text(pair[0])))
    return target, _text(heading if heading is not None else link)


def _text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _date(item: Any) -> Any:
    """Return the element with the date of an item."""
    found = next(item.iter("time"), None)
    if found is not None:
        return found
    return next((one for one in item.iter() if _DATE_CLASS.search(one.get("class") or "") and _text(one)), None)


def _has_text(item: Any) -> bool:
    return any(_length(_text(one)) >= _TEXT for one in item.iter("p"))


def _selectors(candidate: _Candidate) -> PageSelectors:
    """Return selectors for the title, link, date and text, where most items have them."""
    items = candidate.items[:60]
    heading = _most_common(items, lambda item: next((one.tag for one in item.iter(*HEADINGS)), ""))
    title, link = heading, ""
    if heading:
        inside = _most_common(items, lambda item: _link_in(item, heading))
        around = _most_common(items, lambda item: _link_around(item, heading))
        several = any(len({one.get("href") for one in item.iter("a")}) > 1 for item in items)
        link = f"{heading} a" if inside else around if several else ""
    elif any(len(list(item.iter("a"))) > 1 for item in items):
        title = link = _link_selector(items)
    return PageSelectors(
        item=candidate.selector,
        title="" if candidate.items[0].tag == heading else title,
        link="" if candidate.items[0].tag == heading else link,
        date=_most_common(items, _date_selector),
        text=_most_common(items, lambda item: "p" if _has_text(item) and item.tag != "p" else ""),
    )


def _link_in(item: Any, heading: str) -> str:
    found = next(item.iter(heading), None)
    return "a" if found is not None and next(found.iter("a"), None) is not None else ""


def _link_around(item: Any, heading: str) -> str:
    found = next(item.iter(heading), None)
    above = next(found.iterancestors("a"), None) if found is not None else None
    return f"a:has({heading})" if above is not None and (above is item or item in above.iterancestors()) else ""


def _link_selector(items: list[Any]) -> str:
    """Return the selector, by class, of the link with the longest text in most items; empty if it has no class."""

    def longest(item: Any) -> str:
        link = max(item.iter("a"), key=lambda one: len(_text(one)), default=None)
        names = [] if link is None else [n for n in (link.get("class") or "").split() if _CLASS.match(n)]
        return f"a.{names[0]}" if names else ""

    return _most_common(items, longest)


def _date_selector(item: Any) -> str:
    found = _date(item)
    if found is None:
        return ""
    if found.tag == "time":
        return "time"
    name = next((n for n in (found.get("class") or "").split() if _CLASS.match(n) and _DATE_CLASS.search(n)), "")
    return f".{name}" if name else ""


def _most_common(items: list[Any], of: Callable[[Any], str]) -> str:
    """Return the value that most items have; empty if fewer than half have one."""
    [(value, count)] = Counter(of(item) for item in items).most_common(1) or [("", 0)]
    return value if count * 2 >= len(items) else ""
