"""DNS checks: the published DKIM key verifies our signatures, and the mail server's address has a name (PTR)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from aggregator.config import Config
from aggregator.doctor.finding import Finding, ok, warning
from aggregator.doctor.mail import Lookup, lookup_dns
from aggregator.services.mail_sender import dkim_keys
from digests.errors import BadMessage
from digests.render.mail.signature import DkimKey, dkim_signed, signature_is_valid

_SAMPLE = (
    b"From: %b\r\nTo: %b\r\nSubject: test\r\n"
    b"Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@test>\r\n\r\ntest\r\n"
)


def check_dns(config: Config, lookup: Lookup | None = None) -> Iterator[Finding]:
    """Check the DKIM keys and the PTR records; yields nothing when no digest is sent by mail."""
    if not config.sends_mail():
        return
    lookup = lookup or lookup_dns
    try:
        yield from check_keys(config, lookup)
        yield from check_pointers(config, lookup)
    except OSError as failure:
        yield warning("dns", f"no response: {failure}", "check this machine's DNS")


def check_keys(config: Config, lookup: Lookup) -> Iterator[Finding]:
    """Sign a message with each key and verify it with the published key, as receivers do.

    Raises OSError when DNS does not answer.
    """
    try:
        keys = dkim_keys(config)
    except OSError as failure:
        yield warning("dkim", f"the key cannot be read: {failure}", "check [mail] dkim_key_file")
        return
    for key in keys:
        records = lookup(f"{key.selector}._domainkey.{key.domain}", "TXT")
        if records:  # doctor.mail reports missing records
            yield _verify(config, key, records[0])


def _verify(config: Config, key: DkimKey, record: str) -> Finding:
    name = f"{key.selector}._domainkey.{key.domain}"
    address = config.mail.sender.encode()
    try:
        valid = signature_is_valid(dkim_signed(_SAMPLE % (address, address), key), record.encode())
    except BadMessage as failure:
        return warning("dkim", f"signing failed: {failure}", "check [mail] dkim_key_file, and the extra `dkim`")
    if valid:
        return ok("dkim", f"the key at {name} verifies our signatures")
    return warning(
        "dkim",
        f"the key at {name} does not verify our signatures: receivers will treat our mail as forged",
        "publish the public key of [mail] dkim_key_file there",
    )


def check_pointers(config: Config, lookup: Lookup) -> Iterator[Finding]:
    """Check that each address of the mail server has a name that resolves to it, as receivers require.

    Only the configured server is checked. Where it is a provider's relay, the provider's own addresses matter.
    """
    host = config.mail.host
    if config.mail.transport != "smtp" or not host:
        return
    for address in _addresses(host, lookup):
        names = lookup(ipaddress.ip_address(address).reverse_pointer, "PTR")
        resolving = [name for name in names if address in _addresses(name.rstrip("."), lookup)]
        if resolving:
            yield ok("ptr", f"{address} is {resolving[0].rstrip('.')}, and that name resolves to it")
        else:
            yield warning(
                "ptr",
                f"{address} ({host}) has {'a name that does not resolve to it' if names else 'no name'}",
                "ask the provider of the address to set its PTR record; ignore this for a provider's relay",
            )


def _addresses(host: str, lookup: Lookup) -> list[str]:
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        addresses = [*lookup(host, "A"), *lookup(host, "AAAA")]
    return [address for address in addresses if not ipaddress.ip_address(address).is_private]
