"""The usual mistakes in XML, mended in the text before a strict parser reads it."""

from __future__ import annotations

import re
from html.entities import name2codepoint

# What XML 1.0 cannot hold at all (section 2.2).
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ILLEGAL_REFERENCE = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0*(?:[0-8bcBC]|[eE]|1[0-9a-fA-F]|[fF]{3}[eEfF]|[dD][89a-fA-F][0-9a-fA-F]{2}));"
)
_AMPERSAND = re.compile(
    r"<!\[CDATA\[.*?\]\]>|&(?!#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|(?:amp|lt|gt|quot|apos);)(?:([A-Za-z][A-Za-z0-9]{1,30});)?",
    re.DOTALL,
)


def repair(text: str) -> str:
    """`text` without illegal characters, with HTML's entities resolved and bare ampersands escaped. Linear time."""
    if _ILLEGAL.search(text):
        text = _ILLEGAL.sub("", text)
    if "&" not in text:
        return text
    return _AMPERSAND.sub(_mend, _ILLEGAL_REFERENCE.sub("", text))


def _mend(found: re.Match[str]) -> str:
    whole = found[0]
    if whole.startswith("<"):
        return whole
    name = found[1]
    if name in name2codepoint:
        return f"&#{name2codepoint[name]};"
    return "&amp;" + whole[1:]
