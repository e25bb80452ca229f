"""Reasons in the reader's language: every one that choosing gives, its parts included."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

import pytest

from digests.choose import choose
from digests.model import Carrier, DigestSpec, Match, Reported, Story
from digests.reasons import Reason, ReasonCode, because, from_plain, reasons_from_plain, to_plain
from digests.render.view.reasons import sentence
from digests.render.view.wording import Wording
from digests.summarize.extractive import summarize_story
from tests.support.stories import NOW, source, story

SPEC = DigestSpec("morning", topics=("World",))
TEXT = "A quake shook the town of Orr on Sunday and killed 12 people, the governor said."


def quake(**more: object) -> Story:
    return story("quake", source(1, "Quake kills 12 in Orr", TEXT, carriers=(Carrier("A"), Carrier("B"))), **more)  # type: ignore[arg-type]


def as_reported(tale: Story) -> dict[str, Reported]:
    facts = summarize_story(tale, words=90).facts
    return {tale.id: Reported(tale.id, NOW, "", facts, frozenset(s.article for s in tale.sources))}


def given() -> list[Reason]:
    """What choosing says in many situations."""
    grown = replace(
        quake(), sources=(*quake().sources, source(2, "Toll", "The toll in Orr rose to 19 on Monday.", hours=30))
    )
    more = story(
        "quake", *quake().sources, source(3, "Dam", "Engineers fear cracks in a reservoir wall threaten villages.")
    )
    gone = replace(quake(), sources=tuple(replace(s, withdrawn=True) for s in quake().sources))
    many = [story(f"s{n}", source(n, f"Event {n}", f"Town {n} met. " * 30, hours=80)) for n in range(10, 14)]
    rivers, reasoned = (
        Match("rivers", 0.9),
        Match(
            "rivers",
            0.9,
            (because(ReasonCode.NAMES, words=("Port Hale",)), because(ReasonCode.SHARES, words=("pier",))),
        ),
    )
    choices = [
        choose([quake(must=True, boost=0.2, interests=(rivers,))], {}, SPEC, NOW),
        choose([quake(boost=-0.2, interests=(reasoned,))], {}, SPEC, NOW),
        choose([quake(topics=(Match("World", 0.9, (because(ReasonCode.FILED),)),))], {}, SPEC, NOW),
        choose(
            [quake(topics=(Match("World", 0.9, (because(ReasonCode.SAYS, words=("quake", "toll")),)),))], {}, SPEC, NOW
        ),
        choose([grown], as_reported(quake()), SPEC, NOW),
        choose([more], as_reported(quake()), SPEC, NOW),
        choose([gone], as_reported(quake()), SPEC, NOW),
        choose([gone], {}, SPEC, NOW),
        choose([quake()], as_reported(quake()), SPEC, NOW),
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


LANGUAGES = ("de", "fr", "es", "ru", "uk", "ar")
OTHERS = (
    because(ReasonCode.THIS_HOUR),
    because(ReasonCode.HOURS_AGO, count=30),
    because(ReasonCode.REACH, about=("deaths", "disaster")),
    because(ReasonCode.NEW_FACTS, words=("19 dead", "Ada Brook")),
    because(ReasonCode.FEED_TOPIC),
    because(ReasonCode.OUTLET_TOPIC, outlet="Northwire", topic="World"),
    because(ReasonCode.RULE, name="rivers"),
    because(ReasonCode.ALIKE, share=0.45),
    because(ReasonCode.NEAR_TOPIC),
    because(ReasonCode.FAR_FROM_TOPIC),
    because(ReasonCode.NOTHING_SHARED),
    because(ReasonCode.LIKED, why=(because(ReasonCode.SAYS, words=("dam",)),)),
    because(ReasonCode.DISLIKED, why=(because(ReasonCode.SAYS, words=("dam",)),)),
    because(ReasonCode.CHANGED, outlets=("Northwire",)),
    because(ReasonCode.SAME_TEXT),
    because(ReasonCode.OVERDUE),
    because(ReasonCode.CHANGED_COUNT, about="killed", now="86", was="77"),
    because(ReasonCode.WITHIN_HOUR, count=12),
    because(ReasonCode.FORM_FULL, form="quiz"),
    because(ReasonCode.ADVERTISING),
    because(
        ReasonCode.TOPIC, topic="World", why=(because(ReasonCode.FILED), because(ReasonCode.SAYS, words=("quake",)))
    ),
    because(ReasonCode.OTHER_QUERY),
    because(ReasonCode.OTHER_LANGUAGE),
    because(ReasonCode.LASTED, count=4),
)
REASONS = list(dict.fromkeys([*given(), *OTHERS]))


def codes(reasons: Iterable[Reason]) -> set[ReasonCode]:
    """The codes of reasons and of those inside them."""
    found = set()
    for reason in reasons:
        found.add(reason.code)
        for _, value in reason.values:
            found |= codes(one for one in value if isinstance(one, Reason)) if isinstance(value, tuple) else set()
    return found


def test_every_code_is_tried() -> None:
    assert codes(REASONS) == set(ReasonCode) - {ReasonCode.TEXT}


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.code.value)
def test_every_reason_is_said_in_the_readers_language(reason: Reason) -> None:
    english = sentence(reason, Wording("en"))
    said = {language: sentence(reason, Wording(language)) for language in LANGUAGES}
    assert english not in said.values()
    assert not [text for text in (english, *said.values()) if not text or "{" in text]


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.code.value)
def test_a_reason_is_stored_and_read_again(reason: Reason) -> None:
    assert from_plain(json.loads(json.dumps(to_plain(reason)))) == reason


@pytest.mark.parametrize(
    ("reason", "english", "german"),
    [
        (
            because(ReasonCode.TOPIC, topic="World", why=(because(ReasonCode.FILED),)),
            "topic World: the feed lists it under this topic",
            "Thema Welt: der Feed ordnet es diesem Thema zu",
        ),
        (
            because(
                ReasonCode.TOPIC,
                topic="World",
                why=(because(ReasonCode.OUTLET_TOPIC, outlet="Northwire", topic="World"),),
            ),
            "topic World: Northwire is under World",
            "Thema Welt: Northwire steht unter Welt",
        ),
        (
            because(
                ReasonCode.INTEREST,
                name="ferries",
                why=(
                    because(ReasonCode.NAMES, words=("Port Hale",)),
                    because(ReasonCode.SHARES, words=("pier", "dam")),
                ),
            ),
            "you follow ferries: names Port Hale; words in common: pier, dam",
            "Sie verfolgen ferries: nennt die Namen Port Hale; gemeinsame Wörter: pier, dam",
        ),
        (
            because(ReasonCode.NEW_FACTS, words=("19", "Ada Brook")),
            "new since the last report: 19, Ada Brook",
            "neu, seit es gemeldet wurde: 19, Ada Brook",
        ),
        (
            because(ReasonCode.LOW_SCORE, score=0.3, least=0.5),
            "its score 0.30 is below 0.50, the lowest for this edition",
            "seine Wertung 0,30 liegt unter 0,50, der niedrigsten für diese Ausgabe",
        ),
        (because(ReasonCode.HOURS_AGO, count=1), "arrived 1 hour ago", "vor 1 Stunde eingetroffen"),
        (because(ReasonCode.ALIKE, share=0.45), "similar in meaning (45%)", "ähnlich in der Bedeutung (45\u00a0%)"),
        (because(ReasonCode.TEXT, text="told by 4"), "told by 4", "told by 4"),
    ],
)
def test_the_sentences(reason: Reason, english: str, german: str) -> None:
    assert sentence(reason, Wording("en")) == english
    assert sentence(reason, Wording("de")) == german


def test_a_sentence_of_an_earlier_version_and_a_code_of_a_later_one_are_texts() -> None:
    assert from_plain("4 independent sources") == because(ReasonCode.TEXT, text="4 independent sources")
    assert reasons_from_plain("says pier") == (because(ReasonCode.TEXT, text="says pier"),)
    assert reasons_from_plain("") == ()
    assert from_plain({"code": "of-the-future", "count": 3}) == because(ReasonCode.TEXT, text="of-the-future")
