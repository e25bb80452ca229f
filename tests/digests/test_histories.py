"""Random histories: arrivals, outages, late articles, merges, splits, rewordings, several digests for one reader.

Whatever happens, a story is reported as new at most once to a reader, nothing a publisher wrote is reported twice as
new, and with room enough nothing that arrived is lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from digests.choose import choose
from digests.edition import assemble
from digests.model import DigestSpec, Edition, ItemKind, Reported, Source, Story, Trust
from tests.support.reports import THINGS, report
from tests.support.stories import NOW, after_reading, source, story


@dataclass
class World:
    """What has arrived, in which story, and what the reader was reported by all digests together."""

    stories: dict[str, list[Source]] = field(default_factory=dict)
    absorbed: dict[str, list[str]] = field(default_factory=dict)
    ledger: dict[str, Reported] = field(default_factory=dict)
    editions: list[Edition] = field(default_factory=list)
    articles: int = 0
    splits: int = 0
    now: datetime = NOW

    def arrive(self, tale: int, part: int, *, backlog: bool = False) -> None:
        self.articles += 1
        name = self._home(tale)
        made = source(self.articles, f"{THINGS[tale]} news {part}", report(tale, part), backlog=backlog)
        self.stories.setdefault(name, []).append(replace(made, arrived=self.now))

    def _home(self, tale: int) -> str:
        name = f"story{tale}"
        return next((into for into, parts in self.absorbed.items() if name in parts), name)

    def merge(self, one: int, other: int) -> None:
        a, b = self._home(one), self._home(other)
        if a == b or a not in self.stories or b not in self.stories:
            return
        self.stories[a] += self.stories.pop(b)
        self.absorbed.setdefault(a, []).extend([b, *self.absorbed.pop(b, [])])

    def split(self, tale: int) -> None:
        name = self._home(tale)
        if len(self.stories.get(name, [])) > 1:
            self.splits += 1  # two splits without an arrival between them are two stories
            self.stories[f"{name}-split{self.splits}"] = [self.stories[name].pop()]

    def all(self) -> list[Story]:
        return [
            story(name, *sources, absorbed=tuple(self.absorbed.get(name, ())))
            for name, sources in self.stories.items()
            if sources
        ]

    def compose(self, spec: DigestSpec) -> Edition:
        choice = choose(self.all(), self.ledger, spec, self.now)
        assert len(choice.picks) + len(choice.held) == choice.seen
        edition = assemble(
            choice,
            {},
            spec,
            edition_id=str(len(self.editions)),
            slot=self.now,
            composed=self.now,
            period_start=self.now,
            period_end=self.now,
            trust=Trust(),
        )
        for item in edition.items:
            parts = {item.story, *self.absorbed.get(item.story, ())}
            assert item.kind is not ItemKind.NEW or not parts & set(self.ledger)
            self.ledger[item.story] = after_reading(self.ledger.get(item.story), item, self.now)
        self.editions.append(edition)
        return edition


_TALES = st.integers(0, 3)
_STEPS = st.one_of(
    st.tuples(st.just("arrive"), _TALES, st.integers(0, 3)),
    st.tuples(st.just("arrive"), _TALES, st.integers(0, 3)),
    st.tuples(st.just("backlog"), _TALES, st.integers(0, 3)),
    st.tuples(st.just("merge"), _TALES, _TALES),
    st.tuples(st.just("split"), _TALES, st.just(0)),
    st.tuples(st.just("wait"), st.integers(1, 60), st.just(0)),
    st.tuples(st.just("compose"), st.integers(1, 3), st.integers(0, 1)),
    st.tuples(st.just("compose"), st.integers(1, 3), st.integers(0, 1)),
)
_SPECS = (DigestSpec("morning"), DigestSpec("evening", diversity=0.7))


def play(world: World, steps: list[tuple[str, int, int]]) -> None:
    for what, one, other in steps:
        world.now += timedelta(minutes=5)
        match what:
            case "arrive" | "backlog":
                world.arrive(one, other, backlog=what == "backlog")
            case "merge":
                world.merge(one, other)
            case "split":
                world.split(one)
            case "wait":
                world.now += timedelta(hours=one)
            case _:
                world.compose(replace(_SPECS[other], max_stories=one))


_COPY_LEFT_THE_STORY = [
    ("arrive", 0, 0),
    ("compose", 3, 0),
    ("arrive", 0, 1),
    ("wait", 20, 0),
    ("arrive", 0, 1),
    ("split", 0, 0),
    ("arrive", 1, 2),
    ("compose", 3, 0),
]

_TWO_SPLITS = [
    ("arrive", 2, 0),
    ("arrive", 2, 0),
    ("arrive", 2, 2),
    ("split", 2, 0),
    ("compose", 2, 0),
    ("split", 2, 0),
    ("arrive", 2, 2),
    ("compose", 1, 0),
]


@settings(max_examples=250)
@example(_TWO_SPLITS)  # the article that was sent is in a story of its own, and its copy arrives in the old one
@example(_COPY_LEFT_THE_STORY)  # the copy, in a story of its own, is picked before the update with the same text
@given(st.lists(_STEPS, max_size=30))
def test_a_story_is_reported_as_new_once_and_nothing_twice(steps: list[tuple[str, int, int]]) -> None:
    world = World()
    play(world, steps)
    new = [item.story for edition in world.editions for item in edition.items if item.kind is ItemKind.NEW]
    assert len(new) == len(set(new))
    sentences = [
        sentence.text
        for edition in world.editions
        for item in edition.items
        for sentence in item.sentences
        if item.kind is ItemKind.NEW or sentence.new
    ]
    assert len(sentences) == len(set(sentences))


@settings(max_examples=100)
@example([("arrive", 0, 1), ("backlog", 2, 2), ("compose", 1, 0), ("arrive", 2, 2), ("merge", 2, 0)])
@given(st.lists(_STEPS, max_size=30))
def test_with_room_nothing_that_arrived_is_lost(steps: list[tuple[str, int, int]]) -> None:
    world = World()
    play(world, steps)
    world.compose(replace(_SPECS[0], max_stories=1000, max_words=10**6))
    reported = {article for known in world.ledger.values() for article in known.articles}
    for name, sources in world.stories.items():
        if any(not s.backlog for s in sources) and name in world.ledger:
            continue
        texts = {s.text for s in sources if not s.backlog}
        shown = {t.text for e in world.editions for i in e.items for t in i.sentences}
        # A copy that a split took into a story of its own is reported where its twin is.
        known = {s.text for tale in world.stories.values() for s in tale if s.article in reported}
        assert texts <= shown | known


@settings(max_examples=60)
@given(st.lists(_STEPS, max_size=25))
def test_after_everything_is_reported_a_quiet_edition_follows(steps: list[tuple[str, int, int]]) -> None:
    world = World()
    play(world, steps)
    wide = replace(_SPECS[0], max_stories=1000, max_words=10**6)
    for _ in range(2):
        world.compose(wide)
    assert world.compose(wide).quiet


@settings(max_examples=40)
@given(st.lists(_STEPS, max_size=20), st.integers(0, 3))
def test_two_readers_do_not_share_what_they_know(steps: list[tuple[str, int, int]], part: int) -> None:
    world = World()
    play(world, [*steps, ("arrive", 0, part)])
    fresh = choose(world.all(), {}, replace(_SPECS[0], max_stories=1000, max_words=10**6), world.now)
    expected = {x.text for s in world.all() for x in s.sources if not x.backlog}
    assert expected <= {x.text for p in fresh.picks for x in p.story.sources}
    assert all(p.kind is ItemKind.NEW for p in fresh.picks)
