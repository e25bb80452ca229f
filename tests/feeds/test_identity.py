"""A feed is polled through its history; whatever it does to its names, every story is new exactly once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.identity import content_hash, needs_older_entries, reconcile
from feeds.model import Changes, Entry, GuidOrigin, KnownEntry

START = datetime(2024, 3, 1, tzinfo=UTC)
WORDS = [
    "ferry",
    "tide",
    "council",
    "bridge",
    "storm",
    "school",
    "river",
    "market",
    "winter",
    "harbour",
    "train",
    "museum",
    "budget",
    "strike",
    "vote",
]


@dataclass(frozen=True)
class Story:
    """What the publisher means; how it is published is the test's matter."""

    number: int
    edition: int = 0

    @property
    def title(self) -> str:
        return (
            f"{WORDS[self.number % len(WORDS)]} {WORDS[self.number // len(WORDS) % len(WORDS)]} "
            f"number{self.number} reported"
        )

    @property
    def text(self) -> str:
        return f"Story {self.number} in edition {self.edition}."


def entry(story: Story, guid: str | None = None, link: str | None = "", published: bool = True) -> Entry:
    link = f"https://n.example/story-{story.number}" if link == "" else link
    name, origin = (
        (guid, GuidOrigin.GUID)
        if guid
        else (link, GuidOrigin.LINK)
        if link
        else (content_hash(story.title, story.text, ""), GuidOrigin.HASH)
    )
    return Entry(
        guid=name or "",
        guid_origin=origin,
        title=story.title,
        link=link,
        text=story.text,
        published=START + timedelta(hours=7 * story.number) if published else None,
        content_hash=content_hash(story.title, story.text, link or ""),
    )


class Store:
    """As the database would keep it."""

    def __init__(self) -> None:
        self.known: dict[str, KnownEntry] = {}

    def poll(self, entries: list[Entry]) -> Changes:
        changes = reconcile(entries, list(self.known.values()))
        assert not {one.guid for one in changes.new} & set(self.known), "a new entry took a known guid"
        assert len({one.guid for one in changes.new}) == len(changes.new)
        for one in (*changes.new, *changes.changed):
            self.known[one.guid] = KnownEntry(one.guid, one.content_hash, one.link, one.title, one.published)
        return changes


Publish = Callable[[Story, int], Entry]
HABITS: dict[str, Publish] = {
    "stable guids": lambda story, poll: entry(story, f"id-{story.number}"),
    "guids that change with every poll": lambda story, poll: entry(story, f"id-{poll}-{story.number}"),
    "one guid for all": lambda story, poll: entry(story, "https://n.example/"),
    "one guid and one link for all": lambda story, poll: entry(story, "x", "https://n.example/"),
    "no guid": lambda story, poll: entry(story),
    "no guid and one link for all": lambda story, poll: entry(story, None, "https://n.example/"),
    "nothing but the text": lambda story, poll: entry(story, None, None),
    "links that gain parameters": lambda story, poll: entry(
        story, None, f"https://n.example/story-{story.number}?session={poll}"
    ),
    "a host that changes": lambda story, poll: entry(story, None, f"https://www{poll}.n.example/story-{story.number}"),
    "guids by position, no dates": lambda story, poll: entry(story, f"id-{story.number % 3}", published=False),
    "guids by position": lambda story, poll: entry(story, f"id-{story.number % 3}"),
}


@given(st.text() | st.text(alphabet="aÄßİıſΣς \xa0\u2003\ud800", max_size=20), st.text(max_size=5))
def test_case_and_blanks_do_not_count_in_any_script(text: str, title: str) -> None:
    def by_the_letter(text: str) -> str:
        return "".join(text.replace("\xa0", " ").casefold().split(" "))

    assert content_hash(title, text, "") == content_hash(by_the_letter(title), by_the_letter(text), "")
    assert content_hash(title, "a" * 90 + text, "") == content_hash(title, "A" * 90 + by_the_letter(text), "")


