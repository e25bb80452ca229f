"""Checks DNS against what the program does: the published DKIM key verifies its signature, and the server has a name (PTR)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from aggregator.config import Config
from aggregator.doctor.finding import Finding, ok, warning
from aggregator.doctor.mail import Lookup, resolve
from aggregator.services.editions import dkim_keys
from digests.errors import BadMessage
from digests.render.mail.signature import DkimKey, sign, verifies

_SAMPLE = b"From: %b\r\nTo: %b\r\nSubject: test\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@test>\r\n\r\ntest\r\n"


def check(config: Config, lookup: Lookup | None = None) -> Iterator[Finding]:
    """Check both; nothing when no digest goes by mail."""
    if not config.sends_mail():
        return
    find = lookup or resolve
    try:
        yield from dkim(config, find)
        yield from reverse(config, find)
    except OSError as failure:
        yield warning("dns", f"no answer: {failure}", "check this machine's DNS")


def dkim(config: Config, lookup: Lookup) -> Iterator[Finding]:
    """Sign a message with each key and verify it by the published one, as receivers do.

    Raises OSError when DNS does not answer.
    """
    try:
        keys = dkim_keys(config)
    except OSError as failure:
        yield warning("dkim", f"the key cannot be read: {failure}", "check [mail] dkim_key_file")
        return
    for key in keys:
        records = lookup(f"{key.selector}._domainkey.{key.domain}", "TXT")
        if records:  # the check of the records reports that there are none
            yield _verified(config, key, records[0])


def _verified(config: Config, key: DkimKey, record: str) -> Finding:
    name = f"{key.selector}._domainkey.{key.domain}"
    address = config.mail.sender.encode()
    try:
        fits = verifies(sign(_SAMPLE % (address, address), key), record.encode())
    except BadMessage as failure:
        return warning("dkim", f"nothing can be signed: {failure}", "check [mail] dkim_key_file, and the extra `dkim`")
    if fits:
        return ok("dkim", f"the key at {name} verifies what we sign")
    return warning(
        "dkim",
        f"the key at {name} does not verify what we sign: receivers will take our mail for forged",
        "publish the public half of [mail] dkim_key_file there",
    )


def reverse(config: Config, lookup: Lookup) -> Iterator[Finding]:
    """Check that the addresses of the mail server have names that lead back to them, as receivers require.

    Seen is the server we hand mail to; where a provider relays, its own addresses count and are its business.
    """
    host = config.mail.host
    if config.mail.transport != "smtp" or not host:
        return
    for address in _addresses(host, lookup):
        names = lookup(ipaddress.ip_address(address).reverse_pointer, "PTR")
        back = [name for name in names if address in _addresses(name.rstrip("."), lookup)]
        if back:
            yield ok("ptr", f"{address} is {back[0].rstrip('.')}, and that name leads back to it")
        else:
            yield warning(
                "ptr",
                f"{address} ({host}) has {'a name that does not lead back to it' if names else 'no name'}",
                "have whoever gave you the address set its reverse record (PTR); with a provider's relay there is nothing to do",
            )


def _addresses(host: str, lookup: Lookup) -> list[str]:
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        found = [*lookup(host, "A"), *lookup(host, "AAAA")]
    return [one for one in found if not ipaddress.ip_address(one).is_private]
