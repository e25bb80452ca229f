"""Topics: what the default ones take, the user's own, feeds' categories, and texts that belong nowhere."""

import pytest

from aggregator.stories.builtin import DEFAULT_TOPICS, Topic
from aggregator.stories.profile import topic_evidence
from aggregator.stories.profile.nearest import NEAR
from aggregator.stories.profile.topic_evidence import FILED, HINTED, PassageVectors, TopicLexicon
from aggregator.stories.profile.topics import SURE, Classifier
from digests.reasons import ReasonCode, because
from digests.render.view.reasons import in_english

CLASSIFIER = Classifier()


@pytest.mark.parametrize(
    ("title", "text", "topic"),
    [
        ("Djokovic beats Alcaraz in five sets", "", "Sport"),
        ("Storm floods parts of Bavaria", "Heavy rain burst dams; forecasters warn of more.", "Environment"),
        ("New vaccine against malaria approved", "", "Health"),
        ("NASA delays launch of lunar mission", "", "Science"),
        ("Shares slide after profit warning", "The retailer cut its forecast for the year.", "Business"),
        ("The energy supply shock changes everything", "Countries ration fuel.", "Business"),
        ("Petrol and diesel hit a record at the pump", "Energy costs are rising.", "Business"),
        ("Court of Kestia jails former president of Brazil", "The ex-leader must stay under house arrest.", "World"),
        ("Ruling party wins general election in Hungary", "The opposition of the country concedes.", "World"),
        ("Airline lifts ground stop after computer outage", "Flights of the fleet had been grounded.", "Business"),
        ("John Oliver asks why gas costs so much", "The host spoke of the war on Last Week Tonight.", "Culture"),
        ("Activists at CPAC split over the war", "The conservative conference heard the party base.", "Politics"),
        ("Senate rejects spending bill", "Lawmakers voted along party lines.", "Politics"),
        ("Ceasefire talks collapse as shelling resumes", "Envoys left without a truce.", "World"),
        ("Director's second film wins top prize at festival", "", "Culture"),
        ("Phone maker rolls out software update for its headset", "", "Technology"),
    ],
)
def test_a_clear_text_finds_its_section(title: str, text: str, topic: str) -> None:
    found = CLASSIFIER.classify(title, text)
    assert found[0].name == topic
    assert found[0].reasons[0].code is ReasonCode.SAYS


@pytest.mark.parametrize("text", ["", "hello", "🙂 🙂", "…", "xqzt vvrk", "Lorem ipsum dolor sit amet"])
def test_what_reports_nothing_belongs_nowhere(text: str) -> None:
    assert CLASSIFIER.classify(text, "") == ()
    assert len(CLASSIFIER.rank(text, "")) == len(DEFAULT_TOPICS)


def test_a_huge_text_is_read_only_as_far_as_news_goes() -> None:
    assert CLASSIFIER.classify("Striker scores twice", "The league match ended 3-1. " * 100_000)[0].name == "Sport"


def test_a_text_may_belong_to_two_sections() -> None:
    title = "Actor elected governor after campaign on film tax credits"
    names = {s.name for s in CLASSIFIER.classify(title, "")}
    assert names == {"Culture", "Politics"}


@pytest.mark.parametrize(
    ("category", "topic"),
    [
        ("Sports", "Sport"),
        ("SPORT", "Sport"),
        ("News/Sports", "Sport"),
        ("Sport > Tennis", "Sport"),
        ("Économie", "Business"),
        ("Wirtschaft", "Business"),
        ("Ausland", "World"),
        ("Здоровье", "Health"),
        ("Ciencia", "Science"),
        ("Meio Ambiente", "Environment"),
        ("Arts & Entertainment", "Culture"),
        ("Довкілля", "Environment"),
    ],
)
def test_categories_of_feeds_are_known_in_many_spellings(category: str, topic: str) -> None:
    found = CLASSIFIER.classify("An untold thing", "", categories=[category])
    assert [(s.name, s.reasons) for s in found] == [(topic, (because(ReasonCode.FILED),))]
    assert found[0].score == FILED


def test_a_category_that_names_a_place_yields_to_the_text() -> None:
    assert CLASSIFIER.classify("Police chief of Orr retires", "", categories=["U.S."])[0].score == HINTED
    found = CLASSIFIER.classify("Wildfire burns thousands of acres of forest", "", categories=["U.S."])
    assert found[0].name == "Environment"


