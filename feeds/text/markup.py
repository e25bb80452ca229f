"""HTML to plain text that no later page or header can take for code."""

from __future__ import annotations

import re
from typing import NamedTuple

from feeds.text.references import resolved, windows_characters
from feeds.text.sanitize import safe_html

_BLOCKS = (
    "p div br hr li ul ol dl dt dd h1 h2 h3 h4 h5 h6 blockquote pre table tr caption figure figcaption article aside "
    "section header footer main "
    "details summary center"
)
# What replaces a tag in text: a new line, or a blank between cells; any other tag is only removed.
_LEFT = {slash + name: "\n" for slash in ("", "/") for name in _BLOCKS.split()}
_LEFT.update(dict.fromkeys(("td", "/td", "th", "/th"), " "))
# Sanitized markup is regular: every "<" begins a tag, every value is in double quotes.
_ANY = re.compile(r"<[^>\"]*(?:\"[^\"]*\"[^>\"]*)*>")
_VALUE = re.compile(r"=\"[^\"]*\"")
# Controls, lone surrogates, direction overrides, byte-order marks and soft hyphens carry no text and can deceive.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
_BREAKS = re.compile("[\n\r\u2028\u2029\x85\x0b\x0c]+")
_HTML_NAMES = (
    "a|abbr|acronym|address|applet|area|article|aside|audio|b|base|bdi|bdo|big|blink|blockquote|body|br|button|"
    "canvas|caption|center|cite|code|col|"
    "dd|del|details|dfn|dialog|dir|div|dl|dt|em|embed|fieldset|figure|figcaption|font|footer|form|frame|frameset|"
    "h[1-6]|head|header|hr|html|i|"
    "iframe|img|image|input|ins|isindex|kbd|label|layer|legend|li|link|main|map|mark|marquee|math|menu|meta|nav|nobr|"
    "noscript|object|ol|optgroup|option|"
    "output|p|param|picture|plaintext|pre|q|rp|rt|ruby|s|samp|script|section|select|small|source|span|strike|strong|"
    "style|sub|summary|sup|svg|"
    "table|tbody|td|template|textarea|tfoot|th|thead|time|title|tr|track|tt|u|ul|var|video|wbr|xmp|xml|xss"
)
_INACTIVE = re.compile(r"<(script|style|iframe|template|title|noembed|xmp)\b|<!--|<!\[CDATA\[|\]\]>", re.IGNORECASE)
# The second alternative matches anything with an attribute value.
_TAG = re.compile(
    rf"</?(?:[a-z]+:)?(?:{_HTML_NAMES})(?:[\s/][^<>]*)?>|<[!?/a-z](?=[^<>=]*=)[^<>]*>|<[!?][^<>]*>", re.IGNORECASE
)
# Elements that a title may be about; those that only change the look of words are always markup.
_LONE_TAG = re.compile(
    r"<(article|aside|audio|base|body|button|canvas|code|datalist|details|dialog|dl|fieldset|figure|footer|form|head|header|html|"
    r"iframe|img|input|label|legend|link|main|map|menu|meta|nav|noscript|object|option|output|picture|pre|progress|script|section|select|"
    r"slot|source|style|summary|svg|table|tbody|td|template|textarea|th|thead|time|title|tr|track|ul|video)>(?=[^\n])",
    re.IGNORECASE,
)
_PLAIN_TAG = re.compile(r"<[A-Za-z]\w*>")
_CLOSING_TAG = re.compile(r"</([a-z]\w*)>")
_MARK = re.compile("\ufdd0\\d+\ufdd1")  # stands for a lone tag while others are removed
_BREAKING_TAG = re.compile(r"<(?:br|p|div|li|h[1-6]|tr|td)\b[^<>]*>", re.IGNORECASE)
_LEFT_OVER = re.compile(r"<(?=/?[A-Za-z])([A-Za-z][\w,. ]{0,40}<[A-Za-z][\w,. ]{0,40}>[\w,. ]{0,40}(?=>)|[^<>]*)(>?)")
_HARMLESS = re.compile(r"/?[A-Za-z][\w,. ]{0,40}\Z")
_ACTIVE_NAMES = frozenset(
    """
    script iframe frame frameset object embed applet base meta link style form input button select textarea option
    isindex svg math template noscript noembed noframes xmp plaintext listing portal fencedframe dialog param layer
    ilayer bgsound marquee keygen animate set foreignobject
    """.split()  # noqa: SIM905 - a list of names reads better as words
)
_ONLY_A_TAG = re.compile(r"\s*</?[A-Za-z]\w{0,20}>\s*")
_MAX_DECODINGS = 3


