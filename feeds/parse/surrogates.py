"""Half characters (UTF-16 surrogates) in a text: pairs become the character they mean, lone ones U+FFFD.

Publishers whose software counts in UTF-16 write an emoji as two references, `&#55357;&#56832;`. XML and HTML forbid them,
and no database, address or mail can hold a half.
"""

from __future__ import annotations

import re

_DECIMAL = r"0*(?:5529[6-9]|55[3-9]\d\d|56\d{3}|57[0-2]\d\d|573[0-3]\d|5734[0-3])(?!\d)"
_HEXADECIMAL = r"[xX]0*[dD][89a-fA-F][0-9a-fA-F]{2}(?![0-9a-fA-F])"
# In escaped HTML the ampersand is a reference itself.
_REFERENCE = re.compile(rf"&(?:amp;)?#({_DECIMAL}|{_HEXADECIMAL});?")
_RUN = re.compile(rf"(?:{_REFERENCE.pattern})+")
_HALF = re.compile("[\ud800-\udfff]")


def without_surrogates(text: str) -> str:
    """`text` without half characters, whether they stand in it or are referred to by number."""
    if "#" in text:
        text = _RUN.sub(_meant, text)
    return text if text.isascii() or not _HALF.search(text) else _joined(text)


def _meant(run: re.Match[str]) -> str:
    numbers = (found[1].lower() for found in _REFERENCE.finditer(run[0]))
    return _joined("".join(chr(int(one[1:], 16) if one[0] == "x" else int(one)) for one in numbers))


def _joined(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
