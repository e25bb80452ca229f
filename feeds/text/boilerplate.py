"""Boilerplate of publishers in plain text: bylines, "read more", credits, share bars, attributions.

Conservative: a line is removed only when all of it is boilerplate; inside a line only fixed forms at its edges are
removed. Every pattern is anchored or applied to a short tail, so that the time is linear.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from feeds.text.counters import is_counter, may_count, without_counters
from feeds.text.markup import text_of
from feeds.text.phrases import AGENCIES, CLOSED, CREDITS, LINK_POSTS, NOTED, OPEN, SENTENCES

MAX_LINE = 200  # characters of a boilerplate line
_MAX_CLOSED = 100  # characters of a complete phrase (CLOSED)

_BULLET = r"(?:[-–—•*»›→>▶➡\[(|]\s?){0,3}"
_END = r"\s?(?:[:»›→>▶➡\])|]|…|\.{2,3}|&raquo;|>>){0,3}"


def _low(text: str) -> str:
    """Return the text in lower case, the Turkish dotless i as i."""
    low = text.lower()
    return low if low.isascii() else low.replace("i\u0307", "i").replace("ı", "i")


def _caseless(pattern: str) -> re.Pattern[str]:
    """Compile a pattern for text from `_low`. Matching without case would take twice the time."""
    return re.compile(re.sub(r"\\.|[^\\]+", lambda part: part[0] if part[0][0] == "\\" else _low(part[0]), pattern))


_CLOSED = _caseless(rf"{_BULLET}(?:{CLOSED}){_END}[.!]?")
_LINK_POST = _caseless(rf"{_BULLET}(?:{LINK_POSTS}){_END}")
_OPEN = _caseless(rf"{_BULLET}(?:{OPEN}){_END}")
_NOTED = _caseless(rf"{_BULLET}(?:{NOTED})\s?[:：].{{0,180}}")
_SENTENCES = _caseless(rf"(?:{SENTENCES})[.!]?")
_CREDITS = _caseless(rf"[(\[*–—-]{{0,2}}\s?(?:{CREDITS})[)\]*]{{0,2}}\.?")
_AGENCY_LINE = re.compile(rf"[-–—(\[©/ ]{{0,3}}(?:{AGENCIES})(?:[,/] ?(?:{AGENCIES})){{0,3}}[)\] ]{{0,2}}\.?")
_NAME_WORD = r"(?:[A-ZÀ-ÞА-ЯЁІЇЄΑ-Ω][\w.'’\-]*|de|da|di|del|der|van|von|den|la|le|bin|al|el)"
_TITLE_WORD = rf"(?:{_NAME_WORD}|of|the|and|for|und|et|y|e|i|и|für|des|du)"
_JOIN = r"(?:\s?,\s?|\s?[&|/]\s?|\s(?:and|und|et|y|e|en|i|и|та|with|for|in|of)\s|\s)"
_BYLINE = re.compile(
    rf"(?:(?:[Ww]ritten|[Pp]osted|[Ss]tory|[Rr]eporting|[Rr]eported|[Ww]ords|[Tt]ext|[Pp]hotos?) )?(?:[Bb]y|BY|"
    rf"[Vv]on|VON|[Pp]ar|[Pp]or|POR|[Aa]v|[Dd]oor|Автор:?|Текст:?):? {_NAME_WORD}(?:{_JOIN}{_NAME_WORD}){{0,11}}"
)
_CREDIT_LINE = _caseless(
    r"(?:photo(?:graph)?s?|image|picture|video|credits?|source|quelle|foto|bild|fuente|fonte|crédit(?: photo)?|"
    r"фото|источник|джерело|πηγή|kaynak|zdroj|źródło|bron|källa|kilde)(?: credits?| courtesy)?\s?[:：]\s?\S.{0,"
    r"100}"
)
_COPYRIGHT = _caseless(
    r"(?:©|\(c\)|copyright (?:©|\(c\)|by |\d{4})).{0,150}|.{0,80}\ball rights reserved\b.{0,60}|.{0,60}все права "
    r"защищены.{0,40}|.{0,60}todos los derechos reservados.{0,40}|.{0,60}tous droits réservés.{0,40}|.{0,60}alle "
    r"rechte vorbehalten.{0,40}"
)
_COPYRIGHT_SIGNS = (
    "©",
    "(c)",
    "copyright",
    "rights reserved",
    "права защищены",
    "derechos reservados",
    "droits réservés",
    "vorbehalten",
)

_PLACE = r"[A-ZÀ-ÞА-ЯЁІЇЄ][\w.'’ /-]{1,40}(?:, [\w.'’ ]{1,40}){0,2}"
_CAPITALS = r"[A-ZÀ-ÞА-ЯЁІЇЄ]{2}[A-ZÀ-ÞА-ЯЁІЇЄ.'’ /-]{0,40}(?:, [\w.'’ ]{1,40}){0,2}"
_DASH = r"\.?\s?[-–—:]{1,2}\s?"
# A known agency may follow any place; any other name only a place in capitals: `PORT (Wire) -`.
_DATELINE = re.compile(
    rf"(?:By [A-Z][\w.'’ ,-]{{2,80}}? )?(?:(?:{_PLACE},? ?)?[(\[](?:{AGENCIES})[)\]]|{_CAPITALS},?(?: [\w.]{{1,"
    rf"12}} \d{{1,2}},?)? ?[(\[][A-ZÀ-ÞА-ЯЁІЇЄ][\w.&'’ /-]{{1,40}}[)\]](?=.{{0,6}}[A-ZÀ-ÞА-ЯЁІЇЄ])){_DASH}"
)
_AGENCY_START = re.compile(
    rf"(?:Reuters|AFP|dpa|ANSA|EFE|Xinhua|ТАСС|РИА Новости) ?[-–—] ?(?=[A-ZÀ-ÞА-Я])|{_CAPITALS} ?[-–—] "
    rf"?(?:{AGENCIES})\. (?=[A-ZÀ-ÞА-Я])"
)
_SLASHED_START = re.compile(rf"{_CAPITALS}\.? ?/(?:[A-ZА-ЯЁІЇЄ][\w.-]{{1,20}})/\.? ?(?=[A-ZА-ЯЁІЇЄ])")
_TRAILING_CREDIT = re.compile(
    rf"(?<=[.!?…”\"»])\s?(?:©\s?(?:\d{{4}}\s?)?(?:{AGENCIES})[\w ./-]{{0,40}}|\((?:{AGENCIES})(?:[/, -]{{1,3}}[\w "
    rf"/]{{1,30}})?\)|[-–—]{{1,2}} ?(?:{AGENCIES})|\[(?:{AGENCIES})\])\.?\Z"
    rf"|(?:(?<=[.!?…”\"»])|\A)\s?\((?:[A-ZÀ-ÞА-ЯЁІЇЄ][\w.&-]{{1,24}}[ /,]{{0,2}}){{1,3}}\)\.?\Z"
)
_CREDIT_START = re.compile(r"[.!?…”\"»]\s?[©(\[–—-]")  # quicker to look for than the whole of it
_APPEARED_SIGNS = (
    "appeared first o",
    "est apparu en premier sur",
    "erschien zuerst auf",
    "se publicó primero en",
    "aparece primero en",
    "proviene da",
    "essere il primo su",
    "apareceu primeiro em",
    "verscheen eerst op",
    "впервые появил",
    "first appeared on",
    "is republished from",
)
_APPEARED = re.compile(
    r"(?:(?<=[.!?…\"”»)\]\n])|\A)\s?(?:The (?:post|article|entry) |This (?:post|article|story) (?:first|"
    r"originally) appeared |L[’']article |Der Beitrag |La entrada |L[’']articolo |O post |Het bericht |Запись |"
    r"This article is republished from )[^\n]{0,500}\Z"
)
_ONLY_NAMES = re.compile(rf"{_NAME_WORD}(?:[ &/|·,]{{1,3}}{_TITLE_WORD}){{0,5}}|[^\W\da-zA-Z]{{2,12}}")
_ELLIPSIS = re.compile(r"(?:\[\s?(?:…|\.\.\.)\s?\]|…|\.\.\.)\Z")
_SENTENCE_END = re.compile(r"[.!?。！？…।؟][\"'”’»)\]]{0,2}\Z")
_FULL_STOP = re.compile(r"[.!?…。！？\]][\"'”’»)]{0,2}\s+(?=\S)")
_LINK_IN_BRACKETS = re.compile(r"\s(?=[\[(](?:[Rr]ead|READ|[Cc]ontinue|[Mm]ore|[Mm]ehr|[Ll]ire|[Ll]eer|\.\.\.|…))")


def without_boilerplate(text: str, names: Collection[str] = ()) -> str:
    """Return plain text without boilerplate lines, without counters and without credits at its edges.

    `names` are those of the feed and its authors: a first or last line that is only one of them is removed. If nothing
    would be left, the text is returned unchanged, unless it only has counters and the lines of link sites.
    """
    lines = [line for line in (raw.strip() for raw in text.split("\n")) if line]
    counted = map(without_counters, lines) if may_count(text) else lines
    kept = [line for line in counted if line and (len(line) > MAX_LINE or not is_boilerplate(line))]
    folded = {name.casefold() for name in names if name}
    while len(kept) > 1 and _is_edge_line(kept[0], folded):
        kept.pop(0)
    while len(kept) > 1 and (_is_edge_line(kept[-1], folded) or _is_attribution(kept[-1], kept[:-1])):
        kept.pop()
    if kept:
        kept[0] = _cut_head(kept[0])
        kept[-1] = _cut_tail(kept[-1], folded)
    found = "\n".join(line for line in kept if line)
    return found or ("" if all(map(_is_no_text, lines)) else text.strip())


def _is_no_text(line: str) -> bool:
    return is_counter(line) or bool(_LINK_POST.fullmatch(_low(line)))


def is_credit(line: str) -> bool:
    """Whether a line is a byline, a credit or a copyright notice and nothing else."""
    return _is_edge_line(line, ())


def is_boilerplate(line: str) -> bool:
    """Whether the whole line is boilerplate at any position."""
    low = _low(line)
    if len(line) <= _MAX_CLOSED and _CLOSED.fullmatch(low):
        return True
    if line.endswith((".", "!", "?")):
        if _SENTENCES.fullmatch(low):
            return True
    elif _OPEN.fullmatch(low) or _SENTENCES.fullmatch(low):
        return True
    if (":" in line or "：" in line) and _NOTED.fullmatch(low):
        return True
    return bool(_APPEARED.match(line)) and any(map(line.__contains__, _APPEARED_SIGNS))


def _is_edge_line(line: str, names: Collection[str]) -> bool:
    """Whether a first or last line is a byline, a credit or a name."""
    if len(line) > MAX_LINE:
        return bool(_APPEARED.match(line)) and any(map(line.__contains__, _APPEARED_SIGNS))
    if names and line.strip(" -–—|.").casefold() in names:
        return True
    low = _low(line)
    if _AGENCY_LINE.fullmatch(line) or _CREDITS.fullmatch(low):
        return True
    if any(map(low.__contains__, _COPYRIGHT_SIGNS)) and _COPYRIGHT.fullmatch(low):
        return True
    return not ends_sentence(line) and bool(_BYLINE.fullmatch(line) or _CREDIT_LINE.fullmatch(low))


def _cut_head(line: str) -> str:
    """Return the first line without its agency's dateline: `LONDON (Reuters) -`."""
    start = line[:120]
    for mark, pattern in _HEADS:
        if mark not in start:
            continue
        found = pattern.match(line)
        if found and found.end() < len(line):
            return line[found.end() :]
    return line


