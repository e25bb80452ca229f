"""Senses: one concept, whatever the language and the ending of the word that says it."""

import subprocess
import sys
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.language import senses
from digests.language.stopwords import stop_words

CASES = {
    "en": "wins=win victories=win earthquakes=earthquake resigns=resign Germans=DE U.S.=US British=GB "
    "swimmers=swimming "
    "vaccinated=vaccine France=FR",
    "de": "Siege=win gewonnen=win Waldbrände=fire Bundesregierung=government Goldmedaille=gold deutschen=DE "
    "Frankreichs=FR "
    "Südkorea=KR USA=US Erdbebens=earthquake Verletzten=wounded",
    "fr": "victoires=win séismes=earthquake démissionne=resign l’équipe=team États-Unis=US françaises=FR Allemagne=DE "
    "blessés=wounded médailles=medal Royaume-Uni=GB vaccins=vaccine",
    "es": "victorias=win terremotos=earthquake incendios=fire EE.UU=US alemanes=DE Francia=FR medallas=medal "
    "heridos=wounded "
    "elecciones=election nadadoras=swimming",
    "pt": "vitórias=win terremotos=earthquake incêndios=fire EUA=US alemães=DE França=FR medalhas=medal "
    "feridos=wounded "
    "eleições=election nadadores=swimming",
    "it": "vittorie=win terremoti=earthquake incendi=fire l'Italia=IT tedeschi=DE Francia=FR medaglie=medal "
    "feriti=wounded "
    "elezioni=election nuotatori=swimming",
    "ru": "победы=win землетрясения=earthquake пожаров=fire США=US немецкие=DE Франции=FR медалей=medal "
    "раненых=wounded "
    "выборов=election пловцы=swimming",
    "uk": "перемоги=win землетрусу=earthquake пожежі=fire США=US німецькі=DE Франції=FR медалей=medal "
    "поранених=wounded "
    "виборів=election уряду=government",
    "nl": "overwinningen=win aardbevingen=earthquake bosbranden=fire Duitse=DE Frankrijk=FR medailles=medal "
    "gewonden=wounded "
    "verkiezingen=election ziekenhuizen=hospital",
    "pl": "zwycięstwa=win pożaru=fire wyborów=election medali=medal rannych=wounded Niemiec=DE Francji=FR "
    "szpitalu=hospital "
    "rządu=government wojny=war",
    "sl": "zmago=win potresa=earthquake požarov=fire volitvah=election medaljo=medal ranjenih=wounded "
    "nemške=DE Franciji=FR "
    "ZDA=US bolnišnici=hospital",
    "tr": "zaferi=win depremde=earthquake yangınlar=fire seçimleri=election madalyası=medal yaralılar=wounded "
    "Almanya=DE "
    "Fransız=FR ABD=US Türkiye'de=TR Yunanistan’da=GR hastanede=hospital",
    "ar": "الفوز=win والزلزال=earthquake الحرائق=fire الانتخابات=election بالميدالية=medal الألمانية=DE "
    "فرنسا=FR المستشفى=hospital "
    "للحكومة=government الحرب=war",
    "zh": "胜利=win 地震=earthquake 火灾=fire 选举=election 奖牌=medal 德国=DE 法国=FR 医院=hospital 政府=government",
    "ja": "勝利=win 地震=earthquake 火災=fire 選挙=election メダル=medal ドイツ=DE フランス=FR "
    "病院=hospital 政府=government",
}
DICTIONARY = {language: list(senses.entries(language)) for language in senses.LANGUAGES}


@pytest.mark.parametrize(
    ("language", "word", "sense"),
    [(language, *case.split("=")) for language, cases in CASES.items() for case in cases.split()],
)
def test_words_and_their_inflected_forms_meet_english(language: str, word: str, sense: str) -> None:
    assert senses.sense(word, language) == sense


@pytest.mark.parametrize("language", senses.LANGUAGES)
def test_no_word_is_under_two_senses(language: str) -> None:
    names = defaultdict(set)
    for name, words in DICTIONARY[language]:
        for word in words:
            names[senses._plain(word, language) if not word.isupper() else word].add(name)
    assert {word: found for word, found in names.items() if len(found) > 1} == {}


