"""Late changes: bridges, moves and splits keep ids stable and say why."""

from __future__ import annotations

from datetime import timedelta

from aggregator.stories.grouping import Grouper
from aggregator.stories.model import Action, Document
from tests.aggregator.stories.news import START, stream

EXCERPTS = (
    (
        "Harbour closed",
        "The harbour of Lindesnes will be closed for three weeks while divers look for the anchor that the ferry Solveig lost.",
    ),
    (
        "Sea search",
        "Fishing boats have been asked to use the old quay at Baly, and the shipping line will bear the cost of the search, a spokesman said.",
    ),
)


def test_a_text_that_repeats_two_articles_in_whole_makes_their_stories_one() -> None:
    grouper = Grouper()
    long = " ".join(f"Sentence {k} tells of the anchor, the quay and the {k}th boat of Baly." for k in range(40))
    other = long.replace("Sentence", "Line").replace("tells", "speaks")
    half = " ".join([*long.split()[:300], *other.split()[300:]])
    first, second = (grouper.add(d) for d in stream(("Anchor lost", long), ("Painter honoured in Rome", other)))
    third = grouper.add(Document(3, "Both", half, START + timedelta(hours=3), "third.example"))
    assert third.action is Action.CARRIES
    assert third.story == first.story
    assert third.merged == ((second.story,) if second.story != first.story else ())


def test_tidying_an_untouched_window_changes_nothing() -> None:
    grouper = Grouper()
    for document in stream(*EXCERPTS):
        grouper.add(document)
    grouper.tidy(START)
    assert grouper.tidy(START) == []
