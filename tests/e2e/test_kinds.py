"""Streams of one kind each, in many languages: nothing is lost, sent twice, or falsely called a correction."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e import forms_of_words, kinds
from tests.support.streams import play

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]


@pytest.mark.parametrize("stream", kinds.STREAMS, ids=lambda stream: stream.__name__)
async def test_each_event_is_sent_once_and_only_corrections_are_ones(tmp_path: Path, stream: kinds.MakesStream) -> None:
    made = stream()
    sent = await play(tmp_path, made.feeds, made.days, made.pages)
    assert sent.problems(made.feeds, made.developing, made.corrected) == []


async def test_short_forms_of_words_are_no_copies_from_the_first_item_on(tmp_path: Path) -> None:
    feeds = forms_of_words.small()
    sent = await play(tmp_path, feeds, days=3)
    assert sent.problems(feeds) == []