@pytest.mark.parametrize("habit", HABITS)
def test_a_rolling_feed_gives_every_story_once(habit: str) -> None:
    store, stated = Store(), []
    for poll in range(12):
        stories = [Story(number) for number in range(poll + 2, max(-1, poll - 3), -1)]
        stated += [one.title for one in store.poll([HABITS[habit](story, poll) for story in stories]).new]
    assert sorted(stated) == sorted(Story(number).title for number in range(14))


@pytest.mark.parametrize("habit", HABITS)
def test_the_same_document_twice_is_nothing_new(habit: str) -> None:
    store = Store()
    entries = [HABITS[habit](Story(number), 0) for number in range(3)]
    assert len(store.poll(entries).new) == 3
    again = store.poll(entries)
    assert (again.new, again.changed, len(again.same)) == ((), (), 3)


@pytest.mark.parametrize(
    "habit",
    [
        "stable guids",
        "guids that change with every poll",
        "one guid for all",
        "no guid",
        "links that gain parameters",
        "one guid and one link for all",
    ],
)
def test_an_edit_is_a_revision(habit: str) -> None:
    store = Store()
    store.poll([HABITS[habit](Story(number), 0) for number in range(4)])
    changes = store.poll([HABITS[habit](Story(number, edition=int(number == 2)), 1) for number in range(4)])
    assert changes.new == ()
    assert Story(2, 1).text in [one.text for one in changes.changed]
    assert {one.guid for one in (*changes.changed, *changes.same)} == set(store.known)


@pytest.mark.parametrize("habit", HABITS)
def test_what_vanishes_and_returns_is_not_new(habit: str) -> None:
    store = Store()
    store.poll([HABITS[habit](Story(number), 0) for number in range(3)])
    store.poll([HABITS[habit](Story(1), 1)])
    assert store.poll([HABITS[habit](Story(number), 2) for number in range(3)]).new == ()


def test_a_repetition_within_a_poll_is_dropped() -> None:
    one = entry(Story(1), "a")
    assert len(reconcile([one, one, entry(Story(1, 1), "a")], []).new) == 1


def test_two_items_at_one_link_with_guids_of_their_own_are_two() -> None:
    one = entry(Story(1), "a", "https://n.example/live")
    two = entry(Story(1, 1), "b", "https://n.example/live")
    assert len(reconcile([one, two], []).new) == 2


def test_a_headline_that_changes_under_its_guid_and_link_is_an_edit() -> None:
    store = Store()
    store.poll([entry(Story(1), "a", "https://n.example/s")])
    changes = store.poll([entry(Story(9), "a", "https://n.example/s")])
    assert (len(changes.new), len(changes.changed)) == (0, 1)


def test_a_daily_item_that_keeps_its_guid_is_new_every_day() -> None:
    store = Store()
    stated = [
        len(store.poll([entry(Story(number), "today", f"https://n.example/{number}")]).new)
        for number in range(0, 20, 4)
    ]
    assert stated == [1] * 5


def at(link: str, guid: str, title: str, hours: int | None = 0, text: str = "x") -> Entry:
    published = None if hours is None else START + timedelta(hours=hours)
    digest = content_hash(title, text, link)
    return Entry(guid, GuidOrigin.GUID, title, link=link, published=published, text=text, content_hash=digest)


LIVE = "https://n.example/live"


