"""What is read from a model's answer."""

import pytest

from digests.summarize.model.prompt import claimed_sentences


@pytest.mark.parametrize(
    "answer",
    [
        '{"sentences": [{"text": "The quay \\ud83d is closed.", "sources": [1]}]}',
        '["The quay \\ud83d is closed. [1]"]',
        "The quay \ud83d is closed. [1]",
    ],
    ids=["objects", "texts", "prose"],
)
def test_half_characters_do_not_get_through(answer):
    [claimed] = claimed_sentences(answer)
    assert claimed.text == "The quay ? is closed."
