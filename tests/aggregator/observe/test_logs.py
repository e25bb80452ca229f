"""Logs: one record a line, in two forms, with every secret cut."""

import io
import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.observe.logs import JsonFormatter, RepetitionLimit, TextFormatter, setup
from aggregator.observe.redact import Redactor


def record(message: str, *args: object, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("aggregator.poll", logging.INFO, "x.py", 1, message, args, None)
    made.created = 0.5
    made.msecs = 500.0
    made.fields = fields
    return made


def text(made: logging.LogRecord) -> str:
    return TextFormatter(Redactor(["hunter2"])).format(made)


def test_a_text_line_has_time_level_room_message_and_fields():
    line = text(record("polled %s", "x", feed="A b", new=3, url="https://a.example/f?x=1&y=2"))
    assert (
        line
        == '1970-01-01T00:00:00.500Z info aggregator.poll: polled x feed="A b" new=3 url="https://a.example/f?x=1&y=2"'
    )


def test_a_json_line_has_the_same_under_stable_keys():
    line = json.loads(
        JsonFormatter(Redactor(["hunter2"])).format(record("login %s", "hunter2", token="hunter2", new=3))
    )
    assert line == {
        "time": "1970-01-01T00:00:00.500Z",
        "level": "info",
        "logger": "aggregator.poll",
        "message": "login ***",
        "token": "***",
        "new": 3,
    }


@given(st.text(), st.text())
def test_no_text_forges_a_second_record(message, value):
    line = text(record("%s", message, value=value))
    assert "\n" not in line
    assert "\r" not in line
    assert "\x1b" not in line


@given(st.text(), st.text())
def test_json_stays_json(message, value):
    assert (
        json.loads(JsonFormatter(Redactor(["\\", '"', "abcd"])).format(record("%s", message, value=value)))["level"]
        == "info"
    )


def test_a_secret_in_a_traceback_is_cut():
    with pytest.raises(ValueError, match="refused") as caught:
        int("password hunter2 refused")
    made = record("failed")
    made.exc_info = (caught.type, caught.value, caught.tb)
    assert "hunter2" not in text(made)
    assert "ValueError" in text(made)
    assert "hunter2" not in JsonFormatter(Redactor(["hunter2"])).format(made)


@pytest.mark.parametrize(
    ("given_", "left"),
    [
        ("postgresql://me:pa55@db/news", "postgresql://me:***@db/news"),
        ("https://u:p@example.org/x", "https://u:***@example.org/x"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("{'authorization': 'Basic Zm9v'}", "{'authorization': 'Basic ***'}"),
        ("GET /feed?token=abc123&x=1", "GET /feed?token=***&x=1"),
        ("password=secret1, user=me", "password=***, user=me"),
        ("AUTH PLAIN AGZvbwBiYXI=", "AUTH PLAIN ***"),
        ("nothing to hide: 12 tokens spent", "nothing to hide: 12 tokens spent"),
        ("https://example.org/a:b@c", "https://example.org/a:b@c"),
    ],
)
def test_secrets_are_known_by_where_they_stand(given_, left):
    assert Redactor()(given_) == left


def test_a_known_secret_is_cut_wherever_it_is_and_longer_ones_first():
    redact = Redactor(["hunter", "hunter2", "abc"])
    assert redact("xhunter2x hunter abc") == "x***x *** abc"


def test_setting_up_twice_logs_once():
    before = logging.getLogger().level
    stream = io.StringIO()
    setup(logging.INFO, "json", io.StringIO(), Redactor())
    handler = setup(logging.INFO, "text", stream, Redactor())
    try:
        logging.getLogger("aggregator.test").info("once", extra={"fields": {"n": 1}})
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(before)
    assert stream.getvalue().count("once n=1") == 1


def emitted(**more: object) -> logging.LogRecord:
    made = logging.LogRecord("asyncio", logging.ERROR, "x.py", 1, "socket.accept() out of system resource", (), None)
    made.__dict__.update(more)
    return made


def test_what_strangers_can_repeat_is_written_a_few_times_a_minute_and_counted() -> None:
    limit = RepetitionLimit(most=10, seconds=60)
    error = (OSError, OSError(24, "Too many open files"), None)
    assert sum(limit.filter(emitted(created=n / 1000, exc_info=error)) for n in range(50_000)) == 10
    assert limit.filter(emitted(created=1.0, msg="another")), "another message is another kind"
    later = emitted(created=61.0, exc_info=error)
    assert limit.filter(later)
    assert later.__dict__["fields"] == {"left_out": 49_990}


def test_our_own_facts_are_all_written() -> None:
    limit = RepetitionLimit(most=1)
    assert all(limit.filter(emitted(created=1.0, fields={"feed": n})) for n in range(1000))
    assert all(limit.filter(emitted(created=1.0, msg=f"kind {n}")) for n in range(3000)), "kinds are not kept for ever"
