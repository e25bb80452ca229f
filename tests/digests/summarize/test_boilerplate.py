"""Sentences that are no news: calls to read on elsewhere."""

from __future__ import annotations

import pytest

from digests.summarize.boilerplate import dateline, is_boilerplate, is_pointer


@pytest.mark.parametrize(
    "text",
    ["Follow OHN.", "More at Orr Harbour News.", "More from the Orr Herald.", "You can get all the details at Orr."],
)
def test_a_sentence_that_only_leads_to_an_outlet_is_boilerplate(text: str) -> None:
    assert is_boilerplate(text)


@pytest.mark.parametrize("text", ["Follow DNA evidence, the judge told them.", "More on Monday than on Sunday came."])
def test_a_sentence_with_news_is_not(text: str) -> None:
    assert not is_boilerplate(text)


@pytest.mark.parametrize(
    "text",
    [
        "Here's what we know about the ferry fire.",
        "Plus, full projections, standings and more.",
        "Read our predictions, picks and odds for the first game on Wednesday.",
        "Quick takeaways from the tournament.",
        "We sat down with the game's producer to discuss the ferry.",
        "Most harbours saw higher prices, here's why.",
        "Follow live updates from Port Hale.",
        "Orr Herald has learned.",
        "We bring you the latest previews, live stats and recaps.",
        "Taking a look at where the ferries of Hale will sail.",
        "The inside story of how the ferry was sold.",
        "Grading every captain's performance from the race.",
        "The ferries got new engines and here are the notes of the yard.",
        "To update your boat, open the panel and wait.",
        "Hier finden Sie alle Ergebnisse des Abends.",
        "Voici ce que l'on sait de l'incendie.",
        "Te contamos lo que pasó en el puerto.",
        "Ecco cosa sappiamo dell'incendio.",
        "Confira os resultados da noite.",
        "Рассказываем, что случилось в порту.",
        "Що відомо про пожежу в порту.",
    ],
)
def test_a_sentence_that_only_points_to_content_is_recognized(text: str) -> None:
    assert is_pointer(text)


@pytest.mark.parametrize(
    "text",
    [
        "The captain reads on deck every evening, her crew says.",
        "Twelve people died on a ferry off Port Hale on Monday.",
        "Looking for the captain, divers found the ferry on Monday.",
        "Hierarchies in the port authority were blamed for the delay.",
        "Водолазы нашли корабль на дне.",
    ],
)
def test_news_is_no_pointer(text: str) -> None:
    assert not is_pointer(text)


def test_the_name_of_a_section_before_the_news_is_no_part_of_it() -> None:
    text = "Rest of World News: Beneath the hills of Orr scientists found a tunnel."
    assert text[dateline(text) :].startswith("Beneath")
    assert dateline("Bad news: the ferry to Port Hale sank in the night.") == 0


@pytest.mark.parametrize("place", ["PORT HALE, Orr. — ", "PORT HALE — ", "SAINT-ORR, Hale — ", "ORR, Hale — "])
def test_a_dateline_of_several_words_is_no_part_of_the_news(place: str) -> None:
    text = f"{place}Captain Ina Holm left the ferry line on Monday."
    assert text[dateline(text) :].startswith("Captain")


@pytest.mark.parametrize(
    "place",
    [
        "3 mars (AFP) – ",
        "3 de marzo (EFE).- ",
        "Puerto Orr (Hale), 3 de marzo (EFE) .- ",
        "PUERTO ORR.- ",
        "ПОРТ ХЕЙЛ, Орр (AP) — ",
    ],
)
def test_datelines_of_other_languages_are_no_part_of_the_news(place: str) -> None:
    text = f"{place}Captain Ina Holm left the ferry line on Monday."
    assert text[dateline(text) :].startswith("Captain")
    chinese = "港口，3 月 3 日（新华社）——渡轮公司周一表示，船长已经离开公司，并将寻找新的船长。"
    assert chinese[dateline(chinese) :].startswith("渡轮")


@pytest.mark.parametrize(
    "text",
    [
        "Wir verwenden auf unserer Webseite Cookies und andere Mittel.",
        "Nous utilisons des cookies sur ce site.",
        "Utilizamos cookies propias en este sitio.",
        "Сайт использует файлы cookie.",
        "We use cookies on this site.",
        "Weitere Informationen finden Sie in unseren Datenschutzhinweisen.",
        "Veuillez vérifier les champs obligatoires marqués en rouge.",
        "Les utilisateurs enregistrés peuvent lire les archives.",
        "publié le 26/03/2020 à 01:38",
        "Actualizado el 26/03/2020",
        "Veröffentlicht am 26. März 2020",
        "Обновлено 31 декабря 2019 г.",
        "31 декабря 2019 г. Обновлено 31 декабря 2019 г. 0",
        "（某某 报道，某某 编辑）",
    ],
)
def test_consent_forms_dates_and_credits_are_boilerplate_in_other_languages(text: str) -> None:
    assert is_boilerplate(text)


@pytest.mark.parametrize(
    "text",
    [
        "The baker of Orr uses butter in his cookies.",
        "Publier ce livre en 2020 fut un risque.",
        "Port Orr. - A ferry sank.",
    ],
)
def test_news_is_no_consent_form_and_no_date(text: str) -> None:
    assert not (is_boilerplate(text) and "cookies" not in text)


def test_the_end_of_a_caption_with_its_byline_is_boilerplate_but_a_name_in_capitals_is_not() -> None:
    assert is_boilerplate("A map of flu in Lund from late May By INA BERGLUND")
    assert not is_boilerplate("The ship was bought by NATO.")
    assert not is_boilerplate("A Reuters/Ipsos poll finds that two in three approve.")
