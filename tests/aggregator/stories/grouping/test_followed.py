"""An event and its follow-up are one story, however late and in whichever order they are fetched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.grouping.window import turn
from aggregator.stories.model import Document
from tests.aggregator.stories.followed import EVENTS, Report
from tests.aggregator.stories.news import START

FORMS = {
    "titles": lambda report: "",
    "leads": lambda report: report.lead,
    "articles": lambda report: report.article,
}
FETCHED = START + timedelta(hours=12)  # the first time that the feeds are fetched
Partition = frozenset[frozenset[int]]


def reports(form: str) -> list[Document]:
    """Return all reports: first those of all events, then the follow-ups, each published an hour or more later."""
    reported = [(event.language, event.first, k) for k, event in enumerate(EVENTS)]
    reported += [(event.language, event.later, len(EVENTS) + k) for k, event in enumerate(EVENTS)]
    return [document(k, language, report, FORMS[form](report)) for language, report, k in reported]


def document(entry: int, language: str, report: Report, text: str) -> Document:
    published = START + timedelta(hours=entry)
    return Document(entry, report.title, text, FETCHED, f"outlet{entry}.example", language, published)


def decided(documents: Sequence[Document]) -> Partition:
    """Group documents as ticks do: those that arrived together in order of publication. Returns which are together."""
    grouper, story = Grouper(), dict[int, str]()
    for moment in sorted({d.arrived for d in documents}):
        arrived = [d for d in documents if d.arrived == moment]
        for one in sorted(arrived, key=lambda d: turn(d.entry, d.title, d.published, d.arrived, moment)):
            decision = grouper.add(one)
            story = {e: decision.story if s in decision.merged else s for e, s in story.items()}
            story[one.entry] = decision.story
        story |= {move.article: move.to_story for move in grouper.tidy(moment)}
    return frozenset(frozenset(e for e, at in story.items() if at == one) for one in story.values())


def late(documents: Sequence[Document], hours: float) -> list[Document]:
    """Return the same reports where all follow-ups are fetched so many hours after the rest."""
    by = timedelta(hours=hours)
    return [replace(d, arrived=d.arrived + by) if d.entry >= len(EVENTS) else d for d in documents]


EXPECTED: Partition = frozenset(frozenset({k, len(EVENTS) + k}) for k in range(len(EVENTS)))


@pytest.mark.parametrize("hours", [0, 5, 24, 48])
@pytest.mark.parametrize("form", FORMS)
def test_a_follow_up_joins_its_event_whenever_it_is_fetched(form: str, hours: float) -> None:
    assert decided(late(reports(form), hours)) == EXPECTED


@pytest.mark.parametrize("hours", [5, 24, 48])
def test_without_dates_a_later_report_with_a_lead_or_an_article_joins_too(hours: float) -> None:
    """The time of fetching is all that is known then."""
    for form in FORMS:
        undated = [replace(d, published=None) for d in reports(form)]
        assert decided(late(undated, hours)) == EXPECTED


@pytest.mark.parametrize("form", FORMS)
def test_the_order_in_which_feeds_answer_changes_nothing(form: str) -> None:
    """Entries get their numbers in the order in which they are stored."""
    for seed in range(4):
        shuffled = reports(form)
        Random(seed).shuffle(shuffled)
        numbered = [replace(d, entry=100 + k) for k, d in enumerate(shuffled)]
        found = {frozenset(shuffled[e - 100].entry for e in one) for one in decided(numbered)}
        assert found == EXPECTED


def test_a_follow_up_a_week_later_joins_by_its_article() -> None:
    documents = reports("articles")
    week: list[Document] = [
        replace(d, arrived=d.arrived + timedelta(days=7), published=_after(d.published, 7))
        if d.entry >= len(EVENTS)
        else d
        for d in documents
    ]
    assert decided(week) == EXPECTED


def _after(published: datetime | None, days: float) -> datetime | None:
    return None if published is None else published + timedelta(days=days)


@pytest.mark.parametrize("bare", [0, 1])
def test_a_title_joins_the_whole_article_of_its_event(bare: int) -> None:
    """One outlet gives the whole article, the other a headline alone."""
    documents = reports("articles")
    mixed = [replace(d, text="") if (d.entry >= len(EVENTS)) == bool(bare) else d for d in documents]
    assert decided(mixed) == EXPECTED
