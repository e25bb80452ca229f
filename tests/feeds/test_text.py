from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.text import is_teaser, plain_line, plain_text, safe_html, text_of, without_boilerplate

BODY = "The ferry was late on Monday.\nThe council will meet again on Friday."


@pytest.mark.parametrize(
    "line",
    [
        "Read more",
        "READ MORE",
        "DEVAMINI OKU",
        "Devamını oku",
        "Read more »",
        "[Read more...]",
        "Continue reading Harbour News →",
        "Continue reading…",
        "Lire la suite",
        "Weiterlesen",
        "Читать далее",
        "続きを読む",
        "Share this on Facebook",
        "Facebook | Twitter | WhatsApp",
        "The post Ferry late again appeared first on Harbour News.",
        "La entrada Uno se publicó primero en Dos.",
        "Related: Storm closes port",
        "Читайте также: Шторм закрыл порт",
        "Leave a comment",
        "Advertisement",
    ],
)
def test_a_line_of_boilerplate_goes_wherever_it_is(line: str) -> None:
    first, second = BODY.split("\n")
    assert without_boilerplate(f"{first}\n{line}\n{second}\n{line}") == BODY


@pytest.mark.parametrize(
    "line",
    [
        "By Ada Quay",
        "By ADA QUAY and Tom van der Berg",
        "Von Anna Müller, Hamburg",
        "Автор: Иван Петров",
        "Photo: Ada Quay/Harbour News",
        "© 2024 Harbour News. All rights reserved.",
        "Reuters",
        "(AFP)",
        "Source: AP",
    ],
)
def test_bylines_and_credits_go_from_the_edges(line: str) -> None:
    assert without_boilerplate(f"{line}\n{BODY}") == BODY
    assert without_boilerplate(f"{BODY}\n{line}") == BODY


@pytest.mark.parametrize(
    "line",
    [
        "Read the full story at Harbour News.",
        "Follow us on Telegram and X.",
        "Sign up for our daily newsletter.",
        "This article originally appeared on Harbour News.",
        "submitted by /u/ada to r/tides [link] [comments]",
        "Comments URL: https://n.example/item?id=1",
        "Points: 85",
        "Mehr dazu lesen Sie auf kurier.example.",
        "Lea la noticia completa en El Faro.",
        "Читайте подробнее на сайте вестника.",
    ],
)
def test_invitations_go_though_they_end_in_a_full_stop(line: str) -> None:
    assert without_boilerplate(f"{BODY}\n{line}") == BODY


@pytest.mark.parametrize(
    "line",
    [
        "(Reporting by Ada Quay; Editing by Bo Lind)",
        "Additional reporting by Ada Quay",
        "With inputs from PTI",
        "Le Courrier avec AFP",
        "Mit Material von dpa",
        "Con información de EFE",
        "Image source, Getty Images",
        "Translated from Spanish by Ada Quay",
        "(Northwire)",
    ],
)
def test_who_helped_is_no_news(line: str) -> None:
    assert without_boilerplate(f"{BODY}\n{line}") == BODY
    assert without_boilerplate(f"{BODY} {line}") == BODY


def test_a_name_at_the_end_of_a_text_of_whole_paragraphs_goes() -> None:
    body = "\n".join(
        f"The council of {place} met for three hours on Monday and voted to keep the ferry."
        for place in ("Tarn", "Ostra", "Velm")
    )
    assert without_boilerplate(f"{body}\nVoice of the Coast") == body
    assert without_boilerplate(f"{body} Голос Америки") == body
    assert without_boilerplate(f"{body} Harbour News", ["Harbour News"]) == body
    assert without_boilerplate(f"{body}\nThe vote in figures") == f"{body}\nThe vote in figures"


@pytest.mark.parametrize("line", ["Голос Америки", "新华社", "الجزيرة", "Η Καθημερινή"])
def test_a_publisher_named_in_another_script_goes_from_the_end(line: str) -> None:
    assert without_boilerplate(f"{BODY}\n{line}") == BODY


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("PORT VERRAN (Northwire) - The bank cut rates.", "The bank cut rates."),
        ("ALMENA, May 3 (Coast Wire) — The bank cut rates.", "The bank cut rates."),
        ("МОСКВА, 3 мар — РИА Новости. Банк снизил ставки.", "Банк снизил ставки."),
        ("МОСКВА, 3 марта. /ТАСС/. Банк снизил ставки.", "Банк снизил ставки."),
        ("The bank cut rates. (Northwire)", "The bank cut rates."),
        ("Die Bank senkt die Zinsen. (SDA)", "Die Bank senkt die Zinsen."),
        ("LONDON (Reuters) - The bank cut rates.", "The bank cut rates."),
        ("MADRID, May 3 (EFE).- El banco.", "El banco."),
        ("(CNN) — The bank cut rates.", "The bank cut rates."),
        ("The bank cut rates. (Reuters)", "The bank cut rates."),
        ("The bank cut rates. © AFP", "The bank cut rates."),
        ("The bank cut rates. Read more", "The bank cut rates."),
        ("The bank cut rates … [Read more]", "The bank cut rates …"),
        ("Rates fell. The post Bank cuts appeared first on Harbour News.", "Rates fell."),
    ],
)
def test_credits_are_cut_from_the_edges_of_a_line(text: str, left: str) -> None:
    assert without_boilerplate(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "Ada (Quay) - the winner - was there.",
        "Verran (Tarn) - a town of two names.",
        "She won. (Her rival did not.)",
        "He left (again).",
        "NATO (the alliance) - and nobody else - decides",
        "With help from friends they won.",
        "The article was read in full.",
        "Read more books, the minister said.",
        "Keep reading books, she said.",
        "By the time we arrived it was over.",
        "By the river\nBoats lay in rows.",
        "Children who read more do better at school",
        "She told Reuters that it was over.\nThe end came fast",
        "Share prices fell.\nShare the road, say cyclists",
        "Moscow said no.\nThe minister, Иванов, agreed.",
        "More: that is what he wanted to write, and did."[6:],
        "He works for AFP",
        "Copyright law is old.\nIt was made in 1710.",
        "Подробнее министр не сказал.",
        "Print is dead, they said.",
        "Comments were closed.",
    ],
)
def test_real_sentences_stay(text: str) -> None:
    assert without_boilerplate(text) == text


