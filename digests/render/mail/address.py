"""Checks mail addresses before they are written into a header or an envelope."""

from __future__ import annotations

import re

from digests.channels.kinds import on_own_network
from digests.errors import BadMessage

_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff<>,;:\"\\()\[\]]")


def address(value: str) -> str:
    """Return `value` with its domain in ASCII (IDNA 2008); BadMessage if it is not one mail address.

    Quoted local parts, comments and address literals are refused: RFC 5321 allows them, but only attackers use them.
    A local part in another script is not changed and needs SMTPUTF8 (RFC 6531).
    """
    if not value or _UNSAFE.search(value) or value.startswith("-"):
        raise BadMessage(f"{value[:80]!a} is not a mail address")
    local, _, domain = value.rpartition("@")
    if on_own_network(domain):  # refused by the library, so the rest is checked with another domain
        return address(f"{local}@machine.example").rpartition("@")[0] + f"@{domain.lower()}"
    from email_validator import EmailNotValidError, validate_email

    try:
        # Only the form is checked; `doctor mail` checks whether a domain has a mail server.
        found = validate_email(value, check_deliverability=False, globally_deliverable=False, allow_empty_local=False)
    except EmailNotValidError as error:
        raise BadMessage(f"{value[:80]!a} is not a mail address: {error}") from error
    return f"{found.local_part}@{found.ascii_domain}"
