"""Checks of the mailboxes that the daemon reads: those of bounces and of newsletters."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from aggregator.config import Config, SecretMissing
from aggregator.config.sections import Mailbox
from aggregator.doctor.finding import Finding, error, ok
from aggregator.doctor.outputs import has_rights, service_user, user_name
from aggregator.recipients import mailbox
from aggregator.recipients.mailbox import MailboxError
from aggregator.services.channels import MailboxTable, imap_settings
from aggregator.system.counts import count_of
from digests.channels.kinds import is_loopback


def check_mailboxes(config: Config, *, offline: bool) -> Iterator[Finding]:
    """Open each mailbox; nothing in it is moved or marked. Offline only those on this machine."""
    tables: dict[MailboxTable, Mailbox] = {"bounces": config.bounces, "newsletters": config.newsletters}
    for name, section in tables.items():
        if section.maildir:
            # Reports are moved when they are read; newsletters stay where they are.
            yield _maildir(name, config.resolve(section.maildir), service_user(config), moves=name == "bounces")
        if section.imap_host and not (offline and not is_loopback(section.imap_host)):
            yield from _imap(config, name)


def _maildir(name: str, folder: Path, user: int, *, moves: bool) -> Finding:
    """Check a Maildir that a user must be able to read; with `moves` also to change."""
    new = folder / "new"
    try:
        exists = new.is_dir()
    except OSError as failure:  # a folder above is closed to the user of this command
        return error(name, f"{new}: {failure.strerror}", f"chown or chmod a folder above {new}")
    if not exists:
        hint = f"check [{name}] maildir: your mail server must deliver there (a folder with new, cur and tmp)"
        return error(name, f"{folder} is no Maildir", hint)
    for part in (new, folder / "cur"):
        if part.is_dir() and not has_rights(part, user, os.R_OK | os.X_OK):
            return error(name, f"{user_name(user)} cannot read {part}", f"chown or chmod {part}")
        if moves and part.is_dir() and not has_rights(part, user, os.W_OK | os.X_OK):
            hint = f"chown or chmod {part}; under systemd also ReadWritePaths= in the unit file"
            return error(name, f"{user_name(user)} cannot move mails in {part}", hint)
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
