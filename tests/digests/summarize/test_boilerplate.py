"""Sentences that are no news: calls to read on elsewhere."""

from __future__ import annotations

import pytest

from digests.summarize.boilerplate import is_boilerplate


@pytest.mark.parametrize("text", ["Follow OHN.", "More at Orr Harbour News.", "More from the Orr Herald."])
def test_a_sentence_that_only_leads_to_an_outlet_is_boilerplate(text: str) -> None:
    assert is_boilerplate(text)


@pytest.mark.parametrize("text", ["Follow DNA evidence, the judge told them.", "More on Monday than on Sunday came."])
def test_a_sentence_with_news_is_not(text: str) -> None:
    assert not is_boilerplate(text)
