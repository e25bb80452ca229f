"""From markup to text: what a reader would see, and nothing that any later page or header could take for code."""

from __future__ import annotations

import re
from html import unescape

from feeds.text.sanitize import safe_html

_BLOCK_NAMES = "p|div|br|hr|li|ul|ol|dl|dt|dd|h[1-6]|blockquote|pre|table|tr|caption|figure|figcaption|article|aside|section|header|footer|main|details|summary|center"
# Sanitized markup is regular: every "<" begins a tag, every value stands in double quotes.
_BLOCK = re.compile(rf"</?(?:{_BLOCK_NAMES})(?: [\w:-]+=\"[^\"]*\")*>")
_CELL = re.compile(r"</?t[dh](?: [\w:-]+=\"[^\"]*\")*>")
_ANY = re.compile(r"<[^>\"]*(?:\"[^\"]*\"[^>\"]*)*>")
_BLANKS = re.compile(r"[ \t\r\f\v\xa0\u2000-\u200a\u202f\u205f\u3000]+")
_NEWLINES = re.compile(r" ?\n[ \n]*")
# Controls, lone surrogates, direction overrides, byte-order marks and soft hyphens carry no text and can deceive.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_BREAKS = re.compile("[\n\r\u2028\u2029\x85\x0b\x0c]+")
_HTML_NAMES = (
    "a|abbr|acronym|address|applet|area|article|aside|audio|b|base|bdi|bdo|big|blink|blockquote|body|br|button|canvas|caption|center|cite|code|col|"
    "dd|del|details|dfn|dialog|dir|div|dl|dt|em|embed|fieldset|figure|figcaption|font|footer|form|frame|frameset|h[1-6]|head|header|hr|html|i|"
    "iframe|img|image|input|ins|isindex|kbd|label|layer|legend|li|link|main|map|mark|marquee|math|menu|meta|nav|nobr|noscript|object|ol|optgroup|option|"
    "output|p|param|picture|plaintext|pre|q|rp|rt|ruby|s|samp|script|section|select|small|source|span|strike|strong|style|sub|summary|sup|svg|"
    "table|tbody|td|template|textarea|tfoot|th|thead|time|title|tr|track|tt|u|ul|var|video|wbr|xmp|xml|xss"
)
_INACTIVE = re.compile(
    r"<(script|style|iframe|template|title|noembed|xmp)\b[^>]*>.*?</\1\s*>|<!--.*?-->|<!\[CDATA\[|\]\]>",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(
    rf"</?(?:[a-z]+:)?(?:{_HTML_NAMES})(?:[\s/][^<>]*)?>|<[!?/a-z][^<>]*=[^<>]*>|<[!?][^<>]*>", re.IGNORECASE
)
_BREAKING_TAG = re.compile(r"<(?:br|p|div|li|h[1-6]|tr|td)\b[^<>]*>", re.IGNORECASE)
_LEFT_OVER = re.compile(r"<(?=[A-Za-z/!?])([^<>]*)(>?)")
_MAX_DECODINGS = 3


def plain(html: str) -> str:
    """The text of an HTML fragment: entities resolved, blanks collapsed, blocks on lines of their own.

    Anything left that reads as a tag (`&lt;b&gt;` in the source) is written with ‹ ›, so that the text stays inert wherever
    it is put. Never raises.
    """
    if "<" in html:
        html = safe_html(html)
    return text_of(html)


def text_of(safe: str) -> str:
    """As `plain`, for HTML that is already sanitized."""
    if "<" in safe:
        # A newline of the source is only a blank, except in <pre>, where the difference does not matter for text.
        safe = safe.replace("\n", " ")
        safe = _ANY.sub("", _CELL.sub(" ", _BLOCK.sub("\n", safe)))
    if "&" in safe:
        safe = unescape(safe)
    return inert(tidy(safe))


def tidy(text: str) -> str:
    """Blanks collapsed, empty lines and control characters gone."""
    if _UNWANTED.search(text):
        text = _UNWANTED.sub("", text)
    return _NEWLINES.sub("\n", _BLANKS.sub(" ", text)).strip()


def one_line(text: str) -> str:
    """Plain text on one line, without control characters: fit for a title, a name, a header."""
    text = _BREAKS.sub(" ", text)
    if _UNWANTED.search(text):
        text = _UNWANTED.sub("", text)
    return " ".join(text.split())


def inert(text: str) -> str:
    """What reads as a tag, with ‹ › instead of < >."""
    return _LEFT_OVER.sub(lambda found: f"‹{found[1]}{'›' if found[2] else ''}", text) if "<" in text else text


def label(text: str) -> str:
    """A short text of unknown encoding (title, author, category) as one plain line.

    Markup is cut, entities are resolved however often they were encoded; a tag that is none of HTML's keeps its words.
    """
    for _ in range(_MAX_DECODINGS):
        before = text
        if "<" in text:
            text = _TAG.sub("", _BREAKING_TAG.sub(" ", _INACTIVE.sub("", text)))
        if "&" in text:
            text = unescape(text)
        if text == before:
            break
    return one_line(inert(text))