def _cut_tail(line: str, names: Collection[str]) -> str:
    """Return the last line without "appeared first on", "read more", a name or an agency at its end."""
    end = line[-500:]
    if any(map(end.__contains__, _APPEARED_SIGNS)):
        spots = [found.start() for found in _APPEARED_START.finditer(line)]
        if spots and _APPEARED.search(line, spots[-1]) and line[: spots[-1]].strip():
            line = line[: spots[-1]].rstrip()
    piece = last_piece(line)
    if len(piece) < min(len(line), MAX_LINE) and (
        is_boilerplate(piece) or _CREDITS.fullmatch(_low(piece)) or _names_only(piece, line, names)
    ):
        line = line[: len(line) - len(piece)].rstrip()
    if not _CREDIT_START.search(line, max(0, len(line) - 91)):
        return line
    credit = _TRAILING_CREDIT.search(line, max(0, len(line) - 90))
    return line[: credit.start()].rstrip() if credit and credit.start() else line


def _names_only(piece: str, line: str, names: Collection[str]) -> bool:
    """Whether the text after the last full stop is only a name: of the feed, of an agency, or in another script."""
    if len(piece) > 60 or len(piece.split()) > 6 or ends_sentence(piece):
        return False
    if piece.strip(" -–—|.").casefold() in names or _AGENCY_LINE.fullmatch(piece):
        return True
    script = script_of(piece)
    return bool(script) and script != script_of(line[: len(line) - len(piece)][-MAX_LINE:])