def test_lines_that_are_only_the_feeds_own_name_go() -> None:
    assert without_boilerplate(f"{BODY}\n— Harbour News", ["Harbour News"]) == BODY


def test_a_text_of_nothing_but_boilerplate_is_kept() -> None:
    assert without_boilerplate("Read more") == "Read more"


def test_teasers_are_seen() -> None:
    long = "The council met and talked about the ferry at length again. " * 12
    assert not is_teaser("", long.strip())
    assert is_teaser("", long + "And then …")
    assert is_teaser("", long + "Continue reading")
    assert is_teaser("", "One line only.")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("AT&amp;amp;T &lt;b&gt;up&lt;/b&gt;", "AT&T up"),
        ("a < b &amp; c", "a < b & c"),
        ("vector&lt;int&gt;", "vector<int>"),
        ("two\r\nBcc: x@y.example", "two Bcc: x@y.example"),
        ("x\x00\x1b[31my", "x[31my"),
        ("<p>One</p><p>Two</p>", "One Two"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;News", "News"),
        ("right\u202eleft", "rightleft"),
        ("&#x1F600; ok", "😀 ok"),
    ],
)
def test_a_label_is_one_label(html: str, text: str) -> None:
    assert plain_line(html) == text


def test_plain_text_keeps_blocks_apart_and_nothing_active() -> None:
    assert plain_text("<h1>A</h1><p>b<br>c <b>d</b></p><style>x{}</style>") == "A\nb\nc d"
    assert "<script" not in plain_text("&lt;script&gt;x&lt;/script&gt;")


def test_safe_html_makes_addresses_absolute_and_drops_what_runs() -> None:
    got = safe_html(
        (
            '<p onclick="x()"><a href="/a?b=1&c=2">l</a><img src="i.png" onerror=x><a href="javascript:x">'
            'k</a><iframe src="//e"></iframe>'
        ),
        "https://h.example/d/",
    )
    assert 'href="https://h.example/a?b=1&amp;c=2"' in got
    assert 'src="https://h.example/d/i.png"' in got
    assert not any(word in got for word in ("onclick", "onerror", "javascript", "iframe"))


@pytest.mark.parametrize(
    ("html", "safe"), [("a\0 > b", "a &gt; b"), ("a\rb > c", "a\nb &gt; c"), ("<b>a&#13;b</b>", "<b>a\nb</b>")]
)
def test_neither_nul_nor_a_lone_return_is_left_in_html(html: str, safe: str) -> None:
    assert safe_html(html) == safe


@given(st.text(max_size=200))
def test_nothing_raises_and_labels_hold_no_controls(text: str) -> None:
    without_boilerplate(plain_text(text))
    safe_html(text)
    assert not any(ord(char) < 32 or char in "\x7f\u2028\u2029" for char in plain_line(text))


@given(
    st.lists(
        st.sampled_from(
            ["The ferry was late.", "Read more", "By Ada Quay", "Reuters", "Голос Америки", "More came later."]
        ),
        max_size=8,
    ).map("\n".join)
)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert without_boilerplate(without_boilerplate(text)) == without_boilerplate(text)


@pytest.mark.parametrize(
    ("safe", "text"),
    [
        ('<p>a</p>b<img alt="1 > 0" src="https://n.example/x">c<br>d', "a\nbc\nd"),
        ('<p lang="de">a</p><p>\u200b\ufeff</p>b', "a\n\u200b\nb"),
        ('"a" <b title="x">"b</b>" &lt;b&gt;', '"a" "b" <b>'),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1 2"),
        ('a < b "c', 'a < b "c'),  # not what a sanitizer gives
    ],
)
def test_sanitized_html_is_read_as_lines(safe: str, text: str) -> None:
    assert text_of(safe).replace("  ", " ") == text
