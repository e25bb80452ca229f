from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import opml
from feeds.errors import NotAList, ParseError
from feeds.model import Subscription

GOOD = b"""<?xml version="1.0"?><opml version="1.0"><head><title>mine</title></head><body>
<outline text="News"><outline text="Local"><outline text="Harbour" xmlurl="https://h.example/rss" HTMLURL="https://h.example/"/></outline></outline>
<outline title="Solo" type="rss" xmlUrl="https://s.example/atom"/></body></opml>"""


def test_folders_and_odd_attribute_names_are_read() -> None:
    assert opml.read_opml(GOOD) == [
        Subscription("https://h.example/rss", "Harbour", "https://h.example/", ("News", "Local")),
        Subscription("https://s.example/atom", "Solo", None, ()),
    ]


def test_bare_ampersands_and_missing_ends_do_not_lose_the_list() -> None:
    broken = b'<opml><body><outline text="A & B" xmlUrl="https://a.example/?x=1&y=2"/><outline text="C" xmlUrl="https://c.example/f"/>'
    assert [one.url for one in opml.read_opml(broken)] == ["https://a.example/?x=1&y=2", "https://c.example/f"]


@pytest.mark.parametrize("data", [b"", b"<html><body/></html>", b"{}", b"<rss><channel/></rss>", b"\x00\x01"])
def test_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError):
        opml.read_opml(data)


names = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Cf", "Zs", "Zl", "Zp", "Co", "Cn"), blacklist_characters="<>&"),
    min_size=1,
    max_size=12,
)
lists = st.lists(
    st.builds(
        Subscription,
        url=names.map(lambda word: "https://e.example/" + word.encode().hex()),
        title=names,
        folder=st.lists(names, max_size=3).map(tuple),
    ),
    max_size=8,
    unique_by=lambda one: (one.url, one.folder),
)


@given(lists)
def test_what_is_written_is_read_again(subscriptions: list[Subscription]) -> None:
    assert set(opml.read_opml(opml.write_opml(subscriptions, "t"))) == set(subscriptions)


@pytest.mark.parametrize(
    "inside",
    [
        "".join(f'<outline text="f{n}"><outline xmlUrl="https://a.example/f"/></outline>' for n in range(5000)),
        "<outline " + " ".join(f'a{n}="1"' for n in range(30_000)) + ' xmlUrl="https://a.example/f"/>',
        f'<outline text="a & &#{"9" * 50_000};" xmlUrl="https://a.example/f"/>',
        f'<outline text="{"&lt;!--" * 100_000}" xmlUrl="https://a.example/f"/>',
    ],
    ids=["in thousands of folders", "thousands of attributes", "a number without end", "comments"],
)
def test_hostile_lists_stay_cheap(inside: str) -> None:
    start = time.process_time()
    (found,) = opml.read_opml(f"<opml><body>{inside}</body></opml>".encode())
    assert time.process_time() - start < 4
    assert found.url == "https://a.example/f"
    assert len(found.folders) <= 200


@pytest.mark.parametrize(
    "outline",
    [
        '<outline text="F" xmlUrl="https://a.example/{n}"/>',
        '<outline text="{n}"><outline text="F" xmlUrl="https://a.example/1"/></outline>',
        '<outline text="F" xmlUrl="https://a.example/{n}">',
        '<outline text="A & B <{n}" xmlUrl="https://a.example/?x={n}&y=2"/>',
        '<outline text="F" xmlUrl="https://a.example/{n}" category="/a/b,/c/d,e"/>',
    ],
    ids=["flat", "one URL", "nested", "broken", "categories"],
)
def test_a_list_of_too_many_outlines_is_refused_whatever_its_form(outline: str) -> None:
    outlines = "".join(outline.format(n=n) for n in range(30_000))
    with pytest.raises(NotAList, match="more than 25000 outlines"):
        opml.read_opml(f'<opml version="2.0"><body>{outlines}</body></opml>'.encode())
