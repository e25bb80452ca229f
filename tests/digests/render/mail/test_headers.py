"""Fields octet by octet."""

from __future__ import annotations

import re
from email.header import decode_header, make_header

from hypothesis import given
from hypothesis import strategies as st

from digests.render.mail.headers import mailbox_field, text_field
from digests.render.view.clean import tidy

LETTERS = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Cn", "Co", "Zs", "Zl", "Zp")),
    max_size=120,
)


def decoded(field: bytes) -> str:
    value = field.split(b": ", 1)[1].replace(b"\r\n", b"").decode("ascii")
    return str(make_header(decode_header(value)))


@given(LETTERS)
def test_a_text_comes_back(value: str) -> None:
    field = text_field("Subject", value)
    lines = field[:-2].split(b"\r\n")
    assert decoded(field).strip() == tidy(value)
    assert all(len(line) <= 78 for line in lines)
    for word in re.findall(rb"=\?utf-8\?[qb]\?.*?\?=", field):
        assert len(word) <= 75


def test_plain_text_stays_readable_and_folds_between_words() -> None:
    field = text_field("Subject", "word " * 30)
    assert b"=?" not in field
    assert field.count(b"\r\n ") == 2


def test_an_encoded_word_in_a_text_stays_text() -> None:
    assert decoded(text_field("Subject", "=?utf-8?b?DQpCY2M6IHg=?=")) == "=?utf-8?b?DQpCY2M6IHg=?="


def test_the_shorter_encoding_is_taken() -> None:
    assert b"=?utf-8?q?" in text_field("Subject", "Überblick am Morgen")
    assert b"=?utf-8?b?" in text_field("Subject", "Утренний обзор")


def test_names_with_specials_are_quoted() -> None:
    assert mailbox_field("From", 'News, "daily" (A\\B)', "a@example.org") == (
        b'From: "News, \\"daily\\" (A\\\\B)" <a@example.org>\r\n'
    )


def test_a_long_name_folds_before_the_address() -> None:
    field = mailbox_field("From", "Ежедневный обзор", "digest@news.example.org")
    assert field.endswith(b"\r\n <digest@news.example.org>\r\n")
    assert all(len(line) <= 76 for line in field.split(b"\r\n"))
