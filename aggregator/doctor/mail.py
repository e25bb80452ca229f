"""Mail checks: the server responds, TLS and login work, the DNS records exist. Nothing is sent."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace

from aggregator.config import Config, SecretMissing
from aggregator.doctor.finding import Finding, error, ok, warning
from aggregator.services.channels import mail_settings
from digests.channels import LmtpSettings, SendmailSettings, SmtpSettings, Timeouts
from digests.channels.session import Session
from digests.errors import ChannelError, EncryptionFailed, LoginRefused

SECONDS = 15.0
_TIMEOUTS = Timeouts(connect=SECONDS, greeting=SECONDS, command=SECONDS)
Lookup = Callable[[str, str], list[str]]
"""(name, record type) -> the records as text; empty when there are none. Raises OSError when DNS fails."""


def check_mail(config: Config, lookup: Lookup | None = None) -> Iterator[Finding]:
    """Check the mail server and DNS, if a digest is sent by mail."""
    if not config.sends_mail():
        yield ok("mail", "no digest is sent by mail")
        return
    yield from check_server(config)
    yield from check_records(config, lookup or lookup_dns)
    if not config.mail.owner:
        yield warning("mail", "nobody gets a message when mail cannot be sent", "set [mail] owner to your address")


def check_server(config: Config) -> Iterator[Finding]:
    """Connect, encrypt and log in as a delivery does, then quit."""
    try:
        settings = mail_settings(config)
    except SecretMissing as failure:
        yield error("mail", f"nothing can be sent: {failure}", failure.hint)
        return
    if isinstance(settings, SendmailSettings):
        yield _sendmail(settings)
    elif isinstance(settings, SmtpSettings | LmtpSettings):
        yield _server(settings)


def _server(settings: SmtpSettings | LmtpSettings) -> Finding:
    address = settings.server.partition("://")[2]
    try:
        Session.open(replace(settings, timeouts=_TIMEOUTS)).quit()
    except LoginRefused as failure:
        hint = "check [mail] user and the password; some providers require an app password"
        return error("mail", f"{address} refuses the login: {failure.message}", hint)
    except EncryptionFailed as failure:
        hint = 'check [mail] host and security: "tls" on port 465, "starttls" on 587'
        return error("mail", f"{address}: encryption failed: {failure.message}", hint)
    except ChannelError as failure:
        hint = "check [mail] host, port or socket, and that no firewall blocks it"
        return error("mail", f"{address} cannot be reached: {failure.message}", hint)
    return ok("mail", f"{address}: {_connection(settings)}")


def _sendmail(settings: SendmailSettings) -> Finding:
    if os.access(settings.program, os.X_OK):
        return ok("mail", f"{settings.program} can be run")
    hint = "install a mail server, or set the program in [mail] command"
    return error("mail", f"{settings.program} cannot be run", hint)


def _connection(settings: SmtpSettings | LmtpSettings) -> str:
    if isinstance(settings, LmtpSettings):
        return "connected (lmtp)"
    encryption = "without encryption" if settings.security == "none" else settings.security
    return f"connected{', logged in' if settings.user else ''} ({encryption})"


def check_records(config: Config, lookup: Lookup) -> Iterator[Finding]:
    """Check the sender's records: MX (for replies), SPF (RFC 7208), DMARC (RFC 7489), DKIM (RFC 6376)."""
    domain = config.mail.sender.rpartition("@")[2]
    wanted: list[tuple[str, str, str, str, str]] = [
        ("MX", domain, "MX", "", "add an MX record; replies and bounces cannot be delivered without it"),
        (
            "SPF",
            domain,
            "TXT",
            "v=spf1",
            f'add a TXT record at {domain} such as "v=spf1 mx -all" that covers your mail server',
        ),
        (
            "DMARC",
            f"_dmarc.{domain}",
            "TXT",
            "v=dmarc1",
            f'add a TXT record at _dmarc.{domain} such as "v=DMARC1; p=none"',
        ),
    ]
    for selector in config.mail.dkim_selector:
        name = f"{selector}._domainkey.{config.mail.dkim_domain or domain}"
        wanted.append(("DKIM", name, "TXT", "", f"publish the public key as a TXT record at {name}"))
    for label, name, kind, prefix, hint in wanted:
        try:
            records = [record for record in lookup(name, kind) if record.lower().startswith(prefix)]
        except OSError as failure:
            yield warning("dns", f"{label} of {name} cannot be looked up: {failure}", "check this machine's DNS")
            return
        if records:
            yield ok("dns", f"{label}: {records[0][:120]}")
        else:
            yield warning("dns", f"{name} has no {label} record: mail may be treated as spam", hint)


def lookup_dns(name: str, kind: str) -> list[str]:
    """Look up DNS records with dnspython. Raises OSError when no server responds, or dnspython is not installed."""
    try:
        import dns.exception
        import dns.resolver
    except ImportError as failure:
        raise OSError("dnspython is not installed") from failure
    try:
        answer = dns.resolver.resolve(name, kind, lifetime=SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as failure:
        raise OSError(str(failure)) from failure
    if kind == "TXT":
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
    return [record.to_text() for record in answer]
