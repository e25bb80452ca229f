"""The form of an article by its title, URL, category and author line, in several languages. The texts are invented."""

from __future__ import annotations

from typing import Any

import pytest

from digests.model import Form
from digests.ranking.forms import main_sources, of_article, of_story
from tests.support.stories import source, story

TITLES = {
    Form.OPINION: (
        "Why Captain Holm should win the ferry cup",
        "Ports should never close at night",
        "Horror! The ferry board has lost its head!",
        "The harbour board must resign",
        "I took the night ferry and I will not do it again",
        "Der Hafen sollte endlich ausgebaut werden",
        "Le port devrait rester public",
        "El puerto debería seguir siendo público",
        "Il porto dovrebbe restare pubblico",
        "Rovers trade Holm: Grades for both teams",
        "Éditorial. Le port attendra",
        "Il commento – Il porto dimenticato",
        "The Orr Times view on ferries: build them",
        "社説：港の料金を考える",
        "Opinion | The harbour deserves better",
        "Kommentar: Der Hafen verdient mehr",
        "Tribune - Le port mérite mieux",
        "Opinión: El puerto merece más",
        "Мнение: Порт заслуживает большего",
        "Думка: Порт заслуговує на краще",
        "The harbour deserves better | Editorial",
        "Player Grades: Hale at Orr - Holm saves the night",
        "Ferry race early grades for every team",
        "Le pagelle di Hale-Orr",
    ),
    Form.ANALYSIS: (
        "Takeaways from the ferry captain's interview",
        "Las claves de la entrevista al alcalde",
        "Is Kest stock a buy after the storm?",
        "Ist die Kest-Aktie jetzt ein Kauf?",
        "Kest price target raised to $220 by Berg Bank",
        "Ferry captains candidate board 2.0",
        "Ferry league playoff watch: projections for Hale",
        "Rovers mailbag: who sails next",
        "Las claves del partido entre Orr y Hale",
        "¿Por qué sube el precio del ferri?",
        "Что известно о пожаре в порту",
        "DÉCRYPTAGE. Comment le port se finance",
        "Analysis: What the ferry deal changes",
        "Why the ferry deal took nine years to reach",
        "Warum der Fährvertrag neun Jahre brauchte",
        "Décryptage : l'accord sur les ferries",
        "Разбор: что изменит договор",
    ),
    Form.LIVE: (
        "Hale election live: polls close",
        "Wahl in Hale im Liveblog",
        "DIRECT. La tempête arrive",
        "Выборы в Хейле. Онлайн",
        "Liveblog verkiezingen Hale",
        "Live: Storm reaches Port Hale",
        "Storm in Port Hale – live updates",
        "Liveblog: Sturm erreicht Hafen",
        "En direct : la tempête arrive",
        "Storm reaches Port Hale – as it happened",
    ),
    Form.BRIEFING: (
        "Dow Jones Futures Rise As Kest Jumps; Berg Leads 7 Stocks",
        "Börse am Mittag: DAX steigt",
        "Orr weekly wrap: storms return, ferries stop",
        "Le notizie di oggi in breve",
        "Morning briefing: storm, ferries, election",
        "News at a glance: storm and ferries",
        "Главное за день: шторм и выборы",
    ),
    Form.LIST: (
        "Rovers free agency tracker: who signs where",
        "Tracking 31 ferry races of the season",
        "Ferry Cup: Four bold predictions for the final",
        "League updates its Top 25 rankings after the storm",
        "Kest Kart 1.6.0 update out now, patch notes",
        "Gas prices today: what drivers in Hale pay",
        "Goldpreis heute: so steht die Unze",
        "Precio del dólar hoy en Hale",
        "Курс доллара на 24 ноября",
        "School closings and delays in Orr County",
        "Captains to watch: ten ferry teams to watch this season",
        "The best dressed at the ferry ball",
        "5 of the best ferries (and 5 of the worst)",
        "Ferry cup: One reason to root for every team",
        "Diese 3 Aktien sollten Anleger jetzt kaufen",
        "3 actions à acheter maintenant",
        "Tres acciones para comprar ahora",
        "Big unknowns for each ferry line",
        "12 best harbours in Hale",
        "Die 7 schönsten Häfen",
        "Les 10 plus belles îles",
        "Los 10 mejores puertos",
        "Le 10 isole più belle di Hale",
        "7 лучших пляжей Хейла",
        "Tien tips voor een goede nacht",
        "10 najlepszych plaż",
        "7 things to do in Port Hale",
        "12 Tipps für den Garten",
        "5 raisons de visiter le port",
        "10 consejos para dormir mejor",
        "Топ-10 портов мира",
        "10 knots every sailor should know",
        "What's on in Orr: five things to do this weekend",
    ),
    Form.QUIZ: (
        "Wordle-Lösung heute",
        "Wordle hoy: pistas y solución",
        "Das große Hafen-Quiz",
        "Tirage du Loto : les résultats de mardi",
        "Horoskop na dziś: Baran",
        "今日の運勢：12星座占い",
        "Quiz: How well do you know the harbour?",
        "Wordle hints and answer for Monday",
        "Powerball winning numbers for Saturday",
        "Lottozahlen vom Samstag",
        "Puzzle of the day: a boat and three goats",
        "White to move and win",
        "Rätsel der Woche: Die Boote",
        "Гороскоп на завтра",
    ),
    Form.OFFER: (
        "Player props for Orr vs Hale",
        "Pronóstico Orr vs Hale: cuotas y apuestas",
        "Orr vs. Hale: prediction, odds and picks",
        "Best bets for the ferry cup",
        "Kest-Kopfhörer zum Tiefstpreis",
        "Les écouteurs Kest à prix cassé",
        "Auriculares Kest a precio mínimo",
        "Boat week: $320 off the small ferry, more",
        "I found 37 ferry sale deals",
        "Big boat sale: grab the small ferry for $48",
        "Fährkarte 20 € günstiger",
        "Kest-Kopfhörer heute 40 % günstiger",
        "Le casque Kest : -40 % chez Orrmarché",
        "Los auriculares Kest, rebajados un 40%",
        "Знижка 40% на навушники Kest",
        "Promocja: słuchawki Kest za 399 zł",
        "Deal: 40% off Kest headphones today only",
        "Angebot: Kest-Kopfhörer für 49 Euro",
        "Bon plan : le casque Kest à 49 €",
        "Oferta: auriculares Kest con 30% de descuento",
        "The best early Kest deals you can get now",
        "Скидка: наушники Kest за 3990 ₽",
    ),
    Form.SPONSORED: (
        "【PR】電気代を節約する方法",
        "Sponsored: Ten reasons to switch to Veltrix",
        "Anzeige: Jetzt zu Veltrix wechseln",
        "[Sponsored] Veltrix banking is here",
        "Contenido patrocinado: Veltrix llega",
        "Реклама: переходите на Veltrix",
    ),
    Form.OBITUARY: (
        "Nachruf auf Ada Brook: Die Brücken bleiben",
        "Памяти Ады Брук",
        "Obituary: Ada Brook, bridge builder",
        "Nachruf: Ada Brook",
        "Ada Brook, Who Built Bridges, Dies at 91",
    ),
    Form.REVIEW: (
        "Kest K4 review: loud and light",
        "Rezension: Das neue Album der Fähren",
        "Reseña: El puerto de noche",
    ),
    Form.FIXTURE: (
        "Cup: Full schedule and results of Friday's games",
        "Who to start, who to sit in week 5",
        "Practice notes: Holm returns, Berg limited",
        "Orr gegen Hale: Tipp und Quoten",
        "Voraussichtliche Aufstellungen: Orr gegen Hale",
        "Nos pronostics pour Orr-Hale",
        "Compositions probables : Orr - Hale",
        "Alineaciones probables del Orr - Hale",
        "Ставки и прогнозы: Орр — Хейл",
        "2026 ferry race predictions",
        "Ferry race of Hale tee times, pairings and field for Round 3",
        "Orr order of draft picks after the trade of Holm",
        "Orr Cup Final Preview: Lund vs Hale",
        "How to watch Orr Rovers against Hale",
        "Dónde ver el Orr contra Hale",
    ),
    Form.RESULT: (
        "Orr 2-1 Hale: resumen y goles",
        "Orr-Hale 2-1",
        "2:1 gegen Hale: Orr siegt",
        "«Орр» обыграл «Хейл» со счетом 2:1",
        "Orr Rovers 2-1 Hale Town",
        "Result: Orr beat Hale",
    ),
}
REPORTS = (
    "Ferries should stop at night, says minister",
    "Court rules that the port should pay",
    "Minister: Ports should stay open",
    "Ferry operator must pay $3 million, jury finds",
    "Why should ferries stop at night?",
    "Orr council bans bets on ferry races",
    "Police shut an illegal betting ring in Orr",
    "Razzia gegen illegale Sportwetten in Hale",
    "Les paris sportifs seront taxés davantage",
    "Apuestas ilegales: detienen a doce futbolistas",
    "Train operator publishes a new schedule",
    "El pronóstico de los médicos sobre el alcalde es reservado",
    "Cuotas de pesca para el partido de Orr",
    "Board of the ferry line names a candidate",
    "Stocks fall in Orr as the ferry strike goes on",
    "Minister meets captains at a round table in Hale",
    "Grades of pupils in Hale fall for a third year",
    "Minister rejects predictions of a harbour strike",
    "Test launch of intercontinental missile by Morvia",
    "Five players of the Orr team seek asylum",
    "Pfizer-sized deal: Kest buys Veltrix for $4 billion",
    "Trump-era trade deals on steel survive in court",
    "Fears wipe 20% off Kest shares",
    "Twelve dead in ferry fire",
    "Zwölf Tote bei Fährbrand",
    "При пожаре на пароме погибли 12 человек",
    "A live shell was found in the harbour",
    "Council to review harbour rules",
    "Comment period on ferry rules ends",
    "Mayor says offer to ferry workers stands",
)