@pytest.mark.parametrize(
    ("why", "before", "after", "new"),
    [
        (
            "a mark behind the link counts revisions",
            at(LIVE, LIVE + "#0", "Storm nears coast"),
            at(LIVE, LIVE + "#1", "Storm hits coast of Tarn", 5),
            0,
        ),
        ("a release is not the one before", at(LIVE, "r1", "Release 1.2.3"), at(LIVE, "r2", "Release 1.2.4", 1), 1),
        (
            "a guid made for one item is believed",
            at(LIVE + "/1", "tag:n.example:48213", "Storm nears coast"),
            at(LIVE + "/1-b", "tag:n.example:48213", "Coast braces as storm grows", 30),
            0,
        ),
        (
            "a guid of one word is not",
            at(LIVE + "/1", "briefing", "Briefing for Monday"),
            at(LIVE + "/2", "briefing", "Briefing for Tuesday", 24),
            1,
        ),
        (
            "a short headline comes again",
            at(LIVE + "/1", "a1", "Police report"),
            at(LIVE + "/2", "a2", "Police report"),
            1,
        ),
        (
            "a long one in the same minute does not",
            at(LIVE + "/1", "a1", "Storm closes the port of Tarn"),
            at("https://m.example/x", "b7", "Storm closes the port of Tarn"),
            0,
        ),
        (
            "another day's post of the same words",
            at("https://n.example/", "a1", "Good morning"),
            at("https://n.example/", "a2", "Good morning", 24),
            1,
        ),
    ],
)
def test_what_speaks_for_one_item_and_what_for_two(why: str, before: Entry, after: Entry, new: int) -> None:
    store = Store()
    store.poll([before])
    assert len(store.poll([after]).new) == new, why


def test_the_past_is_needed_where_names_changed_and_not_for_news() -> None:
    old = [KnownEntry(f"g{n}", f"h{n}", f"{LIVE}/{n}", f"t{n}", START) for n in range(3)]
    kept = [at(f"{LIVE}/{n}", f"g{n}", f"t{n}") for n in range(3)]
    news = at(f"{LIVE}/9", "g9", "News", 2)
    assert not needs_older_entries(kept, old, START)
    assert not needs_older_entries([news, *kept], old, START + timedelta(hours=1))
    assert needs_older_entries([news, *kept], old, START + timedelta(hours=3)), "it was out before the last look"
    assert needs_older_entries([at(f"{LIVE}/9", "g9", "News", None), *kept], old, START)
    assert needs_older_entries([news, at(f"{LIVE}/8", "g8", "More", 2), kept[0]], old, START), "most of it is unknown"


@settings(max_examples=150)
@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 9), st.integers(0, 2)), min_size=1, max_size=8, unique_by=lambda pair: pair[0]
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(sorted(HABITS)),
)
def test_over_any_history_nothing_is_lost_and_guids_stay_unique(
    history: list[list[tuple[int, int]]], habit: str
) -> None:
    store, seen = Store(), set()
    for poll, stories in enumerate(history):
        entries = [HABITS[habit](Story(number, edition), poll) for number, edition in stories]
        changes = store.poll(entries)
        assert len(changes.new) + len(changes.changed) + len(changes.same) == len(entries)
        seen |= {number for number, _ in stories}
    if habit in (
        "stable guids",
        "no guid",
        "guids that change with every poll",
        "one guid for all",
        "links that gain parameters",
        "a host that changes",
    ):
        assert len(store.known) == len(seen)


def test_a_new_item_under_a_taken_guid_takes_its_link_or_its_content_for_a_name() -> None:
    store = Store()
    store.poll([entry(Story(1), "a", "https://n.example/1")])
    new = store.poll([entry(Story(9), "a", "https://n.example/9")]).new
    assert (new[0].guid, new[0].guid_origin) == ("https://n.example/9", GuidOrigin.LINK)
    newer = store.poll([entry(Story(40), "a", None)]).new
    assert newer[0].guid_origin is GuidOrigin.HASH


def test_the_same_text_at_the_same_link_under_two_guids_is_one() -> None:
    assert len(reconcile([entry(Story(1), "a"), entry(Story(1), "b")], []).new) == 1


def test_untitled_items_without_links_are_distinguished_by_their_guids() -> None:
    one = Entry(guid="a", guid_origin=GuidOrigin.GUID, title="", text="x", content_hash=content_hash("", "x", ""))
    two = Entry(guid="b", guid_origin=GuidOrigin.GUID, title="", text="y", content_hash=content_hash("", "y", ""))
    assert len(reconcile([one, two], []).new) == 2


