"""Whose text it is: named cases, each a habit of real publishers. Outlets and texts are invented, agencies are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.stories.copies.explain import origin_sentence
from aggregator.stories.copies.origin import Printed, originator

NOON = datetime(2026, 3, 17, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def copy(entry: int, outlet: str, *, after: int = 0, dated: int | None = None, **more: object) -> Printed:
    """A copy that arrived `after` minutes past noon, `dated` so many minutes past noon."""
    published = None if dated is None else NOON + dated * MINUTE
    made: dict[str, object] = {"length": 2000, **more}
    return Printed(entry, outlet, NOON + after * MINUTE, published, **made)  # type: ignore[arg-type]


def found_origin(article: int, copies: list[Printed]) -> tuple[int, int, str, str]:
    """Article, leading entry, author and reason of an origin."""
    found = originator(article, copies)
    return found.article, found.lead, found.copy_of, origin_sentence(found.reason) if found.reason else ""


def test_the_one_that_a_dateline_names_leads_though_it_came_later() -> None:
    copies = [copy(1, "The Harbour Post", head="PORT VERRAN (Northwire) - "), copy(2, "Northwire", after=300)]
    assert found_origin(1, copies) == (1, 2, "", "The Harbour Post names Northwire in its dateline")


def test_its_own_dateline_is_enough_where_nobody_says_otherwise() -> None:
    copies = [copy(1, "The Harbour Post"), copy(2, "Northwire", after=300, head="PORT VERRAN (Northwire) - ")]
    assert found_origin(1, copies) == (1, 2, "", "its own dateline says so")


def test_the_phrase_that_a_site_puts_under_every_text_of_its_own_proves_nothing() -> None:
    tail = "The post Ferry hits pier appeared first on The Harbour Post."
    copies = [copy(1, "Northwire"), copy(2, "The Harbour Post", after=300, title="Ferry hits pier", tail=tail)]
    assert found_origin(1, copies)[1] == 1


@pytest.mark.parametrize(
    ("tail", "why"),
    [
        ("The post Ferry appeared first on Tarn Gazette.", "B says that it appeared first on Tarn Gazette"),
        ("Der Beitrag Fähre erschien zuerst auf Tarn Gazette.", "B says that it appeared first on Tarn Gazette"),
        ("L’article Bac est apparu en premier sur Tarn Gazette.", "B says that it appeared first on Tarn Gazette"),
        ("La entrada Barco se publicó primero en Tarn Gazette.", "B says that it appeared first on Tarn Gazette"),
        ("Запись Паром впервые появилась Tarn Gazette.", "B says that it appeared first on Tarn Gazette"),
        ("Quelle: Tarn Gazette", "B credits Tarn Gazette"),
        ("© 2026 Tarn Gazette", "B credits Tarn Gazette"),
        ("Источник: Tarn Gazette", "B credits Tarn Gazette"),
    ],
)
def test_what_is_under_a_copy_names_its_author_in_many_languages(tail: str, why: str) -> None:
    copies = [copy(1, "B", tail=tail), copy(2, "Tarn Gazette", after=300)]
    assert found_origin(1, copies) == (1, 2, "", why)


@pytest.mark.parametrize(
    ("head", "agency"),
    [
        ("LONDON (Reuters) - ", "Reuters"),
        ("MOSCOW (AP) — ", "AP"),
        ("Berlin (dpa) - ", "dpa"),
        ("PARIS (AFP) – ", "AFP"),
        ("МОСКВА /ТАСС/. ", "ТАСС"),
        ("新华社 - ", "新华社"),
        ("By Ann Writer, Associated Press\n", "Associated Press"),
    ],
)
def test_an_agency_that_is_no_feed_of_ours_is_named_and_the_first_leads(head: str, agency: str) -> None:
    found = found_origin(1, [copy(1, "The Harbour Post", head=head), copy(2, "Tarn Gazette", after=90, head=head)])
    assert found[1:3] == (1, agency)
    assert found[3] == f"The Harbour Post names {agency} in its dateline"


def test_one_agency_has_one_name_however_it_is_written() -> None:
    copies = [
        copy(1, "A", tail="(Interfax)"),
        copy(2, "B", after=90, tail="Agence France-Presse"),
        copy(3, "C", after=95, head="ПАРИЖ (АФП) - "),
    ]
    assert found_origin(1, copies)[2] == "АФП"
    assert found_origin(1, [*copies, copy(4, "AFP: Monde", after=200)])[1] == 4


def test_the_feed_of_an_agency_is_known_by_a_part_of_its_title() -> None:
    copies = [copy(1, "A", tail="(Reuters)"), copy(2, "Top News | Reuters", after=90)]
    assert found_origin(1, copies) == (1, 2, "", "A credits Top News | Reuters")


def test_an_agency_in_the_place_of_an_author_is_the_author() -> None:
    found = found_origin(1, [copy(1, "Tarn Gazette", authors=("dpa",))])
    assert found == (1, 1, "dpa", "Tarn Gazette names dpa as the author")


@pytest.mark.parametrize(
    "tail",
    [
        "Photo: AFP",
        "Image credit: Reuters",
        "(AP Photo)",
        "Mit Material der dpa",
        "avec AFP",
        "With inputs from PTI",
        "Additional reporting by Reuters",
        "Read also: Reuters changes hands",
        "Lire aussi : L'AFP change de main",
        "Follow us on Telegram",
    ],
)
def test_pictures_parts_and_invitations_are_no_credits(tail: str) -> None:
    assert found_origin(1, [copy(1, "Tarn Gazette", tail=tail)]) == (1, 1, "", "")


def test_a_title_that_names_an_agency_in_the_phrase_below_is_no_credit() -> None:
    title = "Staff of Reuters go on strike"
    tail = f"The post {title} appeared first on Tarn Gazette."
    assert found_origin(1, [copy(1, "Tarn Gazette", title=title, tail=tail)]) == (1, 1, "", "")


def test_a_name_inside_a_word_or_in_the_wording_of_the_phrase_is_not_named() -> None:
    tail = "The post Echoes of REUTERSWARD appeared first on The Harbour Post."
    copies = [copy(1, "The Harbour Post", tail=tail), copy(2, "Echo", after=90), copy(3, "The Post", after=99)]
    assert found_origin(1, copies) == (1, 1, "", "it came in from The Harbour Post first")


def test_a_link_that_leads_to_the_page_of_another_names_it() -> None:
    theirs = copy(2, "Tarn Gazette", after=300, home="gazette.example", link="https://www.gazette.example/ferry")
    relay = copy(1, "News Relay", home="relay.example", link="https://gazette.example/ferry?from=relay")
    assert found_origin(1, [relay, theirs]) == (1, 2, "", "News Relay links to the page of Tarn Gazette")
    quoting = copy(1, "Blog", home="blog.example", link="https://blog.example/1", links=(str(theirs.link),))
    assert found_origin(1, [quoting, theirs])[1] == 2


def test_links_inside_one_site_and_unreadable_ones_name_nobody() -> None:
    one = copy(1, "A: World", home="a.example", link="https://news.a.example/1")
    other = copy(2, "A: Sport", after=90, home="a.example", link="https://[broken")
    assert found_origin(1, [one, other])[3] == "it came in from A: World first"


def test_two_that_credit_each_other_leave_it_to_the_first() -> None:
    copies = [copy(1, "Post", tail="Source: Gazette"), copy(2, "Gazette", after=300, tail="Source: Post")]
    assert found_origin(1, copies)[1] == 1


def test_a_feed_that_passes_on_a_text_gives_way_to_the_feed_of_its_author() -> None:
    copies = [copy(1, "Northwire", republished=True), copy(2, "Northwire", after=300)]
    assert found_origin(1, copies) == (1, 2, "", "a feed that passes it on names Northwire as its source")
    alone = found_origin(1, copies[:1])
    assert alone[1:3] == (1, "")


def test_who_only_gives_the_beginning_is_named_and_does_not_lead() -> None:
    copies = [copy(1, "Post", head="X (Northwire) - "), copy(2, "Northwire", after=300, length=200)]
    why = "Post names Northwire in its dateline, which gives only the beginning"
    assert found_origin(1, copies) == (1, 1, "Northwire", why)


def test_without_any_word_of_it_the_first_to_arrive_leads() -> None:
    copies = [copy(1, "Post", dated=0), copy(2, "Gazette", after=300, dated=-60)]
    assert found_origin(1, copies) == (1, 1, "", "it came in from Post first")


def test_of_those_that_came_in_together_the_dates_tell() -> None:
    copies = [copy(1, "Post", dated=-5), copy(2, "Gazette", after=2, dated=-30), copy(3, "Echo", after=3)]
    assert found_origin(1, copies) == (1, 2, "", "Gazette dates it earliest of those that came in together")


@pytest.mark.parametrize("dated", [None, 60 * 24 * 400, -60 * 24 * 400])
def test_a_date_that_is_missing_or_cannot_be_is_not_believed(dated: int | None) -> None:
    copies = [copy(1, "Post", dated=-5), copy(2, "Gazette", after=2, dated=dated)]
    assert found_origin(1, copies)[1] == 1


def test_a_text_that_nobody_else_carries_and_nothing_is_said_of_needs_no_words() -> None:
    assert found_origin(7, [copy(7, "")]) == (7, 7, "", "")
    assert found_origin(7, [copy(7, "Northwire", head="X (Northwire) - ")]) == (7, 7, "", "")
