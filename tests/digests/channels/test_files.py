from __future__ import annotations

import errno
import os
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.channels import FolderSettings, MaildirSettings
from digests.channels import files as module
from digests.channels.base import Parcel
from digests.channels.files import AtomChannel, FolderChannel, file_name
from digests.channels.maildir import MaildirChannel
from digests.errors import OutcomeUnknown, RecipientRefused, TemporaryFailure
from tests.conformance.test_channel import feed

PARCEL = Parcel(1, "box", "<daily.1@news.example>", "news@news.example", b"Subject: x\r\n\r\n\xff\x00.\n")


def nothing() -> None:
    """Mark nothing."""


def test_a_maildir_is_made_with_its_three_parts(tmp_path: Path) -> None:
    MaildirChannel(MaildirSettings(tmp_path)).deliver(PARCEL, nothing)
    assert sorted(path.name for path in (tmp_path / "box").iterdir()) == ["cur", "new", "tmp"]
    assert [path.read_bytes() for path in (tmp_path / "box" / "new").iterdir()] == [PARCEL.body]
    assert list((tmp_path / "box" / "tmp").iterdir()) == []


@pytest.mark.parametrize("umask", [0o000, 0o027])
def test_others_never_change_what_was_delivered(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        MaildirChannel(MaildirSettings(tmp_path / "mail")).deliver(PARCEL, nothing)
        FolderChannel(FolderSettings(tmp_path / "web" / "news")).deliver(PARCEL, nothing)
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert {
        mode & 0o077 for path, mode in modes.items() if path.is_dir() and path.is_relative_to(tmp_path / "mail")
    } == {0}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o644 & ~umask}
    assert {mode for path, mode in modes.items() if path.is_dir() and path.is_relative_to(tmp_path / "web")} == {
        0o755 & ~umask
    }


def test_a_message_that_was_read_is_not_delivered_again(tmp_path: Path) -> None:
    channel, box = MaildirChannel(MaildirSettings(tmp_path)), tmp_path / "box"
    channel.deliver(PARCEL, nothing)
    (new,) = (box / "new").iterdir()
    new.rename(box / "cur" / f"{new.name}:2,S")
    assert "already there" in channel.deliver(PARCEL, nothing).detail
    assert list((box / "new").iterdir()) == []
    channel.deliver(replace(PARCEL, message_id="<daily.2@news.example>"), nothing)
    assert len(list((box / "new").iterdir())) == 1


def test_what_the_mark_refuses_leaves_nothing_behind(tmp_path: Path) -> None:
    def refuse() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        FolderChannel(FolderSettings(tmp_path)).deliver(PARCEL, refuse)
    assert list((tmp_path / "box").iterdir()) == []


def test_a_file_is_replaced_at_one_stroke(tmp_path: Path) -> None:
    channel = FolderChannel(FolderSettings(tmp_path))
    parcel = replace(PARCEL, filename="latest.html", media_type="text/html")
    for body in (b"one", b"two"):
        channel.deliver(replace(parcel, body=body), nothing)
    assert [(path.name, path.read_bytes()) for path in (tmp_path / "box").iterdir()] == [("latest.html", b"two")]


def test_a_root_is_not_left(tmp_path: Path) -> None:
    channel = FolderChannel(FolderSettings(tmp_path / "root"))
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path)
    for recipient in ("..", "a/../../b", str(tmp_path), "link/x"):
        with pytest.raises(RecipientRefused, match="outside"):
            channel.deliver(replace(PARCEL, recipient=recipient), nothing)
    channel.deliver(replace(PARCEL, recipient=str(tmp_path / "root" / "inside")), nothing)
    assert [path.name for path in tmp_path.iterdir()] == ["root"]


def test_without_a_root_any_folder_may_be_named(tmp_path: Path) -> None:
    FolderChannel(FolderSettings()).deliver(replace(PARCEL, recipient=str(tmp_path / "any")), nothing)
    assert len(list((tmp_path / "any").iterdir())) == 1


def test_a_full_disk_passes_a_bad_path_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = FolderChannel(FolderSettings(tmp_path))

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(module.os, "fsync", full)
        with pytest.raises(TemporaryFailure, match="No space"):
            channel.deliver(PARCEL, nothing)
    (tmp_path / "file").touch()
    with pytest.raises(RecipientRefused):
        channel.deliver(replace(PARCEL, recipient="file"), nothing)
    assert list((tmp_path / "box").iterdir()) == []


def test_a_folder_that_cannot_be_flushed_leaves_an_unknown_outcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EIO, "I/O error")

    monkeypatch.setattr(module.os, "fsync", broken)
    with pytest.raises(OutcomeUnknown, match="I/O error"):
        FolderChannel(FolderSettings(tmp_path)).deliver(PARCEL, nothing)


@pytest.mark.parametrize(
    ("given_name", "media_type", "expected"),
    [
        ("", "text/html", "daily.1@news.example.html"),
        ("", "application/x-odd", "daily.1@news.example.bin"),
        ("../../etc/passwd", "text/html", "etc-passwd"),
        (".hidden", "text/html", "hidden"),
        ("a b\nc.html", "text/html", "a-b-c.html"),
        ("новости.html", "text/html", "новости.html"),
    ],
)
def test_file_names(given_name: str, media_type: str, expected: str) -> None:
    assert file_name(replace(PARCEL, filename=given_name, media_type=media_type)) == expected


@given(st.text(max_size=400), st.text(max_size=400))
def test_any_name_is_one_visible_file_in_the_folder(name: str, message_id: str) -> None:
    made = file_name(replace(PARCEL, filename=name, message_id=message_id))
    assert made
    assert "/" not in made
    assert "\0" not in made
    assert not made.startswith(".")
    assert len(made.encode()) <= 200


def test_two_writers_of_one_feed_take_turns(tmp_path: Path) -> None:
    """The older is held up at its mark; the newer, begun meanwhile, must not be written over when the older goes on."""
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        held.set()
        go_on.wait(30)

    parcels = [Parcel(day, "box", f"<{day}@x>", "", feed(day), "application/atom+xml", "morning.xml") for day in (4, 5)]
    older = threading.Thread(target=AtomChannel(FolderSettings(tmp_path)).deliver, args=(parcels[0], hold))
    newer = threading.Thread(target=AtomChannel(FolderSettings(tmp_path)).deliver, args=(parcels[1], nothing))
    older.start()
    assert held.wait(30)
    newer.start()
    newer.join(0.2)  # without turns it would be done
    go_on.set()
    older.join(30)
    newer.join(30)
    assert (tmp_path / "box" / "morning.xml").read_bytes() == feed(5)


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / ".x.html.part").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RecipientRefused):
        FolderChannel(FolderSettings(tmp_path)).deliver(replace(PARCEL, filename="x.html"), nothing)
    assert not (tmp_path / "elsewhere").exists()