@pytest.mark.parametrize("section", ["Local", "U.S.", "Regional", "Metro"])
def test_a_category_that_names_a_place_gives_no_topic_to_a_text_far_from_it(section: str) -> None:
    text = "The clock on the market tower stopped on Tuesday. Bram Orr, who wound it, said he had never seen the like."
    without = CLASSIFIER.rank("Clock tower stops & nobody knows why", text)
    found = CLASSIFIER.rank("Clock tower stops & nobody knows why", text, categories=[section])
    assert found[0].score < NEAR
    assert found[0].score < without[0].score


@pytest.mark.parametrize(
    ("title", "language", "topic"),
    [
        ("Bundestag beschließt Haushalt", "de", "Politics"),
        ("NASA entdeckt neuen Planeten mit dem Weltraumteleskop", "de", "Science"),
        ("Le gouvernement présente un projet de loi sur l'immigration", "fr", "Politics"),
        ("Incendie : des milliers d'habitants évacués en pleine canicule", "fr", "Environment"),
        ("El Real Madrid gana la Liga con un gol en el último minuto", "es", "Sport"),
        ("Telescópio observa galáxia distante", "pt", "Science"),
        ("Il farmaco cura i pazienti malati di tumore", "it", "Health"),
        ("Сборная выиграла финал чемпионата по футболу", "ru", "Sport"),
        ("Центральный банк повысил ставку, инфляция растёт", "ru", "Business"),
        ("Уряд схвалив бюджет, парламент голосує за законопроєкт", "uk", "Politics"),
    ],
)
def test_other_languages_find_their_section(title: str, language: str, topic: str) -> None:
    found = CLASSIFIER.classify(title, "", language)
    assert found[0].name == topic
    assert found[0].reasons[0].code is ReasonCode.SAYS


@pytest.mark.parametrize(
    ("title", "text", "language"),
    [
        ("Man charged with murder of neighbour in Tolbury", "Police arrested him after a shooting.", "en"),
        ("Bus collides with truck near Orsk Bridge, six dead", "Rescuers pulled survivors from the wreck.", "en"),
        ("Two killed as factory explosion destroys warehouse", "Firefighters search for missing workers.", "en"),
        ("Teenager stabbed outside school, suspect arrested", "", "en"),
        ("Polizei nimmt Verdächtigen nach Mord fest", "Der Mann soll einen Nachbarn getötet haben.", "de"),
        ("La police arrête un suspect après un meurtre", "Le suspect est accusé du crime.", "fr"),
        ("Detenido un sospechoso por el asesinato de una mujer", "La policía investiga el crimen.", "es"),
        ("Полиция задержала подозреваемого в убийстве", "Преступление произошло ночью.", "ru"),
        ("Поліція затримала підозрюваного у вбивстві", "Злочин стався вночі.", "uk"),
    ],
)
def test_crimes_and_accidents_are_incidents(title: str, text: str, language: str) -> None:
    assert CLASSIFIER.rank(title, text, language)[0].name == "Incidents"


@pytest.mark.parametrize(
    ("title", "text", "topic"),
    [
        ("Missile strikes kill civilians as troops advance", "The army shelled the besieged town.", "World"),
        ("Appeals court blocks the president's executive order", "Lawmakers asked the judge for it.", "Politics"),
        ("Striker injured in final minute of cup match", "The club hopes that he plays in the final.", "Sport"),
        ("Detective drama returns for a second season", "The actress plays a police officer in the show.", "Culture"),
        ("Court approves merger of two banks", "Shareholders had voted for the takeover.", "Business"),
    ],
)
def test_deaths_courts_and_police_of_another_subject_are_no_incidents(title: str, text: str, topic: str) -> None:
    assert CLASSIFIER.rank(title, text)[0].name == topic


def test_a_digest_without_incidents_has_crime_under_another_topic() -> None:
    classifier = Classifier([t for t in DEFAULT_TOPICS if t.name != "Incidents"])
    found = classifier.rank("Man charged with murder of neighbour", "Police arrested him after a shooting.")
    assert found[0].name == "Politics"


@pytest.mark.parametrize(
    ("url", "topic"),
    [
        ("https://news.example/business/2026/03/an-untold-thing", "Business"),
        ("https://news.example/world-news/an-untold-thing?x=1", "World"),
        ("https://news.example/news/kultur/an-untold-thing.html", "Culture"),
        ("https://sports.news.example/articles/an-untold-thing", "Sport"),
        ("https://news.example/crime/an-untold-thing", "Incidents"),
        ("https://news.example/sucesos/an-untold-thing", "Incidents"),
    ],
)
def test_a_section_in_the_url_places_what_the_text_does_not(url: str, topic: str) -> None:
    found = CLASSIFIER.classify("An untold thing", "", url=url)
    assert found[0].name == topic


