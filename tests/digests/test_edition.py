"""Putting an edition together: what its footer counts, and what a reader knows after it."""

from __future__ import annotations

from dataclasses import replace

from digests.choose import choose
from digests.edition import assemble
from digests.model import Choice, DigestSpec, Edition, Held, Item, ItemKind, Section, Sentence, Summary, Trust
from digests.reasons import ReasonCode, because
from digests.summarize.extractive import summarize_story
from tests.support.stories import NOW, after_reading, source, story

SPEC = DigestSpec("morning")
STORIES = [
    story(
        "fire",
        source(1, "Fire in Lund", "A fire in Lund burnt 12 boats."),
        source(2, "Boats burn", "Twelve boats burnt."),
    ),
    story(
        "dam",
        source(3, "Dam opens after 2 days", "The dam of Orr opened its gates.", image="https://img.example/dam.jpg"),
    ),
    story("muted", source(4, "Gossip", "A singer wore a hat."), muted=True),
]


def edition(choice: Choice, summaries: dict[str, Summary] | None = None, spec: DigestSpec = SPEC) -> Edition:
    return assemble(
        choice, summaries or {}, spec, edition_id="e", slot=NOW, composed=NOW, period_start=NOW, period_end=NOW,
        trust=Trust(feeds_checked=3, notes=("from the caller",)),
    )  # fmt: skip


def test_the_footer_counts_what_is_shown_held_and_single() -> None:
    choice = choose(STORIES, {}, SPEC, NOW)
    late = Held("late", "Late", 0.1, because(ReasonCode.STORIES_FULL, count=2))
    old = Held("old", "Old", 0.0, because(ReasonCode.KNOWN))
    trust = edition(replace(choice, held=(*choice.held, late, old), seen=5)).trust
    assert (trust.stories_seen, trust.stories_shown, trust.single_source) == (5, 2, 1)
    assert (trust.stories_held, trust.held) == (1, (late,)), "what is muted for good is not held back"
    assert trust.stories_known == 1, "nor is what was reported"
    assert (trust.feeds_checked, trust.notes) == (3, ("from the caller",))


def test_the_footer_reports_what_a_model_wrote_cost_and_could_not_prove() -> None:
    written = replace(
        summarize_story(STORIES[0], words=60), method="model tiny", cost=0.5, refused=("a", "b"), notes=("n",)
    )
    trust = edition(choose(STORIES, {}, SPEC, NOW), {"fire": written}).trust
    assert (trust.written, trust.refused, trust.cost) == (1, 2, 0.5)
    assert trust.notes == ("from the caller", "n")


def test_every_sentence_names_a_source_that_contains_it() -> None:
    for item in edition(choose(STORIES, {}, SPEC, NOW)).items:
        texts = {s.article: s.text for tale in STORIES for s in tale.sources}
        assert item.sentences
        assert all(s.text in texts[item.sources[p].article] for s in item.sentences for p in s.sources[:1])


def test_images_are_optional() -> None:
    choice = choose(STORIES, {}, SPEC, NOW)
    assert [i.image for i in edition(choice).items if i.image] == ["https://img.example/dam.jpg"]
    assert not [i for i in edition(choice, spec=replace(SPEC, images=False)).items if i.image]


def test_nothing_chosen_is_a_quiet_edition() -> None:
    assert edition(Choice()).quiet


def test_what_is_reported_adds_to_what_was_known() -> None:
    (fire, _) = sorted(edition(choose(STORIES, {}, SPEC, NOW)).items, key=lambda i: i.story != "fire")
    first = after_reading(None, fire, NOW)
    assert first.articles == {1, 2}
    later = after_reading(
        first, replace(fire, kind=ItemKind.UPDATE, facts=frozenset({"n:99"}), headline="More boats"), NOW
    )
    assert later.facts == first.facts | {"n:99"}
    assert (later.story, later.headline) == ("fire", "More boats")


def test_the_words_of_an_edition_are_those_of_headlines_and_sentences() -> None:
    made = edition(choose(STORIES, {}, SPEC, NOW))
    shown = " ".join(part for item in made.items for part in (item.headline, *(s.text for s in item.sentences)))
    assert made.words == len(shown.split()) > 0


def test_two_characters_of_a_script_without_spaces_count_as_a_word() -> None:
    item = Item("s", ItemKind.NEW, "World", "大桥坍塌造成三人死亡", (Sentence("The bridge fell on Monday.", (0,)),), ())
    one = replace(edition(Choice()), sections=(Section("World", (item,)),))
    assert one.words == 5 + 5


def test_the_title_of_a_source_does_not_end_with_its_outlet() -> None:
    tale = story(
        "dam", source(3, "Dam opens after 2 days : Northwire", "The dam of Orr opened.", outlet="northwire.org")
    )
    item = edition(choose([tale], {}, SPEC, NOW)).sections[0].items[0]
    assert item.sources[0].title == "Dam opens after 2 days"
