"""The gate: what is borne out passes, what is not is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.summarize.model import gate

SOURCE = (
    "The ferry Lady Maren struck the pier at Port Verran on Tuesday morning. Fifteen people were taken to hospital, "
    "three of them with serious injuries. The harbour master, Ines Calloway, said the port would stay "
    "closed until noon. "
    "“We heard a bang and everybody fell,” said Tomas Reyl, a passenger. "
    "Police have opened an investigation and have found no evidence of alcohol. The ship was built 30 years ago."
)
FAITHFUL = (
    "The ferry Lady Maren struck the pier at Port Verran on Tuesday.",
    "Fifteen people were taken to hospital, three with serious injuries.",
    "15 people were taken to hospital.",
    "Police have opened an investigation.",
    "Police found no evidence of alcohol.",
    "“We heard a bang and everybody fell,” said Tomas Reyl.",
    "The ship was built 30 years ago.",
)
WRONG = (
    ("Twenty people were taken to hospital.", "number"),
    ("Dozens of people were taken to hospital.", "number"),
    ("The ferry struck the pier at Kelling Sound on Tuesday morning.", "name"),
    ("Harbour master Edwin Calloway said the port would stay closed until noon.", "name"),
    ("The ferry struck the pier on Friday morning.", "date"),
    ("“We saw smoke and jumped,” said Tomas Reyl, a passenger.", "quotation"),
    ("Police have not opened an investigation.", "negation"),
    ("Police have opened an investigation and have found evidence of alcohol.", "negation"),
    ("The harbour master, Ines Calloway, said the port would stay open until noon.", "opposite"),
    ("The ship was built 15 years ago.", "count"),
)


@pytest.mark.parametrize("sentence", FAITHFUL)
def test_what_the_source_says_passes(sentence: str) -> None:
    verdict = gate.judge(sentence, gate.SourceTexts([SOURCE], "en"))
    assert verdict.passes, verdict
    assert not verdict.findings


@pytest.mark.parametrize(("sentence", "what"), WRONG)
def test_what_it_does_not_say_is_named_and_costs(sentence: str, what: str) -> None:
    verdict = gate.judge(sentence, gate.SourceTexts([SOURCE], "en"))
    assert what in {f.what for f in verdict.findings}
    assert verdict.score < 1.0


@pytest.mark.parametrize(("sentence", "what"), [w for w in WRONG if w[1] in ("number", "name", "date", "quotation")])
def test_a_certain_finding_refuses_the_sentence(sentence: str, what: str) -> None:
    assert not gate.judge(sentence, gate.SourceTexts([SOURCE], "en")).passes


def test_other_words_for_the_same_pass_and_words_without_support_do_not() -> None:
    evidence = gate.SourceTexts([SOURCE], "en")
    assert gate.judge("Police have launched a probe.", evidence).passes
    assert not gate.judge("The mayor will resign and sell every boat in the fleet.", evidence).passes


@pytest.mark.parametrize(
    ("language", "source", "good", "bad"),
    [
        ("de", "Die Polizei hat am Montag zwölf Menschen befragt. Verletzt wurde niemand in Hallstein.",
         "Die Polizei hat zwölf Menschen befragt.", "Die Polizei hat zwanzig Menschen befragt."),
        ("fr", "Le conseil de Montreval a voté 1 200 euros pour l'école lundi.",
         "Le conseil a voté 1 200 euros pour l'école.", "Le conseil a voté 2 100 euros pour l'école."),
        ("ru", "В порту Верран во вторник пострадали пятнадцать человек.",
         "В порту Верран пострадали пятнадцать человек.", "В порту Верран пострадали двадцать человек."),
    ],
)  # fmt: skip
def test_numbers_are_held_in_other_languages(language: str, source: str, good: str, bad: str) -> None:
    evidence = gate.SourceTexts([source], language)
    assert gate.judge(good, evidence).passes
    assert not gate.judge(bad, evidence).passes


def test_every_sentence_of_a_source_is_supported_by_it() -> None:
    assert gate.support(SOURCE, [SOURCE], "en") == pytest.approx(1.0)
    assert gate.support("", [SOURCE], "en") == 0.0


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_gets_a_score_between_nothing_and_all(sentence: str, source: str) -> None:
    assert 0.0 <= gate.judge(sentence, gate.SourceTexts([source], "en")).score <= 1.0
