"""Texts made to take a parser long: runs and repeats of what expressions look for, in several scripts."""

from __future__ import annotations

REPEATED = {
    "letters": "a",
    "Chinese without a full stop": "国际新闻报道今天发生地震",
    "Thai": "ประเทศไทยข่าววันนี้",
    "digits": "1",
    "digits and full stops": "1.",
    "digits and commas": "1,",
    "initials": "U.S.",
    "names": "Ann Bob ",
    "particles": "President of the ",
    "dots": ".",
    "opened quotations": "“",
    "straight quotations": '"',
    "apostrophes": "a'",
    "opened brackets": "(",
    "opened tags": "<",
    "nested elements": "<div>",
    "lone elements": "<table><tr><td>",
    "options": "<select><option>",
    "comments": "<!--",
    "references": "&amp;",
    "hyphens": "a-",
    "dashes": " - ",
    "bars": " | x",
    "signs of addresses": "a@",
    "parts of addresses": "a.b+",
    "schemes": "http:",
    "accents": "a\u0301\u0301",
    "joiners": "a\u200d",
    "counts": "12 people were killed and 5 were injured ",
    "one sentence": "The minister said 12 people died. ",
    "percentages": "5% ",
    "scales": "million ",
    "compounds": "einundzwanzigtausend",
    "Arabic": "الحكومة أعلنت ",
    "Chinese numbers": "一百二十三",
    "dates": "12 March 2026, ",
    "credits": "By Ann Lee and (Photo: Ann/AFP) ",
    "views": "12 views | ",
    "cuts": "... [",
    "line ends": "\r\n",
}
TEXTS = {
    name: lambda size, piece=piece: (piece * (size // len(piece) + 1))[:size] for name, piece in REPEATED.items()
} | {
    "blanks": lambda size: " " * size + "x",
    "tabs": lambda size: "\t" * size + "x",
    "hard blanks": lambda size: "\u00a0" * size + "x",
    "an unclosed tag": lambda size: "<a " + " " * size,
}
