"""Lines that are the publisher's furniture and not its news: bylines, "read more", credits, share bars, attributions.

Conservative: a whole line goes only when all of it is furniture; inside a line only fixed forms at its edges are cut.
"""

from __future__ import annotations

import re

from feeds.text.phrases import READ_MORE, SHARE

_APPEARED = re.compile(
    r"(?:^|(?<=[.!?…\"”»)\]]))\s*(?:The (?:post|article|entry) .{1,300}? (?:first )?appeared first (?:on|at) .{1,120}"
    r"|L[’']article .{1,300}? est apparu en premier sur .{1,120}|Der Beitrag .{1,300}? erschien zuerst auf .{1,120}"
    r"|La entrada .{1,300}? (?:se publicó primero en|aparece primero en) .{1,120}|L[’']articolo .{1,300}? (?:proviene da|sembra essere il primo su) .{1,120}"
    r"|O post .{1,300}? apareceu primeiro em .{1,120}|Het bericht .{1,300}? verscheen eerst op .{1,120}|Запись .{1,300}? впервые появилась .{1,120})$",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"^(?:[A-ZÀ-Þ][\w.'’ /-]{1,40}(?:, [\w.' ]{1,40})?\s*)?[(\[](?:Reuters|AFP|AP|dpa|ANSA|EFE|Xinhua|TASS|PTI|ANI|IANS|UPI|CNN|CNN Business|Bloomberg|Kyodo|Yonhap|DPA|Associated Press|АФП|Рейтер)[)\]]\s*[-–—:]+\s*"
)
_TRAILING_CREDIT = re.compile(
    r"\s*(?:©\s?\d{0,4}\s?(?:AFP|Reuters|AP|dpa|EFE|ANSA)[\w ./-]{0,40}|\((?:Reuters|AFP|AP|dpa|PTI|ANI|ANSA|EFE)(?:[/ -][\w /]{1,30})?\))\.?$"
)
_MORE_TAIL = re.compile(
    rf"\s*(?:[\[(]\s*)?(?:…|\.\.\.)?\s*(?:{READ_MORE})\s*(?:…|\.{{2,3}}|[»›→>]+|&raquo;)?\s*[\])]?\s*$", re.IGNORECASE
)
_LINE = re.compile(
    rf"(?:[-–—•*»›→>\[(]\s*)*(?:{READ_MORE}|{SHARE})\s*(?:[:…»›→>\])]|\.{{1,3}})*", re.IGNORECASE
)  # fmt: skip
_BYLINE = re.compile(
    r"(?:(?:written |posted |story |reporting |photo(?:graph)?s? |words |text )?by|von|par|por|автор|автор:|text:|фото:|foto:|photo:|credit:|source:|quelle:|fuente:|fonte:|источник:)\s+\S.{0,80}",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright\b).{0,120}|.{0,60}\ball rights reserved\.?.{0,40}|.{0,40}все права защищены.{0,40}",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(r"(?:\[\s*(?:…|\.\.\.|&hellip;)\s*\]|…|\.\.\.)\s*$")
_SENTENCE_END = re.compile(r"[.!?。！？…।؟][\"'”’»)\]]*$")
_MAX_FURNITURE = 160  # characters; nothing longer is taken for a furniture line


def clean(text: str) -> str:
    """Plain text without boilerplate: whole lines of furniture dropped, credits at the edges cut, order kept.

    If nothing would be left, the text is returned as it was.
    """
    lines = [line for line in (raw.strip() for raw in text.split("\n")) if line]
    kept = [line for place, line in enumerate(lines) if not _furniture(line, place, len(lines))]
    if kept:
        kept[0] = _CREDIT.sub("", kept[0], count=1) or kept[0]
        kept[-1] = _cut_tail(kept[-1])
        if len(kept) > 2 and _attribution(kept[-1], kept[:-1]):
            kept.pop()
    return "\n".join(line for line in kept if line) or text.strip()


def _furniture(line: str, place: int, count: int) -> bool:
    """Whether the whole line is furniture. Bylines only stand at the edges of a text."""
    if len(line) > _MAX_FURNITURE:
        return bool(_APPEARED.match(line))
    if _LINE.fullmatch(line) or _APPEARED.match(line):
        return True
    if count > 1 and (place < 2 or place >= count - 2):
        return bool((_BYLINE.fullmatch(line) and not _SENTENCE_END.search(line)) or _COPYRIGHT.fullmatch(line))
    return False


def _cut_tail(line: str) -> str:
    """The last line without "appeared first on", "read more" and an agency's mark at its end."""
    for pattern in (_APPEARED, _MORE_TAIL, _TRAILING_CREDIT):
        shorter = pattern.sub("", line)
        if shorter.strip():
            line = shorter
    return line


def _attribution(last: str, before: list[str]) -> bool:
    """Whether the last short line only names the publisher: no sentence, and written in another script than the text."""
    if len(last) > 60 or len(last.split()) > 6 or _SENTENCE_END.search(last):
        return False
    script = _script(last)
    return bool(script) and script != _script(" ".join(before[-3:])) and bool(_SENTENCE_END.search(before[-1]))


def _script(text: str) -> str:
    """The script most of the letters belong to, roughly; "" without letters."""
    counts: dict[str, int] = {}
    for char in text:
        if char.isalpha():
            name = _block(ord(char))
            counts[name] = counts.get(name, 0) + 1
    return max(counts, key=lambda name: counts[name]) if counts else ""


def _block(code: int) -> str:
    """A coarse script name of a code point."""
    for end, name in _SCRIPTS:
        if code < end:
            return name
    return "other"


_SCRIPTS = (
    (0x0370, "latin"), (0x0400, "greek"), (0x0530, "cyrillic"), (0x0590, "armenian"), (0x0600, "hebrew"), (0x0780, "arabic"),
    (0x0900, "arabic"), (0x0E00, "indic"), (0x0E80, "thai"), (0x1000, "lao"), (0x10A0, "burmese"), (0x1100, "georgian"), (0x1200, "hangul"),
    (0x1E00, "ethiopic"), (0x1F00, "latin"), (0x2000, "greek"), (0x2E80, "symbols"), (0xA000, "cjk"), (0xAC00, "other"), (0xD7B0, "hangul"), (0xFB00, "cjk"),
)  # fmt: skip


def is_teaser(html: str, text: str) -> bool:
    """Whether the publisher cut the text short: it ends in an ellipsis or "read more", or it is very short."""
    tail = text.rstrip()
    if not tail:
        return True
    if _ELLIPSIS.search(tail):
        return True
    words = len(tail.split()) if not _wide(tail) else len(tail) // 2
    if words >= 250:
        return False
    end = re.sub(r"<[^>]*>", " ", html[-400:]).strip()
    if _MORE_TAIL.search(end):
        return True
    return words < 60


def _wide(text: str) -> bool:
    """Whether the text is in a script that does not part words with blanks."""
    return _script(text[:200]) in ("cjk", "thai", "lao", "burmese")
