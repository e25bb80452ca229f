"""A test message: built, signed and sent as digests are, but not through the outbox, for an immediate result."""

from __future__ import annotations

from datetime import datetime

from aggregator.config import Config
from aggregator.doctor.finding import Finding, error, ok
from aggregator.operator.letters import post
from aggregator.pipeline.letters import Letter, outbox_letter
from aggregator.services.channels import configured_channel
from aggregator.services.mail_sender import mail_sender
from aggregator.store.records import Purpose
from digests.channels.kinds import Channels
from digests.channels.recipient import Recipient
from digests.errors import BadMessage

_LINES = (
    "This is a test message, sent as digests are. It arrived, so mail can be sent.",
    "Check its headers for the results of SPF, DKIM and DMARC.",
)


def send_test_message(config: Config, address: str, now: datetime) -> Finding:
    """Send a message to a mail address and return what the server said."""
    if not config.sends_mail():
        return error(
            "test",
            f"nothing was sent to {address}: no digest is sent by mail",
            "add recipients to a digest's `to`, and a host to [mail]",
        )
    letter = Letter(Recipient(Channels.MAIL.value, address), Purpose.OPERATOR, "A test from your digests", _LINES)
    try:
        message = outbox_letter(letter, mail_sender(config, ()), now)
    except (OSError, BadMessage) as failure:
        return error("test", f"the message could not be built: {failure}", "check [mail] sender and dkim_key_file")
    if post(lambda: configured_channel(config, Channels.MAIL), message):
        return ok("test", f"the server accepted a message to {address}; check whether it arrives, and in which folder")
    return error("test", f"no message could be sent to {address}", "fix the problems above, and try again")
