"""Formats, oddities and broken documents, by the value that a subscriber would miss."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.errors import ParseError
from feeds.model import Entry, Parsed
from feeds.parse import parse

URL = "https://h.example/feeds/all.xml"


def read(body: str | bytes, url: str = URL, **headers: str) -> Parsed:
    return parse(body.encode() if isinstance(body, str) else body, url, headers)


def item(inner: str, more: str = "") -> Entry:
    names = (
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    )
    return read(
        f'<rss version="2.0" {names}><channel><title>H</title><link>https://h.example/</link>{more}<item>{inner}</item></channel></rss>'
    ).entries[0]


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://a.example/b/" xml:lang="fr"><title \
type="html">A &amp;amp; B</title>
<link rel="self" href="atom.xml"/><link href="/"/><link rel="hub" \
href="https://hub.example/"/><updated>2024-01-02T03:04:05Z</updated><author><name>Ada</name></author>
<entry><id> urn:1 </id><title type="text">1 &lt; 2</title><link rel="enclosure" href="x.mp3" type="audio/mpeg" \
length="9"/><link href="one"/><published>2024-01-01T00:00:00+02:00</published>
<updated>2024-01-02T00:00:00Z</updated><category term="t" \
label="Tea"/><author><name>Bo</name><email>bo@a.example</email></author><author><name>Cy</name></author>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Hi <a \
href="two">two</a></p></div></content></entry></feed>"""


def test_atom_gives_every_value() -> None:
    feed = read(ATOM)
    one = feed.entries[0]
    assert (feed.format, feed.title, feed.site, feed.self_url, feed.hub) == (
        "atom10",
        "A & B",
        "https://a.example/",
        "https://a.example/b/atom.xml",
        "https://hub.example/",
    )
    assert (one.guid, one.title, one.link, one.language, one.authors) == (
        "urn:1",
        "1 < 2",
        "https://a.example/b/one",
        "fr",
        ("Bo", "Cy"),
    )
    assert (one.published, one.updated) == (datetime(2023, 12, 31, 22, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC))
    assert one.content_html == '<p>Hi <a href="https://a.example/b/two" rel="noopener noreferrer">two</a></p>'
    assert (one.categories, one.links, one.enclosures[0].url) == (
        ("Tea",),
        ("https://a.example/b/two",),
        "https://a.example/b/x.mp3",
    )
    assert feed.parser == "fast"


def test_rdf_items_stand_beside_the_channel() -> None:
    feed = read(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel '
        'rdf:about="x"><title>R</title></channel>'
        '<item rdf:about="https://h.example/1"><title>One</title><link>https://h.example/1</link><dc:date>2024-05-06</dc:date><dc:creator>Ada</dc:creator><dc:subject>s</dc:subject></item></rdf:RDF>'
    )
    one = feed.entries[0]
    assert (feed.format, one.guid, one.authors, one.categories) == ("rss10", "https://h.example/1", ("Ada",), ("s",))
    assert one.published == datetime(2024, 5, 6, tzinfo=UTC)


