"""The mail: small enough, readable without its style block, the same in both parts."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from digests.model import Edition, Section
from digests.render import Renderer
from digests.render.mail.fit import LIMIT, fits
from digests.render.mail.pictures import MailPicture
from digests.render.page_links import Links
from digests.render.text import columns
from tests.support import editions as sample
from tests.support.markup import dangers, seen, tree

RENDERER = Renderer()
SAMPLES = [
    sample.rich(),
    sample.plain(),
    sample.quiet(),
    sample.arabic(),
    sample.chinese(),
    sample.russian(),
    sample.large(20),
]


@pytest.mark.parametrize(("stories", "language"), [(60, "en"), (60, "ru"), (400, "en"), (3000, "ru")])
def test_a_mail_of_any_length_stays_under_the_clipping_limit(stories: int, language: str) -> None:
    edition = sample.large(stories, language=language)
    parts = RENDERER.parts(edition, sample.LINKS)
    assert fits(parts.html.content)
    assert len(parts.html.content.encode()) > LIMIT / 3
    assert sample.LINKS.web is not None
    assert "Everything is" in parts.html.content or language == "ru"


def test_sixty_stories_are_all_reported() -> None:
    edition = sample.large()
    parts = RENDERER.parts(edition, sample.LINKS)
    assert len(tree(parts.html.content).findall(".//h3")) == 60


def test_what_does_not_fit_is_counted() -> None:
    parts = RENDERER.parts(sample.large(600), sample.LINKS)
    reported = len(tree(parts.html.content).findall(".//h3"))
    for content in (seen(parts.html.content), " ".join(parts.text.content.split())):
        assert f"{600 - reported} more stories did not fit. Everything is in the issue on the web." in content


def test_a_small_mail_leaves_nothing_out() -> None:
    text = seen(RENDERER.mail(sample.rich(), sample.LINKS).content)
    for part in (
        "you follow ports and shipping",
        "More like this",
    ):
        assert part in text
    assert "leaves out" not in text


def test_a_timeline_is_in_the_mail_only_if_the_story_has_no_page() -> None:
    line = "The pier gives way at 18:04."
    assert line not in seen(RENDERER.mail(sample.rich(), sample.LINKS).content)
    assert line in seen(RENDERER.mail(sample.rich(), replace(sample.LINKS, story=None)).content)


def test_a_story_has_more_news_than_small_print() -> None:
    root = tree(RENDERER.mail(sample.rich(), sample.LINKS).content)
    for story in root.find_class("story"):
        small = sum(len(p.text_content()) for p in story.find_class("small"))
        assert small < len(story.text_content()) - small


def test_times_that_are_equal_make_no_timeline() -> None:
    item = sample.bridge()
    assert len(item.timeline) > 1
    same = replace(item, timeline=tuple(replace(m, at=item.timeline[0].at) for m in item.timeline))
    for one, shown in ((item, True), (same, False)):
        page = RENDERER.page(sample.rich(sections=(Section("World", (one,)),))).content
        assert ("<summary>Timeline" in page) is shown


def test_a_headline_of_two_thousand_characters_is_cut() -> None:
    for words in ("A bridge fell. " * 140, "大桥坍塌" * 500):
        edition = sample.rich(sections=(Section("World", (replace(sample.bridge(), headline=words),)),))
        for html in (RENDERER.mail(edition).content, RENDERER.page(edition).content):
            headings = [h.text_content() for story in tree(html).find_class("story") for h in story.iter("h3")]
            assert all(len(heading.strip()) <= 200 and heading.strip().endswith("…") for heading in headings)


def test_the_contents_name_the_sections_and_count_their_stories() -> None:
    text = seen(RENDERER.mail(sample.rich(), sample.LINKS).content)
    listed = " · ".join(f"{section.topic} {len(section.items)}" for section in sample.rich().sections)
    assert listed in text.replace("\xa0", " ")


def test_the_preview_is_hidden_only_by_the_styles_for_screens() -> None:
    html = RENDERER.mail(sample.rich(), sample.LINKS).content
    preview = tree(html).find_class("preview")[0]
    assert "display" not in str(preview.get("style"))
    assert re.search(r"@media screen\s*\{\s*\.preview\s*\{\s*display: none", html)


@pytest.mark.parametrize("edition", SAMPLES)
def test_both_parts_have_the_same_addresses_and_headings(edition: Edition) -> None:
    parts = RENDERER.parts(edition, sample.LINKS)
    root, text = tree(parts.html.content), parts.text.content
    linked = {a.get("href") for a in root.iter("a") if str(a.get("href")).startswith("http")}
    assert linked == set(re.findall(r"https?://\S+", text))
    flat, place = "".join(text.split()), 0
    for heading in root.iter("h1", "h2", "h3"):
        place = flat.index("".join(heading.text_content().split()), place)


@pytest.mark.parametrize("edition", SAMPLES)
def test_text_lines_are_short(edition: Edition) -> None:
    for line in RENDERER.text(edition, sample.LINKS).content.split("\n"):
        assert columns(line) <= 76 or "://" in line or "mailto:" in line


def test_without_the_style_block_every_text_has_font_size_and_colour() -> None:
    root = tree(RENDERER.mail(sample.rich(), sample.LINKS).content)
    column = root.find_class("column")[0].get("style")
    assert all(name in column for name in ("font-family", "font-size", "color", "max-width"))
    for element in root.iter("h1", "h2", "h3"):
        assert "font-size" in element.get("style")
    for size in re.findall(r"font-size:\s*([\d.]+)px", RENDERER.mail(sample.rich()).content):
        assert float(size) >= 14


def test_a_mail_shows_only_the_pictures_that_are_inside_it() -> None:
    url, picture = str(sample.bridge().image), MailPicture(b"data", "image/png", 800, 500)
    assert tree(RENDERER.mail(sample.rich(), sample.LINKS).content).find(".//img") is None
    assert (
        tree(RENDERER.parts(sample.rich(), sample.LINKS, {"https://x.example/y": picture}).html.content).find(".//img")
        is None
    )
    html = RENDERER.parts(sample.rich(), sample.LINKS, {url: picture}).html.content
    shown = tree(html).find(".//img")
    assert (shown.get("src"), shown.get("width")) == (f"cid:{picture.content_id}", "560")
    assert shown.get("alt") == sample.bridge().image_alt
    without = replace(sample.rich(), images=False)
    assert tree(RENDERER.parts(without, sample.LINKS, {url: picture}).html.content).find(".//img") is None
    assert dangers(html) == []


def test_the_first_words_preview_the_other_stories() -> None:
    text = seen(RENDERER.mail(sample.rich(), sample.LINKS).content).strip()
    assert text.startswith("Also: Rail unions and operators agree on pay")


def test_where_there_is_no_web_address_the_operator_is_written_to() -> None:
    root = tree(RENDERER.mail(sample.rich(), Links(operator="me@example.org")).content)
    links = {a.text_content(): a.get("href") for a in root.iter("a")}
    assert links["Unsubscribe"] == "mailto:me@example.org?subject=unsubscribe%3A%20Morning%20Brief"
    assert links["Change my digest"].startswith("mailto:me@example.org?subject=")


def test_an_owner_that_is_no_address_is_not_linked() -> None:
    root = tree(RENDERER.mail(sample.rich(), Links(operator='x@y"><script>.example')).content)
    assert not any(str(a.get("href")).startswith("mailto:") for a in root.iter("a"))


def test_a_quiet_mail_is_short_and_says_so() -> None:
    parts = RENDERER.parts(sample.quiet(), sample.LINKS)
    assert len(parts.html.content) < 8000
    assert "A quiet day: all 48 feeds were read and brought nothing new." in " ".join(parts.text.content.split())


def test_the_text_numbers_its_sources() -> None:
    text = RENDERER.text(sample.rich(), sample.LINKS).content
    assert "[1] Hale Courier: Pier gives way" in text
    assert "waited to board. [1]" in " ".join(text.split())


@pytest.mark.parametrize("headline", ["!!!", "😀🎉", "", "\u202e"])
def test_a_headline_without_a_word_is_reported_by_its_outlet(headline: str) -> None:
    item = replace(sample.solo(), headline=headline)
    html = RENDERER.mail(sample.rich(sections=(Section("World", (item,)),)), sample.LINKS).content
    (shown,) = [heading.text_content() for heading in tree(html).findall(".//h3")]
    assert shown == (f"{headline} · " if headline.isprintable() and headline else "") + item.sources[0].outlet


def test_links_of_one_story_that_read_alike_get_their_numbers() -> None:
    first = sample.bridge().sources[0]
    twin = replace(first, url="https://other.example/x")
    nameless = replace(first, outlet="—", title="Another", url="https://www.third.example/x")
    item = replace(sample.bridge(), sources=(first, twin, nameless))
    html = RENDERER.mail(sample.rich(sections=(Section("World", (item,)),)), sample.LINKS).content
    links = {a.get("href"): a.text_content() for a in tree(html).findall(".//a")}
    assert links["https://other.example/x"].startswith(f"{first.outlet} (2)")
    assert links["https://www.third.example/x"].startswith("third.example")


@pytest.mark.parametrize("language", ["zh", "ja", "de"])
def test_short_links_of_two_stories_differ_or_have_several_words(language: str) -> None:
    root = tree(RENDERER.mail(sample.rich(language=language), sample.LINKS).content)
    places: dict[str, set[str]] = {}
    for link in root.iter("a"):
        places.setdefault(link.text_content(), set()).add(str(link.get("href")))
    assert all(len(found) == 1 for text, found in places.items() if len(text.split()) < 3)