_HEADS = (
    ("(", _DATELINE),
    ("[", _DATELINE),
    ("-", _AGENCY_START),
    ("–", _AGENCY_START),
    ("—", _AGENCY_START),
    ("/", _SLASHED_START),
)
_APPEARED_START = re.compile(
    r"(?<=[.!?…\"”»)\]]) (?=The (?:post|article|entry) |This (?:post|article|story) |L[’']articolo |L[’']article "
    r"|Der Beitrag |La entrada |O post |Het bericht |Запись )"
)


def ends_sentence(line: str) -> bool:
    """Whether the line ends as a sentence does."""
    return bool(_SENTENCE_END.search(line, max(0, len(line) - 3)))


def last_piece(line: str) -> str:
    """Return the text after the last full stop inside the line; the line if there is none near its end."""
    start = max(0, len(line) - MAX_LINE)
    end = max([found.end() for found in _FULL_STOP.finditer(line, start)], default=0)
    if "[" in line or "(" in line:
        end = max([end, *(found.end() for found in _LINK_IN_BRACKETS.finditer(line, start))])
    return line[end:]


def _is_attribution(last: str, before: list[str]) -> bool:
    """Whether the last line only names the publisher.

    It must be short and no sentence, after whole sentences; and either in another script, or a name of a few words
    after long lines only.
    """
    if _TRAILING_CREDIT.match(last):
        return True
    if len(last) > 60 or len(last.split()) > 6 or len(before) < 2 or ends_sentence(last):
        return False
    script = script_of(last)
    if not script or not ends_sentence(before[-1]):
        return False
    if script != script_of(before[-1]):
        return True
    whole = len(before) >= 3 and all(len(line) > 60 and ends_sentence(line) for line in before)
    return whole and bool(_ONLY_NAMES.fullmatch(last))


