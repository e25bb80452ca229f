"""Items of one feed with the same words and other events, such as alarms: each opens a story of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.model import Action, Document, Placed

START = datetime(2026, 3, 9, 6, tzinfo=UTC)
Words = tuple[str, str]


def document(
    entry: int,
    title: str,
    text: str,
    *,
    hours: float,
    url: str = "",
    file: str = "",
    feed: str = "1",
    outlet: str = "R",
) -> Document:
    at = START + timedelta(hours=hours)
    files = (file,) if file else ()
    return Document(
        entry=entry,
        title=title,
        text=text,
        arrived=at,
        published=at,
        source=outlet,
        feed=feed,
        url=url or None,
        files=files,
    )


SERIES: dict[str, list[Document]] = {
    "evening bulletin": [
        document(
            n, "Evening bulletin", "The news of the day.", hours=24 * n, url="https://r.example/b", file=f"/{n}.mp3"
        )
        for n in range(1, 5)
    ],
    "hourly bulletin, polled at once": [
        document(
            n,
            "Nachrichten",
            "Die Lage um diese Stunde, kurz zusammengefasst aus dem Funkhaus.",
            hours=n,
            url="https://r.example/",
            file=f"/{n}.mp3",
        )
        for n in range(1, 5)
    ],
    "a service that fails again": [
        document(
            n, "Service mail is down", "The mail service does not respond.", hours=50 * n, url="https://s.example/mail"
        )
        for n in range(1, 4)
    ],
    "a service whose description is no text any more": [
        document(n, "Service mail is down", "" if n == 3 else "The mail service does not respond.", hours=24 * n)
        for n in range(1, 4)
    ],
    "a warning in the same words": [
        document(
            n,
            "Avviso di vento forte sulla costa",
            "Raffiche oltre ottanta chilometri orari sono attese sulla costa e nei"
            " porti; si invita alla prudenza chi naviga.",
            hours=30 * n,
            url=f"https://m.example/{n}",
        )
        for n in range(1, 4)
    ],
    "webcam": [
        document(n, "Webcam vieux port", "", hours=2 * n, url="https://c.example/port", file=f"/{n}.jpg")
        for n in range(1, 4)
    ],
    "daily column of one form": [
        document(
            n,
            "Hafenwetter",
            f"Heute {sky}, Höchstwert {7 + n} Grad, Wind aus {wind} mit {n + 11} km/h.",
            hours=24 * n,
            url="https://h.example/wetter",
        )
        for n, (sky, wind) in enumerate((("Regen", "Nord"), ("Nebel", "West"), ("Sonne", "Süd"), ("Gewitter", "Ost")))
    ],
    "word of the day": [
        document(
            n,
            "Word of the Day",
            f"{word} (noun): {text}. See the entry for its history.",
            hours=24 * n,
            url="https://w.example/today",
        )
        for n, (word, text) in enumerate((("abeyance", "a pause"), ("bulwark", "a wall"), ("cadence", "a beat")))
    ],
    "everything is breaking": [
        document(n, "Breaking", text, hours=n, url=f"https://k.example/{n}")
        for n, text in enumerate(
            ("A ferry ran aground off Dunmere.", "The mayor of Tarn resigned.", "Fire in the mill of Ostra.")
        )
    ],
}


@pytest.mark.parametrize("kind", SERIES)
def test_each_opens_a_story(kind: str) -> None:
    grouper = Grouper()
    decisions = [grouper.add(one) for one in SERIES[kind]]
    assert [decision.action for decision in decisions] == [Action.OPENS] * len(decisions)
    assert grouper.tidy(SERIES[kind][-1].arrived) == []


@pytest.mark.parametrize("kind", SERIES)
def test_each_opens_a_story_after_a_restart(kind: str) -> None:
    *before, last = SERIES[kind]
    first = Grouper()
    placed = [Placed(one, one.entry, first.add(one).story) for one in before]
    again = Grouper()
    again.restore(placed)
    assert again.add(last).action is Action.OPENS


def test_the_same_item_listed_again_is_one_and_another_outlets_report_joins() -> None:
    title = "Fire destroys the old mill of Ostra"
    text = "A fire has destroyed the old mill of Ostra on Monday night, the brigade of the town said; nobody was hurt."
    grouper = Grouper()
    first = grouper.add(document(1, title, text, hours=1, url="https://k.example/1"))
    listed = grouper.add(document(2, title, text, hours=2, url="https://k.example/1"))
    assert (listed.action, listed.article) == (Action.CARRIES, 1)
    other = (
        "The old mill of Ostra burned down on Monday night. Nobody was hurt in the fire, said the brigade of the town."
    )
    report = document(
        3, "Old mill of Ostra burns down", other, hours=3, url="https://z.example/9", feed="2", outlet="Z"
    )
    assert grouper.add(report).story == first.story


def test_one_headline_of_two_outlets_in_one_feed_or_of_one_minute_is_one_story() -> None:
    title = "Fire destroys the old mill of Ostra"
    grouper = Grouper()
    first = grouper.add(document(1, title, "", hours=1, url="https://a.example/1", outlet="A"))
    other = grouper.add(document(2, title, "", hours=3, url="https://b.example/1", outlet="B"))
    listed = grouper.add(document(3, title, "", hours=1.1, url="https://a.example/town/1", outlet="A"))
    assert {one.story for one in (first, other, listed)} == {first.story}