@pytest.mark.parametrize("language", senses.LANGUAGES)
def test_every_word_of_the_dictionary_is_found(language: str) -> None:
    lost = [
        (word, name, senses.sense(word, language))
        for name, words in DICTIONARY[language]
        for word in words
        if senses.sense(word, language) != name
    ]
    assert lost == []


@pytest.mark.parametrize("language", senses.LANGUAGES)
def test_most_senses_have_words_in_every_language(language: str) -> None:
    assert sum(bool(words) for _, words in DICTIONARY[language]) > 0.9 * len(DICTIONARY["en"])


def test_every_sense_has_a_name_of_its_own() -> None:
    names = [name for name, _ in DICTIONARY["en"]]
    assert len(names) == len(set(names)) > 500


@pytest.mark.parametrize("language", senses.LANGUAGES)
def test_function_words_have_no_sense(language: str) -> None:
    assert [word for word in stop_words(language) if senses.sense(word, language)] == []


@pytest.mark.parametrize("language", ["und", "xx", "", "sw"])
def test_an_unknown_language_has_no_senses(language: str) -> None:
    assert senses.sense("police", language) == ""
    assert list(senses.senses_in("Police arrest mayor", language)) == []


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        (
            "South Korea's president resigns",
            "en",
            [("KR", "South Korea's"), ("president", "president"), ("resign", "resigns")],
        ),
        ("La Corée du Sud vote", "fr", [("KR", "Corée Sud"), ("vote", "vote")]),
        ("V Južni Koreji potres", "sl", [("KR", "Južni Koreji"), ("earthquake", "potres")]),
        ("السعودية: زلزال", "ar", [("SA", "السعودية"), ("earthquake", "زلزال")]),
        ("德国总统辞职", "zh", [("DE", "德国"), ("president", "总统"), ("resign", "辞职")]),
        ("タイトル防衛", "ja", [("defence", "防衛")]),
        ("タイで洪水 COVID", "ja", [("TH", "タイ"), ("flood", "洪水"), ("virus", "COVID")]),
        ("tell us more", "en", []),
        ("", "de", []),
    ],
)
def test_a_text_is_read_in_order(text: str, language: str, said: list[tuple[str, str]]) -> None:
    assert [tuple(each) for each in senses.senses_in(text, language)] == said


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "house finally office 12 a misses"),
        ("de", "sich sichern Ministrant"),
        ("fr", "coup plane partie courant marie finalement donne"),
        ("es", "casos Madrid puertas carga saber julia cuarto Salvador Martín"),
        ("pt", "casa cada porta nome corta parto"),
        ("uk", "судоку"),
        ("pl", "potresno"),
        ("sl", "Vladimir znana danes goran glas gosti prva končno"),
        ("tr", "savunucu"),
    ],
)
def test_words_that_only_look_alike_have_no_sense(language: str, words: str) -> None:
    assert {word: found for word in words.split() if (found := senses.sense(word, language))} == {}


@pytest.mark.parametrize(
    ("word", "language", "sense"),
    [
        ("deportistas", "es", "athlete"),
        ("deportados", "es", "deport"),
        ("celebrar", "es", "celebrate"),
        ("hijas", "es", "daughter"),
        ("Testspiel", "de", "match"),
        ("Nationalspieler", "de", "player"),
        ("Buschbrände", "de", "fire"),
        ("بكورونا", "ar", "virus"),
        ("الكورية", "ar", "KR"),
    ],
)
def test_of_the_senses_of_one_stem_the_nearest_form_tells(word: str, language: str, sense: str) -> None:
    assert senses.sense(word, language) == sense


@given(st.text(max_size=60), st.sampled_from([*senses.LANGUAGES, "und", "ko"]))
def test_no_text_is_too_odd(text: str, language: str) -> None:
    known = {name for name, _ in DICTIONARY["en"]}
    for said in senses.senses_in(text, language):
        assert said.written
        assert said.sense in known or len(said.sense) == 2
    senses.sense(text, language)


def test_babel_is_loaded_only_for_names_of_countries() -> None:
    code = (
        "import sys; from digests.language import senses; senses.sense('victories', 'en'); "
        "print('babel' in sys.modules);"
        "senses.sense('Mongolia', 'en'); print('babel' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