def script_of(text: str) -> str:
    """Return the script of most letters among the first two hundred characters; "" without letters."""
    if text.isascii():
        return "latin" if _LETTER.search(text) else ""
    text = text[:200]
    best, most = "", 0
    for name, letters in _SCRIPTS:
        count = len(letters.findall(text))
        if 2 * count > len(text):
            return name
        if count > most:
            best, most = name, count
    return best or ("other" if any(map(str.isalpha, text)) else "")


_LETTER = re.compile(r"[A-Za-z]")
_SCRIPTS = tuple(
    (name, re.compile(f"[{letters}]"))
    for name, letters in (
        (
            "latin",
            r"A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u1e00-\u1eff\ufb00-\ufb06\uff21-\uff3a\uff41-\uff5a",
        ),
        ("cyrillic", "\u0400-\u052f"),
        ("arabic", "\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc"),
        ("cjk", "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"),
        ("hangul", "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3"),
        ("greek", "\u0370-\u03ff\u1f00-\u1fff"),
        ("hebrew", "\u05d0-\u05ea"),
        ("indic", "\u0900-\u0dff"),
        ("thai", "\u0e01-\u0e4e"),
        ("armenian", "\u0531-\u0587"),
        ("georgian", "\u10a0-\u10ff\u1c90-\u1cbf"),
        ("lao", "\u0e81-\u0edf"),
        ("burmese", "\u1000-\u109f"),
        ("ethiopic", "\u1200-\u139f"),
    )
)
_WIDE_LETTER = re.compile("[\u0e00-\u109f\u3040-\u9fff]")
_WIDE = frozenset({"cjk", "thai", "lao", "burmese"})


def is_teaser(html: str, text: str) -> bool:
    """Whether the publisher cut the text short: it ends in an ellipsis or in "read more", or it is very short.

    `html` is the sanitized HTML, `text` its plain text before `without_boilerplate`; if empty, it is made from `html`.
    """
    tail = (text or text_of(html)).rstrip()
    if len(tail) > 6000 or not tail:
        return not tail
    if _ELLIPSIS.search(tail, max(0, len(tail) - 8)):
        return True
    if tail.isascii() or not _WIDE_LETTER.search(tail, 0, 200) or script_of(tail) not in _WIDE:
        words = tail.count(" ") + tail.count("\n")
    else:
        words = len(tail) // 2
    if words < 60:
        return True
    if words >= 250:
        return False
    piece = _low(last_piece(tail.rpartition("\n")[2]))
    return bool(_CLOSED.fullmatch(piece) or _OPEN.fullmatch(piece))
