from __future__ import annotations

import os
import select
from contextlib import suppress
from pathlib import Path

import pytest

from digests.channels import SendmailSettings
from digests.channels.base import Parcel
from digests.channels.sendmail import SendmailChannel
from digests.errors import BadMessage, ChannelError, OutcomeUnknown, RecipientRefused, ServerBusy, TemporaryFailure

PARCEL = Parcel(1, "reader@example.com", "<1@news.example>", "news@news.example", b"Subject: x\r\n\r\n.\r\nthe end\r\n")


def nothing() -> None:
    """Mark nothing."""


def program(folder: Path, script: str) -> SendmailChannel:
    path = folder / "sendmail"
    path.write_text(f"#!/bin/sh\ncd {folder} || exit 71\n{script}\n")
    path.chmod(0o755)
    return SendmailChannel(SendmailSettings(path, seconds=5))


def test_the_envelope_is_on_the_command_line(tmp_path: Path) -> None:
    receipt = program(tmp_path, 'for a in "$@"; do echo "$a"; done > args; cat > body; echo queued as 7').deliver(
        PARCEL, nothing
    )
    expected = ["-i", "-f", "news@news.example", "--", "reader@example.com"]
    assert (tmp_path / "args").read_text().splitlines() == expected
    assert (tmp_path / "body").read_bytes() == PARCEL.body.replace(b"\r\n", b"\n")
    assert receipt.detail == "queued as 7"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (os.EX_USAGE, BadMessage),
        (os.EX_DATAERR, BadMessage),
        (os.EX_NOUSER, RecipientRefused),
        (os.EX_NOHOST, RecipientRefused),
        (os.EX_UNAVAILABLE, TemporaryFailure),
        (os.EX_OSERR, TemporaryFailure),
        (os.EX_TEMPFAIL, TemporaryFailure),
        (os.EX_CONFIG, ServerBusy),
        (1, TemporaryFailure),
    ],
)
def test_what_an_exit_status_means(tmp_path: Path, status: int, error: type[ChannelError]) -> None:
    with pytest.raises(ChannelError, match="the reason") as caught:
        program(tmp_path, f"echo the reason >&2; exit {status}").deliver(PARCEL, nothing)
    assert type(caught.value) is error


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    channel, child = program(tmp_path, "sleep 600 & echo $! > child; wait"), tmp_path / "child"
    for seconds in (0.5, 5.0, 50.0):  # until the program came as far as its child
        channel.settings = SendmailSettings(channel.settings.program, seconds=seconds)
        with pytest.raises(OutcomeUnknown, match=f"{seconds:g} s"):
            channel.deliver(PARCEL, nothing)
        if child.exists() and child.read_text().strip():
            break
    with suppress(ProcessLookupError):  # gone already
        ending = os.pidfd_open(int(child.read_text()))
        assert select.select([ending], [], [], 60)[0]
        os.close(ending)


def test_no_program(tmp_path: Path) -> None:
    with pytest.raises(ServerBusy, match="cannot run"):
        SendmailChannel(SendmailSettings(tmp_path / "none")).deliver(PARCEL, nothing)