def plain_text(html: str) -> str:
    """Return the text of an HTML fragment: entities resolved, blanks collapsed, each block on its own line.

    Text that looks like an active tag (`&lt;script&gt;` in the source) is written with ‹ ›, so that it does nothing
    wherever it is inserted. Never raises.
    """
    if "<" in html:
        html = safe_html(html)
    return text_of(html)


class Content(NamedTuple):
    """What sanitized HTML contains: plain text, and as written the URLs of links and the tags of images."""

    text: str
    links: list[str]
    images: list[str]


def text_of(safe: str) -> str:
    """Return the same as `plain_text`, for HTML that is already sanitized."""
    return read_content(safe).text


def read_content(safe: str) -> Content:
    """Return the text, the links to web pages and the images of sanitized HTML, in one pass."""
    links: list[str] = []
    images: list[str] = []
    lines = _lines(safe, links, images) if "<" in safe else safe.split("\n")
    if "&" in safe:
        lines = [resolved(line) if "&" in line else line for line in lines]
    return Content(inert("\n".join(filter(None, map(_tidied, lines))).strip()), links, images)


def _lines(safe: str, links: list[str], images: list[str], *, marks: bool = True) -> list[str]:
    """Return sanitized HTML without tags, as the lines between blocks; add its links and images to the lists.

    `marks`: values of attributes may contain "<" and ">".
    """
    # A newline in the source is only a blank; in <pre> the difference does not matter for text.
    line, *pieces = safe.replace("\n", " ").split("<")
    lines = []
    for piece in pieces:
        tag, closed, text = piece.partition(">")
        if not closed and not (marks and '"' in tag):
            line += "<" + piece  # no tag: this occurs only in text that is not sanitized
            continue
        if '"' in tag:
            if marks and tag.count('"') % 2:
                links.clear()
                images.clear()
                return _lines(_ANY.sub(_without_marks, safe), links, images, marks=False)
            whole, tag = tag, tag.partition(" ")[0]
            if tag == "a":
                start = whole.find(' href="http') + 7
                if start > 7:
                    links.append(whole[start : whole.find('"', start)])
            elif tag == "img":
                images.append(whole)
        left = _LEFT.get(tag, "")
        if left == "\n":
            lines.append(line)
            line = text
        else:
            line += left + text
    lines.append(line)
    return lines


def _without_marks(tag: re.Match[str]) -> str:
    return _VALUE.sub(lambda value: value[0].replace("<", "&lt;").replace(">", "&gt;"), tag[0])


def _tidied(line: str) -> str:
    """Return a line without control characters, with blanks collapsed."""
    line = line.strip()
    if not line.isprintable():  # tabs and wide blanks are not either
        line = windows_characters(line)
        return " ".join(_UNWANTED.sub("", " ".join(line.split())).split())
    return " ".join(line.split()) if "  " in line else line


def one_line(text: str) -> str:
    """Return plain text on one line without control characters, for titles, names and headers."""
    if text.isprintable():
        return " ".join(text.split())
    text = _BREAKS.sub(" ", windows_characters(text))
    text = (_CONTROLS if _balanced(text) else _UNWANTED).sub("", text)
    return " ".join(text.split())


