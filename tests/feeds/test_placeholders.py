"""Descriptions that stand in place of a text, by kind; and short texts that are news."""

from __future__ import annotations

import pytest

from feeds.parse import parse
from feeds.text import safe_html, text_of
from feeds.text.placeholders import is_placeholder
from feeds.text.recurring import recurring
from tests.support.items import Item, document

REDDIT = (
    '&#32; submitted by &#32; <a href="https://f.example/user/t"> /u/tin_drum </a> to <a '
    'href="https://f.example/r/s"> r/selfhosted </a> <br/>'
    '<span><a href="https://p.example/x">[link]</a></span> &#32; <span><a href="https://f.example/2">[comments]</a></span>'
)
LEMMY = (
    'Submitted by <a href="https://l.example/u/t">tin_drum</a> to <a href="https://l.example/c/s">'
    "selfhosted</a><br>312 points | "
    '<a href="https://l.example/post/1">87 comments</a><br><a href="https://p.example/x">https://p.example/x</a>'
)
HNRSS = (
    '<p>Article URL: <a href="https://x.example/a">https://x.example/a</a></p><p>Comments URL: <a href="https://n.example/i?id=4">'
    "https://n.example/i?id=4</a></p><p>Points: 100</p><p># Comments: 20</p>"
)
LINK_POSTS = [
    "submitted by /u/x [link] [comments]",
    REDDIT,
    LEMMY,
    HNRSS,
    "Comments",
    '<a href="https://n.example/3">Comments</a>',
    "Points: 312 # Comments: 87",
    "312 points by tin_drum 4 hours ago | 87 comments",
    "eingereicht von /u/otto [Link] [Kommentare]",
    "enviado por pedro | 12 comentarios",
    "Обсудить в комментариях",
    "コメント",
    "noticia original (site.com)",
    "via paper.example",
    "Discuss on Lemmy",
    "[video]",
]
HEADLINES = {
    "list": '<ol><li><a href="https://n.example/1">Ferry sinks off Brackenby, crew rescued</a>&nbsp;&nbsp;<font '
    'color="#6f6f6f">The Brackenby Herald</font></li>'
    '<li><a href="https://n.example/2">All twelve aboard saved as ferry goes down</a>&nbsp;&nbsp;<font '
    'color="#6f6f6f">Coast Radio</font></li></ol>',
    "one": (
        '<a href="https://n.example/1">Ferry sinks off Brackenby, crew rescued</a>&nbsp;&nbsp;<font>The '
        "Brackenby Herald</font>"
    ),
    "table": '<table><tr><td><a href="https://n.example/1">Fähre sinkt vor Brackenby, Besatzung gerettet</a></td>'
    "<td>Küstenkurier</td></tr>"
    '<tr><td><a href="https://n.example/2">Zwölf Menschen nach Untergang gerettet</a></td><td>'
    "Abendblatt</td></tr></table>",
    "breaks": (
        '<a href="https://n.example/1">Паром затонул у Бракенби</a> - Вестник<br><a '
        'href="https://n.example/2">Все двенадцать человек спасены</a> - Радио'
    ),
    "wide": '<ul><li><a href="https://n.example/1">渡轮在布拉肯比附近沉没</a> 新华社</li><li><a href="https://n.example/2">十二人全部获救</a></li></ul>'
    '<strong><a href="https://n.example/f">View full coverage</a></strong>',
}
INVITATIONS = [
    "Read more",
    '<a href="https://x.example">Lire la suite</a>',
    "Weiterlesen …",
    "The post Ferry late again appeared first on Harbour News.",
    "La entrada Uno se publicó primero en Dos.",
    "Watch the video",
    "Tags: sea, ferry",
]
NOTHING_SAID = [
    "https://x.example/a/b",
    '<a href="https://x.example/a">www.x.example/a</a>',
    '<img src="https://x.example/a.jpg" alt="A ferry">',
    '<img src="https://x.example/a.jpg"><br>Photo: Ada Quay/Reuters',
    "…",
    "* * *",
]


def bare(html: str, title: str = "Router maker leaves flaw open", names: tuple[str, ...] = ()) -> bool:
    safe = safe_html(html)
    return is_placeholder(safe, text_of(safe), title, names)


