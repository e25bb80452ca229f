"""The headline of a story, and a summary that begins with the headline's event. The texts are invented."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digests.model import ItemKind, Reported
from digests.summarize import candidates
from digests.summarize.extractive import summarize_story
from digests.summarize.headline import best_title, without_outlet
from tests.support.stories import source, story


def told(title: str, *texts: str, language: str = "en") -> list[str]:
    """The summary of a story whose articles have one title."""
    tale = story("tale", *(source(n, title, text, language=language) for n, text in enumerate(texts, 1)))
    return [s.text for s in summarize_story(tale, words=60, language=language).sentences]


@pytest.mark.parametrize(
    ("title", "outlet", "clean"),
    [
        ("Ferry burns off Port Hale : NPR", "www.npr.org", "Ferry burns off Port Hale"),
        ("Ferry burns off Port Hale | Reuters", "reuters.com", "Ferry burns off Port Hale"),
        ("Ferry burns off Port Hale - BBC News", "BBC News", "Ferry burns off Port Hale"),
        ("LIVE: Ferry burns off Port Hale", "A", "Ferry burns off Port Hale"),
        ("Watch: Ferry burns off Port Hale", "A", "Ferry burns off Port Hale"),
        ("Updated: Ferry burns off Port Hale", "A", "Ferry burns off Port Hale"),
        ("Ferry burns off Port Hale \u2013 as it happened", "A", "Ferry burns off Port Hale"),
        ("Ferry burns off Port Hale (Updating Live)", "A", "Ferry burns off Port Hale"),
        ("F\u00e4hre brennt vor Hafen im Liveticker", "A", "F\u00e4hre brennt vor Hafen"),
        ("Port Hale fire live: Ferry burns for a second day", "A", "Ferry burns for a second day"),
        ("Orr-Krise im Liveticker: F\u00e4hre brennt am zweiten Tag", "A", "F\u00e4hre brennt am zweiten Tag"),
        ("Incendie en direct : le ferry br\u00fble toujours", "A", "Le ferry br\u00fble toujours"),
        ("Day 13 of the Orr war - Ferry burns off Port Hale", "A", "Ferry burns off Port Hale"),
        ("Ferry burns off Port Hale - Here's What to Know", "A", "Ferry burns off Port Hale"),
        ("Ferry burns off Port Hale. Here are the risks", "A", "Ferry burns off Port Hale"),
        ("Ferry burns off Port Hale: what we know so far", "A", "Ferry burns off Port Hale"),
        ("F\u00e4hre brennt vor Port Hale: Was wir bisher wissen", "A", "F\u00e4hre brennt vor Port Hale"),
        ("Un ferry br\u00fble \u00e0 Port Hale : ce que l\u2019on sait", "A", "Un ferry br\u00fble \u00e0 Port Hale"),
        ("Arde un ferry en Port Hale: lo que se sabe", "A", "Arde un ferry en Port Hale"),
        ("В порту горит паром Хейл: что известно", "A", "В порту горит паром Хейл"),
        ("У порту горить пором Гейл: що відомо", "A", "У порту горить пором Гейл"),
        ("The ferry: here to stay for ever in Port Hale", "A", "The ferry: here to stay for ever in Port Hale"),
        ("Orr news: Ferry burns off Port Hale", "A", "Ferry burns off Port Hale"),
        ("Orr-Hale war latest: Ferry burns off Port Hale", "A", "Ferry burns off Port Hale"),
        ("3/9/26 - Ferry burns off Port Hale", "A", "Ferry burns off Port Hale"),
        ("N ot every ferry burns off Port Hale", "A", "Not every ferry burns off Port Hale"),
        ("A ferry burns off Port Hale", "A", "A ferry burns off Port Hale"),
        ("Ferry burns off Port Hale. This is how they put it out", "A", "Ferry burns off Port Hale"),
        ("Where the ferries live", "A", "Where the ferries live"),
        ("Where the ferries live: a map", "A", "Where the ferries live: a map"),
        ("Three men: a love story", "A", "Three men: a love story"),
    ],
)
def test_a_headline_has_neither_outlet_nor_label(title: str, outlet: str, clean: str) -> None:
    assert without_outlet(title, [outlet]) == clean


def test_a_report_names_the_story_not_a_live_blog_a_question_or_a_quotation() -> None:
    report = source(9, "Ferry fire off Port Hale kills twelve", "Twelve people died on a ferry off Port Hale.")
    for title in (
        "Live updates: Ferry fire off Port Hale, fire fighters on board",
        "Why the ferry fire off Port Hale kills twelve and what you need to know",
        "Could the Port Hale ferry fire that killed twelve have been prevented?",
        "\u201cI heard the ferry fire off Port Hale\u201d",
        "Opinion | The ferry fire off Port Hale that killed twelve is a warning",
    ):
        other = source(1, title, "The ferry fire off Port Hale killed twelve, and a question remains.")
        assert best_title(story("s", other, report), "en") == report.title


def test_a_comment_gives_no_sentence_while_there_is_a_report() -> None:
    comment = source(
        1, "Opinion | The ferry fire is a warning", "The ferry fire off Port Hale is a warning to all ports."
    )
    report = source(
        2, "Ferry fire off Port Hale kills twelve", "Twelve people died on a ferry off Port Hale on Monday."
    )
    summary = summarize_story(story("s", comment, report), words=60)
    assert [s.text for s in summary.sentences] == [report.text]


def test_the_first_sentence_is_about_the_headline() -> None:
    aside = "Prices of houses near the sea have doubled since last year, a broker said."
    news = "Duke Arno and his wife return to Castle Hale in May, the court said on Monday."
    assert told("Duke Arno returns to Castle Hale", f"{aside} {news}")[0] == news
    assert told("Duke Arno returns to Castle Hale", aside, news)[0] == news


@pytest.mark.parametrize(
    "teaser",
    [
        "Well, this seems interesting to all of us.",
        "Could this be the end of it all for them?",
        "Chief Justice John Roberts\u2026",
        "PORT HALE, Orr.",
    ],
)
def test_a_teaser_that_says_nothing_of_the_event_is_left_out(teaser: str) -> None:
    assert told("Duke Arno returns to Castle Hale", teaser) == []


def test_a_sentence_that_the_feed_cut_off_ends_with_its_last_whole_clause() -> None:
    cut = "Duke Arno and his wife will return to Castle Hale in May, the court said, after a long and…"
    whole = "Duke Arno returns to Castle Hale after nine years abroad."
    assert told("Duke Arno returns to Castle Hale", cut, whole) == [whole]
    kept = "Duke Arno and his wife will return to Castle Hale in May, the court said"
    assert told("Duke Arno returns to Castle Hale", cut) == [kept]
    assert told("Duke Arno returns to Castle Hale", f"{kept},") == [kept]


@pytest.mark.parametrize(
    "cut",
    [
        "Duke Arno, who has lived abroad with his wife and a dozen servants since the scandal of the...",
        "Duke Arno and his wife will return to Castle Hale in May after a long and…",
        "Duke Arno and his wife will return to Castle Hale in May as lords of \\",
    ],
)
def test_a_cut_sentence_without_a_long_whole_clause_is_left_out(cut: str) -> None:
    assert told("Duke Arno returns to Castle Hale", cut) == []


def test_a_sentence_that_calls_out_does_not_open_a_summary() -> None:
    call = "Put the kettle on because Duke Arno returns at last to his castle!"
    news = "The duke was seen at Castle Hale on Monday with his wife."
    assert told("Duke Arno returns to Castle Hale", call, news)[0] == news


def test_a_summary_in_another_language_than_the_headline_is_kept() -> None:
    headline = source(1, "Duke Arno returns", "", language="en")
    german = source(2, "Herzog kehrt heim", "Der Fürst zieht im Mai wieder in sein altes Schloss ein.", language="de")
    summary = summarize_story(story("s", headline, german), words=60, language="en")
    assert (summary.headline, [s.text for s in summary.sentences]) == ("Duke Arno returns", [german.text])


def test_the_headline_has_the_latest_facts() -> None:
    text = "The singer Ina Holm was taken to a hospital in Port Hale."
    ill = source(1, "Singer Ina Holm taken to hospital in Port Hale after a fall", text, hours=30)
    also = source(2, "Singer Ina Holm in hospital in Port Hale, her agent says", text, hours=28)
    dead = source(3, "Singer Ina Holm dies in Port Hale", "The singer Ina Holm died in Port Hale.", hours=1)
    assert best_title(story("s", ill, also, dead), "en") == dead.title


def test_what_came_of_it_is_told_before_what_began_it() -> None:
    begun = source(1, "Police answer a report of a gunman at a depot in Orr", "Police went to the depot in Orr.")
    over = source(2, "Gunman at a depot in Orr is arrested by police", "Police arrested the gunman in Orr.")
    assert best_title(story("s", begun, over), "en") == over.title


def test_names_in_a_title_of_capitals_are_those_of_the_texts() -> None:
    vague = source(1, "Suspect in Ferry Fire Worked at Popular Restaurant", "The suspect is a citizen of Orr.")
    named = source(2, "Ferry fire off Port Hale: captain Ina Holm dies", "The captain Ina Holm died off Port Hale.")
    assert best_title(story("s", vague, named), "en") == named.title
    shouted = source(3, "Captain Ina Holm Dies in Ferry Fire off Port Hale", "The captain Ina Holm died off Port Hale.")
    assert best_title(story("s", vague, shouted), "en") == shouted.title


def test_headline_and_first_sentence_are_of_one_article_where_titles_are_alike() -> None:
    waiver = source(1, "Orr waives duty on ferries from Hale", "Minister Arno opened a school in the north.")
    critic = source(
        2,
        "Holm says that waiving duty on ferries from Hale is wrong",
        "President Holm says that the waiver of duty on ferries from Hale is wrong as prices rise in Orr.",
    )
    summary = summarize_story(story("s", waiver, critic), words=60)
    assert (summary.headline, summary.sentences[0].text) == (critic.title, critic.text)


def test_a_sentence_far_from_the_headline_is_replaced_by_a_nearer_one_of_another_teaser() -> None:
    title = "Rovers get Ivo Pach for one year"
    far = source(1, title, "Pach gets what a club gives to the best of the trade, and the trade gives what it has.")
    near = source(2, "Rovers sign Ivo Pach", "The Rovers have added the back Ivo Pach for one year.")
    summary = summarize_story(story("s", far, near), words=60)
    assert summary.sentences[0].text == near.text


@pytest.mark.parametrize(
    "title", ["off Port Hale ferry fire kills twelve", "Brand New Ferry' kills twelve off “Port Hale"]
)
def test_a_damaged_title_yields_to_a_whole_one(title: str) -> None:
    damaged = source(1, title, "Twelve people died on a ferry off Port Hale.")
    sound = source(
        2, "Ferry fire kills twelve off Port Hale", "A ferry fire killed twelve people off Port Hale.", hours=1
    )
    assert best_title(story("s", damaged, sound), "en") == sound.title


def test_a_scrap_adds_nothing_to_a_summary() -> None:
    news = "Duke Arno and his wife return to Castle Hale in May, the court said on Monday."
    assert told("Duke Arno returns to Castle Hale", news, "Castles are always evolving.") == [news]


def test_a_quotation_without_a_blank_before_it_does_not_hide_the_news() -> None:
    news = "Mayor Holm on Monday said she would send guards to the ferries of Port Hale."
    more = 'If the crews do not sail, the guards will," Holm wrote in a letter to the ferry lines.'
    also = "In a second letter, Holm also said that guards would search ferries for “all the stowaways of Hale.”"
    assert told("Holm threatens to send guards to ferries", f'{news}"{more} {also}', "The crews want money.")[0] == news


def test_the_beginning_of_a_sentence_that_the_feed_cut_off_is_left_out() -> None:
    news = "Captain Holm leaves the ferry lines of Port Hale after nine years."
    assert told("Captain Holm leaves the ferry lines", f"{news} With Port Orr") == [news]


def test_the_end_of_a_quotation_keeps_its_mark() -> None:
    text = 'Mayor Holm spoke on Monday. "We will send guards. The ferries of Port Hale must sail." She left at noon.'
    tale = story("tale", source(1, "Holm speaks of the ferries of Port Hale", text))
    assert '"We will send guards. The ferries of Port Hale must sail."' in [
        one.text for one in candidates.of_story(tale, "en")
    ]


@pytest.mark.parametrize("text", ["Captain Holm left the burning ferry with nine others, the coast guard said.", ""])
def test_a_title_that_lost_its_beginning_gives_way_to_the_first_sentence(text: str) -> None:
    cut = story("cut", source(1, "ferry, Captain Holm leaves and Hale loses a crew", text))
    assert best_title(cut) == (text.rstrip(".") or "ferry, Captain Holm leaves and Hale loses a crew")


def test_a_title_that_lost_the_first_part_of_a_compound_gives_way_to_the_first_sentence() -> None:
    text = "Port Hale may waive a 90-year-old harbour law to lower ferry prices."
    assert best_title(story("cut", source(1, "old harbour law to lower prices", text))) == text.rstrip(".")
    title = "harbour law may go to lower the prices of ferries"
    assert best_title(story("whole", source(1, title, text))) == title


@pytest.mark.parametrize(
    "title",
    [
        "Mayor Holm gives update on ferries",
        "Cause of ferry fire revealed",
        "Mayor Holm breaks her silence",
        "[Spoiler] leaves the ferry lines",
    ],
)
def test_a_title_without_what_was_said_gives_way_to_the_first_sentence(title: str) -> None:
    text = "Mayor Holm said a cable had caused the fire on the ferry."
    assert best_title(story("said", source(1, title, text))) in (text.rstrip("."), title)
    other = source(2, "Cable caused the ferry fire, Mayor Holm says", "A cable burned.")
    assert best_title(story("two", source(1, title, text), other)) == other.title


@pytest.mark.parametrize(
    "title",
    [
        "Mayor Holm responds to ferry fire by closing both lines",
        "Mayor Holm reacts to ferry fire with a ban on cables",
        "Mayor Holm opens up ferry lines in Port Hale",
        "Police respond to fire on the ferry off Port Hale",
        "Mayor Holm responds to ferry fire, two captains arrested",
    ],
)
def test_a_title_that_says_what_was_done_remains(title: str) -> None:
    text = "Mayor Holm said a cable had caused the fire on the ferry."
    assert best_title(story("done", source(1, title, text))) == title


@pytest.mark.parametrize("label", ["(Exclusive)", "(Exclusive Sources)", "[VIDEO]", "(Exklusiv)", "(видео)"])
def test_a_label_behind_a_title_is_left_out(label: str) -> None:
    assert without_outlet(f"Ferry burns off Port Hale {label}") == "Ferry burns off Port Hale"


def test_the_newer_title_of_an_outlet_replaces_its_older_one() -> None:
    old = source(1, "Hale accuses Orr of shelling the ferry harbour", "Hale accused Orr.", hours=9, outlet="Herald")
    new = source(2, "Shelling of ferry harbour leaves hundreds dead in Hale", "Many died.", hours=2, outlet="Herald")
    assert best_title(story("shelled", old, new)) == new.title


def test_the_first_sentence_of_teasers_is_not_older_than_the_headline() -> None:
    before = source(
        1,
        "Team of Orr leaves the cup in Hale",
        "The women's team of Orr has left the cup and faces a return.",
        hours=14,
    )
    flee = "Five players of the women's team of Orr left the hotel in Hale and asked for asylum."
    after = source(2, "Five players of Orr women's team ask for asylum in Hale", "They are in a safe house.", hours=2)
    also = source(3, "Five women players of Orr seek asylum", flee, hours=2)
    assert summarize_story(story("flight", before, after, also), words=90).sentences[0].text == flee


def test_a_sentence_that_repeats_the_headline_is_left_out() -> None:
    title = "Duke Arno returns to Castle Hale after nine years"
    news = "The duke was seen at Castle Hale on Monday with his wife."
    assert told(title, f"{title}. {news}") == [news]


@pytest.mark.parametrize(
    ("language", "title", "same", "news"),
    [
        (
            "en",
            "Captain Holm is arrested after the ferry fire",
            "Captain Holm has been arrested over the ferry fire.",
            "Ina Holm, captain of the ferry that burned in Hale, was held on Monday over nine missing life rafts.",
        ),
        (
            "de",
            "Kapitänin Holm nach Fährbrand verhaftet",
            "Kapitänin Holm ist nach dem Fährbrand verhaftet worden.",
            "Kapitänin Ina Holm wurde am Montag wegen neun fehlender Rettungsinseln in Port Hale verhaftet.",
        ),
    ],
)
def test_a_sentence_that_tells_more_than_the_headline_comes_first(
    language: str, title: str, same: str, news: str
) -> None:
    assert told(title, same, news, language=language)[0] == news


@pytest.mark.parametrize(
    ("language", "title", "adding", "news"),
    [
        (
            "en",
            "Duke Arno returns to Castle Hale",
            "In a first letter Duke Arno also said that Castle Hale needs new windows and doors.",
            "Duke Arno and his wife return to Castle Hale in May, the court said on Monday.",
        ),
        (
            "de",
            "Herzog Arno kehrt nach Schloss Hale heim",
            "In einem Brief sagte Herzog Arno auch, dass Schloss Hale neue Fenster braucht.",
            "Herzog Arno und seine Frau kehren im Mai nach Schloss Hale heim, teilte der Hof mit.",
        ),
    ],
)
def test_a_sentence_that_adds_to_another_does_not_open_a_summary(
    language: str, title: str, adding: str, news: str
) -> None:
    assert told(title, adding, news, language=language)[0] == news


@pytest.mark.parametrize(
    ("language", "title", "aside", "news"),
    [
        (
            "en",
            "Captain Ina Holm leaves the ferry line of Hale",
            "Holm previously sailed the small boats of Hale for nine years.",
            "The line has asked the port to find a new captain after Ina Holm left.",
        ),
        (
            "en",
            "Captain Ina Holm leaves the ferry line of Hale",
            "The news comes two months after Ina Holm had bought a house.",
            "The line has asked the port to find a new captain after Ina Holm left.",
        ),
        (
            "en",
            "Captain Ina Holm leaves the ferry line of Hale",
            "Police said she had lost a letter about Hale and the line of Holm.",
            "The line has asked the port to find a new captain after Ina Holm left.",
        ),
        (
            "en",
            "Captain Ina Holm leaves the ferry line of Hale",
            "“It was the hardest year of my life in Hale,” says Ina Holm.",
            "The line has asked the port to find a new captain after Ina Holm left.",
        ),
        (
            "de",
            "Kapitänin Ina Holm verlässt die Reederei in Hale",
            "Ina Holm fuhr zuvor neun Jahre lang die kleinen Boote von Hale.",
            "Die Reederei in Hale sucht nach dem Abschied von Ina Holm eine neue Kapitänin.",
        ),
        (
            "fr",
            "La capitaine Ina Holm quitte la compagnie de Hale",
            "Ina Holm pilotait auparavant les petits bateaux de Hale.",
            "La compagnie de Hale cherche une capitaine après le départ de Ina Holm.",
        ),
        (
            "ru",
            "Капитан Инна Хольм покидает компанию Хейл",
            "Инна Хольм ранее девять лет водила малые суда в Хейле.",
            "Компания Хейл ищет капитана после ухода Инны Хольм из порта.",
        ),
    ],
)
def test_a_summary_opens_with_the_news_not_with_background_or_a_quotation(
    language: str, title: str, aside: str, news: str
) -> None:
    assert told(title, aside, news, language=language)[0] == news


def test_a_sentence_that_adds_one_word_to_the_headline_repeats_it() -> None:
    title = "Ferry prices rise on conflicting reports about the harbour of Hale"
    again = "Ferry prices are rising on conflicting reports about the old harbour of Hale."
    denied = "Ferry prices are not rising on conflicting reports about the old harbour of Hale."
    assert told(title, again) == []
    assert told(title, denied) == [denied]


def test_a_title_that_is_the_name_of_its_outlet_is_no_headline() -> None:
    text = "Grain ships waited off Port Hale on Monday."
    named = source(1, "Harbour and Quay", text, outlet="www.harbourandquay.com")
    assert best_title(story("s", named), "en") == text
    assert best_title(story("s", replace(named, outlet="A", text="")), "en") == "Harbour and Quay"


def test_a_long_title_ends_at_its_semicolon() -> None:
    first = "Ferry line names new captains for every boat: Holm and Arno stay with the large ones"
    assert without_outlet(f"{first}; Lund leaves, while Moor and Pach wait for a decision") == first
    assert without_outlet("Ferry burns off Hale; captain is safe") == "Ferry burns off Hale; captain is safe"


def test_a_headline_says_the_outcome_where_the_first_sentence_has_another_title() -> None:
    found = source(1, "See where the bomb of Hale lay", "The old bomb was found in Port Hale on Monday.", hours=3)
    begun = source(2, "Bomb in Port Hale forces thousands to leave", "Thousands of people leave Port Hale.", hours=3)
    over = source(3, "Man behind the bomb of Port Hale arrested", "Police arrested the man of the bomb in Port Hale.")
    assert best_title(story("s", found, begun, over), "en", leading=(1,)) == over.title


def test_a_map_or_a_list_of_picks_yields_to_a_report() -> None:
    report = source(9, "Ferry line of Hale wins", "The line of Hale won the ferry race.")
    for title in ("See where the ferry line of Hale won its race", "Ferry race of Hale: the line, its picks and more"):
        other = source(1, title, "The ferry line of Hale won the race of Hale.")
        assert best_title(story("s", other, report), "en") == report.title


def test_a_sentence_is_the_headline_of_an_article_whose_only_title_was_cut_off_in_a_quotation() -> None:
    text = "Captain Ina Holm explained why the ferry of Hale was no choice for her."
    cut = source(1, "Ina Holm says that the ferry of Hale was a ‘no", text)
    assert best_title(story("s", cut), "en") == text.rstrip(".")
    assert best_title(story("s", replace(cut, text="")), "en") == cut.title
    kept = replace(cut, title="Ina Holm says that Hale’s ferry was a ‘no’")
    assert best_title(story("s", kept), "en") == kept.title


def test_a_sentence_that_refers_back_is_no_summary_of_a_teaser() -> None:
    title = "Ferry lines of Hale bring back a pattern that passengers missed"
    assert told(title, "Port Orr is full again. It's all because the ferry lines kept Ina Holm.") != [
        "It's all because the ferry lines kept Ina Holm."
    ]


@pytest.mark.parametrize(
    "title", ["Ferry race of Hale review: a slow start of the season", "Ferry race of Hale: prediction, odds and picks"]
)
def test_a_review_or_a_preview_gives_no_headline_while_there_is_a_report(title: str) -> None:
    report = source(9, "Ferry race of Hale", "The line of Hale won the ferry race on Monday.")
    other = source(1, title, "The ferry line of Hale won the race of Hale and the season of Hale.")
    summary = summarize_story(story("s", other, report), words=60)
    assert (summary.headline, [s.text for s in summary.sentences]) == (report.title, [report.text])


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("What is wrong with the ferries of Hale?", "The ferries of Hale lost a third of their passengers in a year."),
        ("Why Hale is losing its ferries", "The ferries of Hale stop at the end of May, says Mayor Ina Holm."),
        ("\u201cNobody came to help us\u201d", "The ferry captain Ina Holm waited six hours for a tug off Port Hale."),
        ("She said no", "Mayor Ina Holm of Port Hale has vetoed the new toll on ferries."),
        ("Harbour notes: Holm, Arno, Berg", "Captain Ina Holm joins the harbour police of Arno and Berg in Port Hale."),
        ("Warum Hale seine F\u00e4hren verliert", "Die F\u00e4hren von Hale fahren nur noch bis Ende Mai."),
    ],
)
def test_the_first_sentence_is_the_headline_where_the_only_title_holds_back_the_news(title: str, text: str) -> None:
    language = "de" if title.startswith("Warum") else "en"
    told_by = story("s", source(1, title, text, language=language), language=language)
    assert best_title(told_by, language) == text.rstrip(".")
    assert summarize_story(told_by, words=60, language=language).sentences == (), "and is not repeated"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("What is wrong with the ferries of Hale?", "The town of Orr has built a new school."),
        ("Why Hale is losing its ferries", "I have taken the ferries of Hale for as long as I can remember."),
        ("Why Hale is losing its ferries", "The ferries of Hale previously went to Orr."),
        ("Ferries of Hale stop at the end of May", "The ferries of Hale stop on 31 May, says Mayor Ina Holm."),
    ],
)
def test_a_title_stays_where_the_first_sentence_does_not_tell_its_news(title: str, text: str) -> None:
    assert best_title(story("s", source(1, title, text)), "en") == title


def test_a_title_that_ends_in_the_middle_of_a_compound_was_cut_off() -> None:
    cut = source(
        1, "Hale Harbour Renewed for Season 2, Ferry Spin", "The ferry spin-off Hale Harbour has a second season."
    )
    whole = source(2, "Hale Harbour is renewed", "The series Hale Harbour was renewed.")
    assert best_title(story("s", cut, whole), "en") == whole.title
    assert best_title(story("s", cut), "en") == "The ferry spin-off Hale Harbour has a second season"
    kept = replace(cut, text="A ferry spin is a turn on the spot, and Hale Harbour has many-sided ones.")
    assert best_title(story("s", kept), "en") == cut.title


def test_an_update_does_not_tell_the_same_twice() -> None:
    known = source(1, "Sheriff Holm seizes ballots in Hale", "A sheriff has seized ballots in Hale.")
    fuller = (
        "Sheriff Ina Holm has seized 650 ballots of the referendum in Hale, which alarms the election board of Orr."
    )
    shorter = "Sheriff Ina Holm seized 650 ballots of the referendum in Hale last week."
    other = "A judge hears the complaint of the city council on Friday, and the governor will answer."
    tale = story("s", known, source(2, "Sheriff Holm seizes 650 ballots in Hale", fuller), source(3, "Holm", shorter),
                 source(4, "Holm", other))  # fmt: skip
    earlier = summarize_story(story("s", known), words=60)
    sent = Reported("s", known.arrived, earlier.headline, earlier.facts, frozenset({1}))
    summary = summarize_story(tale, words=90, kind=ItemKind.UPDATE, reported=sent)
    assert [s.text for s in summary.sentences] == [fuller, other]


@pytest.mark.parametrize(
    "text",
    [
        "Get ready for a cliffhanger ending in Hale.",
        "A new feature has come to the ferries of Hale, read all about it here.",
        "Complete results and analysis from the ferry race of Hale.",
        "Orr Sports brings you live coverage of the ferry race of Hale.",
        "Ferry Rumours takes a look back at a fine race of Hale.",
        "We broke down how each ferry can win in Hale.",
        "Final: Orr at Hale at the Port Hale Arena.",
        "Wir erkl\u00e4ren, wie die F\u00e4hren von Hale fahren.",
        "Te explicamos c\u00f3mo van los ferris de Hale.",
    ],
)
def test_a_sentence_for_the_audience_is_not_news(text: str) -> None:
    tale = story("s", source(1, "Ferry of Hale wins the race", f"The ferry of Hale won by a length on Monday. {text}"))
    assert all(s.text != text for s in summarize_story(tale, words=90).sentences)


def test_what_precedes_the_text_with_a_hyphen_or_a_full_stop_is_removed() -> None:
    placed = "HALE, Kan. \u2014 A ferry of Captain Ina Holm sank in the harbour of Hale on Monday."
    assert told("Ferry sinks in Hale harbour", placed) == [
        "A ferry of Captain Ina Holm sank in the harbour of Hale on Monday."
    ]
    joined = "What is next? - The ferry of Captain Ina Holm sank in the harbour of Hale on Monday."
    assert told("Ferry sinks in Hale harbour", joined) == [
        "The ferry of Captain Ina Holm sank in the harbour of Hale on Monday."
    ]


def test_the_last_sentence_of_several_that_has_no_end_was_cut_off() -> None:
    news = "The ferry of Hale won the race of Orr on Monday by two lengths."
    cut = "The crew has won every race of this year except that of Lund, with Captain Ina"
    assert told("Ferry of Hale wins the race of Orr", f"{news} {cut}") == [news]
    assert told("Ferry of Hale wins the race of Orr", news.rstrip(".")) == [news.rstrip(".")]


def test_a_comment_that_came_after_the_news_does_not_open_the_summary() -> None:
    refers = "The comment from Mayor Ina Holm came after the toll on ferries rose in Hale."
    news = "Mayor Ina Holm of Hale wants to end the toll on ferries, which rose by a third."
    assert told("Mayor Holm of Hale wants to end the toll on ferries", f"{refers} {news}")[0] == news


@pytest.mark.parametrize(
    "always",
    [
        "Port Hale is one of the largest harbours for grain, with toll on ferries since 1950.",
        "Ferries are crucial to the harbour of Hale, where a toll on ferries is paid.",
        "Hale ist bekannt für seine Fähren und die Maut auf Fähren im Hafen.",
    ],
)
def test_what_always_is_so_does_not_open_the_summary(always: str) -> None:
    language = "de" if "Maut" in always else "en"
    title = {"en": "Hale ends toll on ferries", "de": "Hale beendet Maut auf Fähren"}[language]
    news = {"en": "Nine of eleven members of the council of Hale voted on Monday to end the toll on ferries by May.",
            "de": "Der Rat von Hale beendet am Montag die Maut auf Fähren nach einem Jahr."}[language]  # fmt: skip
    assert told(title, f"{always} {news}", language=language)[0] == news


def test_a_report_gives_the_headline_before_a_page_of_results() -> None:
    page = source(1, "Hale vs. Orr Results, Stats, and Recap", "Hale beat Orr by 6 to 4 on Monday.")
    report = source(2, "Hale beats Orr in the ferry cup", "Hale beat Orr in the ferry cup on Monday.")
    assert best_title(story("s", page, report), "en") == report.title


def test_an_update_does_not_take_a_question_as_its_headline_while_another_title_tells_the_news() -> None:
    known = source(1, "Ferries of Hale stop at night", "The ferries of Hale stop at night from May on.")
    asks = source(2, "What are your questions about the ferries of Hale?", "Ask us.")
    assert best_title(story("s", known, asks), "en", fresh=[1]) == known.title
    told_by = replace(asks, title="Ferries of Hale sail at night again")
    assert best_title(story("s", known, told_by), "en", fresh=[1]) == told_by.title


def test_the_dead_are_in_the_headline() -> None:
    accused = source(
        1, "Orr accuses Hale of the strike on a ferry off Lund", "Orr accuses Hale of the strike on the ferry."
    )
    dead = source(
        2, "Strike on ferry off Lund leaves hundreds dead", "Hundreds died in the strike on the ferry off Lund."
    )
    assert best_title(story("s", accused, dead), "en") == dead.title
    untold = (replace(accused, language=None), replace(dead, language=None))
    assert best_title(story("s", *untold), "en") == dead.title, "also where the feed does not say its language"
