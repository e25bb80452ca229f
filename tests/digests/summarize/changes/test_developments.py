"""Developments without any number are news to who was sent the story; the same facts in other words are not."""

from __future__ import annotations

import pytest

from digests.model import ItemKind, Reported, Source, Story
from digests.summarize.changes import updates
from digests.summarize.changes.developments import developments
from digests.summarize.extractive import summarize_story
from tests.support.stories import NOW, source, story


def as_reported(tale: Story) -> Reported:
    """What a recipient knows who was sent the story as it is."""
    summary = summarize_story(tale, words=90)
    return Reported(tale.id, NOW, summary.headline, summary.facts, frozenset(s.article for s in tale.sources))


def news(first: Source, later: Source) -> tuple[updates.News, ...]:
    return updates.news(story("s", first, later), as_reported(story("s", first)))


FERRY = source(
    1,
    "Ferry hits pier in Dunmere, three hurt",
    ("A ferry struck the pier at Dunmere on Sunday and three passengers were hurt, the coast guard said."),
    hours=50,
)
BANK = source(1, "Bank chief Ida Moor under pressure", "Ida Moor, head of Talvia's bank, faces calls to go.", hours=30)
TUNNEL = source(
    1,
    "Tunnel nach Brand gesperrt",
    "Der Tunnel bei Lund ist nach einem Brand gesperrt, teilte die Polizei mit.",
    hours=40,
    language="de",
)
CASE = source(
    1,
    "Le maire de Corve devant les juges",
    "Le maire de Corve comparaît devant le tribunal pour fraude.",
    hours=40,
    language="fr",
)
SERVICE = source(1, "Mail delivery delayed", "We are looking into delays of outgoing mail.", hours=3, outlet="Status")