def test_json_feed_keeps_the_good_items_and_coerces_ids() -> None:
    feed = read(
        '\ufeff{"version":"https://jsonfeed.org/version/1.1","title":"J","home_page_url":"https://j.example/","language":"de","authors":[{"name":"Ada"}],"hubs":[{"type":"WebSub","url":"https://hub.example/"}],'
        '"items":[{"id":7,"url":"/a","title":"A &amp; b","content_html":"<p>x<script>y</script></p>","date_published":"2024-01-01T00:00:00Z","tags":["t",3],"attachments":[{"url":"https://j.example/a.mp3","mime_type":"audio/mpeg","size_in_bytes":5}],},'
        '5,{"id":"b","external_url":"https://e.example/","content_text":"a < b\\n\\nc","authors":"Bo","image":7}]}'
    )
    one, two = feed.entries
    assert (feed.format, feed.language, feed.hub, feed.parser) == ("json11", "de", "https://hub.example/", "json")
    assert (one.guid, one.link, one.content_html, one.authors, one.categories) == (
        "7",
        "https://h.example/a",
        "<p>x</p>",
        ("Ada",),
        ("t",),
    )
    assert (two.link, two.text, two.authors, two.title) == ("https://e.example/", "a < b\nc", ("Bo",), "a < b…"[:5])
    assert one.enclosures[0].length == 5
    assert feed.problems


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("Tom &amp;amp; Jerry", "Tom & Jerry"),
        ("<![CDATA[Tom &#38; <i>Jerry</i>]]>", "Tom & Jerry"),
        ("a&#13;&#10;Bcc: x@y.example", "a Bcc: x@y.example"),
        ("&lt;img src=x onerror=alert(1)&gt;Hi", "Hi"),
        ("5 &lt; 6 &gt; 4", "5 < 6 > 4"),
        ("&amp;lt;script&amp;gt;x&amp;lt;/script&amp;gt;Hi", "Hi"),
    ],
)
def test_titles_are_plain(title: str, plain: str) -> None:
    assert item(f"<title>{title}</title>").title == plain


@pytest.mark.parametrize(
    ("inner", "title"),
    [
        ("<description>&lt;p&gt;First things first. And then more.&lt;/p&gt;</description>", "First things first."),
        ("<link>https://h.example/2024/05/ferry-is-late.html</link>", "https://h.example/2024/05/ferry-is-late.html"),
        ("<link>https://www.h.example/</link>", "https://www.h.example/"),
        ("<title> </title><description>Word " + "word " * 30 + "</description>", "Word" + " word" * 11 + "…"),
    ],
)
def test_a_missing_title_is_made_of_the_text_or_the_link(inner: str, title: str) -> None:
    one = item(inner)
    assert (one.title, one.title_published) == (title, None)


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("ada@h.example (Ada Quay)", "Ada Quay"),
        ("Ada Quay &lt;ada@h.example&gt;", "Ada Quay"),
        ("Ada Quay (ada@h.example)", "Ada Quay"),
        ("ada@h.example", "ada@h.example"),
        ("By Ada Quay", "Ada Quay"),
    ],
)
def test_authors_are_names(author: str, name: str) -> None:
    assert item(f"<author>{author}</author>").authors == (name,)


def test_media_becomes_image_and_enclosure() -> None:
    one = item(
        '<title>t</title><media:group><media:content url="/v.mp4" type="video/mp4" fileSize="7"/>'
        '<media:thumbnail url="/t.jpg"/></media:group>'
    )
    assert (one.image, one.enclosures[0].url, one.enclosures[0].length) == (
        "https://h.example/t.jpg",
        "https://h.example/v.mp4",
        7,
    )


def test_a_future_or_impossible_date_is_given_as_it_is_or_not_at_all() -> None:
    assert item("<pubDate>Tue, 31 Feb 2024 10:00:00 GMT</pubDate>").published is None
    assert item("<title>x</title>").published is None


def test_relative_links_start_from_the_site_when_a_feed_service_serves_the_feed() -> None:
    body = '<rss version="2.0"><channel><link>https://site.example/</link><item><link>a/b</link></item></channel></rss>'
    assert read(body, "https://feeds.service.example/x").entries[0].link == "https://site.example/a/b"
    assert read(body, "https://site.example/f/rss").entries[0].link == "https://site.example/f/a/b"