def _balanced(text: str) -> bool:
    """Whether direction marks are closed, so that they affect only the words between them."""
    if "\u202d" in text or "\u202e" in text:
        return False
    embedded, isolated = sum(map(text.count, "\u202a\u202b")), sum(map(text.count, "\u2066\u2067\u2068"))
    return embedded == text.count("\u202c") and isolated == text.count("\u2069")


def inert(text: str) -> str:
    """Return text with ‹ › in place of < > around anything that may be an active tag; `<b>` or `<int>` stay."""
    return _LEFT_OVER.sub(_defuse, text) if "<" in text else text


def _defuse(found: re.Match[str]) -> str:
    inside, closed = found[1], found[2]
    parts = inside.rstrip(">").split("<")  # two for a type such as Map<String, List<Integer>>
    if closed and all(_HARMLESS.match(part) and _first_name(part) not in _ACTIVE_NAMES for part in parts):
        return found[0]
    return f"‹{inside}{'›' if closed else ''}"


def _first_name(inside: str) -> str:
    return inside.strip("/ ").split(" ")[0].strip(",.").lower()


def plain_line(text: str) -> str:
    """Return a short text of unknown encoding (title, author, category) as one plain line.

    Markup is removed and entities are resolved, also when they were encoded twice; tags unknown to HTML are kept.
    """
    if "<" not in text and "&" not in text:
        return one_line(text)
    for _ in range(_MAX_DECODINGS):
        before = text
        if "<" in text:
            text = _without_tags(text)
        if "&" in text:
            text = resolved(text)
        if text == before:
            break
        if not text.strip() and _ONLY_A_TAG.fullmatch(before):
            return one_line(inert(before))  # a title about a tag
    return one_line(inert(text))


def title_of(text: str, *, markup: bool) -> str:
    """Return a short text of a declared kind as one plain line: HTML if `markup`, else plain text, kept as it is."""
    if not markup:
        return one_line(inert(text))
    return one_line(text_of(safe_html(text)) if "<" in text or "&" in text else text)


def _without_tags(text: str) -> str:
    """Return text without its tags. A lone name of an element is a word: `How to use the <details> element`."""
    text = _without_inactive(text)
    closed = set(_CLOSING_TAG.findall(text.lower()))
    words = dict.fromkeys(found[0] for found in _LONE_TAG.finditer(text) if found[1].lower() not in closed)
    if not words:
        return _TAG.sub("", _BREAKING_TAG.sub(" ", text))
    marks = {word: f"\ufdd0{place}\ufdd1" for place, word in enumerate(words)}
    unmarked = {mark: word for word, mark in marks.items()}
    text = _PLAIN_TAG.sub(lambda found: marks.get(found[0], found[0]), text)
    text = _TAG.sub("", _BREAKING_TAG.sub(" ", text))
    return _MARK.sub(lambda found: unmarked.get(found[0], found[0]), text)


def _without_inactive(text: str) -> str:
    """Return text without comments, CDATA marks and elements without text, in linear time; unclosed ones stay."""
    kept: list[str] = []
    unclosed: set[str] = set()
    start = 0
    for found in _INACTIVE.finditer(text):
        if found.start() < start:
            continue
        mark = (found[1] or found[0]).lower()
        end = -1 if mark in unclosed else _end(text, found.end(), mark)
        if end < 0:
            unclosed.add(mark)
            continue
        kept.append(text[start : found.start()])
        start = end
    return "".join([*kept, text[start:]]) if kept else text


def _end(text: str, start: int, mark: str) -> int:
    """Return the end of the element or comment whose opening mark ends at `start`; -1 if it is never closed."""
    if mark[0] in "]<" and mark != "<!--":
        return start
    if mark == "<!--":
        end = text.find("-->", start)
        return end + 3 if end >= 0 else -1
    opened = text.find(">", start)
    closing = re.compile(rf"</{mark}\s*>", re.IGNORECASE).search(text, opened + 1) if opened >= 0 else None
    return closing.end() if closing else -1
