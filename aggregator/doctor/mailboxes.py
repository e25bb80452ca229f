"""Checks of the mailboxes that the daemon reads: those of bounces and of newsletters."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from aggregator.config import Config, SecretMissing
from aggregator.config.sections import Mailbox
from aggregator.doctor.finding import Finding, error, ok
from aggregator.doctor.outputs import may_write, service_user, user_name
from aggregator.recipients import mailbox
from aggregator.recipients.mailbox import MailboxError
from aggregator.services.channels import MailboxTable, imap_settings
from aggregator.system.counts import count_of
from digests.channels.settings import is_loopback


def check_mailboxes(config: Config, *, offline: bool) -> Iterator[Finding]:
    """Open each mailbox; nothing in it is moved or marked. Offline only those on this machine."""
    tables: dict[MailboxTable, Mailbox] = {"bounces": config.bounces, "newsletters": config.newsletters}
    for name, section in tables.items():
        if section.maildir:
            # Reports are moved when they are read; newsletters stay where they are.
            yield _maildir(name, config.resolve(section.maildir), service_user(config) if name == "bounces" else None)
        if section.imap_host and not (offline and not is_loopback(section.imap_host)):
            yield from _imap(config, name)


def _maildir(name: str, folder: Path, mover: int | None) -> Finding:
    """Check a Maildir, which the user `mover` must be able to change."""
    if not (folder / "new").is_dir():
        hint = f"check [{name}] maildir: your mail server must deliver there (a folder with new, cur and tmp)"
        return error(name, f"{folder} is no Maildir", hint)
    for part in (folder / "new", folder / "cur") if mover is not None else ():
        if mover is not None and part.is_dir() and not may_write(part, mover):
            hint = f"chown or chmod {part}; under systemd also ReadWritePaths= in the unit file"
            return error(name, f"{user_name(mover)} cannot move mails in {part}", hint)
    if not os.access(folder / "new", os.R_OK | os.X_OK):
        return error(name, f"{folder / 'new'} cannot be read", f"chown or chmod {folder / 'new'}")
    return ok(name, f"{folder} can be read")


def _imap(config: Config, name: MailboxTable) -> Iterator[Finding]:
    try:
        settings = imap_settings(config, name)
    except SecretMissing:
        return  # reported by the check of the secrets
    try:
        messages = mailbox.imap_messages(settings)
    except MailboxError as failure:
        hint = f"check imap_host, imap_security, imap_user, imap_folder and the password in [{name}]"
        yield error(name, str(failure), hint)
    else:
        yield ok(name, f"{settings.user} at {settings.host}, {settings.folder}: {count_of(messages, 'message')}")
