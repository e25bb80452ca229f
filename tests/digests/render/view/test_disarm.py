"""Words of others in a mail: nothing a relay fills in, nothing a preview takes for markup, no address but ours."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.model import Section
from digests.render import Renderer
from digests.render.view.disarm import LONGEST_WORD, disarmed, edition_for_mail
from digests.render.view.subject import subject
from tests.support import editions as sample
from tests.support.markup import tree

RENDERER = Renderer()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>bold</b> of <a href='x'>", "‹b›bold‹/b› of ‹a href='x'›"),
        ("<!-- x --> <?php 1 ?> <img src=x", "‹!-- x --› ‹?php 1 ?› ‹img src=x"),
        ("&lt;b&gt; &amp;amp;lt;i&gt;", "‹b› ‹i›"),
        ("<\u202eb>", "‹b›"),
        ("3 < 5 > 2 <3 a => b", "3 < 5 > 2 <3 a => b"),
        ("{{ name }} {% if %} {# x #} ${x} #{x}", "{ { name } } { % if % } { # x # } $ {x} # {x}"),
        ("{\u2060{x}\u2060}", "{ {x} }"),
        ("[[x]] *|FNAME|* %recipient.name% <%= x %>", "[ [x] ] * |FNAME| * % recipient.name% ‹%= x %›"),
        ("100% {sure} [1] 50%-60% a*b|c", "100% {sure} [1] 50%-60% a*b|c"),
        ("see https://www.bank.example/login or www.shop.example", "see bank.example/login or shop.example"),
        ("caf\ufffd", "caf"),
        ("A" * 65, "A" * 63 + "…"),
        ("A" * 64, "A" * 64),
        ("新闻" * 50, "新闻" * 50),
        ("ข่าว" * 50, "ข่าว" * 50),
        ("z" + "\u0337\u031b\u0301\u0302\u0303" * 9, "z\u0337\u031b\u0301"),
        ("Tom & Jerry’s “best of”", "Tom & Jerry’s “best of”"),
    ],
)
def test_what_others_could_act_on_is_set_apart(text: str, shown: str) -> None:
    assert disarmed(text) == shown


@given(st.text(alphabet=st.sampled_from("ab<>/!{}%$#[]*|&;lt\u2060\u202e\ufffd htps:w."), max_size=40))
def test_nothing_is_left_and_doing_it_twice_changes_nothing(text: str) -> None:
    once = disarmed(text)
    assert disarmed(once) == once
    assert not re.search(r"<[/!?%]?[a-z]|<[!?%]|\{\{|\}\}|\{%|%\}|\[\[|\*\||\$\{|https?://", once)


@given(st.text(max_size=300))
def test_no_word_is_longer_than_a_line(text: str) -> None:
    words = re.findall(r"[A-Za-z0-9]+", disarmed(text * 3))
    assert all(len(word) <= LONGEST_WORD for word in words)


def test_a_word_that_no_phone_has_room_for_may_break_in_a_mail() -> None:
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk"
    item = replace(sample.solo(), headline=f"{word} Rechtsschutzversicherungsgesellschaften")
    parts = RENDERER.parts(sample.rich(sections=(Section("World", (item,)),)), sample.LINKS)
    for content in (parts.html.content, parts.text.content):
        assert word not in content
        assert word in content.replace("\u200b", "")
        assert max(map(len, re.split(r"[\s\u200b]", re.search(r"Donau\S+", content)[0]))) == 14  # type: ignore[index]
        assert "Rechtsschutzversicherungsgesellschaften" in content


def test_addresses_identifiers_and_quiet_editions_stay() -> None:
    edition = sample.rich()
    assert edition_for_mail(edition) == edition
    hostile = sample.hostile("{{x}}")
    assert edition_for_mail(hostile).items[0].story == "{{x}}"
    assert edition_for_mail(hostile).items[0].headline == "{ {x} }"


def test_both_parts_and_the_subject_are_disarmed_and_the_page_is_not() -> None:
    edition = sample.hostile("{{ 7*7 }} <img src=x> https://evil.example/x")
    parts = RENDERER.parts(edition, sample.LINKS)
    for words in (parts.text.content, tree(parts.html.content).find("body").text_content(), subject(edition)):
        assert "{ { 7*7 } } ‹img" in " ".join(words.split())
        assert "{{" not in words
        assert "<img" not in words
        assert "://evil" not in words
    assert "{{ 7*7 }} &lt;img src=x&gt; https://evil.example/x" in RENDERER.page(edition, sample.LINKS).content
