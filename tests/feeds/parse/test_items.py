"""Items go through the steps in batches: their order, their digests, and whether their descriptions differ."""

from __future__ import annotations

import pytest

from feeds.model import Parsed
from feeds.parse import items, parse

URL = "https://harbour.example/feed"


def feed(*descriptions: str) -> Parsed:
    listed = "".join(
        f"<item><guid>{n}</guid><title>Ferry {n}</title><description><![CDATA[{text}]]></description></item>"
        for n, text in enumerate(descriptions)
    )
    return parse(f"<rss version='2.0'><channel><title>Gazette</title>{listed}</channel></rss>".encode(), URL, {})


def test_more_items_than_a_batch_stay_in_order() -> None:
    count = 2 * items.BATCH + 1
    read = feed(*(f"The ferry of pier {n} is late." for n in range(count)))
    assert [entry.guid for entry in read.entries] == [str(n) for n in range(count)]
    assert [entry.text for entry in read.entries] == [f"The ferry of pier {n} is late." for n in range(count)]
    assert len(set(read.digests)) == count


@pytest.mark.parametrize(
    ("descriptions", "distinct"),
    [
        (("The ferry is late.", "The ferry left."), True),
        (("The ferry is late.", "<b>The ferry</b> is late."), False),
        (("The ferry is late.", "", ""), True),
        (
            (
                "<iframe src='https://video.example/1'></iframe>",
                "<iframe src='https://video.example/2'></iframe>",
            ),
            False,
        ),
    ],
)
def test_descriptions_that_differ_are_known_to_differ(descriptions: tuple[str, ...], *, distinct: bool) -> None:
    assert feed(*descriptions).distinct is distinct


def test_every_part_of_an_item_counts_in_its_digest() -> None:
    item = (
        "<item><guid>1</guid><title>Ferry</title><link>https://harbour.example/1</link><pubDate>{date}</pubDate>"
        "<author>{author}</author><category>{category}</category><description>{text}</description>"
        '<enclosure url="https://harbour.example/{file}.mp3" type="audio/mpeg" length="1"/></item>'
    )
    plain = {"date": "Tue, 17 Mar 2026 06:00:00 GMT", "author": "Ada", "category": "sea", "text": "Late.", "file": "a"}
    changed = [{**plain, name: value + "x"} for name, value in plain.items()]
    documents = [
        f"<rss version='2.0'><channel><title>Gazette</title>{item.format(**one)}</channel></rss>".encode()
        for one in (plain, *changed)
    ]
    digests = {parse(document, URL, {}).digests for document in documents}
    assert len(digests) == 1 + len(plain)
