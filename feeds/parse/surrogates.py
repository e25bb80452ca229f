"""Removes UTF-16 surrogates from text: pairs become their character, single ones U+FFFD.

Programs that use UTF-16 internally write an emoji as two references, `&#55357;&#56832;`. XML and HTML forbid them, and
databases, URLs and mails cannot hold them.
"""

from __future__ import annotations

import re

from feeds.text.references import encodable

_DECIMAL = r"0*(?:5529[6-9]|55[3-9]\d\d|56\d{3}|57[0-2]\d\d|573[0-3]\d|5734[0-3])(?!\d)"
_HEXADECIMAL = r"[xX]0*[dD][89a-fA-F][0-9a-fA-F]{2}(?![0-9a-fA-F])"
# In escaped HTML the ampersand itself is a reference.
_REFERENCE = re.compile(rf"&(?:amp;)?#({_DECIMAL}|{_HEXADECIMAL});?")
_RUN = re.compile(rf"(?:{_REFERENCE.pattern})+")


def without_surrogates(text: str) -> str:
    """Return `text` without surrogates, neither as characters nor as numeric references."""
    if "&#" in text or "&amp;#" in text:
        text = _RUN.sub(_resolved, text)
    return text if encodable(text) else _joined(text)


def _resolved(run: re.Match[str]) -> str:
    numbers = (found[1].lower() for found in _REFERENCE.finditer(run[0]))
    return _joined("".join(chr(int(one[1:], 16) if one[0] == "x" else int(one)) for one in numbers))


def _joined(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