@pytest.mark.parametrize(
    ("codec", "declared", "header"),
    [
        ("utf-8", "utf-8", ""),
        ("utf-8", "iso-8859-1", ""),
        ("iso-8859-1", "iso-8859-1", ""),
        ("windows-1252", "", ""),
        ("utf-16", "utf-16", ""),
        ("utf-16-le", "", ""),
        ("iso-8859-1", "utf-8", ""),
        ("iso-8859-1", "", "application/xml; charset=iso-8859-1"),
        ("utf-8-sig", "us-ascii", "text/xml; charset=us-ascii"),
    ],
)
def test_the_true_encoding_is_found(codec: str, declared: str, header: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = (
        f"{declaration}<rss version='2.0'><channel><title>Caf\xe9 d\xe9j\xe0</title><item><title>"
        "\xfcber</title></item></channel></rss>"
    ).encode(codec)
    feed = read(body, **{"Content-Type": header})
    assert (feed.title, feed.entries[0].title) == ("Caf\xe9 d\xe9j\xe0", "\xfcber")


@pytest.mark.parametrize("codec", ["shift_jis", "gb2312", "euc-kr", "koi8-r", "big5", "windows-1251", "euc-jp"])
def test_declared_legacy_encodings_are_read(codec: str) -> None:
    word = {"koi8-r": "Новости", "windows-1251": "Новости", "euc-kr": "뉴스"}.get(codec, "日本")
    body = (
        f'<?xml version="1.0" encoding="{codec}"?><rss version="2.0"><channel><title>{word}</title></channel></rss>'
    ).encode(codec)
    assert read(body).title == word


BROKEN = {
    "bare ampersands": "<rss version='2.0'><channel><title>A & B</title><item><title>x & y</title><link>https://h.example/?a=1&b=2</link></item></channel></rss>",
    "HTML entities": (
        "<rss version='2.0'><channel><title>caf&eacute;&nbsp;</title><item><title>x &amp; y</title></item>"
        "</channel></rss>"
    ),
    "controls": (
        "<rss version='2.0'><channel><title>A\x08</title><item><title>x &amp; y\x1f&#x1;</title></item></channel></rss>"
    ),
    "undeclared prefix": (
        "<rss version='2.0'><channel><title>A</title><item><title>x &amp; y</title><dc:creator>"
        "Ada</dc:creator></item></channel></rss>"
    ),
    "cut short": "<rss version='2.0'><channel><title>A</title><item><title>x &amp; y</title><link>https://h.example/1</link></item><item><title>z</ti",
    "wrong end tags": "<rss version='2.0'><channel><title>A</title><item><title>x &amp; y</titel><link>https://h.example/1</link></item></channel></rss>",
    "blank lines first": (
        "\n\n <?xml version='1.0'?><rss version='2.0'><channel><title>A</title><item><title>x &amp; "
        "y</title></item></channel></rss>"
    ),
    "entities of its own": (
        "<!DOCTYPE rss [<!ENTITY who 'y'>]><rss version='2.0'><channel><title>A</title><item><title>x &amp; "
        "&who;</title></item></channel></rss>"
    ),
    "words behind": (
        "<rss version='2.0'><channel><title>A</title><item><title>x &amp; y</title></item></channel></rss> "
        "<!-- page made in 3 ms -->\n<script>x</script>"
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_read_all_the_same(name: str) -> None:
    feed = read(BROKEN[name])
    assert feed.entries[0].title.startswith("x & y")


def test_entities_that_grow_are_not_resolved() -> None:
    layers = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    feed = read(
        f'<!DOCTYPE rss [<!ENTITY a0 "ha">{layers}<!ENTITY x SYSTEM "file:///etc/passwd">]><rss '
        'version="2.0"><channel><item><title>ok &a9; &x;</title></item></channel></rss>'
    )
    assert len(feed.entries[0].title) < 40
    assert "root:" not in feed.entries[0].title


def test_hints_are_read() -> None:
    feed = read(
        "<rss version='2.0' xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'><channel><ttl>90</ttl><skipHours><hour>1</hour><hour>24</hour></skipHours><skipDays><day>Sunday</day></skipDays><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency></channel></rss>"
    )
    assert (feed.hints.ttl, feed.hints.skip_hours, feed.hints.skip_days, feed.hints.update_period) == (
        5400,
        {0, 1},
        {6},
        1800,
    )


@settings(max_examples=150)
@given(st.data())
def test_a_damaged_feed_raises_nothing_but_parse_error(data: st.DataObject) -> None:
    body = bytearray(
        data.draw(
            st.sampled_from(
                [
                    ATOM.encode(),
                    BROKEN["bare ampersands"].encode(),
                    BROKEN["entities of its own"].encode(),
                    b'{"version":"https://jsonfeed.org/version/1","items":[{"id":1,"title":"x"}]}',
                ]
            )
        )
    )
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(body) - 1))
        match data.draw(st.sampled_from(["delete", "insert", "swap", "cut"])):
            case "delete":
                del body[place : place + data.draw(st.integers(1, 20))]
            case "insert":
                body[place:place] = data.draw(
                    st.sampled_from(
                        [
                            b"<",
                            b">",
                            b"&",
                            b"]]>",
                            b"<![CDATA[",
                            b"\xff\xfe",
                            b"\x00",
                            b'"',
                            b"<item>",
                            b"</channel>",
                            b"<!DOCTYPE x [",
                            "é".encode("latin-1"),
                        ]
                    )
                )
            case "swap":
                body[place] = data.draw(st.integers(0, 255))
            case _:
                del body[place:]
        if not body:
            break
    try:
        feed = parse(bytes(body), URL, {})
    except ParseError:
        return
    for one in feed.entries:
        assert "\n" not in one.title
        assert one.link is None or one.link.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("codec", "word"),
    [
        ("cp1251", "Новости порта сегодня: паром снова опоздал, город ждёт решения совета"),
        ("shift_jis", "港のニュース、フェリーはまた遅れて、市議会は決定を待っています。"),
    ],
)
def test_an_undeclared_encoding_is_guessed_when_most_letters_are_foreign(codec: str, word: str) -> None:
    body = (
        f"<rss version='2.0'><channel><title>{word}</title><description>{word * 5}</description></channel></rss>"
    ).encode(codec)
    assert read(body).title == word