@pytest.mark.parametrize("html", [*LINK_POSTS, *HEADLINES.values(), *INVITATIONS, *NOTHING_SAID])
def test_what_is_in_place_of_a_text_is_none(html: str) -> None:
    assert bare(html)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Ferry sinks off Brackenby, crew rescued - The Brackenby Herald", "Ferry sinks off Brackenby, crew rescued"),
        ("The ferry is late again on Monday", "The ferry is late again on…"),
        ("Паром затонул у Бракенби", "Паром затонул у Бракенби"),
        ("Ferry sinks off Brackenby", "Ferry sinks off Brackenby\nThe Brackenby Herald"),
    ],
)
def test_a_title_said_again_is_no_text(title: str, text: str) -> None:
    assert bare(text.replace("\n", "<br>"), title)


@pytest.mark.parametrize(
    "html",
    [
        'The <a href="https://x.example">ECB</a> raised <a href="https://x.example">rates</a> on <a href="https://x.example">Thursday</a>.',
        (
            '<a href="https://x.example">The council will meet again on Friday to decide what becomes of '
            "the old quay and its cranes.</a>"
        ),
        (
            '<ul><li><a href="https://x.example">Ferry sinks off Brackenby</a>: the crew of twelve was '
            "rescued in the night.</li></ul>"
        ),
        "Twelve dead.",
        "Points were dropped at home.",
        "40,000 homes without power.",
        "Article 50 triggered.",
        "Il presidente si dimette.",
        "Foto vom Unglück veröffentlicht, Kapitän verhaftet.",
        "Trump says tariffs start Monday",
        "Комментарий министра: пошлин не будет",
        "辞任を表明",
        f"<p>The disk of the mail server was full for two days.</p>{REDDIT}",
        "Router maker leaves flaw open for two years; the update is out today.",
    ],
)
def test_short_news_is_a_text(html: str) -> None:
    assert not bare(html)


def test_the_feeds_own_description_is_no_text_of_an_item() -> None:
    about = "The best of the internet, sifted"
    items = [
        Item("1", "Seven lakes at dawn", about),
        Item("2", "A cat in a box", "It fits by a whisker, says its owner."),
    ]
    found = parse(document(*items, about=about), "https://news.example/feed", {}).entries
    assert [entry.text for entry in found] == ["", "It fits by a whisker, says its owner."]
    assert [entry.title for entry in found] == ["Seven lakes at dawn", "A cat in a box"]
    assert found[0].teaser, "its page may say more"


TAGLINES = ["News for the coast since 1871.", "Nachrichten, die den Norden bewegen", "独立报道，只为真相。"]


@pytest.mark.parametrize("tagline", TAGLINES)
def test_a_tagline_under_every_item_recurs(tagline: str) -> None:
    assert recurring([(f"Title {k}", tagline) for k in range(4)], 4) == {tagline}
    assert recurring([("Title 1", tagline)], 1) == frozenset()


def test_a_longer_text_recurs_from_three_items_on() -> None:
    notice = "This page collects " + "everything that our reporters find out about the trial of the century, " * 3
    assert recurring([("One", notice), ("Two", notice)], 9) == frozenset()
    assert recurring([("One", notice), ("Two", notice), ("Three", notice)], 9) == {notice}


def test_news_that_a_few_items_share_does_not_recur() -> None:
    warning = "Gusts of up to 110 km/h are expected from noon."
    items = [("Wind warning for Almena", warning), ("Wind warning for Verran", warning)]
    assert recurring(items, 12) == frozenset()
    again = "The ferry Solveig hit the quay of Port Hale in the morning."
    assert recurring([("Ferry hits quay", again), ("Ferry hits quay", again)], 12) == frozenset(), (
        "one item listed twice"
    )


def test_only_the_whole_name_of_a_feed_is_a_placeholder() -> None:
    name = "News of the harbour, the islands and all the ferries of the north"
    assert is_placeholder("", name.upper() + "!", "A title", ("", name))
    assert not is_placeholder("", f"{name} are late today.", "A title", (name,))
    assert not is_placeholder("", name[:50], "A title", (name,))
