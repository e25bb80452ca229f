"""Counters are no content of an entry: not of its text, its title, or its hash."""

from __future__ import annotations

import pytest

from feeds.model import Entry
from feeds.parse import parse
from feeds.text import plain_text, without_boilerplate
from feeds.text.counters import is_counter, title_without_counters

NEWS = "The ferry to Ostra was late on Monday because of ice, the harbour office said."


@pytest.mark.parametrize(
    "counter",
    [
        "Points: 118",
        "# Comments: 37",
        "1,204 views | 33 comments",
        "(Visited 77 times, 3 visits today)",
        "Stars: 1.2k",
        "23 people are reading this right now",
        "Rating: 4.5 out of 5 (123 votes)",
        "★★★★☆ (45)",
        "👍 12 💬 4",
        "120 points by ada 3 hours ago",
        "Updated 3 minutes ago",
        "Last updated: 9 March 2026 14:35",
        "It is 14:35:22 UTC",
        "5.4k Aufrufe · 12 Kommentare",
        "Vor 3 Minuten aktualisiert",
        "Stand: 14.35 Uhr",
        "Bisher gelesen: 412 mal",
        "Vu 33 fois",
        "128 lecteurs consultent cet article actuellement",
        "Mis à jour il y a 5 minutes",
        "Visto 33 veces",
        "Lecturas: 1.204",
        "3 lettori stanno leggendo questo articolo",
        "Letto 12 volte",
        "42 curtidas, 7 comentários",
        "Há 5 minutos",
        "345 keer bekeken",
        "Bijgewerkt om 14:35",
        "Przeczytano 44 razy",
        "Wyświetleń: 1 234",
        "Просмотров: 1 204",
        "3 комментария",
        "阅读 1024 评论 33",
        "15人正在阅读",
        "1,234回視聴",
        "コメント 12件",
        "조회수 123",
        "12 görüntülenme",
    ],
)
def test_counters_are_cut_from_a_text_wherever_they_are(counter: str) -> None:
    assert is_counter(counter)
    assert without_boilerplate(f"{counter}\n{NEWS}") == NEWS
    assert without_boilerplate(f"{NEWS}\n{counter}") == NEWS
    assert without_boilerplate(f"{NEWS} {counter}") == NEWS
    assert without_boilerplate(counter) == "", "nothing else is in it"


@pytest.mark.parametrize(
    "text",
    [
        "40,000 homes are without power.",
        "12 people died.",
        "At 14:35 the dam broke.",
        "The bank cut rates by 2 points.",
        "Magnitude: 5.4",
        "Deaths: 86",
        "Smith won with 34,000 votes.",
        "12 readers wrote to us about the ferry.",
        "The museum expects 40,000 visitors this year.",
        "Score: Arsenal 3, Chelsea 1",
        "Vor 3 Minuten brach der Damm.",
        "Hace 2 horas cerró el puerto.",
        "3 дня назад закрыли порт.",
    ],
)
def test_numbers_of_the_news_stay(text: str) -> None:
    assert without_boilerplate(text) == text
    assert without_boilerplate(f"{NEWS}\n{text}\n{NEWS}") == f"{NEWS}\n{text}\n{NEWS}"


@pytest.mark.parametrize(
    ("published", "title"),
    [
        ("Comic 412: The lighthouse (37 comments)", "Comic 412: The lighthouse"),
        ("[120 points] A tiny spreadsheet", "A tiny spreadsheet"),
        ("Der Turm – 12 Kommentare", "Der Turm"),
        ("Le phare | 120 vues", "Le phare"),
        ("Маяк (3 комментария)", "Маяк"),
        ("灯台 (12件のコメント)", "灯台"),
        ("Ferrari penalised – 5 points", "Ferrari penalised – 5 points"),
        ("Storm leaves 40,000 homes without power", "Storm leaves 40,000 homes without power"),
        ("Release 4.2 (stable)", "Release 4.2 (stable)"),
        ("37 comments", "37 comments"),
    ],
)
def test_counters_are_cut_from_a_title(published: str, title: str) -> None:
    assert title_without_counters(published) == title


def entry(title: str, description: str) -> Entry:
    item = f"<item><guid>a</guid><link>https://n.example/a</link><title>{title}</title><description>{description}</description></item>"
    feed = f'<rss version="2.0"><channel><title>Herald</title>{item}</channel></rss>'
    return parse(feed.encode(), "https://n.example/feed", {}).entries[0]


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("The lighthouse", f"{NEWS} (Visited {{n}} times, {{n}} visits today)"),
        ("The lighthouse ({n} comments)", NEWS),
        ("Show: a spreadsheet", "&lt;p&gt;Points: {n}&lt;/p&gt;&lt;p&gt;# Comments: {n}&lt;/p&gt;"),
        ("acme/widget", f"{NEWS} Stars: {{n}}"),
        ("Der Turm", f"&lt;p&gt;{NEWS}&lt;/p&gt;&lt;p&gt;Aktualisiert vor {{n}} Minuten&lt;/p&gt;"),
        ("Le phare", f"{NEWS}&lt;br&gt;{{n}} lecteurs regardent cette page"),
    ],
)
def test_a_counter_that_changes_is_no_revision(title: str, description: str) -> None:
    first, second = (entry(title.format(n=n), description.format(n=n)) for n in (11, 1204))
    assert first.content_hash == second.content_hash
    assert (first.title, first.text) == (second.title, second.text)
    other = entry("Another title", description.format(n=11))
    assert other.content_hash != first.content_hash


def test_what_is_for_browsers_without_scripts_is_no_text() -> None:
    image = '<noscript><img src="https://n.example/p.jpg" alt="x" /></noscript>'
    assert plain_text(f"<p>{NEWS}</p>{image}<p>More.</p>") == f"{NEWS}\nMore."
    assert plain_text(f"<NOSCRIPT>Please enable scripts.</NOSCRIPT><p>{NEWS}</p>") == NEWS
    assert plain_text(f"<p>{NEWS}</p><noscript><p>Lazy <img src=x></p></noscript>") == NEWS
    found = entry("Storm", f"&lt;p&gt;{NEWS}&lt;/p&gt;" + image.replace("<", "&lt;").replace(">", "&gt;"))
    assert (found.text, found.image) == (NEWS, "https://n.example/p.jpg")
