"""What is printed: columns line up, texts of feeds stay on their line, times read well."""

from datetime import UTC, datetime, timedelta

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.cli import output, tables
from aggregator.system.spans import relative_time

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_columns_line_up_with_wide_and_combining_letters(capsys):
    output.print_table(("NAME", "N"), [("日本", 1), ("e\u0301te", 2), ("plain", None)])
    assert capsys.readouterr().out == "NAME   N\n日本   1\ne\u0301te    2\nplain\n"


WIDE = (
    "中央银行将利率提高到百分之四点五",
    "البنك المركزي يرفع سعر الفائدة",
    "❤️ 🎉 storm",
    "e\u0301te\u0301 à Paris",
    "plain",
)


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_table_of_any_script_fits_the_terminal_and_lines_up(columns):
    rows = [(f"{WIDE[k % 5]} {k}", "ok", k, f"https://example.org/{WIDE[(k + 1) % 5]}/{k}") for k in range(500)]
    lines = list(tables.table_lines(("FEED", "STATE", "N", "WHAT"), rows, columns))
    assert max(map(tables.display_width, lines)) <= columns
    state = tables.display_width(lines[0].partition("STATE")[0])
    starts = [line for line in lines[1:] if not line.startswith(" ")]
    assert len(starts) == 500
    assert {tables.display_width(line.rpartition("  ok  ")[0]) + 2 for line in starts} <= set(range(state + 1))
    shown = "".join("".join(lines).split())
    assert all("".join(row[-1].split()) in shown for row in rows[:5]) or columns == 120


def test_what_matters_in_the_last_column_is_never_cut():
    message = "the server refused the connection and the next check is later than usual [connect]"
    [head, *rest] = tables.table_lines(("FEED", "WHAT"), [("A feed with a name", message)], 60)
    assert head == "FEED                WHAT"
    assert [line.split() for line in rest] == [
        ["A", "feed", "with", "a", "name", *["the", "server", "refused", "the", "connection", "and"]],
        ["the", "next", "check", "is", "later", "than", "usual"],
        ["[connect]"],
    ]


def test_a_url_is_broken_only_where_no_line_has_room_for_it():
    url = "https://north.example/news/feed.xml"
    rows = [("A feed with a name", url), ("Another", "not fetched yet"), ("Long", f"{url}?{'x' * 60}")]
    lines = list(tables.table_lines(("FEED", "WHAT"), rows, 50))
    assert lines[1:4] == ["A feed with a name", f"    {url}", f"{'Another':18}  not fetched yet"]
    assert lines[4] == "Long"
    assert "".join(line.strip() for line in lines[5:]) == rows[2][1]


def test_a_sentence_without_spaces_stays_beside_its_row():
    sentence = "\u6b27\u6d32\u592e\u884c\u5c06\u5229\u7387\u4e0b\u8c03" * 5
    [_, first, *more] = tables.table_lines(("FEED", "WHAT"), [("A feed with a name", sentence)], 50)
    assert first.startswith(f"A feed with a name  {sentence[:14]}")
    assert [line.startswith(" " * 20) for line in more] == [True] * len(more)
    assert "".join(line[20:] for line in (first, *more)) == sentence


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x", "is not a whole number of 1 or more"),
        ("0", "is not a whole number of 1 or more"),
        (f"{2**63}", "too large"),
    ],
)
def test_a_number_that_is_not_valid_or_cannot_be_stored_is_refused(text, problem):
    assert output.WholeNumber(min=1).convert(f"{2**63 - 1}", None, None) == 2**63 - 1
    with pytest.raises(click.BadParameter, match=problem):
        output.WholeNumber(min=1).convert(text, None, None)


def test_a_table_in_a_pipe_has_one_line_a_row():
    lines = list(tables.table_lines(("FEED", "WHAT"), [("x" * 300, "y" * 300)], None))
    assert lines == [f"FEED{' ' * 298}WHAT", f"{'x' * 300}  {'y' * 300}"]


@given(st.text())
def test_a_cleaned_text_is_one_printable_line(text):
    assert tables.printable(text).isprintable()


@given(st.text(), st.integers(2, 40))
def test_a_shortened_text_fits(text, columns):
    assert tables.display_width(tables.shorten(text, columns)) <= columns


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (None, "never"),
        (NOW - timedelta(seconds=5), "5s ago"),
        (NOW - timedelta(hours=30), "1d ago"),
        (NOW + timedelta(minutes=90), "in 1h"),
        (NOW, "0s ago"),
    ],
)
def test_when(at, words):
    assert relative_time(at, NOW) == words


def test_json_has_plain_values():
    row = {"at": NOW, "span": timedelta(minutes=1), "set": frozenset({"b", "a"})}
    assert [output.jsonable(value) for value in row.values()] == ["2026-03-01T12:00:00Z", 60.0, ["a", "b"]]


def test_an_instant_is_read_with_or_without_a_zone_or_as_an_age():
    read = output.TimeParameter()
    assert read.convert("2026-03-01T12:00+02:00", None, None) == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert read.convert("2026-03-01T12:00", None, None).tzinfo is UTC
    ago = read.convert("3h", None, None)
    assert timedelta(hours=3) <= datetime.now(UTC) - ago < timedelta(hours=4)
    with pytest.raises(click.BadParameter, match="is not a time"):
        read.convert("yesterday", None, None)


def test_a_span_is_read():
    assert output.DurationParameter().convert("90m", None, None) == timedelta(minutes=90)
    with pytest.raises(click.BadParameter, match="is not a duration"):
        output.DurationParameter().convert("90", None, None)
