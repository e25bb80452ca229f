"""The mailboxes of bounces and newsletters are opened, and what keeps the daemon from reading them is said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aggregator.config import Config, parse
from aggregator.doctor.finding import Level
from aggregator.doctor.mailboxes import check_mailboxes
from tests.support.dovecot import PROGRAM, dovecot
from tests.support.users import unprivileged

MAIL = '[mail]\nsender = "news@example.org"\nhost = "127.0.0.1"\n'
MAILDIR = f'{MAIL}[bounces]\naddress = "bounces@example.org"\nmaildir = "reports"\n'


def config(folder: Path, text: str) -> Config:
    return parse(text, folder / "config.toml")


def imap(port: int, folder: str = "INBOX") -> str:
    return (
        f'[newsletters]\nimap_host = "127.0.0.1"\nimap_port = {port}\nimap_security = "none"\nimap_user = "news"\n'
        f'password_env = "IMAP_SECRET"\nimap_folder = "{folder}"\n'
    )


def test_nothing_is_said_without_a_mailbox(tmp_path: Path) -> None:
    assert list(check_mailboxes(config(tmp_path, ""), offline=False)) == []


def test_a_maildir_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    [finding] = check_mailboxes(config(tmp_path, MAILDIR), offline=True)
    assert (finding.level, finding.subject) == (Level.ERROR, "bounces")
    assert finding.message == f"{tmp_path / 'reports'} is no Maildir"
    assert "check [bounces] maildir" in finding.hint


def test_a_maildir_is_in_order_and_nothing_in_it_moves(tmp_path: Path) -> None:
    new = tmp_path / "reports" / "new"
    new.mkdir(parents=True)
    (new / "1").write_text("Subject: a\n\nb\n", "utf-8")
    [finding] = check_mailboxes(config(tmp_path, MAILDIR), offline=True)
    assert (finding.level, finding.message) == (Level.OK, f"{tmp_path / 'reports'} can be read")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["1"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give the database to another user")
@pytest.mark.parametrize(
    ("section", "mode", "problem"),
    [
        ("bounces", 0o700, "nobody cannot read"),
        ("bounces", 0o755, "nobody cannot move mails in"),
        ("bounces", 0o777, ""),
        ("newsletters", 0o700, "nobody cannot read"),
        ("newsletters", 0o755, ""),
    ],
)
def test_a_maildir_must_be_readable_by_the_user_of_the_service(
    tmp_path: Path, section: str, mode: int, problem: str
) -> None:
    (tmp_path / "data").mkdir()
    os.chown(tmp_path / "data", 65534, 65534)
    for part in ("new", "cur"):
        (tmp_path / "reports" / part).mkdir(parents=True)
        (tmp_path / "reports" / part).chmod(mode)
    text = f'[storage]\nurl = "sqlite:///data/n.db"\n{MAILDIR}'.replace("[bounces]", f"[{section}]")
    if section == "newsletters":
        text = text.replace('address = "bounces@example.org"\n', "")
    [finding] = check_mailboxes(config(tmp_path, text), offline=True)
    assert finding.level is (Level.ERROR if problem else Level.OK)
    assert problem in finding.message


def test_a_maildir_below_a_closed_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "reports" / "new").mkdir(parents=True)
    settings = config(tmp_path, MAILDIR)
    (tmp_path / "reports").chmod(0)
    with unprivileged():
        [finding] = check_mailboxes(settings, offline=True)
    (tmp_path / "reports").chmod(0o700)
    assert (finding.level, finding.message) == (Level.ERROR, f"{tmp_path / 'reports' / 'new'}: Permission denied")


@pytest.mark.skipif(not PROGRAM, reason="dovecot is not installed")
def test_an_imap_folder_is_opened_and_its_errors_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAP_SECRET", "secret")
    with dovecot() as (port, _box):
        [found] = check_mailboxes(config(tmp_path, imap(port)), offline=True)
        assert (found.level, found.message) == (Level.OK, "news at 127.0.0.1, INBOX: 0 messages")
        [missing] = check_mailboxes(config(tmp_path, imap(port, "Lists")), offline=False)
        assert missing.level is Level.ERROR
        assert "folder Lists" in missing.message
        monkeypatch.setenv("IMAP_SECRET", "wrong")
        [refused] = check_mailboxes(config(tmp_path, imap(port)), offline=False)
        monkeypatch.setenv("IMAP_SECRET", "gehe\u00efm")
        [letters] = check_mailboxes(config(tmp_path, imap(port)), offline=False)
    [gone] = check_mailboxes(config(tmp_path, imap(port)), offline=False)
    assert {one.level for one in (refused, gone)} == {Level.ERROR}
    assert "the password in [newsletters]" in refused.hint
    assert letters.level is Level.ERROR
    assert "must be ASCII" in letters.message
    assert "\u00ef" not in letters.message
    elsewhere = config(tmp_path, imap(port).replace("127.0.0.1", "mail.example"))
    assert list(check_mailboxes(elsewhere, offline=True)) == []
