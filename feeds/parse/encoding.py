"""Decodes a document, also when the declared encoding is wrong."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping

from feeds.parse.surrogates import without_surrogates

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_SHAPES = (
    (b"\x3c\x00\x00\x00", "utf-32-le"), (b"\x00\x00\x00\x3c", "utf-32-be"), (b"\x3c\x00", "utf-16-le"),
    (b"\x00\x3c", "utf-16-be"),
    (b"\x7b\x00", "utf-16-le"), (b"\x00\x7b", "utf-16-be"), (b"\x4c\x6f\xa7\x94", "cp037"),
)  # fmt: skip
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']\s*([A-Za-z0-9._:\-]{1,40})""")
_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]{0,400}?\?>\s*", re.DOTALL)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9._:\-]{1,40})", re.IGNORECASE)
# The web uses these names for their supersets (WHATWG Encoding Standard).
_WIDER = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949",
    "shift_jis": "cp932", "iso8859-9": "cp1254",
    "tis-620": "cp874", "iso8859-11": "cp874", "big5": "big5hkscs", "utf-16": "utf-16-le",
}  # fmt: skip
_NAMES = {
    "x-sjis": "cp932",
    "ks_c_5601-1987": "cp949",
    "windows-874": "cp874",
    "x-gbk": "gb18030",
    "unicode": "utf-16-le",
    "utf8mb4": "utf-8",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-user-defined": "cp1252",
}
_SAMPLE = 200_000  # bytes
_HIGH = re.compile(rb"[\x80-\xff]")
_TAGS = re.compile(rb"<[^<>]{0,2000}>")
_GUESSED = ("cp1251", "koi8_r", "cp932", "euc_jp", "gb18030", "big5", "cp949", "cp1253", "cp1255", "cp1256", "cp874")
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")


def decode_document(body: bytes, headers: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the document without byte-order mark, and descriptions of encoding errors.

    Order: byte-order mark, the pattern of the first bytes, valid UTF-8 with multi-byte characters, the header's
    charset, the document's declaration, UTF-8, Windows-1252. An encoding that does not fit the bytes is skipped. The
    text has no surrogates, also not as references.
    """
    text, problems = _decoded(body, headers)
    return without_surrogates(text), problems


def _decoded(body: bytes, headers: Mapping[str, str]) -> tuple[str, list[str]]:
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace").lstrip("\ufeff"), []
    for shape, name in _SHAPES:
        if body.startswith(shape):
            return body.decode(name, "replace"), []
    candidates = declared_encodings(body, headers)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded_otherwise(body, candidates)
    if any(name.startswith(("iso2022", "hz")) for name in candidates) and b"\x1b" in body:
        return _decoded_otherwise(body, candidates)
    wrong = [name for name in candidates if name != "utf-8"] if not body.isascii() else []
    return text, [f"declared {wrong[0]}, is utf-8"] if wrong and wrong == candidates else []


def declared_encodings(body: bytes, headers: Mapping[str, str]) -> list[str]:
    """Return the encodings that the header and the document declare, by Python's names."""
    content_type = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    found = _CHARSET.search(content_type)
    names = [found[1]] if found else []
    inside = _DECLARED.match(body[:400])
    if inside:
        names.append(inside[1].decode("ascii"))
    return [name for name in map(_codec_name, names) if name]


def _codec_name(name: str) -> str | None:
    name = _NAMES.get(name.lower(), name)
    try:
        usual = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return _WIDER.get(usual, usual)


def _decoded_otherwise(body: bytes, candidates: list[str]) -> tuple[str, list[str]]:
    """Return bytes that are not UTF-8 as text, by the first fitting declared encoding, else a guess or Windows-1252."""
    problems: list[str] = []
    for name in candidates:
        if name == "utf-8":
            continue
        try:
            return body.decode(name), problems
        except (UnicodeDecodeError, LookupError):
            problems.append(f"declared {name}, but is not {name}")
    high = len(_HIGH.findall(body[:_SAMPLE]))
    if len(_MULTIBYTE.findall(body[:_SAMPLE])) * 4 > high:
        return body.decode("utf-8", "feeds.mixed"), [*problems, "partly not utf-8"]
    guess = _guess(body)
    if guess:
        return body.decode(guess, "replace"), [*problems, f"no declared encoding fits: decoded as {guess}"]
    return body.decode("cp1252", "feeds.mixed"), [*problems, "no declared encoding fits: decoded as windows-1252"]


def _guess(body: bytes) -> str | None:
    """Return the encoding of a text of mostly non-ASCII letters, which no Western encoding can be."""
    words = _TAGS.sub(b" ", body[:_SAMPLE])
    if len(_HIGH.findall(words)) * 4 < len(re.findall(rb"[A-Za-z]", words)):
        return None
    from charset_normalizer import from_bytes

    best = from_bytes(words[:20_000], cp_isolation=list(_GUESSED)).best()
    return best.encoding if best else None


def _mixed(error: UnicodeError) -> tuple[str, int]:
    """Decodes stray bytes in a text of another encoding: they are nearly always Windows-1252."""
    assert isinstance(error, UnicodeDecodeError)
    stray = error.object[error.start : error.end]
    return stray.decode("cp1252", "ignore") or "\ufffd", error.end


codecs.register_error("feeds.mixed", _mixed)


def without_xml_declaration(text: str) -> str:
    """Return the document without its XML declaration, which names the encoding of the bytes."""
    return _DECLARATION.sub("", text, count=1)
