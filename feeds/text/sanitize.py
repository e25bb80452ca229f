"""Untrusted HTML made safe to store, show and mail: an allowlist with an HTML5 parser (ammonia through nh3)."""

from __future__ import annotations

import re
from html import escape
from threading import local

import nh3

from feeds.text.images import with_real_images
from feeds.text.references import encodable, resolved
from feeds.urls import join_url
from feeds.urls.parsing import PLAIN

_TAGS = set(
    """
    a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure
    h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strong sub summary sup
    table tbody td tfoot th thead time tr u ul var wbr article aside section header footer main center strike tt big
    """.split()  # noqa: SIM905 - a list of names reads better as words
)
# Elements whose content is not shown to readers.
_DROPPED = {
    "script", "style", "iframe", "noembed", "noframes", "template", "xmp", "textarea", "select", "button", "object",
    "applet", "title", "svg", "math", "canvas", "noscript", "head", "form", "plaintext", "listing",
}  # fmt: skip
_KEPT_CONTENT = {
    "form",
    "head",
    "plaintext",
    "listing",
    "button",
    "object",
    "xmp",
    "noembed",
    "noframes",
    "textarea",
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start", "reversed"},
    "time": {"datetime"},
    "abbr": {"title"},
    "*": {"lang", "dir"},
}
_SCHEMES = {"http", "https", "mailto"}
MAX_DEPTH = 400  # of elements within each other
MAX_REFERENCES = 20_000  # character references in one text; each takes the parser ten microseconds
_NESTING = re.compile(
    r"<(/?)(?!(?:br|img|hr|wbr|p|li|td|th|tr|dd|dt|col|input|source|param|embed|option|meta|link|area)[\s/>])[a-z]",
    re.IGNORECASE,
)
_SURROGATE = re.compile("[\ud800-\udfff]")  # half characters, which no encoding can carry
# What loads images late repeats the image here. Of any other content, the parser would make text.
_NOSCRIPT_IMAGE = re.compile(r"<noscript\b[^<>]*>\s*(<img\b[^<>]*>)\s*</noscript\s*>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]*>?")


class _Current(local):
    """The base of relative URLs in the text that this thread is cleaning."""

    base = ""


_current = _Current()


def _filtered(tag: str, attribute: str, value: str) -> str | None:
    """Return the value of one attribute: a URL is made absolute, and removed if it cannot be."""
    if attribute not in ("href", "src"):
        return value
    if PLAIN.match(value):
        return value
    value = value.strip()
    if tag == "a" and value[:7].lower() == "mailto:":
        return value
    return join_url(_current.base, value)


# One for all bases: making a cleaner takes as long as cleaning a text of 2,000 characters.
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=_DROPPED - _KEPT_CONTENT,
    attributes=_ATTRIBUTES,
    attribute_filter=_filtered,
    url_schemes=_SCHEMES,
    link_rel="noopener noreferrer",
)


def safe_html(html: str, base: str = "") -> str:
    """Return `html` without active content, with URLs absolute against `base`; URLs that cannot be are dropped.

    Text, structure, links and images are kept; scripts, styles, forms, frames, event handlers, class and id are
    removed. Text without markup is returned escaped. Never raises.
    """
    if not encodable(html):
        html = _SURROGATE.sub("", html)
    if "\0" in html:
        html = html.replace("\0", "")
    if "<" not in html and "&" not in html:
        html = html.replace("\r", "\n") if "\r" in html else html
        return html.replace(">", "&gt;") if ">" in html else html
    if len(html) > MAX_DEPTH * len("<b>") and _too_much(html):
        return escape(resolved(_ANY_TAG.sub(" ", html)), quote=False)
    if "<noscript" in html or "<NOSCRIPT" in html:
        html = _NOSCRIPT_IMAGE.sub(r"\1", html)
    if "<math" in html:
        html = _without_math(html)
    _current.base = base
    safe = _CLEANER.clean(with_real_images(html))
    return safe.replace("\r", "\n") if "\r" in safe else safe


def _without_math(html: str) -> str:
    """Return HTML with each formula as its text; a second form of it, in TeX, is left out."""
    before, *formulas = re.split(r"<math\b", html)
    parts = [before]
    for formula in formulas:
        inside, end, after = formula.partition("</math>")
        if not end:
            parts += ["<math", formula]
            continue
        inside = re.sub(r"<annotation\b[^<>]*>[^<]*</annotation>", "", inside.partition(">")[2])
        parts += [" ", _ANY_TAG.sub("", inside), " ", after]
    return "".join(parts)


def _too_much(html: str) -> bool:
    """Whether parsing would take far more time than the length suggests."""
    return html.count("&") > MAX_REFERENCES or (html.count("<") > MAX_DEPTH and _too_deep(html))


def _too_deep(html: str) -> bool:
    """Whether elements are nested so deeply that parsing takes quadratic time."""
    depth = 0
    for found in _NESTING.finditer(html):
        depth = max(0, depth - 1) if found[1] else depth + 1
        if depth > MAX_DEPTH:
            return True
    return False