def test_a_section_in_the_url_decides_between_near_topics() -> None:
    title = "Chief of film studio defends merger"
    assert CLASSIFIER.rank(title, "", url="https://news.example/business/1")[0].name == "Business"
    assert CLASSIFIER.rank(title, "", url="https://news.example/movies/1")[0].name == "Culture"


@pytest.mark.parametrize("url", ["", "https://news.example/an-untold-thing", "https://news.example/2026/03/x", "x:y"])
def test_a_url_without_a_section_says_nothing(url: str) -> None:
    assert CLASSIFIER.classify("An untold thing", "", url=url) == ()


def test_a_category_of_two_names_means_both() -> None:
    found = CLASSIFIER.classify("An untold thing", "", categories=["Science & Environment"])
    assert {s.name for s in found} == {"Science", "Environment"}


def test_an_unknown_category_says_nothing() -> None:
    assert CLASSIFIER.classify("An untold thing", "", categories=["Uncategorized", "", "2024"]) == ()


def test_the_users_words_make_a_topic() -> None:
    classifier = Classifier([*DEFAULT_TOPICS, Topic("Chess", words=("chess", "grandmaster"))])
    found = classifier.classify("Grandmaster wins chess title in Reykjavik", "")
    assert found[0].name == "Chess"
    assert "chess" in in_english(found[0].reasons)
    assert all(s.name != "Chess" for s in classifier.classify("Striker scores twice in league match", ""))


def test_the_users_examples_make_a_topic() -> None:
    examples = (
        "Cyclists gain a protected bike lane on the main avenue",
        "City plans more buses and fewer car parking places downtown",
        "Tram line extended to the suburbs after years of building",
    )
    classifier = Classifier([*DEFAULT_TOPICS, Topic("City transport", examples=examples)])
    scores = {s.name: s.score for s in classifier.rank("New bus lanes and bicycle parking approved by the city", "")}
    assert scores["City transport"] >= SURE
    assert {s.name: s.score for s in classifier.rank("Striker scores twice", "")}["City transport"] < SURE


def test_the_users_words_for_a_default_topic_lift_it() -> None:
    title = "Quidditch cup goes to the last match"
    before = {s.name: s.score for s in CLASSIFIER.rank(title, "")}["Sport"]
    topics = [t if t.name != "Sport" else Topic("Sport", t.description, words=("quidditch",)) for t in DEFAULT_TOPICS]
    assert {s.name: s.score for s in Classifier(topics).rank(title, "")}["Sport"] > max(before, 0.8)


def test_a_description_counts() -> None:
    own = Topic("Gardens", "Gardening: flowers, vegetables, lawns, pruning and compost.")
    scores = {s.name: s.score for s in Classifier([*DEFAULT_TOPICS, own]).rank("How to prune roses and feed lawns", "")}
    assert scores["Gardens"] >= SURE


def test_a_feed_belongs_where_the_user_puts_it() -> None:
    classifier = Classifier([Topic("Sport", feeds=("Daily Ball",)), Topic("World")])
    found = classifier.classify("Ministers meet", "", feed="daily ball")
    assert (found[0].name, found[0].score) == ("Sport", 1.0)


def test_a_topic_that_the_user_left_out_gets_no_points() -> None:
    words = TopicLexicon([topic for topic in DEFAULT_TOPICS if topic.name != "Sport"])
    points, _ = words.points("Striker scores twice in league match", "The goalkeeper and the coach watched.", "en")
    assert "Sport" not in points
    assert "Sport" in TopicLexicon(DEFAULT_TOPICS).points("Striker scores twice in league match", "", "en")[0]


def test_the_words_that_tell_are_the_same_when_the_memory_of_words_was_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    name = DEFAULT_TOPICS[0].name
    text = ("Parliament votes on budget", "The minister said taxes would rise and the opposition refused.", "en", name)
    expected = PassageVectors(DEFAULT_TOPICS).nearest_words(*text)
    monkeypatch.setattr(topic_evidence, "_REMEMBERED", 2)
    assert expected
    assert PassageVectors(DEFAULT_TOPICS).nearest_words(*text) == expected
