"""Makes untrusted text harmless for mail.

A page is HTML and shows text as it is. A mail is also read by relays that replace the placeholders of bulk mail
(`*|NAME|*`, `%recipient.name%`, `{{name}}`), by clients that make links of URLs in plain text, and by gateways that
treat a subject or the text part as markup. Therefore, only in mails: angle brackets around a name become ‹ ›, doubled
brackets are separated, a URL loses its scheme, and a word longer than a line is cut.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from digests.model import Edition
from digests.render.view.clean import tidy

T = TypeVar("T")

LONGEST_WORD = 64  # characters; a line of the text part has 72
# Fields that hold no text: identifiers, URLs, codes. Every other field of an edition may be untrusted text.
_NOT_WORDS = frozenset(
    ("id", "story", "url", "image", "kind", "language", "zone", "template", "audience", "facts", "code", "method")
)
_MARKUP = re.compile(r"<((?:[!?%]|/?[^\W\d_])[^<>]*)>")
_OPENED = re.compile(r"<(?=[!?%]|/?[^\W\d_])")
_PLACEHOLDER = re.compile(
    r"(?<=\{)(?=[{%#])|(?<=[}%#])(?=\})|(?<=[$#])(?=\{)|(?<=\[)(?=\[)|(?<=\])(?=\])"
    r"|(?<=\*)(?=\|)|(?<=\|)(?=\*)|(?<=<)(?=%)|(?<=%)(?=>)|(?<=%)(?=[A-Za-z][\w.-]*%)"
)
_SCHEME = re.compile(r"(?i)\b(?:https?|ftp)://(?:www\.)?|\bwww\.(?=\w)")
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20df\ufe20-\ufe2f]"
_MARKS = re.compile(f"({_MARK}{{3}}){_MARK}+")
# Scripts without blanks break anywhere: East Asia, Thai, Lao, Khmer, Burmese, and emoji.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\ufe30-\ufe4f\uff00-\uffef\U0001f000-\U0003ffff"
)
_LONG = re.compile(rf"[^\s{_UNSPACED}]{{{LONGEST_WORD + 1},}}")
# Mail clients have no style that breaks a word, so words too long for a phone get zero-width spaces where they may
# break.
_STIFF = re.compile(rf"[^\s{_UNSPACED}]{{41,}}")
_PIECE = re.compile(".{14}(?=.)")
_SUSPECT = re.compile(rf"[<{{}}$\[\]*|%\ufffd]|://|www\.|\S{{{LONGEST_WORD + 1}}}|{_MARK}{{4}}", re.IGNORECASE)


def disarmed(text: str) -> str:
    """Return `text`, tidied and harmless in a mail. Doing it twice changes nothing."""
    text = tidy(text)  # first, so that removing an invisible character cannot create a placeholder later
    if not _SUSPECT.search(text):
        return text
    text = _OPENED.sub("‹", _MARKUP.sub(r"‹\1›", tidy(text.replace("\ufffd", ""))))
    text = _PLACEHOLDER.sub(" ", _SCHEME.sub("", text))
    return _LONG.sub(_cut, _MARKS.sub(r"\1", text))


def edition_for_mail(edition: Edition) -> Edition:
    """Return the edition with all its texts disarmed and with break points in long words."""
    return _walked(edition)


def _walked(value: T) -> T:
    if isinstance(value, tuple):
        found = tuple(map(_walked, value))
        return value if all(a is b for a, b in zip(found, value, strict=True)) else found  # type: ignore[return-value]
    if isinstance(value, str):
        return _STIFF.sub(_loosened, disarmed(value))  # type: ignore[return-value]
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changed = {}
    for field in fields(value):
        old = getattr(value, field.name)
        if field.name not in _NOT_WORDS and (new := _walked(old)) is not old:
            changed[field.name] = new
    return replace(value, **changed) if changed else value


def _cut(found: re.Match[str]) -> str:
    return found[0][: LONGEST_WORD - 1] + "…"


def _loosened(found: re.Match[str]) -> str:
    return _PIECE.sub("\\g<0>\u200b", found[0])
