"""Numbers side by side: the same counted thing across sources, number words and languages; nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digests.language.counts.mentions import in_sentence, mentions
from digests.model import CountHistory, Disagreement, Source, Story, Version
from digests.summarize.changes.disagreements import compared
from tests.support.stories import NOW, source, story


def told_by(*texts: str | tuple[str, str]) -> Story:
    """A story of these texts, each in English or in the language given with it."""
    pairs = [t if isinstance(t, tuple) else ("en", t) for t in texts]
    return story("s", *(source(i, "", text, language=lang) for i, (lang, text) in enumerate(pairs)))


def disagreements(tale: Story) -> tuple[Disagreement, ...]:
    return compared(tale)[0]


def histories(tale: Story) -> tuple[CountHistory, ...]:
    return compared(tale)[1]


def values(found: tuple[Disagreement, ...]) -> list[list[tuple[str, tuple[int, ...]]]]:
    return [[(c.value, c.sources) for c in d.claims] for d in found]


def test_two_tolls_stand_side_by_side_with_their_sources() -> None:
    found = disagreements(
        told_by(
            "A blast killed 12 people in Orr on Monday.",
            "At least 12 people were killed when a depot blew up in Orr.",
            "The blast in Orr left 15 dead, the mayor said.",
        )
    )
    assert values(found) == [[("12", (0, 1)), ("15", (2,))]]


@pytest.mark.parametrize(
    "texts",
    [
        ("Twelve people died in Orr.", "The fire killed 15 people."),
        (("de", "Bei dem Brand starben zwölf Menschen."), ("de", "15 Tote nach Brand in Orr.")),
        (("fr", "L'incendie a fait douze morts."), ("fr", "Quinze personnes ont été tuées à Orr.")),
        (("es", "El incendio dejó doce muertos."), ("es", "Quince personas murieron en Orr.")),
        (("ru", "При пожаре погибли двенадцать человек."), ("ru", "Число погибших достигло 15.")),
        ("The fire killed 12 people.", ("de", "Beim Brand gab es 15 Tote.")),
        (("ru", "При пожаре погибли 12 человек."), ("uk", "Внаслідок пожежі загинули 15 людей.")),
        (("fr", "Douze morts dans un incendie à Orr."), ("es", "Quince muertos en un incendio en Orr.")),
    ],
)
def test_number_words_and_languages_are_read(texts: tuple[str | tuple[str, str], ...]) -> None:
    (found,) = values(disagreements(told_by(*texts)))
    assert found == [("12", (0,)), ("15", (1,))]


def test_each_number_goes_to_its_own_thing() -> None:
    found = disagreements(
        told_by("The storm killed 4 people and injured 30.", "The storm left 5 dead, 30 injured and 7 missing.")
    )
    assert values(found) == [[("4", (0,)), ("5", (1,))]]


def test_from_to_counts_the_second() -> None:
    tale = told_by("The death toll rose from 12 to 15 on Tuesday.", "15 people were killed.", "16 people were killed.")
    assert values(disagreements(tale)) == [[("15", (0, 1)), ("16", (2,))]]


@pytest.mark.parametrize(
    "texts",
    [
        ("The flood killed 12 people.", "A flood in 2004 killed 230 people in the valley."),  # another one
        ("The flood killed 12 people.", "The flood killed 12 people, including 3 children."),  # some of them
        ("The flood killed 12 people.", "Rain fell for 15 days, officials said."),  # time
        ("The flood killed 3 soldiers.", "The flood killed 9 children."),  # others
        ("More than 100 people were injured.", "The crash injured 103 people."),  # no difference
        ("More than 100 people were injured.", "The crash injured 150 people."),
        ("At least 1,000 soldiers were injured.", "The crash injured 3,000 soldiers."),
        ("The flood killed 12 people.", "The flood killed 12 people."),
        ("A 34-year-old man was killed.", "A 35-year-old man was killed."),  # ages
        ("The flood killed 12 people.", "Rescuers said 15 more were killed overnight."),
        ("Turnout was 40 percent.", "Turnout rose; 12 parties ran."),
    ],
)
def test_what_only_looks_alike_is_left_alone(texts: tuple[str, ...]) -> None:
    assert disagreements(told_by(*texts)) == ()


@pytest.mark.parametrize(
    ("language", "bound", "other"),
    [
        ("de", "Mehr als 100 Menschen wurden verletzt.", "150 Menschen wurden verletzt."),
        ("fr", "Plus de 100 personnes ont été blessées.", "150 personnes ont été blessées."),
        ("es", "Al menos 100 personas resultaron heridas.", "150 personas resultaron heridas."),
        ("ru", "Более 100 человек ранены.", "150 человек ранены."),
    ],
)
def test_a_round_bound_differs_from_no_greater_number(language: str, bound: str, other: str) -> None:
    assert disagreements(told_by((language, bound), (language, other))) == ()
    below = other.replace("150", "80")
    assert disagreements(told_by((language, bound), (language, below)))


def test_a_small_bound_is_a_count() -> None:
    assert disagreements(told_by("The flood killed at least 12 people.", "The flood killed 15 people."))


def test_a_nameless_thing_is_compared_when_the_sentences_are_alike() -> None:
    found = disagreements(
        told_by(
            "The airline Norda will cut 400 routes across Europe next spring.",
            "Norda, the airline, plans to cut 250 routes in Europe in spring.",
        )
    )
    assert values(found) == [[("250", (1,)), ("400", (0,))]]
    apart = told_by("Norda will cut 400 routes in Europe.", "The museum map shows 250 routes through the hills.")
    assert disagreements(apart) == ()


def test_agreement_is_counted() -> None:
    tale = told_by("9 people were hurt.", "Nine people were hurt.", "The crash hurt 9 people.", "10 people were hurt.")
    (found,) = disagreements(tale)
    assert found.claims[0].sources == (0, 1, 2)


def test_an_outlet_that_counts_again_does_not_differ_with_itself() -> None:
    first = source(1, "Quake", "The quake killed 12 people.", hours=5, outlet="Gazette")
    later = source(2, "Quake", "The quake killed 15 people.", hours=1, outlet="Gazette")
    other = source(3, "Quake", "The quake killed 14 people.", hours=2)
    assert disagreements(story("quake", first, later)) == ()
    (found,) = disagreements(story("quake", first, later, other))
    assert {(c.value, c.sources) for c in found.claims} == {("15", (1,)), ("14", (2,))}


def at(hours: float, text: str, article: int = 1) -> Source:
    return source(article, "", text, hours=hours)


def test_an_earlier_count_is_history_and_no_disagreement() -> None:
    tale = story(
        "quake",
        at(12, "The quake killed 60 people.", 1),
        at(8, "The quake killed 77 people.", 2),
        at(1, "The quake killed 86 people.", 3),
        at(0.5, "86 people died in the quake.", 4),
    )
    assert disagreements(tale) == ()
    (found,) = histories(tale)
    assert [(s.value, s.sources) for s in found.steps] == [("60", (0,)), ("77", (1,)), ("86", (2, 3))]


@pytest.mark.parametrize(
    ("before", "after", "steps"),
    [
        ("A blast killed at least 120 people in Orr.", "The blast in Orr killed at least 180 people.", ["120", "180"]),
        ("A blast killed 180 people in Orr.", "The blast in Orr killed at least 120 people.", []),
        ("More than 100 protesters came to Orr.", "In Orr 150 protesters came.", []),
    ],
)
def test_a_toll_that_rises_from_a_lower_bound_has_a_history(before: str, after: str, steps: list[str]) -> None:
    found = histories(story("s", source(1, "", before, hours=9), source(2, "", after, hours=1)))
    assert [step.value for one in found for step in one.steps] == steps


def test_counts_of_about_the_same_time_differ_and_have_no_history() -> None:
    tale = story("quake", at(2, "The quake killed 60 people.", 1), at(1, "The quake killed 77 people.", 2))
    assert histories(tale) == ()
    assert len(disagreements(tale)) == 1


def test_an_earlier_version_of_an_article_is_history() -> None:
    now = source(1, "", "The quake killed 86 people.", hours=12)
    before = Version(NOW, "", "The quake killed 77 people.")
    (found,) = histories(story("quake", replace(now, versions=(before,), revised=NOW)))
    assert [s.value for s in found.steps] == ["77", "86"]


@pytest.mark.parametrize(
    "texts",
    [
        ("12 people were killed: 7 died in Lund and 5 were killed in Orr.", "7 people were killed in Lund."),
        ("Twelve people were killed by the storm.", "The storm killed 7 people in Lund and 5 in Orr."),
        ("The storm killed 12 people.", "In Lund 7 people were killed.", "In Orr 5 people were killed."),
        (("de", "Zwölf Tote nach Sturm."), ("de", "In Lund starben 7 Menschen, in Orr 5.")),
    ],
)
def test_a_sum_is_not_set_against_its_parts(texts: tuple[str | tuple[str, str], ...]) -> None:
    assert disagreements(told_by(*texts)) == ()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The actor Paul Orr, known from the stage, died March 19 in Lund."),
        ("en", "The actor Paul Orr dies at 86"),
        ("en", "The actor Paul Orr, 86, has died in Lund."),
        ("en", "The actor Paul Orr (86) died in Lund."),
        ("en", "The actor Paul Orr was 86 when he died."),
        ("de", "Der Schauspieler Paul Orr ist mit 86 gestorben."),
        ("fr", "L'acteur Paul Orr est mort le 19 mars à Lund."),
    ],
)
def test_ages_and_days_are_no_counts_of_the_dead(language: str, text: str) -> None:
    assert disagreements(told_by((language, text), "Two people were killed in Orr.")) == ()
    assert in_sentence(text, language) == []


def test_a_toll_is_a_count_where_its_sentence_ends() -> None:
    counts = [in_sentence(text, "en") for text in ("The death toll was 77, he said.", "The death toll stood at 12.")]
    assert [[one.value for one in found] for found in counts] == [[77], [12]]


@pytest.mark.parametrize(
    ("title", "counts"),
    [
        ("'19 Boats and Counting' star arrested with 2 others", [2.0]),
        ("'19 Boats' alum's wife arrested with 2 others", [2.0]),
        ("Star of „4 Boote“ mit 2 anderen verhaftet", [2.0]),
        ("“12 people were killed,” the mayor says", [12.0]),
        ("“12 Kenyans were killed”, the mayor says", [12.0]),
        ("Mayor: '12 Kenyan soldiers died'", [12.0]),
    ],
)
def test_a_number_in_the_name_of_a_work_is_no_count(title: str, counts: list[float]) -> None:
    language = "de" if "„" in title else "en"
    assert [one.value for one in mentions(title, "", language)] == counts


@pytest.mark.parametrize(
    "texts",
    [
        ("Fifteen people were injured in Orr.", "The strikes injured 115 people in Lund and Orr."),  # two attacks
        ("12 soldiers were wounded, 2 seriously.", "Two soldiers were seriously wounded in the attack."),
        ("Two people from Lund were killed. The crash killed three.", "The crash killed 3 people."),
        (("de", "Zwei Menschen aus Lund starben, insgesamt starben drei."), ("de", "Drei Tote bei Absturz.")),
    ],
)
def test_counts_of_two_events_and_of_a_part_do_not_differ(texts: tuple[str | tuple[str, str], ...]) -> None:
    assert values(disagreements(told_by(*texts))) == []


@pytest.mark.parametrize(
    ("before", "after", "steps"),
    [
        ("The army sends 3,000 troops to Orr.", "The army sends 1,000 troops to Orr.", 0),
        ("The firm plans 9 launches from Orr.", "The firm plans 90 launches from Orr.", 0),
        ("The sheriff seized 500 ballots in Orr.", "The sheriff seized 650 ballots in Orr.", 2),
        ("The sheriff seized over 500 ballots in Orr.", "The sheriff seized 650 ballots in Orr.", 0),
        ("The flood killed 2 people in Orr.", "The flood killed 40 people in Orr.", 2),
    ],
)
def test_what_no_list_names_has_a_history_only_where_it_grows_a_little(before: str, after: str, steps: int) -> None:
    found = histories(story("s", at(30, before, 1), at(1, after, 2)))
    assert [len(one.steps) for one in found] == ([steps] if steps else [])