DEVELOPMENTS = {
    "de": (
        (
            "Fährunglück vor Rügen: 12 Verletzte",
            (
                "Vor Rügen ist am Montag eine Fähre gegen einen Pfeiler gefahren. 12 Menschen wurden "
                "verletzt. Die Wasserschutzpolizei ermittelt gegen den Kapitän der Fähre."
            ),
        ),
        (
            "Kapitän nach Fährunglück vor Rügen angeklagt",
            (
                "Nach dem Unglück der Fähre vor Rügen hat die Staatsanwaltschaft Anklage gegen den "
                "Kapitän erhoben. Ihm wird fahrlässige Körperverletzung vorgeworfen."
            ),
        ),
    ),
    "fr": (
        (
            "Scandale des cantines à Limoges : le maire interrogé",
            (
                "Le maire de Limoges a été interrogé lundi dans l'affaire des cantines scolaires. "
                "Les enquêteurs soupçonnent des marchés truqués avec un traiteur de la région."
            ),
        ),
        (
            "Limoges : le maire démissionne après l'affaire des cantines",
            (
                "Le maire de Limoges a démissionné mercredi, mis en cause dans l'affaire des "
                "cantines scolaires et des marchés truqués avec un traiteur."
            ),
        ),
    ),
    "es": (
        (
            "Cierra el puente de Almadra por grietas",
            (
                "El puente de Almadra quedó cerrado al tráfico el lunes después de que los técnicos "
                "hallaran grietas en dos pilares. Miles de conductores tuvieron que desviarse."
            ),
        ),
        (
            "Reabre el puente de Almadra tras la reparación de los pilares",
            (
                "El puente de Almadra fue reabierto al tráfico el miércoles, una vez reparadas las "
                "grietas de los pilares, anunció el ayuntamiento."
            ),
        ),
    ),
    "ru": (
        (
            "Директор завода «Вектор» задержан в Омске",
            (
                "В Омске задержан директор завода «Вектор» Павел Громов. Следствие подозревает его в "
                "хищении средств при строительстве нового цеха."
            ),
        ),
        (
            "Суд в Омске арестовал директора завода «Вектор» Громова, ему предъявлено обвинение",
            (
                "Директору завода «Вектор» Павлу Громову предъявлено обвинение в хищении средств при "
                "строительстве цеха. Суд в Омске отправил его под стражу."
            ),
        ),
    ),
    "ja": (
        (
            "青葉市の化学工場で火災",
            "青葉市の化学工場で月曜日の朝、火災が発生した。工場の従業員は全員避難し、市は周辺の住民に窓を閉めるよう呼びかけた。消防車二十台が出動した。",
        ),
        (
            "青葉市の化学工場の火災が鎮火",
            "青葉市の化学工場で発生した火災は、水曜日の朝に鎮火した。市は周辺の住民への呼びかけを解除した。消防が原因を調べている。",
        ),
    ),
    "ar": (
        (
            "إضراب عمال ميناء الزهراء يدخل يومه الأول",
            (
                "بدأ عمال ميناء الزهراء إضرابا مفتوحا يوم الاثنين للمطالبة بزيادة الأجور. وتوقفت "
                "حركة السفن في الميناء، وقالت النقابة إن الإضراب سيستمر حتى الاستجابة لمطالبها."
            ),
        ),
        (
            "عمال ميناء الزهراء ينهون الإضراب بعد اتفاق على الأجور",
            (
                "أنهى عمال ميناء الزهراء إضرابهم يوم الأربعاء بعد التوصل إلى اتفاق مع الإدارة على "
                "زيادة الأجور. واستؤنفت حركة السفن في الميناء."
            ),
        ),
    ),
    "en": (
        (
            "Marlow reservoir: village evacuated as dam wall cracks",
            (
                "Residents of Marlow were told to leave on Monday after a crack appeared in the wall "
                "of the reservoir. Engineers are pumping water out of the basin."
            ),
        ),
        (
            "Marlow villagers allowed home as dam wall declared safe",
            (
                "Residents of Marlow may return home, the council said on Wednesday. Engineers "
                "declared the reservoir's wall safe after sealing the crack."
            ),
        ),
    ),
    "pt": (
        (
            "Ministra das Pescas investigada por contratos em Aveiro",
            (
                "A ministra das Pescas, Helena Prado, está a ser investigada por contratos assinados "
                "em Aveiro. A oposição pede explicações no parlamento."
            ),
        ),
        (
            "Ministra das Pescas Helena Prado demite-se",
            (
                "A ministra das Pescas, Helena Prado, apresentou a demissão na quarta-feira por "
                "causa dos contratos assinados em Aveiro. O primeiro-ministro aceitou."
            ),
        ),
    ),
    "it": (
        (
            "Valanga a Cortenova: si cercano due escursionisti",
            (
                "Una valanga ha travolto due escursionisti lunedì sopra Cortenova. I soccorritori li "
                "cercano con i cani e un elicottero nonostante la nebbia."
            ),
        ),
        (
            "Cortenova, trovati vivi i due escursionisti travolti dalla valanga",
            (
                "I due escursionisti travolti dalla valanga sopra Cortenova sono stati trovati vivi "
                "mercoledì. I soccorritori li hanno portati in ospedale in elicottero."
            ),
        ),
    ),
    "zh": (
        (
            "云港市长刘建国被调查",
            "云港市长刘建国因涉嫌严重违纪违法，周一接受纪律审查和监察调查。他曾负责云港新港区的建设项目。",
        ),
        (
            "云港市长刘建国被免职",
            "云港市人大常委会周三决定，免去刘建国的云港市长职务。刘建国因涉嫌严重违纪违法正在接受调查。",
        ),
    ),
    "nl": (
        (
            "Trein ontspoord bij Zwalm: lijn gestremd",
            (
                "Bij Zwalm is maandag een goederentrein ontspoord. De spoorlijn naar de haven is "
                "gestremd en reizigers moeten met de bus."
            ),
        ),
        (
            "Spoorlijn bij Zwalm weer open na ontsporing goederentrein",
            (
                "De spoorlijn bij Zwalm is woensdag heropend, meldt de spoorwegbeheerder. De "
                "ontspoorde goederentrein is geborgen en reizigers hoeven niet meer met de bus."
            ),
        ),
    ),
    "pl": (
        (
            "Zatrzymano burmistrza Zalesina",
            (
                "Burmistrz Zalesina Adam Wrona został w poniedziałek zatrzymany w sprawie przetargu "
                "na oczyszczalnię ścieków. Prokuratura przeszukała ratusz."
            ),
        ),
        (
            "Burmistrz Zalesina Adam Wrona zrezygnował",
            (
                "Adam Wrona, zatrzymany w sprawie przetargu na oczyszczalnię ścieków, zrezygnował w "
                "środę ze stanowiska burmistrza Zalesina."
            ),
        ),
    ),
}


@pytest.mark.parametrize(
    ("first", "title", "text"),
    [
        (FERRY, "Dunmere ferry captain charged", "Prosecutors charged the captain of the ferry. Three were hurt."),
        (FERRY, "Dunmere ferry captain charged", ""),
        (BANK, "Bank chief Ida Moor resigns", "Ida Moor, head of Talvia's bank, has resigned."),
        (TUNNEL, "Tunnel bei Lund wiedereröffnet", "Der Tunnel bei Lund ist nach dem Brand wiedereröffnet."),
        (CASE, "Le maire de Corve acquitté", "Le tribunal a acquitté le maire de Corve."),
        (SERVICE, "Resolved: mail delivery delayed", "The delays of outgoing mail are resolved."),
        (FERRY, "Pier at Dunmere reopens", "The pier at Dunmere reopened for the ferry."),
    ],
)
def test_a_development_without_a_number_is_news(first: Source, title: str, text: str) -> None:
    later = source(2, title, text, hours=1, language=first.language)
    assert news(first, later)


