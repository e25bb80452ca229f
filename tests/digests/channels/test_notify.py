from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.channels import NotifySettings
from digests.channels.base import Parcel
from digests.channels.notify import NotifyChannel, error_of_log, shortened, title_and_text
from digests.errors import ChannelError, OutcomeUnknown, RecipientRefused, ServerBusy, TemporaryFailure

MAIL = Parcel(
    1,
    "json://localhost",
    "<1@news.example>",
    "",
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n\r\nGr\xc3\xbc\xc3\x9fe an alle\r\n",
)


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ServerBusy, match="pip install"):
        NotifyChannel(NotifySettings()).deliver(MAIL, lambda: None)


def test_of_a_mail_the_subject_and_the_text_are_sent() -> None:
    title, text = title_and_text(MAIL)
    assert title == "Grüße"
    assert text.strip() == "Grüße an alle"


def test_a_mail_without_a_text_part_has_only_its_subject() -> None:
    parcel = Parcel(1, "", "<1>", "", b"Subject: x\r\nContent-Type: text/html\r\n\r\n<p>y</p>\r\n")
    assert title_and_text(parcel) == ("x", "")


@given(st.text(max_size=300), st.integers(10, 200))
def test_a_text_is_cut_at_a_line_and_says_that_it_goes_on(text: str, limit: int) -> None:
    short = shortened(text, limit)
    assert len(short) <= limit
    assert short == text or (short.endswith("\n…") and text.startswith(short[:-2]))


def test_it_is_cut_between_lines() -> None:
    assert shortened("one line\nanother line\na third", 25) == "one line\nanother line\n…"


@pytest.mark.parametrize(
    ("log", "kind"),
    [
        ("Failed to send JSON POST notification: Verification Failed., error=401.", RecipientRefused),
        ("Failed to send: gone, error=410", RecipientRefused),
        ("Failed to send Slack notification: error=429.", TemporaryFailure),
        ("Failed to send: error=503.", TemporaryFailure),
        ("Caused by NewConnectionError(...): Connection refused", TemporaryFailure),
        ("Socket Exception: Read timed out.", OutcomeUnknown),
        ("", OutcomeUnknown),
    ],
)
def test_the_reason_of_a_no_is_read_from_the_log_and_none_of_it_is_told(log: str, kind: type[ChannelError]) -> None:
    error = error_of_log(f"POST URL: https://hooks.example.org/s3cret\n{log}")
    assert type(error) is kind
    assert "s3cret" not in str(error)
