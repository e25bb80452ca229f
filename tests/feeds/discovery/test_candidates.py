from __future__ import annotations

import pytest

from feeds.discovery.candidates import find_feeds, guessed_feeds, known_site_feeds

URL = "https://site.example/dir/page.html"


def found(html: str, **headers: str) -> list[str]:
    return [link.url for link in find_feeds(html.encode(), URL, headers or {"content-type": "text/html"})]


def test_links_are_found_whatever_their_case_and_resolved_against_base() -> None:
    page = """<base href="/sub/"><LINK REL="Alternate feed" TYPE=" Application/RSS+xml " href="rss.xml" title="A \
&amp; B"><link rel=alternate type=text/html href=x>"""
    links = find_feeds(page.encode(), URL, {})
    assert [(link.url, link.title, link.how) for link in links] == [
        ("https://site.example/sub/rss.xml", "A & B", "link")
    ]


@pytest.mark.parametrize(
    "tag",
    [
        'rel="alternates" type="application/rss+xml"',
        'rel="stylesheet" type="application/rss+xml"',
        'rel="alternate" type="application/json+oembed"',
    ],
)
def test_other_links_are_no_feeds(tag: str) -> None:
    assert found(f'<link {tag} href="/x">') == []


def test_a_link_header_counts() -> None:
    assert found("<p>hi", link='</f.xml>; rel="alternate"; type="application/atom+xml"') == [
        "https://site.example/f.xml"
    ]


def test_anchors_count_only_without_links() -> None:
    assert found('<a href="/feed/">feed</a><a href="/about">x</a>') == ["https://site.example/feed/"]
    assert found('<link rel=alternate type=application/rss+xml href=/r><a href="/feed/">feed</a>') == [
        "https://site.example/r"
    ]


def test_a_feed_is_its_own_answer_and_an_image_has_none() -> None:
    assert found("<?xml version='1.0'?><rss version='2.0'><channel/></rss>") == [URL]
    assert find_feeds(b"GIF89a", URL, {"Content-Type": "image/gif"}) == []


@pytest.mark.parametrize(
    ("url", "feed"),
    [
        ("https://www.youtube.com/channel/UC1", "https://www.youtube.com/feeds/videos.xml?channel_id=UC1"),
        ("https://old.reddit.com/r/news/", "https://www.reddit.com/r/news/.rss"),
        ("https://github.com/a/b", "https://github.com/a/b/releases.atom"),
        ("https://social.example/@ada", "https://social.example/@ada.rss"),
    ],
)
def test_known_sites_need_no_page(url: str, feed: str) -> None:
    assert known_site_feeds(url)[0].url == feed


def test_guesses_stay_on_the_host() -> None:
    assert all(link.url.startswith("https://site.example/") for link in guessed_feeds(URL))
