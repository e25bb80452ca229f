"""Stories, search and retention: the same suite on the twin in memory, on a file of SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from aggregator.store import Database, retention
from aggregator.store.editions import editions
from aggregator.store.intake import entries, feeds
from aggregator.store.outgoing import deliveries
from aggregator.store.records import FeedConfigRow, StoryUpdate
from aggregator.store.schema.dialect import chunks
from aggregator.store.schema.tables import article
from aggregator.store.stories import readings as comparisons
from aggregator.store.stories import search, stories, ties
from aggregator.store.stories.origins import origin_reasons
from aggregator.stories.copies.explain import origin_sentence
from aggregator.stories.copies.origin import Origin, OriginCode, OriginReason
from aggregator.stories.model import NEAREST, Action, Decision, Evidence, Move, MoveReason
from aggregator.stories.prefilter import required_words
from digests.model import Carrier, Match
from digests.reasons import ReasonCode, because
from tests.support.stored import (
    DAY,
    HOUR,
    LEASE,
    NOW,
    edition,
    entry,
    feed_entries,
    item,
    opened,
    publish,
    publish_stories,
    readers,
    send,
)

OTHER = "https://b.example/feed"


# ── grouping ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_decisions_place_entries_and_say_why(db: Database) -> None:
    a, b, c = publish(db, [entry("a"), entry("b"), entry("c")])
    why = (
        Evidence("names", 0.5, ("Port Hale", "Maren")),
        Evidence("other counts", -0.5, (("3 hurt",), ("4 hurt", "5 dead"))),
    )
    decisions = [
        Decision(a, a, "s1", Action.OPENS),
        Decision(b, b, "s1", Action.JOINS, 0.8, why),
        Decision(c, a, "s1", Action.CARRIES),
    ]
    assert stories.save_grouping(db, decisions, now=NOW) == 3
    assert entries.ungrouped(db, 10) == []
    assert {k: [e.id for e in v] for k, v in entries.article_entries(db, [a, b]).items()} == {a: [a, c], b: [b]}
    assert [(e.what, e.entry) for e in stories.events(db, "s1")] == [("opened", a), ("joined", b), ("carried", c)]
    assert stories.events(db, "s1")[1].evidence == why


def test_articles_that_hardly_belong_to_a_story_are_another_part_of_it(db: Database) -> None:
    a, b, c, d, e = publish(db, [entry(name) for name in "abcde"])

    def like(one: int) -> tuple[Evidence, ...]:
        return (Evidence(NEAREST, 0.0, (one,)),)

    decisions = [
        Decision(a, a, "s1", Action.OPENS),
        Decision(b, b, "s1", Action.JOINS, 0.9, like(a)),
        Decision(c, c, "s1", Action.JOINS, 0.55, like(a)),
        Decision(d, d, "s2", Action.OPENS),
    ]
    stories.save_grouping(db, decisions, now=NOW)
    bridges = Decision(e, e, "s1", Action.BRIDGES, 0.9, like(c), merged=("s2",))
    stories.save_grouping(db, [bridges], now=NOW)
    (one,) = stories.stories(db)
    assert {source.article: source.part for source in one.sources} == {a: 0, b: 0, c: 1, d: 0, e: 1}


def test_parts_of_a_story_last_when_all_of_it_moves_into_another(db: Database) -> None:
    a, b, c, d = publish(db, [entry(name) for name in "abcd"])
    hardly = Decision(d, d, "s2", Action.JOINS, 0.55, (Evidence(NEAREST, 0.0, (c,)),))
    decisions = [Decision(a, a, "s1", Action.OPENS), Decision(b, b, "s1", Action.JOINS, 0.9)]
    stories.save_grouping(db, [*decisions, Decision(c, c, "s2", Action.OPENS), hardly], now=NOW)
    stories.save_grouping(db, [], [Move(key, "s2", "s1", MoveReason.GREW) for key in (c, d)], now=NOW)
    (one,) = stories.stories(db)
    assert {source.article: source.part for source in one.sources} == {a: 0, b: 0, c: 0, d: 1}


def test_what_moved_an_article_last_counts_also_if_the_stories_are_read_by_two_statements(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ties, "chunks", lambda values: chunks(values, 1))
    a, b, c, d = publish(db, [entry(name) for name in "abcd"])
    weak = (Evidence(NEAREST, 0.0, (b,)),)
    decisions = [
        Decision(a, a, "s1", Action.OPENS),
        Decision(b, b, "s2", Action.OPENS),
        Decision(c, c, "s2", Action.JOINS, 0.55, weak),
    ]
    stories.save_grouping(db, decisions, now=NOW)
    stories.save_grouping(db, [], [Move(c, "s2", "s1", MoveReason.LATER)], now=NOW)
    bridges = Decision(d, d, "s1", Action.BRIDGES, 0.9, merged=("s2",))
    stories.save_grouping(db, [bridges], now=NOW)
    (one,) = stories.stories(db)
    assert {source.part for source in one.sources} == {0}


def test_an_article_that_left_and_came_back_with_its_story_does_not_hardly_belong(db: Database) -> None:
    a, b, c = publish(db, [entry(name) for name in "abc"])
    like = (Evidence(NEAREST, 0.0, (a,)),)
    weakly = [Decision(a, a, "s1", Action.OPENS), Decision(b, b, "s1", Action.JOINS, 0.55, like)]
    stories.save_grouping(db, weakly, now=NOW)
    stories.save_grouping(db, [], [Move(b, "s1", "s2", MoveReason.OTHER_EVENT)], now=NOW)
    stories.save_grouping(db, [Decision(c, c, "s1", Action.BRIDGES, 0.9, like, merged=("s2",))], now=NOW)
    (one,) = stories.stories(db)
    assert {source.article: source.part for source in one.sources} == {a: 0, b: 0, c: 0}


def test_saving_decisions_again_changes_nothing(db: Database) -> None:
    ids = publish(db, [entry("a"), entry("b")])
    assert stories.save_grouping(db, opened(ids), now=NOW) == 2
    assert stories.save_grouping(db, opened(ids, prefix="other"), now=NOW) == 0
    assert sorted(s.id for s in stories.stories(db)) == [f"s{ids[0]}", f"s{ids[1]}"]


def test_a_story_comes_back_whole(db: Database) -> None:
    feeds.sync_subscriptions(db, [FeedConfigRow("https://a.example/feed", "Paper A", weight=2.0, language="de")], NOW)
    a, b = publish(db, [entry("a", link="https://a.example/1", published=NOW - HOUR, authors=("Ann",)), entry("b")])
    (c,) = publish(db, [entry("c", link="https://b.example/1")], url=OTHER, now=NOW + HOUR)
    decisions = [
        Decision(a, a, "s", Action.OPENS),
        Decision(b, b, "s", Action.JOINS),
        Decision(c, a, "s", Action.CARRIES),
    ]
    known = StoryUpdate(
        "s",
        "Title",
        "de",
        (Match("World", 0.9, (because(ReasonCode.SAYS, words=("pier", "Orr")), because(ReasonCode.ALIKE, share=0.5))),),
        (Match("Trams", 0.4),),
        1.5,
        must=True,
        terms=(("pier", 0.5),),
    )
    stories.save_grouping(db, decisions, stories=[known], now=NOW)
    publish(db, changed=[entry("a", text="new", link="https://a.example/1")], now=NOW + 2 * HOUR)
    (story,) = stories.stories(db)
    first, second = story.sources
    assert (story.first, story.last, story.language, story.boost, story.must, story.muted) == (
        NOW,
        NOW,
        "de",
        1.5,
        True,
        False,
    )
    assert (story.topics, story.interests, story.terms) == (known.topics, known.interests, known.terms)
    assert (first.article, first.outlet, first.url, first.weight, first.language) == (
        a,
        "Paper A",
        "https://a.example/1",
        2.0,
        "de",
    )
    assert first.carriers == (Carrier("b.example", "https://b.example/1"),)
    assert (first.text, [v.text for v in first.versions], first.revised) == ("new", ["Text of a."], NOW + 2 * HOUR)
    assert (second.article, second.carriers, second.versions) == (b, (), ())


def test_who_wrote_an_article_leads_it_and_the_others_carry_it(db: Database) -> None:
    (a,) = publish(db, [entry("a", link="https://a.example/1")])
    (c,) = publish(db, [entry("c", link="https://b.example/1")], url=OTHER, now=NOW + HOUR)
    decisions = [Decision(a, a, "s", Action.OPENS), Decision(c, a, "s", Action.CARRIES)]
    stories.save_grouping(db, decisions, now=NOW)
    (unjudged,) = stories.stories(db)[0].sources
    assert (unjudged.outlet, unjudged.copy_of, origin_reasons(db, [a])) == ("a.example", "", {})
    why = OriginReason(OriginCode.CREDIT, "a.example", "Reuters")
    stories.save_grouping(db, [], origins=[Origin(a, c, "Reuters", why)], now=NOW)
    (source,) = stories.stories(db)[0].sources
    assert (source.article, source.outlet, source.url, source.text) == (
        a,
        "b.example",
        "https://b.example/1",
        "Text of c.",
    )
    assert (source.arrived, source.carriers) == (NOW, (Carrier("a.example", "https://a.example/1"),))
    assert (source.copy_of, origin_reasons(db, [a])) == ("Reuters", {a: why})
    assert [p.article for p in stories.placed(db, NOW - DAY)] == [a, a]


def test_an_origin_that_an_earlier_version_stored_as_a_sentence_is_read(db: Database) -> None:
    (a,) = publish(db, [entry("a")])
    stories.save_grouping(db, [Decision(a, a, "s", Action.OPENS)], now=NOW)
    with db.write() as connection:
        connection.execute(update(article).values(origin="B credits Reuters"))
    (reason,) = origin_reasons(db, [a]).values()
    assert origin_sentence(reason) == "B credits Reuters"


@pytest.mark.parametrize(
    ("site", "link", "source", "named"),
    [
        ("https://a.example/", "https://a.example/politics/1", None, False),
        ("https://www.a.example/world", "https://a.example/1", None, False),
        ("https://a.example", "https://www.a.example/2?from=world", None, False),
        ("https://b.example/", "https://b.example/1", None, True),
        ("https://a.example/", "https://b.example/1", None, True),
        ("https://a.example/", "https://a.example/3", "Another Paper", True),
    ],
)
def test_another_feed_of_an_outlet_does_not_carry_its_text(
    db: Database, site: str, link: str, source: str | None, *, named: bool
) -> None:
    (a,) = publish(db, [entry("a", link="https://a.example/1")])
    (c,) = publish(db, [entry("c", link=link, source_title=source)], url="https://feeds.example/world", now=NOW + HOUR)
    with db.write() as connection:
        connection.exec_driver_sql(
            "UPDATE feed SET site = 'https://a.example/', title = 'The Paper' WHERE url = 'https://a.example/feed'"
        )
        connection.exec_driver_sql(
            f"UPDATE feed SET site = '{site}', title = 'The Paper: World' WHERE url = 'https://feeds.example/world'"
        )
    stories.save_grouping(db, [Decision(a, a, "s", Action.OPENS), Decision(c, a, "s", Action.CARRIES)], now=NOW)
    (reported,) = stories.stories(db)[0].sources
    assert bool(reported.carriers) is named


def test_what_was_read_of_an_article_comes_in_place_of_its_text_while_its_story_is_open(db: Database) -> None:
    a, b = publish(db, [entry("a"), entry("b")])
    (c,) = publish(db, [entry("c")], url=OTHER, now=NOW + HOUR)
    decisions = [
        Decision(a, a, "s", Action.OPENS),
        Decision(b, b, "t", Action.OPENS),
        Decision(c, a, "s", Action.CARRIES),
    ]
    stories.save_grouping(db, decisions, now=NOW)
    comparisons.save(db, "one", {})
    comparisons.save(db, "one", {a: b"first", b: b"other"})
    comparisons.save(db, "one", {a: b"again"})

    def read(form: str = "") -> list[tuple[int, str, bytes | None]]:
        return [(p.document.entry, p.document.text, p.reading) for p in stories.placed(db, NOW - DAY, form)]

    assert read("one") == [(a, "", b"again"), (b, "", b"other"), (c, "Text of c.", None)]
    assert read("two") == read() == [(a, "Text of a.", None), (b, "Text of b.", None), (c, "Text of c.", None)]
    comparisons.save(db, "two", {b: b"newer"})
    assert read("one")[1:] == read()[1:]
    assert comparisons.prune(db, NOW - DAY) == 0
    assert comparisons.prune(db, NOW) == 2
    assert read("one") == read()


def test_stories_are_asked_for_by_time_by_id_and_by_number(db: Database) -> None:
    old = publish_stories(db, 2, now=NOW - DAY)
    new = publish_stories(db, 2)
    assert [s.id for s in stories.stories(db)] == [*reversed(new), *reversed(old)]
    assert [s.id for s in stories.stories(db, since=NOW - HOUR)] == list(reversed(new))
    assert [s.id for s in stories.stories(db, ids=[old[0], new[0], "none"])] == [new[0], old[0]]
    assert [s.id for s in stories.stories(db, limit=1)] == [new[1]]
    assert [r.id for r in stories.list_stories(db, NOW - HOUR)] == list(reversed(new))


def test_a_bridge_ends_stories_in_one_and_ids_are_followed(db: Database) -> None:
    a, b, c, d = publish(db, [entry(g) for g in "abcd"])
    stories.save_grouping(db, opened([a, b, c]), now=NOW)
    stories.save_grouping(db, [Decision(d, d, "sx", Action.BRIDGES, merged=(f"s{a}", f"s{b}"))], now=NOW)
    merged = stories.story(db, f"s{a}")
    assert merged is not None
    assert (merged.id, merged.absorbed, merged.articles) == ("sx", (f"s{a}", f"s{b}"), (a, b, d))
    assert stories.follow(db, [f"s{b}", f"s{c}", "no"]) == {f"s{b}": "sx", f"s{c}": f"s{c}"}
    assert sorted(s.id for s in stories.stories(db)) == [f"s{c}", "sx"]


def test_chains_of_merges_end_in_the_last_survivor(db: Database) -> None:
    ids = publish(db, [entry(g) for g in "abcde"])
    stories.save_grouping(db, opened(ids[:3]), now=NOW)
    one, two, three = (f"s{k}" for k in ids[:3])
    stories.save_grouping(db, [Decision(ids[3], ids[3], two, Action.BRIDGES, merged=(one,))], now=NOW)
    # The engine may still know `one` by its old name, also as a target.
    late = Decision(ids[4], ids[4], one, Action.JOINS)
    stories.save_grouping(db, [Decision(ids[4], ids[4], three, Action.BRIDGES, merged=(two,)), late], now=NOW)
    assert set(stories.follow(db, [one, two, three]).values()) == {three}
    (story,) = stories.stories(db)
    assert (story.id, story.absorbed, len(story.sources)) == (three, (one, two), 5)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
@pytest.mark.parametrize("late", [False, True])
def test_a_chain_of_merges_saved_at_once_ends_in_the_last_survivor(
    db: Database, order: tuple[int, ...], late: bool
) -> None:
    ids = publish(db, [entry(g) for g in "abcdef"])
    one, two, three = (f"s{ids[k]}" for k in order)
    old = Decision(ids[5], ids[5], one, Action.BRIDGES, merged=("old",))
    before = Decision(ids[4], ids[4], "old", Action.OPENS)
    stories.save_grouping(db, [*opened(ids[:3]), before, old], now=NOW)
    if late:
        chain = [(ids[order[0]], one, two), (ids[4], one, two), (ids[5], one, two)]
        chain += [(key, two, three) for key in (ids[order[1]], ids[order[0]], ids[4], ids[5])]
        stories.save_grouping(db, [], [Move(*move, MoveReason.GREW) for move in chain], now=NOW)
    else:
        first = Decision(ids[3], ids[3], two, Action.BRIDGES, merged=(one,))
        joined = Decision(ids[3], ids[3], three, Action.BRIDGES, merged=(two,))
        stories.save_grouping(db, [first, joined], now=NOW)
    assert stories.follow(db, ["old", one, two, three]) == dict.fromkeys(("old", one, two, three), three)


def test_stories_that_end_in_each_other_do_not_loop(db: Database) -> None:
    ids = publish(db, [entry(g) for g in "abcd"])
    stories.save_grouping(db, opened(ids[:2], prefix=""), now=NOW)
    one, two = (str(k) for k in ids[:2])
    stories.save_grouping(
        db,
        [
            Decision(ids[2], ids[2], two, Action.BRIDGES, merged=(one,)),
            Decision(ids[3], ids[3], one, Action.BRIDGES, merged=(two,)),
        ],
        now=NOW,
    )
    (story,) = stories.stories(db)
    assert (story.id, len(story.sources)) == (two, 4)


def test_an_article_moves_and_both_stories_count_again(db: Database) -> None:
    (a,) = publish(db, [entry("a")], now=NOW)
    (b,) = publish(db, [entry("b")], now=NOW + HOUR)
    joined = [Decision(a, a, "s1", Action.OPENS), Decision(b, b, "s1", Action.JOINS)]
    stories.save_grouping(db, joined, now=NOW)
    stories.save_grouping(db, [], [Move(b, "s1", "s2", MoveReason.OTHER_EVENT)], now=NOW + HOUR)
    first, second = stories.story(db, "s1"), stories.story(db, "s2")
    assert first is not None
    assert second is not None
    assert (first.articles, first.last, second.articles, second.first) == ((a,), NOW, (b,), NOW + HOUR)
    assert [e.what for e in stories.events(db, "s2")] == ["split"]


def test_a_story_that_loses_its_last_article_lives_on_in_the_other(db: Database) -> None:
    a, b = publish(db, [entry("a"), entry("b")])
    stories.save_grouping(db, opened([a, b]), now=NOW)
    stories.save_grouping(db, [], [Move(a, f"s{a}", f"s{b}", MoveReason.GREW)], now=NOW)
    assert stories.follow(db, [f"s{a}"]) == {f"s{a}": f"s{b}"}
    assert [s.absorbed for s in stories.stories(db)] == [(f"s{a}",)]


def test_the_engine_is_rebuilt_from_whole_stories_in_order(db: Database) -> None:
    (old,) = publish(db, [entry("old")], now=NOW - 2 * DAY)
    (gone,) = publish(db, [entry("gone")], now=NOW - 2 * DAY)
    (new,) = publish(db, [entry("new", links=("https://x.example/",))])
    stories.save_grouping(
        db,
        [
            Decision(old, old, "s", Action.OPENS),
            Decision(gone, gone, "t", Action.OPENS),
            Decision(new, new, "s", Action.JOINS),
        ],
        now=NOW,
    )
    placed = stories.placed(db, NOW - DAY)
    assert [(p.document.entry, p.article, p.story) for p in placed] == [(old, old, "s"), (new, new, "s")]
    assert placed[1].document == entries.entries(db, [new])[0].document


def test_candidates_are_what_arrived_or_changed_since(db: Database) -> None:
    old, changed = publish(db, [entry("old"), entry("changed")], now=NOW - DAY)
    new, backlog = publish(db, [entry("new"), entry("backlog")])
    with db.write() as connection:
        connection.exec_driver_sql(f"UPDATE entry SET backlog = true WHERE id = {backlog}")
    stories.save_grouping(db, opened([old, changed, new, backlog]), now=NOW)
    publish(db, changed=[entry("changed", text="No, it was not so.")])
    assert editions.candidates(db, NOW - HOUR) == sorted([f"s{changed}", f"s{new}"])
    dated, undated = publish(db, [entry("dated", published=NOW - 3 * DAY), entry("undated")])
    with db.write() as connection:
        connection.exec_driver_sql(f"UPDATE entry SET backlog = true WHERE id IN ({dated}, {undated})")
    stories.save_grouping(db, opened([dated, undated]), now=NOW)
    assert f"s{dated}" not in editions.candidates(db, NOW - HOUR, NOW - DAY)
    assert set(editions.candidates(db, NOW - HOUR, NOW - 4 * DAY)) == {f"s{changed}", f"s{new}", f"s{dated}"}


# ── search ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def found(db: Database, words: str) -> list[str]:
    while search.index_entries(db, 2):
        pass
    groups = required_words(words)
    return [e.guid for e in entries.entries(db, [hit.entry for hit in search.matching_entries(db, groups, 50)])]


def test_entries_are_found_by_all_words_whatever_their_case_and_accents(db: Database) -> None:
    publish(
        db,
        [entry("a", title="Café in Brno öffnet", text="Tramlinie 9"), entry("b", title="Tram", text="no cafe, no tea")],
    )
    assert found(db, "CAFE tramlinie") == ["a"]
    assert found(db, "öffnet") == found(db, "offnet") == ["a"]
    assert found(db, "cafe") == ["a", "b"]
    assert found(db, "cafe nothing") == []


def test_every_alphabet_is_found(db: Database) -> None:
    words = ("Straße", "Київ", "Ελλάδα", "القاهرة", "naïve", "İstanbul", "서울", "x_y")
    publish(db, [entry(word, text=f"a {word}, b") for word in words])
    for word in words:
        assert found(db, word) == [word]


def test_a_word_is_found_with_its_endings_or_alone(db: Database) -> None:
    publish(db, [entry("a", text="one ferry"), entry("b", text="two ferryboats"), entry("c", text="a pier")])
    while search.index_entries(db, 10):
        pass

    def with_ferry(*, whole: bool) -> list[str]:
        hits = search.matching_entries(db, [["ferry"]], 50, whole=whole)
        return [one.guid for one in entries.entries(db, [hit.entry for hit in hits])]

    assert with_ferry(whole=False) == ["a", "b"]
    assert with_ferry(whole=True) == ["a"]


def test_the_title_counts_more(db: Database) -> None:
    publish(db, [entry("a", title="News", text="a pier"), entry("b", title="Pier", text="some news")])
    while search.index_entries(db, 10):
        pass
    best = search.matching_entries(db, [["pier"]], 50, ranked=True)
    assert [e.guid for hit in best for e in entries.entries(db, [hit.entry])] == ["b", "a"]
    assert best[0].rank > best[1].rank


def test_changed_words_are_found_and_old_ones_are_not(db: Database) -> None:
    publish(db, [entry("a", text="pier")])
    assert found(db, "pier") == ["a"]
    publish(db, changed=[entry("a", text="bridge")])
    assert found(db, "bridge") == ["a"]
    assert found(db, "pier") == []


# ── retention ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_reported_is_kept_and_the_rest_goes(db: Database) -> None:
    reported, never = publish_stories(db, 2, now=NOW - 100 * DAY)
    (reader,) = readers(db, "ann@x.example")
    (delivery,) = send(db, edition([item(reported)], slot=NOW - 100 * DAY), [reader], now=NOW - 100 * DAY)
    while search.index_entries(db, 10):
        pass
    pruned = retention.prune(db, NOW, 50 * DAY)
    assert (pruned.stories, pruned.emptied, pruned.fetches) == (1, 1, 1)
    assert [s.id for s in stories.stories(db)] == [reported]
    assert stories.stories(db)[0].sources[0].text
    assert stories.story(db, never) is None
    assert [hit.story for hit in search.matching_entries(db, [["text"]], 50)] == [reported]
    assert deliveries.delivery_by(db, delivery).body  # it still waits
    assert retention.prune(db, NOW, 50 * DAY) == retention.Pruned()


def test_a_pruned_entry_that_its_feed_still_lists_is_not_new_again(db: Database) -> None:
    publish_stories(db, 1, now=NOW - 100 * DAY)
    retention.prune(db, NOW, 50 * DAY)
    (known,) = feed_entries(db, 1)
    assert (known.text, known.article_id) == ("", None)
    assert publish(db, [entry(known.guid)]) == []
    assert [k.guid for k in feeds.known_entries(db, 1, [known.guid])] == [known.guid]


def test_a_pruned_entry_that_changes_has_words_again(db: Database) -> None:
    publish_stories(db, 1, now=NOW - 100 * DAY)
    while search.index_entries(db, 10):
        pass
    retention.prune(db, NOW, 50 * DAY)
    (known,) = feed_entries(db, 1)
    publish(db, changed=[entry(known.guid, text="A bridge.")])
    assert found(db, "bridge") == [known.guid]


def test_very_old_entries_go_when_their_feed_has_moved_on(db: Database) -> None:
    publish_stories(db, 3, now=NOW - 900 * DAY)
    publish(db, [entry(f"n{k}") for k in range(499)])
    assert retention.prune(db, NOW, 100 * DAY).entries == 2


def test_stories_with_a_reported_article_or_a_reported_name_are_kept(db: Database) -> None:
    a, b, c = publish(db, [entry(g) for g in "abc"], now=NOW - 100 * DAY)
    stories.save_grouping(db, opened([a, b, c]), now=NOW - 100 * DAY)
    (reader,) = readers(db, "ann@x.example")
    send(db, edition([item(f"s{a}"), item(f"s{c}")]), [reader])
    stories.save_grouping(
        db, [], [Move(a, f"s{a}", f"s{b}", MoveReason.GREW), Move(c, f"s{c}", "split", MoveReason.OTHER_EVENT)], now=NOW
    )
    retention.prune(db, NOW + 300 * DAY, 50 * DAY)
    assert sorted(s.id for s in stories.stories(db)) == [f"s{b}", "split"]


def test_mails_sent_long_ago_keep_their_row_and_lose_their_bytes(db: Database) -> None:
    (reported,) = publish_stories(db, 1)
    (reader,) = readers(db, "ann@x.example")
    (key,) = send(db, edition([item(reported)]), [reader], expires=NOW + HOUR)
    deliveries.expire(db, NOW + HOUR)
    assert retention.prune(db, NOW + 100 * DAY, 50 * DAY).bodies == 1
    assert deliveries.delivery_by(db, key).body == b""
    assert deliveries.claim_due(db, NOW + 100 * DAY, "me", LEASE, 1) == []