@pytest.mark.parametrize(
    ("first", "title", "text"),
    [
        (FERRY, "Three injured as ferry rams Dunmere pier", "Three passengers were hurt when a ferry hit the pier."),
        (
            FERRY,
            "Ferry hits Dunmere pier",
            "A ferry hit the pier at Dunmere. No one was arrested after it, the coast guard said.",
        ),
        (BANK, "Calls for bank chief Moor to go", "Talvia's bank head Ida Moor faces calls to go."),
        (TUNNEL, "Brand: Tunnel bei Lund gesperrt", "Nach einem Brand ist der Tunnel bei Lund gesperrt."),
    ],
)
def test_the_same_facts_in_other_words_are_none(first: Source, title: str, text: str) -> None:
    assert not news(first, source(2, title, text, hours=1, language=first.language))


def test_a_development_is_news_once() -> None:
    charged = source(2, "Dunmere ferry captain charged", "Prosecutors charged the captain of the ferry.", hours=2)
    again = source(3, "Captain of Dunmere ferry is charged", "The captain of the ferry was charged.", hours=1)
    assert not updates.news(story("s", FERRY, charged, again), as_reported(story("s", FERRY, charged)))


def test_a_development_in_another_language_is_news_and_its_repetition_in_a_third_is_none() -> None:
    german = source(2, "Kapitän angeklagt", "Der Kapitän der Fähre ist angeklagt.", hours=2, language="de")
    french = source(3, "Le capitaine inculpé", "Le capitaine du ferry est inculpé.", hours=1, language="fr")
    assert news(FERRY, german)
    assert not updates.news(story("s", FERRY, german, french), as_reported(story("s", FERRY, german)))


def test_a_title_alone_makes_an_update_with_that_title_and_no_old_sentence() -> None:
    later = source(2, "Dunmere ferry captain charged", "", hours=1)
    before = as_reported(story("s", FERRY))
    summary = summarize_story(story("s", FERRY, later), words=60, kind=ItemKind.UPDATE, reported=before)
    assert (summary.headline, summary.sentences) == (later.title, ())


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("Police arrested the owner.", "en", "arrested"),
        ("Die Ministerin tritt zurück.", "de", "resigned"),
        ("El tribunal absolvió al alcalde; queda absuelto.", "es", "acquitted"),
        ("Суд оправдал мэра.", "ru", "acquitted"),
        ("警方逮捕了船长。", "zh", "arrested"),
        ("Kaptan tutuklandı.", "tr", "arrested"),
    ],
)
def test_words_for_developments_are_known_in_many_languages(text: str, language: str, name: str) -> None:
    assert name in developments(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Settlers were attacked in the valley, the army said.", "en"),
        ("He was admitted to hospital; the police released a statement.", "en"),
        ("Wall Street closes lower.", "en"),
        ("De acordo com a polícia, um incêndio destruiu a casa.", "pt"),
        ("De acuerdo con la policía, la casa se quemó.", "es"),
        ("Un pueblo diminuto en las montañas.", "es"),
        ("Im Vergleich zum Vorjahr sind es mehr.", "de"),
        ("La police est d'accord avec le maire.", "fr"),
        ("Le auto elettriche costano meno; la fermata del tram.", "it"),
        ("Ожидается умеренный ветер, утверждает служба.", "ru"),
        ("Winnica nad rzeką.", "pl"),
    ],
)
def test_words_that_only_begin_or_sound_like_a_development_are_none(text: str, language: str) -> None:
    assert developments(text, language) == {}


@pytest.mark.parametrize("language", DEVELOPMENTS)
def test_a_later_report_of_what_happened_next_is_news_in_many_languages(language: str) -> None:
    (title, text), (then, after) = DEVELOPMENTS[language]
    first = source(1, title, text, hours=50, language=language)
    assert news(first, source(2, then, after, hours=2, language=language))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("No one was arrested.", "en"),
        ("船長は逮捕されなかった。", "ja"),
        ("警方尚未逮捕任何人。", "zh"),
        ("Der Kapitän wurde nicht angeklagt.", "de"),
    ],
)
def test_what_did_not_happen_is_no_development(text: str, language: str) -> None:
    assert developments(text, language) == {}


def test_a_negation_in_another_part_of_the_sentence_denies_nothing() -> None:
    assert "convicted" in developments("Court convicts mayor, who showed no regret", "en")
