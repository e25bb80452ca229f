"""RSS documents of a few items, for tests that need titles, descriptions and dates of their own."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape

_SYLLABLES = [
    "ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu", "dar", "fen", "gil",
    "hol", "jas", "kor", "lum", "mer", "nor", "pex", "quin", "ros", "syl", "tav", "urn", "vel",
]  # fmt: skip


@dataclass(frozen=True)
class Item:
    """One item; `text` is its description as HTML. The guid and the link are made of `key`."""

    key: str
    title: str
    text: str = ""
    date: datetime | None = None
    source: str = ""

    def xml(self) -> str:
        date = f"<pubDate>{format_datetime(self.date)}</pubDate>" if self.date else ""
        source = f'<source url="https://example.org/">{escape(self.source)}</source>' if self.source else ""
        return (
            f"<item><title>{escape(self.title)}</title><description>{escape(self.text)}</description>{date}{source}"
            f'<guid isPermaLink="false">{escape(self.key)}</guid><link>https://news.example/{escape(self.key)}</link></item>'
        )


def document(*items: Item, title: str = "Gazette", about: str = "") -> bytes:
    """An RSS document with these items; `about` is the description of the feed."""
    head = f"<title>{escape(title)}</title><link>https://news.example/</link><description>{escape(about)}</description>"
    body = "".join(item.xml() for item in items)
    return f'<rss version="2.0"><channel>{head}<language>en</language>{body}</channel></rss>'.encode()


def event(number: int, date: datetime | None = None) -> Item:
    """An event in words that no other event has, so that it is a story of its own; the title has its number."""
    chance = random.Random(number)
    words = ["".join(chance.sample(_SYLLABLES, 5)) for _ in range(14)]
    title = f"{words[0].title()} {' '.join(words[1:4])} {words[4].title()} event{number}"
    text = f"{words[5].title()} {' '.join(words[6:10])} near {words[10].title()} {' '.join(words[11:])} event{number}."
    return Item(f"k{number}", title, text, date)
