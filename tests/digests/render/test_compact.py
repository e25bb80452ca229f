"""The short text for chats."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digests.model import Edition, ItemKind, Section, Sentence
from digests.render.renderer import Renderer
from tests.support import editions as sample


def compact(edition: Edition) -> str:
    return Renderer().compact(edition, sample.LINKS).content


@pytest.mark.parametrize(
    "edition", [sample.rich(), sample.plain(), sample.arabic(), *map(sample.hostile, sample.HOSTILE)]
)
def test_every_story_has_one_block_with_its_link(edition: Edition) -> None:
    blocks = [block for block in compact(edition).split("\n\n") if block.startswith("* ")]
    assert len(blocks) == len(edition.items)
    assert all(len(block.strip().split("\n")) <= 3 for block in blocks)
    assert all("https://" in block for block in blocks)
    assert all(len(block) < 1000 for block in blocks)


def test_the_whole_edition_is_linked() -> None:
    assert compact(sample.rich()).rstrip().split("\n")[-1].startswith("https://")


def test_an_update_leads_with_what_is_new() -> None:
    known, new = Sentence("The pier is closed.", (0,)), Sentence("The pier gave way at noon.", (0,), new=True)
    item = replace(sample.solo(), kind=ItemKind.UPDATE, sentences=(known, new), corrections=())
    (block,) = (b for b in compact(sample.rich(sections=(Section("World", (item,)),))).split("\n\n") if b[:1] == "*")
    assert block.split("\n")[:2] == [f"* Update: {item.headline}", new.text]


def test_a_quiet_day_says_so() -> None:
    assert "quiet day" in compact(sample.quiet())


def test_it_is_in_the_recipients_language() -> None:
    assert "在网页上阅读本期" in compact(replace(sample.rich(), language="zh"))
