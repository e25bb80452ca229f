"""The page: everything the edition holds, readable by people and by machines, without script."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from itertools import pairwise

import pytest

from digests.codec import edition_from_json, edition_to_json
from digests.model import Edition, Section
from digests.reasons import ReasonCode, because
from digests.render import Renderer
from digests.render.page_links import Links
from tests.support import editions as sample
from tests.support.markup import dangers, seen, tree

RENDERER = Renderer()


def page(edition: Edition, links: Links = sample.LINKS) -> str:
    return RENDERER.page(edition, links).content


def test_every_sentence_is_followed_by_links_to_its_sources() -> None:
    article = tree(page(sample.rich())).get_element_by_id("story-1")
    sentences = article.find_class("sentence")
    item = sample.bridge()
    assert len(sentences) == len(item.sentences)
    for element, sentence in zip(sentences, item.sentences, strict=True):
        marks = element.findall(".//sup/a")
        assert [m.get("href") for m in marks] == [item.sources[p].url for p in sentence.sources]
        assert [m.get("title") for m in marks] == [item.sources[p].outlet for p in sentence.sources]
        assert all(
            item.sources[p].outlet in str(m.get("aria-label")) for m, p in zip(marks, sentence.sources, strict=True)
        )


def test_sources_are_listed_with_their_carriers() -> None:
    text = seen(page(sample.rich()))
    assert "4 sources, carried by 3 more outlets" in text
    for carrier in sample.bridge().sources[0].carriers:
        assert carrier.outlet in text


@pytest.mark.parametrize(("language", "words"), [("en", "text by Reuters"), ("de", "Text von Reuters")])
def test_a_text_of_an_agency_that_is_no_feed_names_it_in_every_output(language: str, words: str) -> None:
    rich = sample.rich()
    item = sample.bridge()
    first, *others = item.sources
    wired = replace(item, sources=(replace(first, copy_of="Reuters"), *others))
    edition = replace(rich, language=language, sections=(Section("World", (wired,)),))
    parts = RENDERER.parts(edition, sample.LINKS)
    for text in (seen(page(edition)), seen(parts.html.content), " ".join(parts.text.content.split())):
        assert words in text
    assert edition == edition_from_json(edition_to_json(edition))


def test_updates_and_corrections_are_marked_and_what_is_new_in_them() -> None:
    root = tree(page(sample.rich()))
    update, correction = root.find_class("is-update"), root.find_class("is-correction")
    assert any("Update" in e.text_content() for e in update)
    assert any("Correction" in e.text_content() for e in correction)
    fresh = [e.text_content() for e in root.get_element_by_id("story-2").find_class("fresh")]
    assert len(fresh) == 1
    assert "4.1 percent" in fresh[0]
    assert "walked out on Friday" not in fresh[0]
    assert "48,000 children" in root.find(".//del").text_content()


def test_a_new_story_marks_nothing_as_new() -> None:
    item = replace(sample.solo(), sentences=tuple(replace(s, new=True) for s in sample.solo().sentences))
    assert "fresh" not in re.sub(
        r"<style>.*?</style>", "", page(sample.rich(sections=(Section("Science", (item,)),))), flags=re.DOTALL
    )


def test_disagreements_stand_side_by_side() -> None:
    (box,) = tree(page(sample.rich())).find_class("differ")
    claims = [" ".join(e.text_content().split()) for e in box.iter("li")]
    assert "people hurt" in box.text_content()
    assert claims == ["12 Hale Courier and Harbour News", "15 The Examiner", "“une vingtaine” Le Rivage"]


def test_a_single_source_is_flagged() -> None:
    assert "Single source" in seen(page(sample.plain()))


def test_contents_lead_to_every_story() -> None:
    root = tree(page(sample.rich()))
    targets = [a.get("href") for a in root.find_class("contents")[0].iter("a")]
    ids = {e.get("id") for e in root.iter() if isinstance(e.tag, str)}
    assert len([t for t in targets if t.startswith("#story")]) == len(sample.rich().items)
    assert all(t[1:] in ids for t in targets)


def test_ids_are_unique_and_headings_skip_no_level() -> None:
    root = tree(page(sample.rich()))
    ids = [e.get("id") for e in root.iter() if isinstance(e.tag, str) and e.get("id")]
    levels = [int(e.tag[1]) for e in root.iter("h1", "h2", "h3", "h4")]
    assert len(ids) == len(set(ids))
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_images_are_lazy_described_and_reported_to_no_one() -> None:
    image = tree(page(sample.rich())).find(".//img")
    assert image is not None
    assert (image.get("loading"), image.get("referrerpolicy")) == ("lazy", "no-referrer")
    assert image.get("alt") == sample.bridge().image_alt
    assert tree(page(sample.rich(images=False))).find(".//img") is None


def test_nothing_runs_and_nothing_is_loaded_but_images() -> None:
    content = page(sample.rich())
    assert dangers(content) == []
    assert not re.search(r"url\(|@import", content)
    for face in re.findall(r"@font-face \{.*?\}", content):
        assert re.search(r"src: local\([^)]*\)(?:, local\([^)]*\))*;", face), "only fonts of the machine"


def test_the_policy_allows_exactly_the_pages_own_style() -> None:
    content = page(sample.rich())
    style = re.search(r"<style>(.*?)</style>", content, re.DOTALL)
    policy = tree(content).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert f"style-src 'sha256-{digest}';" in policy
    assert "unsafe" not in policy


def test_a_right_to_left_edition_and_a_story_the_other_way() -> None:
    root = tree(page(sample.arabic()))
    assert (root.get("lang"), root.get("dir")) == ("ar", "rtl")
    assert root.get_element_by_id("story-1").get("dir") is None
    assert root.get_element_by_id("story-2").get("dir") == "ltr"
    assert root.get_element_by_id("story-2").get("lang") == "en"


def test_chinese_sentences_are_joined_without_blanks() -> None:
    root = tree(page(sample.chinese()))
    paragraph = root.get_element_by_id("story-1").find_class("sentence")[0].getparent()
    assert re.search(r"桥。\d+市政府", re.sub(r"[ \n](?=\d)", "", paragraph.text_content()))


def test_the_footer_says_what_the_edition_is_on() -> None:
    text = seen(page(sample.rich()))
    for part in (
        "46 of 48 feeds were read",
        "Coastal Gazette",
        "the feed is gone (410)",
        "1,312 entries came in: 16 in the stories shown 208 folded as copies 117 sent before 640 held back",
        "Covers 16 Mar, 07:00 to 17 Mar, 06:55",
    ):
        assert part in text


def test_a_quiet_day_and_a_broken_one_never_look_alike() -> None:
    quiet, broken = seen(page(sample.quiet())), seen(page(sample.broken()))
    assert "A quiet day: all 48 feeds were read" in quiet
    assert "None of 48 feeds could be read: this is a fault" in broken
    assert "quiet day:" not in broken
    assert "cannot say whether anything happened" in seen(page(sample.rich(sections=(), trust=sample.Trust())))
    assert "what is here came in before" in seen(page(sample.rich(trust=sample.Trust())))


def test_a_catch_up_edition_names_its_period() -> None:
    text = seen(page(sample.rich(catch_up=3)))
    assert "3 issues were missed. This one covers what arrived from 16 Mar, 07:00 to 17 Mar, 06:55." in text


def test_links_that_the_operator_does_not_have_are_left_out() -> None:
    content = page(sample.rich(), sample.NO_LINKS)
    assert "More like this" not in content
    assert "Unsubscribe" not in content
    assert "None" not in seen(content)


def test_a_sentence_that_replaced_a_models_is_marked() -> None:
    text = seen(page(sample.rich()))
    assert "autumn.†" in text
    assert "Taken word for word from the source" in text
    assert "Written by a language model" in text


def test_sources_are_numbered_in_the_order_in_which_the_sentences_name_them() -> None:
    first, *others = sample.bridge().sentences
    item = replace(sample.bridge(), sentences=(replace(first, sources=(3, 1)), *others))
    article = tree(page(sample.rich(sections=(Section("World", (item,)),)), sample.NO_LINKS)).get_element_by_id(
        "story-1"
    )
    marks = [[int(m.text_content()) for m in s.findall(".//sup/a")] for s in article.find_class("sentence")]
    assert marks == [[1, 2], [3], [4], [2, 1]]
    listed = [li.find(".//cite").text_content() for li in article.find_class("sources")[0].findall("li")]
    assert listed == ["Le Rivage", "The Examiner", "Hale Courier", "Harbour News"]
    assert article.find(".//h3/a").get("href") == item.sources[3].url, "the headline leads to the first"


def test_reasons_are_said_in_the_readers_language() -> None:
    item = replace(
        sample.bridge(),
        reasons=(
            because(ReasonCode.SOURCES, count=4),
            because(ReasonCode.TOPIC, topic="World", why=(because(ReasonCode.FILED),)),
        ),
    )
    german = page(sample.rich(sections=(Section("World", (item,)),), language="de"))
    assert "4 unabhängige Quellen" in seen(german)
    assert "Thema Welt: der Feed ordnet es diesem Thema zu" in seen(german)


def test_what_a_model_wrote_and_cost_is_in_the_footer() -> None:
    trust = replace(sample.rich().trust, written=12, refused=3, cost=0.01234)
    shown = seen(page(sample.rich(trust=trust, language="de")))
    for expected in ("Von einem Modell geschrieben 12", "nicht bestätigen ließen 3", "Kosten des Modells 0,0123"):
        assert expected in shown
    assert "Cost of the model" not in seen(page(sample.rich()))


def test_what_was_reported_before_is_no_story_held_back() -> None:
    root = tree(page(sample.rich(trust=sample.trust(stories_held=0, stories_known=23, entries=()))))
    facts = dict(zip(*([e.text_content() for e in root.iter(tag)] for tag in ("dt", "dd")), strict=True))
    assert (facts["Held back"], facts["Reported before, nothing new"]) == ("0", "23")


def test_a_title_that_is_the_headline_is_said_once() -> None:
    only = sample.solo()
    own = replace(only, sources=(replace(only.sources[0], title=only.headline),))
    for renderer in (RENDERER.page, RENDERER.text):
        text = seen(renderer(sample.rich(sections=(Section("Science", (own,)),)), sample.LINKS).content)
        assert " ".join(text.split()).count(only.headline) == 1
        assert own.sources[0].outlet in text


def test_a_corrected_sentence_is_said_once_under_one_heading() -> None:
    item = sample.vaccine()
    right = item.sentences[0].text
    first = replace(item.corrections[0], was="Old title", now="New title")
    item = replace(item, corrections=(first, replace(first, was="It was so.", now=right)))
    edition = sample.rich(sections=(Section("Health", (item,)),))
    for renderer in (RENDERER.page, RENDERER.text):
        text = " ".join(seen(renderer(edition, sample.LINKS).content).split())
        assert text.count("corrected its report") == 1
        assert text.count(right) == 1
        assert "It was so." in text
