"""Which of the feeds that a page links is the site's own, and pages that lead on by themselves."""

from __future__ import annotations

import pytest

from feeds.discovery.candidates import find_feeds, refresh_target

PAGE = "https://s.example/"


def link(href: str, title: str = "", rel: str = "alternate", kind: str = "application/rss+xml") -> str:
    return f'<link rel="{rel}" type="{kind}" title="{title}" href="{href}">'


def first(*links: str, url: str = PAGE) -> str:
    return find_feeds(f"<html><head>{''.join(links)}</head></html>".encode(), url, {})[0].url


@pytest.mark.parametrize(
    "other",
    [
        link("/comments/feed/", "Site » Comments Feed"),
        link("/feeds/comments.xml", "All"),
        link("/k/feed", "Kommentare zu Site"),
        link("/?feed=comments-rss2", "Site"),
        link("/category/cats/feed", "Cats"),
        link("/tag/snow/feed", "Snow"),
        link("/author/ann/feed", "Ann"),
    ],
)
def test_the_main_feed_comes_before_comments_and_parts(other: str) -> None:
    assert first(other, link("/feed", "Site")) == "https://s.example/feed"


def test_the_feed_of_a_category_comes_first_on_the_page_of_the_category() -> None:
    url = "https://s.example/category/cats/"
    assert first(link("/category/cats/feed", "Cats"), link("/feed", "Site"), url=url).endswith("/category/cats/feed")


def test_a_feed_with_a_stylesheet_is_found() -> None:
    assert first(link("/feed.xml", rel="feed stylesheet", kind="")) == "https://s.example/feed.xml"


@pytest.mark.parametrize(
    ("content", "target"),
    [
        ("0;url=/new/feed.xml", "https://s.example/new/feed.xml"),
        ("0; URL='https://t.example/f'", "https://t.example/f"),
        (" 5 , url = feed", "https://s.example/feed"),
        ("0;url=javascript:alert(1)", None),
        ("0;url=https://s.example/", None),
        ("60;url=/later", None),
        ("5;/new", "https://s.example/new"),
        ("0, feed.xml", "https://s.example/feed.xml"),
        ("0;", None),
        ("0;url=", None),
        ("0;url=''", None),
        ("0;''/x", None),
        ("30", None),
    ],
)
def test_a_refresh_leads_on_at_once_and_to_another_page(content: str, target: str | None) -> None:
    page = f'<!doctype html><META content="{content}" http-equiv=Refresh>'
    assert refresh_target(page.encode(), PAGE, {}) == target