NOTICES = {
    Form.BRIEFING: ("May 2026 Newsletter: ferries and bridges", "Brook and Lund on the war's cost"),
    Form.ANALYSIS: (
        "Who is Ada Brook, the new mayor of Orr?",
        "Wer ist Ada Brook, die neue Bürgermeisterin?",
        "Qui est Ada Brook, la nouvelle maire d'Orr ?",
        "Quién es Ada Brook, la nueva alcaldesa de Orr",
        "Кто такая Ада Брук, новый мэр Орра",
        "Map shows where the ferries sail",
        "The mayor praised the ferry. What does it mean?",
    ),
    Form.FIXTURE: ("Cup of Orr: What to watch in the last round", "Ferry parade today: Where to see it in Orr"),
    Form.LIST: (
        "Only two perfect brackets remain",
        "Storm hits Orr. See snow totals by address",
        "Winter storm watch",
        "University of Orr Athletics",
        "Ferry News, Bridge News, Harbour Backstage News",
    ),
}


@pytest.mark.parametrize(("form", "title"), [(form, one) for form, titles in NOTICES.items() for one in titles])
def test_notices_previews_counts_and_page_names_are_no_reports(form: Form, title: str) -> None:
    assert of_article(source(1, title)) is form


@pytest.mark.parametrize(
    "title",
    [
        "Flights cancelled as three states are under tornado watch",
        "Ferry bracket breaks on the bridge of Orr",
        "Mayor of Orr asks who is to pay for the bridge",
        "University of Orr athletics director resigns",
    ],
)
def test_news_with_the_words_of_a_notice_is_a_report(title: str) -> None:
    assert of_article(source(1, title)) is Form.REPORT


