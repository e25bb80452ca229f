"""Files of the program are readable by their owner only, whatever the umask."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.store import open_database
from aggregator.store.backup.sqlite import backup
from aggregator.store.meta import put
from aggregator.system.files import make_private, make_private_folder, opened_private, write_private
from tests.support.apps import DIGEST
from tests.support.programs import aggregator


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(folder: Path) -> set[str]:
    return {oct(path.stat().st_mode & 0o777) for path in folder.iterdir()}


def test_a_database_its_log_and_its_backup_are_private(tmp_path: Path, umask: int) -> None:
    folder = tmp_path / "state" / "deeper"
    db = open_database(str(folder / "a.db"))
    put(db, "key", "value")
    backup(db, folder / "copy.db")
    assert {path.name for path in folder.iterdir()} >= {"a.db", "a.db-wal", "copy.db"}
    assert modes(folder) == {"0o600"}
    assert modes(tmp_path) == modes(tmp_path / "state") == {"0o700"}
    db.close()


def test_an_older_database_becomes_private(tmp_path: Path, umask: int) -> None:
    first = open_database(str(tmp_path / "a.db"))
    put(first, "key", "value")
    for path in tmp_path.iterdir():
        path.chmod(0o644)
    second = open_database(str(tmp_path / "a.db"))
    assert modes(tmp_path) == {"0o600"}
    first.close()
    second.close()


def test_a_file_is_private_before_anything_is_in_it(tmp_path: Path, umask: int) -> None:
    write_private(tmp_path / "new", b"secret")
    (tmp_path / "old").write_bytes(b"longer than the new one")
    (tmp_path / "old").chmod(0o666)
    write_private(tmp_path / "old", b"secret")
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"secret"}
    assert modes(tmp_path) == {"0o600"}


def test_what_exists_or_cannot_be_changed_is_left_to_the_next_step(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_private_folder(tmp_path)
    make_private(tmp_path / "none")
    make_private(tmp_path / "none" / "deeper", create=True)
    assert tmp_path.stat().st_mode & 0o777 == 0o755
    assert list(tmp_path.iterdir()) == []


def test_a_new_file_is_none_that_others_hold(tmp_path: Path) -> None:
    target, link = tmp_path / "export", tmp_path / "link"
    target.write_bytes(b"")
    link.symlink_to(target)
    with target.open("rb") as held:
        write_private(link, b"secret")
        assert held.read() == b"", "who opened the earlier file reads nothing of the new one"
    assert target.read_bytes() == b"secret"
    assert {path.name for path in tmp_path.iterdir()} == {"export", "link"}


def test_a_pipe_is_written_to_and_keeps_its_rights(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    pipe.chmod(0o622)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    make_private(pipe)
    write_private(pipe, b"data")
    assert os.read(reader, 10) == b"data"
    os.close(reader)
    assert pipe.stat().st_mode & 0o777 == 0o622


def test_no_file_is_left_where_writing_fails(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_private(tmp_path / "folder", b"secret")
    with pytest.raises(FileNotFoundError):
        write_private(tmp_path / "none" / "file", b"secret")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_no_command_makes_what_others_can_change(tmp_path: Path) -> None:
    """Every file that the commands write, under an umask that takes nothing away."""
    before = os.umask(0o000)
    try:
        assert aggregator("demo", "--out", "demo", folder=tmp_path).returncode == 0
        assert aggregator("init", "state", folder=tmp_path).returncode == 0
        target = tmp_path / "state" / "config.toml"
        target.write_text(f'[storage]\nurl = "sqlite:///db/news.db"\n{DIGEST}')
        for command in (
            ("doctor",),
            ("export", "subscriptions.opml"),
            ("recipients", "export", "recipients.csv"),
            ("backup", "copy.db"),
            ("digest", "daily", "--out", "pages/daily.html"),
        ):
            aggregator(*command, folder=tmp_path / "state")
    finally:
        os.umask(before)
    modes = {str(path.relative_to(tmp_path)): path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert {"state/db/news.db", "state/copy.db", "state/subscriptions.opml", "state/recipients.csv"} <= modes.keys()
    assert {"state/pages/daily.html", "demo/config.toml", "demo/demo.db"} <= modes.keys()
    assert {name for name, mode in modes.items() if mode & 0o077 and not name.startswith("demo/delivered")} == set()
    assert {name for name, mode in modes.items() if mode & 0o022} == set()


def test_a_full_disk_is_reported_with_the_file_and_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "kept.txt"
    target.write_bytes(b"before")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        with pytest.raises(OSError, match="kept") as failed:
            write_private(target, b"x" * 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert failed.value.filename == str(target)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]
    assert target.read_bytes() == b"before"
    with pytest.raises(OSError, match="/dev/full"):
        write_private(Path("/dev/full"), b"x")


def test_an_error_about_another_file_keeps_its_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="source"), opened_private(tmp_path / "out"):
        (tmp_path / "source").read_bytes()


@pytest.mark.parametrize("special", [False, True])
def test_an_error_of_another_file_keeps_its_name(tmp_path: Path, special: bool) -> None:
    target, source = tmp_path / "target", tmp_path / "missing"
    reader = -1
    if special:
        os.mkfifo(target)
        reader = os.open(target, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(FileNotFoundError) as caught, opened_private(target) as file:
        file.write(source.read_bytes())
    assert caught.value.filename == str(source)
    if special:
        os.close(reader)
        assert target.is_fifo(), "it is not removed"
