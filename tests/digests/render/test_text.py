"""Plain text, wrapped as it is shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from digests.render.text import columns, trimmed, underline, wrap


def test_east_asian_characters_take_two_columns() -> None:
    assert columns("abc") == 3
    assert columns("桥已开") == 6
    assert columns("e\u0301") == 1


def test_words_are_kept_whole_and_lines_short() -> None:
    assert wrap("one two three four", 9) == "one two\nthree\nfour"


def test_the_first_line_has_its_mark_and_the_others_line_up() -> None:
    assert wrap("one two three", 9, first="* ") == "* one two\n  three"


def test_chinese_breaks_anywhere_but_not_before_a_full_stop() -> None:
    lines = wrap("桥今天开放。人们走过桥。", 10).split("\n")
    assert lines == ["桥今天开", "放。人们走", "过桥。"]
    assert all(columns(line) <= 10 for line in lines)


def test_a_line_never_breaks_inside_of_a_character_that_is_several() -> None:
    family, flagged = "👩\u200d👩\u200d👧", "字\ufe00"
    assert set(wrap(family * 9, 10).replace("\n", " ").split()) <= {family * n for n in range(1, 6)}
    assert all(not line.startswith("\ufe00") for line in wrap(flagged * 30, 10).split("\n"))


def test_thai_breaks_without_blanks_but_not_between_a_consonant_and_its_vowels() -> None:
    lines = wrap("เกิดแผ่นดินไหวรุนแรงที่ชายฝั่งทะเล" * 4, 20).split("\n")
    assert all(0 < columns(line) <= 20 for line in lines)
    assert not [line for line in lines if line[0] in "ะาิีุู่้็" or line[-1] in "เแโใไ"]


def test_marks_that_take_no_column_still_count_as_characters() -> None:
    text = " ".join(["e\u0301\u0302\u0303\u0304"] * 100)
    assert all(len(line) <= 78 for line in wrap(text, 72).split("\n"))


def test_an_address_is_never_broken() -> None:
    url = "https://example.com/" + "路" * 60
    assert url in wrap(f"see {url} there", 20).split("\n")


@given(st.text(alphabet=st.sampled_from("ab 桥。,é「」"), max_size=200), st.integers(8, 40))
def test_wrapping_loses_nothing(text: str, width: int) -> None:
    assert "".join(wrap(text, width).split()) == "".join(text.split())


@given(st.lists(st.text(alphabet="abcdé", min_size=1, max_size=8), max_size=40), st.integers(10, 40))
def test_lines_keep_to_the_width(words: list[str], width: int) -> None:
    assert all(columns(line) <= width for line in wrap(" ".join(words), width, first="- ").split("\n"))


def test_a_rule_is_as_wide_as_what_it_underlines() -> None:
    assert underline("桥桥\na") == "----"
    assert underline("x" * 200, "=", 72) == "=" * 72


def test_finish_leaves_no_ragged_blanks() -> None:
    assert trimmed("\n\na  \n\n\n\nb\n\n") == "a\n\nb\n"
