"""Whether a call ends the process that makes it is found out in a process of its own."""

from __future__ import annotations

import os
import re
import signal

import pytest

from aggregator.system import alone


def act(what: str) -> None:
    match what:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "crash":
            os.abort()
        case "fill":
            bytearray(1 << 40)
        case "freeze":
            re.match(r"(a+)+$", "a" * 60 + "b")
        case "raise":
            raise ValueError(what)


@pytest.mark.parametrize(
    ("what", "how"),
    [
        ("kill", "ended with status -9"),
        ("crash", "ended with status -6"),
        ("fill", "ended with status -6"),
        ("freeze", "computed longer than 2 s"),
        ("raise", None),
        ("work", None),
    ],
)
def test_what_ends_its_process_is_at_fault(what: str, how: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alone, "SECONDS", 2.0)
    assert alone.fault_of(act, (what,), ("work",)) == (how and f"a process of its own {how}")


def test_nothing_is_proved_where_the_harmless_call_ends_its_process_too() -> None:
    assert alone.fault_of(act, ("kill",), ("kill",)) is None


def test_nothing_is_proved_by_what_cannot_be_sent() -> None:
    assert alone.fault_of(act, (lambda: None,), ("work",)) is None
