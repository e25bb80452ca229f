"""Cleans untrusted values for output: texts, URLs, language tags and text direction.

Editions contain texts of other people. All of them are cleaned here, so that templates need no protection against
control characters, bidirectional overrides or `javascript:` URLs.
"""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from urllib.parse import quote, urlsplit, urlunsplit

# Embeddings, overrides and isolates (UAX 9) can change the order of the text after a headline. The direction of every
# element is set by markup instead. Joiners (U+200C, U+200D) are kept: Persian and emoji need them.
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = re.compile(f"[{_BIDI}\u00ad\u180e\u2060-\u2065\ufeff\ufff9-\ufffb]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_BLANKS = re.compile(r"\s+")
# One may have a meaning; several in a row are filler.
_ZERO_WIDTH = re.compile("([\u034f\u200b-\u200d])(?:\\s*[\u034f\u200b-\u200d])+")
# Text that was escaped twice still has character references after parsing.
_REFERENCE = re.compile(r"&(?:amp;)*(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LINKED = frozenset({"http", "https"})
_RTL_LANGUAGES = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ji", "ps", "sd", "ug", "ur", "yi"})
_SHARE = 0.3  # see `direction`
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def tidy(text: str) -> str:
    """Return `text` on one line, without control characters, direction marks and doubly escaped references."""
    while (plain := _REFERENCE.sub(_unescaped, text)) != text:
        text = plain
    return _BLANKS.sub(" ", _ZERO_WIDTH.sub(r"\1", _CONTROL.sub(" ", _INVISIBLE.sub("", text)))).strip()


def _unescaped(reference: re.Match[str]) -> str:
    return unescape(f"&{reference[1]};")


def safe_url(url: str | None) -> str | None:
    """Return an absolute http(s) URL in ASCII; None for everything else (`javascript:`, `data:`, relative)."""
    if not url or _CONTROL.search(url.strip()):
        return None
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        host = _ascii_host(parts.hostname or "")
    except ValueError:
        return None
    if parts.scheme.lower() not in _LINKED or not host:
        return None
    # A user name in a URL can hide its real host, and mail filters refuse it.
    place = f"[{host}]" if ":" in host else host
    netloc = place if port is None else f"{place}:{port}"
    return urlunsplit((parts.scheme.lower(), netloc, *(_quoted(p) for p in (parts.path, parts.query, parts.fragment))))


def _ascii_host(host: str) -> str:
    if host.isascii():
        return host if re.fullmatch(r"[\w.:~-]+", host) else ""
    import idna

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return ""


def _quoted(part: str) -> str:
    return quote(part, safe="/:?#@!$&()*+,;=%~-._[]|", errors="replace")


def language_tag(language: str | None) -> str | None:
    """Return a well-formed BCP 47 tag for a `lang` attribute, or None."""
    tag = (language or "").replace("_", "-")
    return tag if _TAG.fullmatch(tag) else None


def direction(text: str, language: str | None = None) -> str:
    """Return `rtl` or `ltr`: by most of the letters of the text; by the language if the text has none.

    A text of a known language may have many letters of the other direction, such as names of products. It keeps the
    direction of its language if at least `_SHARE` of its letters have that direction.
    """
    kinds = [unicodedata.bidirectional(char) for char in text]
    right, left = sum(kind in ("R", "AL") for kind in kinds), kinds.count("L")
    if not language:
        return "rtl" if right > left else "ltr"
    rtl = language.replace("_", "-").split("-")[0].lower() in _RTL_LANGUAGES
    own = right if rtl else left
    return "rtl" if rtl == (own >= _SHARE * (right + left)) else "ltr"
