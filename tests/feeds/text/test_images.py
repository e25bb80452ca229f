"""Where images are really, and which of several is the picture of an entry."""

from __future__ import annotations

import pytest

from feeds.text.images import Picture, best_picture, pictures_in, with_real_images
from feeds.text.sanitize import safe_html

GIF = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


@pytest.mark.parametrize(
    "attributes",
    [
        f'src="{GIF}" data-src="https://c.example/a.jpg"',
        'src="/spacer.gif" data-lazy-src="https://c.example/a.jpg"',
        "src='https://c.example/lazy-placeholder.png' data-original='https://c.example/a.jpg'",
        "data-src=https://c.example/a.jpg",
        'srcset="https://c.example/s.jpg 320w, https://c.example/a.jpg 1280w"',
        'srcset="https://c.example/s.jpg, https://c.example/a.jpg 2x"',
        f'src="{GIF}" data-srcset="https://c.example/a.jpg 640w"',
        'SRC="https://c.example/a.jpg"',
    ],
)
def test_an_image_that_is_loaded_late_has_its_address(attributes: str) -> None:
    (picture,) = pictures_in(safe_html(f'<p>x</p><img alt="boats" {attributes}>'))
    assert picture.url == "https://c.example/a.jpg"


@pytest.mark.parametrize(
    "attributes",
    [
        'src="https://s.example/p" width="1" height="1"',
        'src="https://s.example/p" width="0"',
        'src="https://s.example/p" style="width:1px; height:1px"',
        'src="https://s.example/p" style="display:none"',
        f'src="{GIF}"',
        'alt="nothing"',
    ],
)
def test_a_pixel_that_counts_readers_is_left_out(attributes: str) -> None:
    assert "<img" not in safe_html(f"<p>x</p><img {attributes}>")


def at(name: str, width: int | None = None, height: int | None = None) -> Picture:
    return Picture(f"https://a.example/{name}", width, height)


@pytest.mark.parametrize(
    ("pictures", "best"),
    [
        ([at("t.jpg", 40, 40), at("p.jpg")], "p.jpg"),
        ([at("avatar/1"), at("p.jpg")], "p.jpg"),
        ([at("s.jpg", 150, 150), at("l.jpg", 1200, 800)], "l.jpg"),
        ([at("1.jpg"), at("2.jpg")], "1.jpg"),
        ([at("1.jpg", 640, 480), at("2.jpg", 800, 600)], "1.jpg"),
        ([at("emoji/smile.png")], None),
        ([], None),
    ],
)
def test_the_picture_is_the_first_real_one_or_a_far_larger_one(pictures: list[Picture], best: str | None) -> None:
    assert best_picture(pictures) == (f"https://a.example/{best}" if best else None)


def test_an_ordinary_image_stays_as_it_is() -> None:
    tag = '<img src="https://a.example/p.jpg" alt="A &amp; B" width="100%">'
    assert with_real_images(tag) == tag


def test_broken_tags_take_linear_time() -> None:
    with_real_images("<img " * 50_000 + 'src="' * 50_000)


@pytest.mark.parametrize(
    "html",
    [
        '<picture><source srcset="https://c.example/s.webp 1x, https://c.example/a.jpg 2x"><img alt="boats"></picture>',
        f'<PICTURE><source data-srcset="https://c.example/a.jpg 900w"><IMG src="{GIF}"></PICTURE>',
        '<picture class="x"><source media="print" srcset="https://c.example/a.jpg"/><img src="/blank.gif"/></picture>',
    ],
)
def test_an_image_without_a_source_has_that_of_its_picture(html: str) -> None:
    (picture,) = pictures_in(safe_html(f"<p>x</p>{html}"))
    assert picture.url == "https://c.example/a.jpg"


@pytest.mark.parametrize(
    "html",
    [
        '<picture><source srcset="https://c.example/b.webp"><img src="https://c.example/a.jpg"></picture>',
        '<picture><source srcset="https://c.example/b.webp"><img data-src="https://c.example/a.jpg"></picture>',
        '<picture></picture><source srcset="https://c.example/b.webp"><img src="https://c.example/a.jpg">',
    ],
)
def test_an_image_with_a_source_of_its_own_keeps_it(html: str) -> None:
    (picture,) = pictures_in(safe_html(html))
    assert picture.url == "https://c.example/a.jpg"


def test_many_open_pictures_take_linear_time() -> None:
    assert with_real_images("<picture><img " * 20_000)


def test_the_still_picture_of_a_video_is_kept() -> None:
    html = '<p>The ship leaves.</p><video poster="/still.jpg" width="640" height="360"><source src="/v.mp4"></video>'
    [picture] = pictures_in(safe_html(html, "https://e.example/news/"))
    assert picture == Picture("https://e.example/still.jpg", 640, 360)
    assert "<img" not in safe_html('<video poster="data:image/gif;base64,R0lGOD"></video>', "https://e.example/")
