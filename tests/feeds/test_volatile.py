"""Sentences that change at every poll are known by that, whatever their words; news that grows is not one of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from feeds.text.volatile import Observed, from_json, observe, same_apart, to_json, without_volatile

TITLE = "Bank of Perria cuts rates"
LEAD = "The bank cut rates on Monday. The governor spoke of a calm year."
END = "Markets rose in Tarn. Analysts had not expected it."
ADS = (
    "Buy the oven of the year!",
    "Visit sunny Ostra.",
    "Ten tips for a garden.",
    "Learn to paint now.",
    "A loan in a minute.",
    "Win a boat.",
)
STATES = ("Investigating a failure.", "The cause is found.", "Watching the repair.", "Resolved.")
Texts = Callable[[int], str]


def observed(text: Texts, polls: int, title: str = TITLE) -> Observed:
    """What is known after this many polls, each of which gave the next text."""
    seen, before = None, text(0)
    for poll in range(1, polls):
        if text(poll) != before or seen is not None:
            seen = observe(seen, title, before if seen is None else None, text(poll), poll)
            seen = from_json(to_json(seen))
        before = text(poll)
    return seen or Observed()


CHANGING: dict[str, Texts] = {
    "advertisements in turn": lambda n: f"{LEAD}\n{ADS[n % 3]}\n{END}",
    "always another advertisement": lambda n: f"{LEAD}\n{END}\n{ADS[n % 6]}",
    "an advertisement in a paragraph": lambda n: f"{LEAD} {ADS[n % 6]} {END}",
    "two lines": lambda n: f"{LEAD}\n{ADS[n % 6]}\n{ADS[(n + 2) % 6]}\n{END}",
    "a clock": lambda n: f"{LEAD}\n{END}\nTafel von Tarn, {14 + n // 4}.{n * 15 % 60:02}",
    "an unknown counter": lambda n: f"{LEAD}\n{END}\nZähler der Leserschaft {1000 + 37 * n}",
    "there at every other poll": lambda n: f"{LEAD}\n{ADS[0] if n % 2 else ''}\n{END}",
}


@pytest.mark.parametrize("text", CHANGING.values(), ids=CHANGING)
def test_what_changes_at_every_poll_is_left_out(text: Texts) -> None:
    seen = observed(text, 7)
    cleaned = {without_volatile(seen, text(n)) for n in range(20)}
    assert {" ".join(one.split()) for one in cleaned} == {f"{LEAD} {END}"}
    again = observe(seen, TITLE, None, text(8), 8)
    assert same_apart(seen, again)
    assert not same_apart(seen, observe(seen, TITLE, None, text(8).replace("calm", "hard"), 8))


NEWS: dict[str, Texts] = {
    "a death toll in the lead": lambda n: f"The quake killed {70 + 7 * n} people. {LEAD}\n{END}",
    "a count about the title's subject": lambda n: f"{LEAD} The rates of {n + 2} banks fell. {END}",
    "a count in a paragraph": lambda n: f"{LEAD} Rescuers found {70 + 7 * n} bodies so far. {END}",
    "an incident": lambda n: f"{LEAD}\n{STATES[min(n, 3)]}\n{END}",
    "a live blog": lambda n: "\n".join(f"Note {at} of the day: {ADS[at % 6]}" for at in range(n + 3, 0, -1)),
    "a text that grows": lambda n: "\n".join([LEAD, *ADS[: n + 1]]),
    "a correction": lambda n: f"{LEAD}\nThe rate is {3 if n < 3 else 4} percent.\n{END}",
    "other texts": lambda n: " ".join(ADS[(n + at) % 6] for at in range(3)),
}


@pytest.mark.parametrize("text", NEWS.values(), ids=NEWS)
def test_news_is_never_left_out(text: Texts) -> None:
    seen = observed(text, 8)
    assert without_volatile(seen, text(8)) == text(8)


def test_a_change_now_and_then_is_none() -> None:
    """Six changes in forty polls are edits."""
    seen = None
    for n in range(6):
        seen = observe(seen, TITLE, CHANGING["a clock"](0) if seen is None else None, CHANGING["a clock"](n + 1), 7 * n)
    assert seen is not None
    assert not seen.volatile


def test_what_is_kept_is_bounded() -> None:
    long = "\n".join(f"Sentence {n}." for n in range(5000))
    assert len(to_json(observed(lambda n: f"{long}\n{n}", 9))) < 100
    many = observed(lambda n: "\n".join(f"Line {at}.\n{ADS[(n + at) % 6]}" for at in range(60)), 9)
    assert len(to_json(many)) < 8000
