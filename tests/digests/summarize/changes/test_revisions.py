"""What a publisher changes in an article that was sent: an update, a correction, or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from digests.choose import choose
from digests.model import DigestSpec, ItemKind, Reported, Source, Story, Version
from digests.reasons import ReasonCode
from digests.summarize.changes.corrections import corrections
from digests.summarize.extractive import summarize_story
from tests.support.stories import NOW, source, story

LATER = NOW + timedelta(hours=5)


def as_reported(tale: Story) -> Reported:
    summary = summarize_story(tale, words=90)
    return Reported(tale.id, NOW, summary.headline, summary.facts, frozenset(s.article for s in tale.sources))


def revised(first: Source, title: str, text: str) -> Source:
    before = Version(LATER, first.title, first.text)
    return replace(first, title=title, text=text, versions=(*first.versions, before), revised=LATER)


def outcome(first: Source, title: str, text: str) -> ItemKind | None:
    """What an edition after the change makes of the story."""
    before = story("s", first)
    after = story("s", revised(first, title, text))
    picks = choose([after], {"s": as_reported(before)}, DigestSpec("d"), LATER + timedelta(hours=1)).picks
    return picks[0].kind if picks else None


STORM = source(
    1,
    "Storm Berta live: red warning for the north coast",
    "The weather service has issued a red warning for the north coast. Ferries are cancelled.",
)
OUTAGE = source(1, "Mail outage", "Investigating: we see errors in outgoing mail of some customers.", outlet="Status")
POWER = source(
    1,
    "Storm Berta leaves 40,000 homes without power",
    "Storm Berta left 40,000 homes without power, the grid operator said. Repairs are under way.",
)
GERMAN = source(
    1,
    "Brand in Lund: zwölf Verletzte",
    "Bei einem Brand in Lund sind zwölf Menschen verletzt worden. Die Feuerwehr ist vor Ort.",
    language="de",
)
COURT = source(
    1,
    "Court to rule on the Orr dam",
    "The court in Orr will rule on the dam on Monday. The judge is Ida Moor. Residents of Orr had sued the operator.",
)


@pytest.mark.parametrize(
    ("first", "title", "text"),
    [
        (
            STORM,
            "Storm Berta live: woman killed by falling tree",
            "A woman was killed by a falling tree in Lornhead, police say. " + STORM.text,
        ),
        (STORM, STORM.title, "60,000 homes have no power in the north. " + STORM.text),
        (OUTAGE, "Mail outage", OUTAGE.text + " Resolved: the errors in outgoing mail are fixed."),
        (POWER, POWER.title.replace("40", "60"), POWER.text.replace("40", "60")),
        (POWER, POWER.title.replace("40", "12"), POWER.text.replace("40", "12")),
        (GERMAN, "Brand in Lund: fünfzehn Verletzte", GERMAN.text.replace("zwölf", "fünfzehn")),
        (COURT, COURT.title, COURT.text + " Update: the hearing was postponed because the judge fell ill."),
    ],
    ids=["live blog", "new count", "resolved", "growing count", "shrinking count", "growing in German", "development"],
)
def test_new_text_in_an_entry_that_was_sent_is_an_update(first: Source, title: str, text: str) -> None:
    assert outcome(first, title, text) is ItemKind.UPDATE


@pytest.mark.parametrize(
    ("first", "title", "text"),
    [
        (COURT, COURT.title, COURT.text.replace("Ida Moor", "Per Holm")),
        (COURT, COURT.title, COURT.text.replace("will rule", "will not rule")),
        (COURT, COURT.title, COURT.text.replace(" The judge is Ida Moor.", "")),
        (GERMAN, "Brand in Lund: neun Verletzte", GERMAN.text.replace("zwölf", "neun")),
        (COURT, COURT.title, COURT.text + " Correction: an earlier version named the wrong town."),
    ],
    ids=["name", "negation", "taken out", "fewer injured", "note"],
)
def test_what_was_sent_and_is_wrong_is_a_correction(first: Source, title: str, text: str) -> None:
    assert outcome(first, title, text) is ItemKind.CORRECTION


@pytest.mark.parametrize(
    ("first", "title", "text"),
    [
        (COURT, "Orr dam: court to rule on Monday", COURT.text),
        (COURT, COURT.title, COURT.text.replace("Residents of Orr had", "Residents had").replace("will rule", "rules")),
        (replace(COURT, text=COURT.text + " Points: 112"), COURT.title, COURT.text + " Points: 340"),
        (replace(COURT, title="The dam (17 comments)"), "The dam (93 comments)", COURT.text),
        (replace(COURT, text=COURT.text + " Visited 77 times."), COURT.title, COURT.text + " Visited 154 times."),
        (
            replace(COURT, text=COURT.text + " Try Orbis first class from 19 euros."),
            COURT.title,
            COURT.text + " Win a Norfield hamper today!",
        ),
        (
            replace(COURT, text=COURT.text + " Sleep better with Dormo pillows."),
            COURT.title,
            COURT.text + " Learn Italian in your lunch break.",
        ),
    ],
    ids=["headline", "rewording", "points", "comments", "visits", "advertisement", "another advertisement"],
)
def test_a_rewording_or_a_counter_is_nothing(first: Source, title: str, text: str) -> None:
    assert outcome(first, title, text) is None


def test_a_line_that_rolls_off_a_live_page_is_no_correction() -> None:
    blocks = [f"Block {n}: the fire service of Lund rescued a person named Holm{n} on Monday." for n in "ABCDEFG"]
    first = source(1, "Lund live", " ".join(blocks[2:][::-1]))
    after = revised(first, "Lund live", " ".join([*blocks[:2], *blocks[2:][::-1][:-2]]))
    assert corrections(story("s", after), as_reported(story("s", first))) == ()


def test_the_text_that_was_sent_counts_and_not_the_one_before_the_last_change() -> None:
    first = source(1, STORM.title, STORM.text)
    between = revised(first, STORM.title, STORM.text + " A woman was killed by a falling tree in Lornhead.")
    last = replace(
        between,
        text=between.text + " Schools stay shut.",
        versions=(*between.versions, Version(LATER + timedelta(hours=1), between.title, between.text)),
    )
    (pick,) = choose(
        [story("s", last)], {"s": as_reported(story("s", first))}, DigestSpec("d"), LATER + timedelta(hours=2)
    ).picks
    assert pick.kind is ItemKind.UPDATE


def test_a_changed_count_is_named_with_what_it_was() -> None:
    first = source(1, "Quake kills 77 in Orr", "The quake in Orr killed 77 people, the mayor said.", hours=9)
    later = source(2, "Toll in Orr rises to 86", "The quake in Orr killed 86 people, the mayor said.", hours=1)
    (pick,) = choose([story("s", first, later)], {"s": as_reported(story("s", first))}, DigestSpec("d"), NOW).picks
    reason = pick.reasons[0]
    assert reason.code is ReasonCode.CHANGED_COUNT
    assert dict(reason.values) == {"about": "killed", "now": "86", "was": "77"}


def test_an_older_count_that_comes_late_is_no_update() -> None:
    first = source(1, "Quake kills 86 in Orr", "The quake in Orr killed 86 people, the mayor said.", hours=9)
    late = source(2, "Quake in Orr: 77 dead", "The quake in Orr killed 77 people.", hours=1)
    late = replace(late, published=NOW - timedelta(hours=20))
    assert not choose([story("s", first, late)], {"s": as_reported(story("s", first))}, DigestSpec("d"), NOW).picks


@pytest.mark.parametrize(
    "title", ["Mayor Adams dies in Orr", "Live: Mayor Adams dies in Orr", "Mayor Adams dies in Orr | North News"]
)
def test_a_corrected_headline_is_a_correction_whatever_labels_it_had(title: str) -> None:
    first = source(1, title, "", outlet="North News")
    assert outcome(first, title.replace("Adams", "Brown"), "") is ItemKind.CORRECTION


def test_a_death_in_the_place_of_another_sentence_is_an_update() -> None:
    after = STORM.text.replace("Ferries are cancelled.", "A woman was killed by a tree.")
    assert outcome(STORM, STORM.title, after) is ItemKind.UPDATE
