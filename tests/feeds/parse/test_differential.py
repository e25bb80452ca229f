"""The quick and the thorough reader give the same entries wherever both apply."""

from __future__ import annotations

import pytest

from tests.benchmarks.differential import Report, both, compare

RSS_HEAD = (
    '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:media="http://search.yahoo.com/mrss/"><channel><title>H</title><link>https://h.example/</link>'
)
RSS_ITEMS = (
    (
        "<title>A &amp;amp; B</title><link>https://h.example/1?utm_source=x</link><guid isPermaLink='false'>"
        "g1</guid><pubDate>Tue, 03 Mar 2020 10:00:00 GMT</pubDate><description>One &lt;b&gt;two&lt;/b&gt;"
        "</description>"
    ),
    (
        "<title><![CDATA[x <i>y</i>]]></title><guid>https://h.example/2</guid><dc:date>2020-03-03</dc:date>"
        "<dc:creator>Ada Quay</dc:creator><content:encoded><![CDATA[<p>Text <a href='/z'>z</a></p>]]>"
        "</content:encoded><description>Short</description>"
    ),
    (
        "<link>/rel</link><author>ada@h.example (Ada)</author><category>c</category><category domain='x'>"
        "d</category><enclosure url='https://h.example/a.mp3' length='5' type='audio/mpeg'/>"
    ),
    "<title>t</title><link>https://h.example/4</link><source url='https://s.example/'>S</source><comments>https://h.example/4#c</comments>",
)
ATOM_HEAD = '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>A</title><link href="https://a.example/"/><author><name>Ed</name></author>'
ATOM_ENTRIES = (
    '<id>urn:1</id><title>One</title><link href="https://a.example/1"/><updated>2020-01-01T00:00:00Z</updated><summary>Sum</summary>',
    (
        '<id>urn:2</id><title type="html">&lt;b&gt;Two&lt;/b&gt;</title><link rel="alternate" '
        'type="text/html" href="https://a.example/2"/><published>2020-01-01T01:00:00+01:00</published>'
        '<updated>2020-01-02T00:00:00Z</updated><content type="html">&lt;p&gt;Body&lt;/p&gt;</content>'
    ),
    (
        '<id>urn:3</id><title>Three</title><link href="three"/><author><name>Bo</name></author><category '
        'term="t"/><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>X <em>y</em></p></div>'
        '</content><link rel="enclosure" href="https://a.example/e.jpg" type="image/jpeg"/>'
    ),
)
FEEDS = {
    **{
        f"rss item {place}": f"{RSS_HEAD}<item>{inner}</item></channel></rss>"
        for place, inner in enumerate(RSS_ITEMS, 1)
    },
    **{
        f"atom entry {place}": f"{ATOM_HEAD}<entry>{inner}</entry></feed>"
        for place, inner in enumerate(ATOM_ENTRIES, 1)
    },
    "rss": RSS_HEAD + "".join(f"<item>{inner}</item>" for inner in RSS_ITEMS) + "</channel></rss>",
    "atom": ATOM_HEAD + "".join(f"<entry>{inner}</entry>" for inner in ATOM_ENTRIES) + "</feed>",
    "rdf": (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        '<channel rdf:about="c"><title>R</title><link>https://r.example/</link></channel><item '
        'rdf:about="https://r.example/1"><title>One</title><link>https://r.example/1</link><description>'
        "D</description></item></rdf:RDF>"
    ),
}


@pytest.mark.parametrize("name", FEEDS)
def test_both_readers_agree(name: str) -> None:
    found = both(FEEDS[name].encode())
    assert found is not None
    report = Report()
    compare(name, *found, report)
    assert report.counts_differ == []
    assert report.examples == {}


def test_feed_values_agree() -> None:
    for body in FEEDS.values():
        quick, thorough = both(body.encode()) or (None, None)
        assert quick is not None
        assert thorough is not None
        assert (quick.format, quick.title, quick.site, quick.language, quick.authors) == (
            thorough.format,
            thorough.title,
            thorough.site,
            thorough.language,
            thorough.authors,
        )
