"""Delivers mail into a Maildir, under a name made of the Message-ID, so that a second delivery is recognized."""

from __future__ import annotations

import os
from pathlib import Path

from digests.channels.base import BeforeDot, Parcel, Receipt
from digests.channels.files import channel_errors, make_folder, recipient_folder, stable_name, write_durably
from digests.channels.settings import MaildirSettings


class MaildirChannel:
    """Delivers into the recipient's Maildir (https://cr.yp.to/proto/maildir.html); creates it if it is missing."""

    name = "maildir"

    def __init__(self, settings: MaildirSettings) -> None:
        self.settings = settings
        self.server = f"maildir:{settings.root or '/'}"

    def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
        """Write the message; see `Channel.deliver`. An existing message, read or not, is not written again."""
        maildir = recipient_folder(self.settings.root, parcel.recipient)
        name = f"{stable_name(parcel)}.digest"
        with channel_errors():
            for part in ("tmp", "new", "cur"):
                make_folder(maildir / part, 0o700)
            there = existing_message(maildir, name)
        if there is not None:
            before_dot()
            return Receipt(f"already there: {there}", self.server)
        target = maildir / "new" / name
        write_durably(parcel.body, maildir / "tmp" / f"{name}.{os.getpid()}", target, before_dot)
        return Receipt(f"written to {target}", self.server)

    def close(self) -> None:
        """Nothing is kept open."""


def existing_message(maildir: Path, name: str) -> Path | None:
    """Return the message's file in `new`, or in `cur` with any flags that a mail client added."""
    if (maildir / "new" / name).exists():
        return maildir / "new" / name
    return next((maildir / "cur").glob(f"{name}*"), None)