def plain(title: str, text: str = "x", *, guid: str = "", link: str | None = None, at: datetime | None = None) -> Entry:
    """An entry; without a `guid` it has no name of its own."""
    content = content_hash(title, text, link or "")
    name, origin = (guid, GuidOrigin.GUID) if guid else (link, GuidOrigin.LINK) if link else (content, GuidOrigin.HASH)
    return Entry(guid=name, guid_origin=origin, title=title, link=link, text=text, published=at, content_hash=content)


def known(item: Entry) -> KnownEntry:
    return KnownEntry(item.guid, item.content_hash, item.link, item.title, item.published)


@pytest.mark.parametrize(
    ("old", "now", "same"),
    [
        (
            plain("Storm closes the harbour", link="https://n.example/s?a=1", at=START),
            plain("All ferries cancelled until noon", link="https://n.example/s?a=2", at=START),
            True,  # one page, one minute, another headline
        ),
        (
            plain("Storm closes the harbour", link="https://n.example/s?a=1", at=START),
            plain("All ferries cancelled until noon", link="https://n.example/s?a=2", at=START + timedelta(days=2)),
            False,
        ),
        (
            plain("Storm closes the old harbour", at=START + timedelta(seconds=7)),
            plain("Storm closes the harbour", at=START + timedelta(seconds=7)),
            True,  # one second, nearly one headline
        ),
        (
            plain("Ferry route 4 closed today", at=START),
            plain("Ferry route 5 closed today", at=START),
            False,  # a midnight is shared by many, and the figures differ
        ),
        (
            plain("Ferry route 4 closed today", at=START + timedelta(hours=6)),
            plain("Ferry route 4 closed today, 12 say", at=START + timedelta(hours=6)),
            True,  # nothing else came out at that hour
        ),
        (
            plain("Storm closes the harbour", at=START + timedelta(seconds=7)),
            plain("Museum opens", at=START + timedelta(seconds=7)),
            False,
        ),
        (plain("Storm closes the harbour", "early"), plain("Storm closes the harbour", "late"), True),
        (plain("Notice", "early", guid="a"), plain("Notice", "late", guid="b"), False),
        (
            plain("Storm closes the harbour", "early", guid="a"),
            plain("Storm closes the harbour", "late", guid="b", link="https://n.example/s"),
            False,
        ),
    ],
)
def test_an_item_whose_name_changed_is_known_by_its_circumstances(old: Entry, now: Entry, same: bool) -> None:
    changes = reconcile([now], [known(old)])
    assert [e.guid for e in changes.changed] == ([old.guid] if same else [])
    assert len(changes.new) == (0 if same else 1)


def test_where_the_feed_changed_its_names_a_new_headline_of_the_same_second_is_an_edit() -> None:
    def at(place: int) -> datetime:
        return START + timedelta(hours=place, seconds=7)

    titles = ["Storm closes the harbour", "Museum of tides opens doors", "Council votes on the bridge"]
    old = [
        plain(title, guid=f"{place}", link=f"https://n.example/?p={place}", at=at(place))
        for place, title in enumerate(titles)
    ]
    titles[2] += " again"
    now = [
        plain(title, guid=f"post-{place}", link=f"https://n.example/a/{place}", at=at(place))
        for place, title in enumerate(titles)
    ]
    moved = reconcile(now, [*map(known, old)])
    assert not moved.new
    assert [entry.guid for entry in moved.changed] == ["0", "1", "2"]
    kept = reconcile([*old[:2], now[2]], [*map(known, old)])
    assert [entry.guid for entry in kept.new] == ["post-2"]  # the other guids say that names hold


@pytest.mark.parametrize(
    ("titles", "count"),
    [
        (("Storm closes the harbour at noon", "Storm closes the harbour at noon!"), 1),
        (("Storm closes the harbour", "Museum opens"), 2),
        (("", "…"), 1),
        (("", "Museum opens"), 2),
    ],
)
def test_items_without_links_under_one_guid_are_one_if_their_titles_are(titles: tuple[str, str], count: int) -> None:
    one, two = (plain(title, "The port expects strong wind until noon.", guid="a") for title in titles)
    assert len(reconcile([one, two], []).new) == count