def test_channel_definition_files_are_feeds() -> None:
    feed = read(
        '<CHANNEL HREF="https://h.example/"><TITLE>C</TITLE><ITEM HREF="https://h.example/1" '
        'LASTMOD="2000-01-01T00:00"><TITLE>One</TITLE></ITEM></CHANNEL>'
    )
    assert (feed.format, feed.entries[0].title, feed.entries[0].link) == ("cdf", "One", "https://h.example/1")


def test_a_line_with_only_the_feeds_name_is_no_text() -> None:
    assert (
        item("<title>t</title><description>&lt;p&gt;It was late.&lt;/p&gt;&lt;p&gt;H&lt;/p&gt;</description>").text
        == "It was late."
    )


def test_half_characters_in_json_do_not_get_through() -> None:
    half = "\\ud83d"
    feed = read(
        f'{{"version":"https://jsonfeed.org/version/1","title":"a{half}","items":[{{"id":"i{half}","url":"https://h.example/{half}","title":"t{half}","content_html":"<p>x{half}</p>","summary":"s{half}","author":{{"name":"n{half}"}},"tags":["c{half}"],"image":"/i{half}"}}]}}'
    )
    repr(feed).encode("utf-8")
    assert feed.entries[0].title == "t"


def test_a_category_keeps_what_its_names_say_and_no_more() -> None:
    entry = item(
        '<category term="rust" label="r/rust"/><category term="zerotrust" label="Zero Trust"/><category '
        'term="45121504" label="Cameras"/><category term="https://n.example/#post" label="Post"/>'
        '<category term="tides"/>'
    )
    assert entry.categories == ("r/rust", "rust", "Zero Trust", "Cameras", "Post", "tides")


def test_relative_links_of_rss_without_a_site_start_from_the_address_it_gives_itself() -> None:
    body = '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>T</title><atom:link rel="self" href="https://own.example/feeds/"/><item><link>/one</link></item></channel></rss>'
    assert parse(body.encode(), "https://service.example/x", {}).entries[0].link == "https://own.example/one"
