"""Mail into a Maildir: tmp, then new, under a name made of the Message-ID, so that a second delivery is seen and not made."""

from __future__ import annotations

import os
from pathlib import Path

from digests.channels.base import BeforeDot
from digests.channels.files import place, stable_name, troubles, within
from digests.channels.settings import MaildirSettings
from digests.model import Parcel, Receipt


class MaildirChannel:
    """Delivers into the Maildir that the recipient names (https://cr.yp.to/proto/maildir.html); makes it if it is missing."""

    name = "maildir"

    def __init__(self, settings: MaildirSettings) -> None:
        self.settings = settings
        self.server = f"maildir:{settings.root or '/'}"

    def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
        """Write the message; see `Channel.deliver`. One that lies there already, read or not, is not written again."""
        maildir = within(self.settings.root, parcel.recipient)
        name = f"{stable_name(parcel)}.digest"
        with troubles():
            for part in ("tmp", "new", "cur"):
                (maildir / part).mkdir(parents=True, exist_ok=True, mode=0o700)
            there = find(maildir, name)
        if there is not None:
            before_dot()
            return Receipt(f"already there: {there}", self.server)
        target = maildir / "new" / name
        place(parcel.body, maildir / "tmp" / f"{name}.{os.getpid()}", target, before_dot)
        return Receipt(f"written to {target}", self.server)

    def close(self) -> None:
        """Nothing is kept open."""


def find(maildir: Path, name: str) -> Path | None:
    """Find the message in `new`, or in `cur` with any flags that a mail client gave it."""
    if (maildir / "new" / name).exists():
        return maildir / "new" / name
    return next((maildir / "cur").glob(f"{name}*"), None)
