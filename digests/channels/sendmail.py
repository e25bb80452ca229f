"""Sends mail through a sendmail-compatible program, which queues the message or gives the reason by its exit status."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile

from digests.channels.base import BeforeDot, Parcel, Receipt
from digests.channels.settings import SendmailSettings
from digests.channels.smtp import envelope_of
from digests.errors import (
    BadMessage,
    ChannelError,
    OutcomeUnknown,
    RecipientRefused,
    ServerBusy,
    TemporaryFailure,
)

# The exit statuses of sysexits.h that mean an error; after any other the delivery is tried again.
_STATUSES: dict[int, tuple[type[ChannelError], str]] = {
    os.EX_USAGE: (BadMessage, "usage"),
    os.EX_DATAERR: (BadMessage, "data format error"),
    os.EX_NOUSER: (RecipientRefused, "no such user"),
    os.EX_NOHOST: (RecipientRefused, "no such host"),
    os.EX_CONFIG: (ServerBusy, "configuration error"),
    os.EX_NOPERM: (ServerBusy, "permission denied"),
}
_BAD_ADDRESS = {os.EX_NOUSER: "5.1.1", os.EX_NOHOST: "5.1.2"}


class SendmailChannel:
    """Runs the program for each parcel, with the envelope on its command line and the message on its standard input."""

    name = "sendmail"

    def __init__(self, settings: SendmailSettings) -> None:
        self.settings = settings
        self.server = f"sendmail:{settings.program}"

    def deliver(self, parcel: Parcel, before_dot: BeforeDot) -> Receipt:
        """Queue the message; see `Channel.deliver`.

        The message is written to a file before the program starts. Through a pipe, a crash of this process would look
        like the end of the message, and the program would send half of it.
        """
        envelope = envelope_of(parcel)
        command = [str(self.settings.program), "-i", "-f", envelope.sender or "<>", "--", envelope.recipient]
        with tempfile.TemporaryFile() as message:
            message.write(envelope.body.replace(b"\r\n", b"\n"))  # the program expects LF and restores CR LF
            message.seek(0)
            before_dot()
            status, output = self._run(command, message.fileno())
        if status == os.EX_OK:
            return Receipt(output or "queued", self.server)
        if status < 0:
            raise OutcomeUnknown(f"the program was killed by signal {-status}")
        kind, meaning = _STATUSES.get(status, (TemporaryFailure, "not now"))
        raise kind(f"exit status {status}, {meaning}: {output}".rstrip(": "), status=_BAD_ADDRESS.get(status))

    def close(self) -> None:
        """Nothing is kept open."""

    def _run(self, command: list[str], message: int) -> tuple[int, str]:
        try:
            process = subprocess.Popen(  # noqa: S603 - the operator's program; addresses are checked and follow `--`
                command,
                stdin=message,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C does not reach it, and its children end with it
            )
        except OSError as error:
            raise ServerBusy(f"cannot run {command[0]}: {error.strerror}") from error
        with process:
            try:
                output, _ = process.communicate(timeout=self.settings.seconds)
            except subprocess.TimeoutExpired as error:
                os.killpg(process.pid, signal.SIGKILL)
                raise OutcomeUnknown(f"the program was not done after {self.settings.seconds:g} s") from error
        return process.returncode, " ".join(output.decode("utf-8", "replace").split())[:500]
