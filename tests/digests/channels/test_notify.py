from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.channels import NotifySettings
from digests.channels.base import Parcel
from digests.channels.notify import NotifyChannel, error_of_log, split_text, title_and_text
from digests.errors import ChannelError, OutcomeUnknown, RecipientRefused, ServerBusy, TemporaryFailure
from tests.support.webhooks import Answer, HookServer

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


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(st.text(max_size=300), st.integers(20, 200))
def test_every_message_is_within_the_limit_and_nothing_is_lost(text: str, limit: int) -> None:
    messages = split_text(text, limit)
    assert all(units(message) <= limit for message in messages)
    whole = "".join(m.removeprefix(f"({n}/{len(messages)})\n") for n, m in enumerate(messages, 1))
    assert "".join(whole.split()) == "".join(text.split())


def test_stories_stay_whole_where_they_fit() -> None:
    stories = [f"• Headline {n}\n{'A sentence about it. ' * 8}\nhttps://news.example/{n}" for n in range(25)]
    for limit in (2000, 3000, 4096):
        messages = split_text("\n\n".join(stories), limit)
        assert len(messages) <= 1 + 25 * 230 / (limit - 250)
        for n, story in enumerate(stories):
            assert (
                sum(story in message and f"https://news.example/{n}\n" in f"{message}\n" for message in messages) == 1
            )
        assert messages[1].startswith(f"(2/{len(messages)})\n")


def test_a_story_that_is_too_long_alone_is_split_between_lines_then_words() -> None:
    messages = split_text("one two three\nfour five six seven eight nine", 30)
    assert messages == ["one two three", "(2/3)\nfour five six seven", "(3/3)\neight nine"]


TEXT = "\n\n".join(f"• Story {n}\n{'It happened on Monday. ' * 20}\nhttps://news.example/{n}" for n in range(12))


def parcel(server: HookServer, identity: str) -> Parcel:
    return Parcel(1, server.url.replace("http", "json"), identity, "", TEXT.encode(), "text/plain")


def sent(server: HookServer) -> list[str]:
    return [json.loads(body)["message"] for _, body in server.posts]


def test_all_stories_arrive_in_several_messages() -> None:
    with HookServer() as server:
        receipt = NotifyChannel(NotifySettings(max_chars=2000)).deliver(parcel(server, "<a@x>"), lambda: None)
        messages = sent(server)
    assert receipt.detail == f"taken in {len(messages)} messages"
    assert all(len(message) <= 2000 for message in messages)
    assert all(sum(f"• Story {n}\n" in message for message in messages) == 1 for n in range(12))


def test_a_later_try_goes_on_with_the_message_that_did_not_arrive() -> None:
    with HookServer() as server:
        server.answers.extend([Answer(), Answer(503, kept=False)])
        with pytest.raises(TemporaryFailure):
            NotifyChannel(NotifySettings(max_chars=2000)).deliver(parcel(server, "<b@x>"), lambda: None)
        assert len(server.posts) == 1
        NotifyChannel(NotifySettings(max_chars=2000)).deliver(parcel(server, "<b@x>"), lambda: None)
        messages = sent(server)
    assert [sum(f"• Story {n}\n" in message for message in messages) for n in range(12)] == [1] * 12


def test_a_delivery_of_which_one_message_is_refused_is_refused() -> None:
    with HookServer() as server:
        server.answers.extend([Answer(), Answer(400, kept=False)])
        with pytest.raises(RecipientRefused):
            NotifyChannel(NotifySettings(max_chars=2000)).deliver(parcel(server, "<c@x>"), lambda: None)


def test_the_limit_of_the_service_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    from apprise.plugins.custom_json import NotifyJSON

    monkeypatch.setattr(NotifyJSON, "body_maxlen", 700)
    with HookServer() as server:
        NotifyChannel(NotifySettings(max_chars=2000)).deliver(parcel(server, "<d@x>"), lambda: None)
        messages = sent(server)
    assert len(messages) > 8
    assert all(len(message) <= 700 for message in messages)


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
def test_the_reason_of_a_no_is_read_from_the_log_and_none_of_it_is_reported(log: str, kind: type[ChannelError]) -> None:
    error = error_of_log(f"POST URL: https://hooks.example.org/s3cret\n{log}")
    assert type(error) is kind
    assert "s3cret" not in str(error)