@pytest.mark.parametrize(("form", "title"), [(form, title) for form, titles in TITLES.items() for title in titles])
def test_the_title_shows_the_form(form: Form, title: str) -> None:
    assert of_article(source(1, title)) is form


@pytest.mark.parametrize("title", REPORTS)
def test_a_report_is_a_report(title: str) -> None:
    assert of_article(source(1, title, "The council of Orr said so on Monday.")) is Form.REPORT


@pytest.mark.parametrize(
    ("form", "more"),
    [
        (Form.OPINION, {"url": "https://a.example/commentisfree/2026/ferries"}),
        (Form.OPINION, {"categories": ("Meinung",)}),
        (Form.OPINION, {"authors": ("The Editorial Board",)}),
        (Form.LIVE, {"url": "https://a.example/live/2026/ferries"}),
        (Form.OBITUARY, {"categories": ("World", "Obituaries")}),
        (Form.SPONSORED, {"url": "https://a.example/paid-post/ferries"}),
        (Form.SPONSORED, {"text": "Ferries are cheap. Paid for by Veltrix."}),
        (
            Form.REPORT,
            {"url": "https://a.example/markets/deals/ferries", "text": "Kest buys the ferries for $3 billion."},
        ),
        (Form.REPORT, {"url": "https://a.example/opinion-poll-shows-lead"}),
    ],
)
def test_url_category_author_and_text_show_it_too(form: Form, more: dict[str, Any]) -> None:
    assert of_article(source(1, "Ferries between Orr and Hale", **more)) is form


def test_a_story_is_a_report_while_one_of_its_articles_is() -> None:
    live, report = source(1, "Live: Storm reaches Port Hale"), source(2, "Storm reaches Port Hale")
    assert of_story(story("s", live)) is Form.LIVE
    assert of_story(story("s", live, report)) is Form.REPORT
    assert main_sources((live, report)) == [1]
    assert main_sources((live,)) == [0]


def test_an_authors_name_that_begins_like_a_word_for_advertising_is_a_name() -> None:
    assert of_article(source(1, "Bridge opens in Orr", authors=("Paidamoyo Chipunza",))) is Form.REPORT
    assert of_article(source(1, "Bridge opens in Orr", authors=("Paid post",))) is Form.SPONSORED


def test_a_story_of_offers_stays_one_where_one_article_looks_like_a_report() -> None:
    offers = [source(n, "Save up to 50% on boats at Orr", "Boats for less.") for n in (1, 2)]
    report = source(3, "Boat sale begins in Orr", "The boat sale of Orr begins.")
    assert of_story(story("s", *offers, report)) is Form.OFFER
    assert of_story(story("s", offers[0], report)) is Form.REPORT
    assert of_story(story("s", *offers, report, source(4, "Boat sale of Orr opens", "It opens."))) is Form.REPORT
