"""Reasons in the reader's language: every one that choosing gives, its parts included."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digests.choose import choose
from digests.model import Carrier, DigestSpec, Match, Story, Told
from digests.render.view.reasons import say
from digests.render.view.wording import Words
from digests.summarize.extractive import summarize_story
from tests.support.stories import NOW, source, story

SPEC = DigestSpec("morning", topics=("World",))
TEXT = "A quake shook the town of Orr on Sunday and killed 12 people, the governor said."


def quake(**more: object) -> Story:
    return story("quake", source(1, "Quake kills 12 in Orr", TEXT, carriers=(Carrier("A"), Carrier("B"))), **more)  # type: ignore[arg-type]


def told(tale: Story) -> dict[str, Told]:
    facts = summarize_story(tale, words=90).facts
    return {tale.id: Told(tale.id, NOW, "", facts, frozenset(s.article for s in tale.sources))}


def given() -> list[str]:
    """What choosing says in many situations."""
    grown = replace(
        quake(), sources=(*quake().sources, source(2, "Toll", "The toll in Orr rose to 19 on Monday.", hours=30))
    )
    more = story(
        "quake", *quake().sources, source(3, "Dam", "Engineers fear cracks in a reservoir wall threaten villages.")
    )
    gone = replace(quake(), sources=tuple(replace(s, withdrawn=True) for s in quake().sources))
    many = [story(f"s{n}", source(n, f"Event {n}", f"Town {n} met. " * 30, hours=80)) for n in range(10, 14)]
    rivers, reasoned = Match("rivers", 0.9), Match("rivers", 0.9, "shares dam, flood")
    choices = [
        choose([quake(must=True, boost=0.2, interests=(rivers,))], {}, SPEC, NOW),
        choose([quake(boost=-0.2, interests=(reasoned,))], {}, SPEC, NOW),
        choose([quake(topics=(Match("World", 0.9, "the feed files it there"),))], {}, SPEC, NOW),
        choose([quake(topics=(Match("World", 0.9, "says quake, toll"),))], {}, SPEC, NOW),
        choose([grown], told(quake()), SPEC, NOW),
        choose([more], told(quake()), SPEC, NOW),
        choose([gone], told(quake()), SPEC, NOW),
        choose([gone], {}, SPEC, NOW),
        choose([quake()], told(quake()), SPEC, NOW),
        choose([quake(muted=True)], {}, SPEC, NOW),
        choose([quake(topic="Sport")], {}, SPEC, NOW),
        choose([quake(), replace(quake(), id="twin")], {}, SPEC, NOW),
        choose([story("old", source(9, "Old", "Old news of the town.", backlog=True))], {}, SPEC, NOW),
        choose([quake()], {}, replace(SPEC, min_score=0.99), NOW),
        choose(many, {}, replace(SPEC, max_stories=1), NOW),
        choose(many, {}, replace(SPEC, max_stories=2), NOW),
        choose(many, {}, replace(SPEC, max_words=150), NOW),
    ]
    picked = [reason for choice in choices for pick in choice.picks for reason in pick.reasons]
    return [*picked, *(held.reason for choice in choices for held in choice.held)]


REASONS = sorted(set(given()))


def test_many_reasons_were_given() -> None:
    assert len(REASONS) >= 24


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_said_in_the_readers_language(reason: str) -> None:
    said = {language: say(reason, Words(language)) for language in ("de", "fr", "es", "ru", "uk", "ar")}
    assert reason not in said.values()
    assert not [text for text in said.values() if "{" in text]
    assert say(reason, Words("en")) == reason


@pytest.mark.parametrize(
    ("reason", "german"),
    [
        ("topic World: the feed files it there", "Thema Welt: der Feed ordnet es dort ein"),
        ("topic World: Northwire is under World", "Thema Welt: Northwire steht unter Welt"),
        ("new since it was told: further details", "neu, seit es gemeldet wurde: weitere Einzelheiten"),
        ("new since it was told: 19, Ada Brook", "neu, seit es gemeldet wurde: 19, Ada Brook"),
        ("interest rivers: shares dam, flood", "Interesse rivers: gemeinsam: dam, flood"),
        ("arrived 1 hour ago", "vor 1 Stunde eingetroffen"),
        ("1 independent source", "1 unabhängige Quelle"),
        ("topic World: rule “rivers”", "Thema Welt: Regel „rivers“"),
        ("told by 4 independent sources", "told by 4 independent sources"),
    ],
)
def test_parts_are_said_too_and_what_is_unknown_stays(reason: str, german: str) -> None:
    assert say(reason, Words("de")) == german
