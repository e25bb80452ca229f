"""Filling: the lazy queue takes what a plain reading of maximal marginal relevance takes, and looks closely at few."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from digests.budget import Eligible, fill, pick_similarity
from digests.model import DigestSpec, Held, ItemKind, Pick, Story
from digests.ranking.limits import EditionLimits
from digests.ranking.same_event import unit_vector
from digests.ranking.same_text import Opening
from digests.reasons import ReasonCode, because
from tests.support.stories import source, story

_TERMS = ("dam", "flood", "vote", "opera", "goal")


def made(number: int, score: float, topic: str, terms: list[str], outlet: str, *, must: bool = False) -> Eligible:
    tale = story(f"s{number}", source(number, f"Story {number}", "Text.", outlet=outlet), must=must)
    return Eligible(
        Pick(tale, ItemKind.NEW, topic, score),
        tale.id,
        frozenset({outlet}),
        unit_vector([(t, 1.0) for t in terms]),
        words=20,
    )


ONE = st.tuples(
    st.integers(0, 9).map(lambda n: n / 10),
    st.sampled_from(["World", "Sport"]),
    st.lists(st.sampled_from(_TERMS), max_size=3, unique=True),
    st.sampled_from(["A", "B"]),
    st.booleans(),
)


def plainly(waiting: list[Eligible], spec: DigestSpec) -> list[str]:
    """Return the picks, with the ranks computed again for every pick."""
    left, taken = list(waiting), []
    while left:

        def place(e: Eligible) -> tuple[bool, float, float, str]:
            nearest = max((pick_similarity(e, t) for t in taken), default=0.0)
            value = (1 - spec.diversity) * e.pick.score - spec.diversity * nearest
            return (not e.pick.story.must, -value, -e.pick.score, e.pick.story.id)

        best = min(left, key=place)
        left.remove(best)
        if len(taken) < spec.max_stories or best.pick.story.must:
            taken.append(best)
    return [e.pick.story.id for e in taken]


def nobody(_: Story) -> frozenset[str]:
    return frozenset()


def nothing(_one: Eligible, _leads: frozenset[str]) -> None:
    return None


@settings(max_examples=200)
@given(st.lists(ONE, max_size=14), st.integers(1, 8), st.sampled_from([0.0, 0.3, 0.7, 1.0]))
def test_the_queue_takes_what_the_definition_takes(
    given_stories: list[tuple[float, str, list[str], str, bool]], most: int, diversity: float
) -> None:
    waiting = [
        made(n, score, topic, terms, outlet, must=must)
        for n, (score, topic, terms, outlet, must) in enumerate(given_stories)
    ]
    spec = DigestSpec("d", max_stories=most, diversity=diversity)
    picks, held = fill(waiting, spec, EditionLimits((), spec.max_stories, 0.0), nobody, nothing)
    assert [p.story.id for p in picks] == plainly(waiting, spec)
    assert len(picks) + len(held) == len(waiting)


def test_only_what_is_about_to_go_in_is_looked_at_closely() -> None:
    waiting = [made(n, n / 1000, "World", ["dam"], "A") for n in range(900)]
    read: list[str] = []

    def leads(pick: Pick) -> frozenset[Opening]:
        read.append(pick.story.id)
        return frozenset()

    picks, held = fill(waiting, DigestSpec("d", max_stories=30), EditionLimits((), 30, 0.0), leads, nothing)
    assert (len(picks), len(held), len(read)) == (30, 870, 30)


def test_what_the_ledger_knows_by_its_text_goes_back_or_comes_as_something_else() -> None:
    best, second, third = (made(n, 0.9 - n / 10, f"T{n}", [], f"O{n}") for n in range(3))

    def again(one: Eligible, _: frozenset[str]) -> Eligible | Held | None:
        if one.known or one is third:
            return None
        if one is best:
            return Held(one.pick.story.id, one.name, 0.0, because(ReasonCode.KNOWN))
        return Eligible(Pick(one.pick.story, ItemKind.UPDATE, "T1", 0.1), one.name, one.outlets, {}, 20, ("old",))

    picks, held = fill([best, second, third], DigestSpec("d"), EditionLimits((), 30, 0.0), nobody, again)
    assert [(p.story.id, p.kind) for p in picks] == [("s2", ItemKind.NEW), ("s1", ItemKind.UPDATE)]
    assert [h.reason.code for h in held] == [ReasonCode.KNOWN]
