"""Sentences of news text in many languages; every text here was written for this test."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.language.sentences import spans, split

# Each case is a language and the sentences of one text, which are joined by a blank (or by nothing in Chinese and
# Japanese).
CASES: list[tuple[str, list[str]]] = [
    ("en", ["The bridge was closed.", "It will open on Friday."]),
    ("en", ["Mr. Hale met Dr. Ortiz on Monday.", "They spoke for an hour."]),
    ("en", ["Sen. Ada Brook of Ohio voted no.", "Gov. Lee signed it."]),
    ("en", ["U.S. Rep. John Q. Public resigned.", "He gave no reason."]),
    ("en", ["The firm is based in the U.S. and in Spain."]),
    ("en", ["They moved to the U.S.", "The children stayed."]),
    ("en", ["She lived in Washington, D.C.", "Her brother lived in Paris."]),
    ("en", ["The talks began on Jan. 5 in Geneva.", "They end on Feb. 2."]),
    ("en", ["Prices rose 3.5 percent to $1.20.", "Wages fell 0.4 percent."]),
    ("en", ["Acme Inc. bought Bolt Corp. for $2.1 billion.", "Shares fell."]),
    ("en", ["It opened at 9 a.m. on Sunday.", "It closed at 5 p.m.", "The crowd went home."]),
    ("en", ["“We are safe,” she said.", "“We will stay.”"]),
    ("en", ["“I came. I saw nothing,” the witness said.", "Police left."]),
    ("en", ['"Is it over?" Smith asked.', "Nobody answered."]),
    ("en", ["Was he right?", "Nobody knows!", "Time will tell."]),
    ("en", ["The mayor (who was away.) came back.", "He spoke."]),
    ("en", ["George W. Bush and J. R. R. Tolkien were named."]),
    ("en", ["He wrote to Prof. A. B. Clark, Ph.D., in May.", "No reply came."]),
    ("en", ["See No. 5 on the list.", "It won."]),
    ("en", ["He said no.", "The vote was lost."]),
    ("en", ["The site example.com was down.", "Version 2.0 is out."]),
    ("en", ["Rain is expected ... and then snow.", "Roads may close."]),
    ("en", ["The plan failed…", "Nobody was surprised."]),
    ("en", ["St. Mary's Church burned.", "Lt. Gen. Roy Mills led the search."]),
    ("en", ["Flights to Lund-St. Paul were cancelled.", "Snow fell."]),
    ("en", ["It was Plan B.", "The first had failed."]),
    ("en", ["Officials, e.g. the mayor, i.e. Ms. Roe, agreed.", "Others did not."]),
    ("en", ["Martin Luther King Jr. was honored.", "Crowds came."]),
    ("en", ["The vote was 5 vs. 4 in favor.", "It stands."]),
    ("en", ["He paid approx. 500 euros.", "She paid more."]),
    ("en", ["“Stop!” he shouted.", "The car went on."]),
    ("de", ["Am 3. Oktober sprach Dr. Müller in Bonn.", "Der Saal war voll."]),
    ("de", ["Es geht z. B. um Geld, d. h. um Steuern.", "Das ist neu."]),
    ("de", ["Der 2. Weltkrieg endete 1945.", "Danach begann der Aufbau."]),
    ("de", ["Rund 1.200 Menschen kamen, ca. 300 mehr als 2024.", "Die Polizei zählte mit."]),
    ("de", ["„Wir bleiben. Wir gehen nicht“, sagte Prof. Weiß.", "Der Beifall war groß."]),
    ("de", ["Die Firma Kraft & Co. baut an der Hauptstr. 5 ein Werk.", "Es kostet 3 Mio. Euro."]),
    ("de", ["Der Vertrag läuft bis zum 31. Dezember.", "Er kostet 2,5 Mrd. Euro."]),
    ("de", ["König Karl III. reist nach Wien.", "Er bleibt drei Tage."]),
    ("fr", ["M. Dupont a rencontré Mme Martin à Paris.", "Ils ont parlé une heure."]),
    ("fr", ["Le prix est de 3,5 millions d'euros, env. 10 % de plus.", "C'est trop."]),
    ("fr", ["« C'est fini. Nous partons », a déclaré le maire.", "La foule a applaudi."]),
    ("fr", ["Est-ce vrai ?", "Personne ne le sait !"]),
    ("fr", ["La réunion du 5 janv. 2026 est annulée.", "Elle aura lieu plus tard."]),
    ("es", ["El Sr. Pérez y la Dra. Gómez llegaron ayer.", "La reunión duró poco."]),
    ("es", ["¿Quién ganó?", "¡Nadie lo sabe!", "Habrá otra vuelta."]),
    ("es", ["Viajó a EE.UU. el martes.", "Volvió el jueves."]),
    ("es", ["Hubo 1.500 heridos, aprox. 300 graves.", "El Gral. Ruiz dirige el rescate."]),
    ("it", ["Il dott. Rossi e l'avv. Bianchi sono partiti.", "Torneranno lunedì."]),
    ("it", ["La S.p.A. ha perso 2,3 milioni.", "Il titolo è sceso."]),
    ("it", ["«Non mi arrendo. Vado avanti», ha detto il sindaco.", "Poi è uscito."]),
    ("pt", ["O Sr. Silva e a Dra. Costa chegaram.", "A reunião começou às 9h."]),
    ("pt", ["O preço subiu 3,5% em jan. de 2026.", "Não houve protestos."]),
    ("nl", ["Dhr. de Vries en mevr. Bakker kwamen samen.", "Het duurde niet lang."]),
    ("nl", ["Het gaat o.a. om geld, bijv. om subsidies.", "Dat is nieuw."]),
    ("ru", ["В 2025 г. в городе жили 12 тыс. человек.", "Теперь их меньше."]),
    ("ru", ["А. С. Пушкин родился в Москве.", "Он был поэтом."]),
    ("ru", ["Встреча пройдёт на ул. Ленина, д. 5.", "Начало в полдень."]),
    ("ru", ["«Мы остаёмся. Мы не уйдём», — сказал мэр.", "Зал аплодировал."]),
    ("ru", ["— Кто там? — спросил он.", "Никто не ответил."]),
    ("ru", ["Ущерб составил 3,5 млн руб. и ещё растёт.", "Счёт закрыт."]),
    ("ru", ["Об этом сообщил акад. И. И. Иванов.", "Подробностей нет."]),
    ("uk", ["У 2025 р. в місті жило 12 тис. осіб.", "Тепер їх менше."]),
    ("uk", ["Про це заявив проф. І. Я. Франко.", "Подробиць немає."]),
    ("uk", ["«Ми залишаємося. Ми не підемо», — сказав мер.", "Зал аплодував."]),
    ("pl", ["Prof. Nowak i dr Kowalska spotkali się w 2025 r. w Krakowie.", "Rozmowa trwała godzinę."]),
    ("pl", ["Koszt to ok. 3,5 mln zł, tj. o 10 proc. więcej.", "Rząd się zgodził."]),
    ("sv", ["Det kostar ca 3 kr. per liter, dvs. mer än förr.", "Priset stiger."]),
    ("da", ["Mødet er den 5. maj i København.", "Det begynder kl. 10."]),
    ("no", ["Kongen reiste 17. mai til Bergen.", "Han ble der i tre dager."]),
    ("fi", ["Kokous on 5. toukokuuta Helsingissä.", "Se alkaa klo 10."]),
    ("cs", ["Schůzka je 5. května v Praze.", "Začne v 10 hodin."]),
    ("tr", ["Prof. Dr. Ayşe Kaya dün konuştu.", "Salon doluydu."]),
    ("zh", ["市长说：“我们不走。”", "会议今天结束。", "明天呢？", "没人知道！"]),
    ("ja", ["「行きません。」と市長は述べた。", "会議は今日終わった。"]),
    ("ja", ["死者は１２人（うち子ども３人。）に上った。", "捜索は続く。"]),
    ("ar", ["هل انتهت الأزمة؟", "لا أحد يعرف.", "سيجتمع المجلس غدا."]),
    ("hi", ["पुल सोमवार को बंद हुआ।", "यह शुक्रवार को खुलेगा।", "क्या यह सच है?"]),
    ("el", ["Ο κ. Παπάς έφτασε χθες.", "Η συνάντηση κράτησε λίγο."]),
    ("he", ["הגשר נסגר ביום שני.", "הוא ייפתח ביום שישי."]),
    ("ur", ["پل پیر کو بند ہوا۔", "یہ جمعہ کو کھلے گا۔"]),
    ("hy", ["Կամուրջը փակ է։", "Այն կբացվի վաղը։"]),
]


@pytest.mark.parametrize(("language", "expected"), CASES, ids=[f"{lang}-{i}" for i, (lang, _) in enumerate(CASES)])
def test_sentences_of_news(language: str, expected: list[str]) -> None:
    text = ("" if language in ("zh", "ja") else " ").join(expected)
    assert split(text, language) == expected


# What nobody can know without the language: ordinals with a full stop before an ordinary noun, abbreviations that are
# words.
MISREAD = [["Der 2. Weltkrieg endete 1945.", "Danach begann der Aufbau."]]
READ_RIGHT = [case for case in CASES if case[1] not in MISREAD]


@pytest.mark.parametrize(
    ("language", "expected"), READ_RIGHT, ids=[f"{lang}-{i}" for i, (lang, _) in enumerate(READ_RIGHT)]
)
def test_most_are_right_without_the_language(language: str, expected: list[str]) -> None:
    assert len(CASES) - len(READ_RIGHT) == len(MISREAD)
    assert split(("" if language in ("zh", "ja") else " ").join(expected)) == expected


def test_paragraphs_end_sentences_and_wrapped_lines_do_not() -> None:
    text = (
        "A heading without a stop\n\nThe first paragraph was wrapped by a machine\nin the middle. It ends here.\nNext."
    )
    assert split(text, "en") == [
        "A heading without a stop",
        "The first paragraph was wrapped by a machine\nin the middle.",
        "It ends here.",
        "Next.",
    ]


def test_a_lost_blank_is_found_again() -> None:
    assert split("The talks failed.The army moved in.", "en") == ["The talks failed.", "The army moved in."]


def test_a_quotation_that_never_closes_does_not_swallow_the_text() -> None:
    assert len(split("“We go on. We do. " + "It rained all day. " * 30, "en")) > 20


@given(
    st.text(alphabet="aB1.!?。।؟\"'“”«»„()[] \n\téЖ中", max_size=200), st.sampled_from(["en", "de", "ru", "zh", None])
)
def test_spans_are_in_order_apart_and_leave_out_only_blanks(text: str, language: str | None) -> None:
    found = spans(text, language)
    last = 0
    for start, end in found:
        assert last <= start < end
        assert not text[last:start].strip()
        assert text[start:end] == text[start:end].strip()
        last = end
    assert not text[last:].strip()


@pytest.mark.parametrize("piece", ["Mr. A. B. ", "((((", '"a. ', "a.b.c.", "“„«", "1. ", "。", "x" * 50 + " "])
def test_time_grows_with_the_length_and_not_its_square(piece: str) -> None:
    def seconds(n: int) -> float:
        text = (piece * (n // len(piece) + 1))[:n]
        times = []
        for _ in range(3):  # a search for garbage may take as long as one of them
            began = time.process_time()
            split(text, "en")
            times.append(time.process_time() - began)
        return min(times)

    seconds(2000)
    assert seconds(160_000) < 16 * max(seconds(20_000), 0.004)
