"""Sends mail by SMTP (RFC 5321) and LMTP (RFC 2033), with one recipient a transaction; connections are reused."""

from __future__ import annotations

import re
from email.utils import parseaddr

import idna

from digests.channels.base import BeforeDot, Parcel, Receipt
from digests.channels.replies import Stage
from digests.channels.session import Envelope, Session
from digests.channels.settings import LmtpSettings, SmtpSettings
from digests.channels.wire import Reply, body_with_crlf
from digests.errors import BadMessage, ChannelError, RecipientRefused

# Not allowed between the angle brackets: control characters, blanks and angle brackets.
_UNFIT = re.compile(r"[\x00-\x20\x7f<>\u0080-\u00a0\u2028\u2029]")


class SmtpChannel:
    """Delivers through one server. Connects for the first parcel, and again if the server has closed the connection."""

    name = "smtp"

    def __init__(self, settings: SmtpSettings | LmtpSettings) -> None:
        self.settings = settings
        self.server = settings.server
        self._session: Session | None = None

    def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
        """Send the message to the server; see `Channel.deliver`."""
        envelope = envelope_of(parcel)
        session, reused = self._ready()
        try:
            reply = self._send(session, envelope, before_dot)
        except ChannelError:
            if not reused or not session.unusable or session.stage is not Stage.SENDER:
                raise
            # Some servers end a connection after N messages, with or without 421. If it is this message that is
            # refused, the new connection shows it again.
            session, _ = self._ready()
            reply = self._send(session, envelope, before_dot)
        return Receipt(reply.text, self.server)

    def _send(self, session: Session, envelope: Envelope, before_dot: BeforeDot) -> Reply:
        try:
            return session.send(envelope, before_dot)
        finally:
            if session.unusable:
                self.close()

    def close(self) -> None:
        """Send QUIT and close the connection."""
        if self._session is not None:
            self._session.quit()
        self._session = None

    def _ready(self) -> tuple[Session, bool]:
        """Return a usable session, and whether it was used before."""
        old = self._session
        if old is not None and not old.unusable and old.sent < self.settings.max_messages and old.alive():
            return old, True
        self.close()
        self._session = Session.open(self.settings)
        return self._session, False


class LmtpChannel(SmtpChannel):
    """Delivers to a local agent, which replies for each recipient: once, with one recipient a transaction."""

    name = "lmtp"


def envelope_of(parcel: Parcel) -> Envelope:
    """Return the envelope of a parcel: addresses checked, domains as A-labels, line ends as CR LF.

    Raises RecipientRefused or BadMessage.
    """
    try:
        body = body_with_crlf(parcel.body)
        sender = _address(_without_name(parcel.sender)) if parcel.sender else ""
    except ValueError as error:
        raise BadMessage(str(error)) from error
    try:
        return Envelope(sender, _address(parcel.recipient), body)
    except ValueError as error:
        raise RecipientRefused(str(error), status="5.1.3") from error


def _without_name(sender: str) -> str:
    """Return the address of `Name <address>`, or of an address alone."""
    return parseaddr(sender)[1] if sender.endswith(">") and sender.isprintable() else sender


def _address(text: str) -> str:
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain or _UNFIT.search(text):
        raise ValueError(f"not a mail address: {text[:100]!r}")
    if len(local.encode()) > 64 or len(domain.encode()) > 255:  # RFC 5321 section 4.5.3.1
        raise ValueError(f"the address is too long: {text[:100]!r}")
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode()
        except idna.IDNAError as error:
            raise ValueError(f"not a domain: {domain[:100]!r}: {error}") from error
    return f"{local}@{domain}"
