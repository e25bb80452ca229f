"""No text, however made, takes more time than its length explains: each runs where it would stop all other work."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from digests.language import detect, names, numbers, sentences, tokens
from digests.language.counts import mentions
from digests.render.view import clean, disarm
from digests.summarize import boilerplate, overdue, references, standalone
from digests.summarize.changes import developments
from feeds.text import plain_line, plain_text, without_boilerplate
from tests.support.hostile_texts import TEXTS

_NOW = datetime(2026, 3, 19, 12, tzinfo=UTC)
SIZE = 40_000  # characters; what takes quadratic time takes many seconds for them
SECONDS = 1.5  # of processor time
FUNCTIONS: dict[str, Callable[[str], object]] = {
    "detect": detect.detect,
    "sentences": lambda text: sentences.split(text, "en"),
    "Chinese sentences": lambda text: sentences.split(text, "zh"),
    "numbers": lambda text: numbers.numbers_in(text, "de"),
    "names": lambda text: names.names_in(text, "en"),
    "counts": lambda text: mentions.in_sentence(text, "en"),
    "days to come": lambda text: overdue.is_overdue(text, "en", _NOW, _NOW),
    "references": lambda text: (references.continues(text), references.known_thing(text, "en")),
    "terms": lambda text: tokens.terms(text, "en"),
    "developments": lambda text: developments.developments(text, "en"),
    "Chinese developments": lambda text: developments.developments(text, "zh"),
    "credits": boilerplate.is_boilerplate,
    "notes": boilerplate.is_note,
    "sentences that stand alone": lambda text: standalone.stands_alone(text, "en"),
    "tidy": clean.tidy,
    "disarmed": disarm.disarmed,
    "one line": plain_line,
    "plain text": plain_text,
    "lines of boilerplate": without_boilerplate,
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_text_takes_linear_time(function: str) -> None:
    run = FUNCTIONS[function]
    run("A first sentence loads the data.")
    slow = {}
    for name, text in TEXTS.items():
        given = text(SIZE)
        began = time.process_time()
        run(given)
        if (took := time.process_time() - began) > SECONDS:
            slow[name] = took
    assert not slow


@pytest.mark.parametrize("digits", [310, 400, 5000])
def test_a_number_longer_than_any_quantity_is_none(digits: int) -> None:
    text = f"{'9' * digits} people died, and 12 were hurt; 1{',000' * digits} more."
    assert [number.value for number in numbers.numbers_in(text, "en")] == [12]
