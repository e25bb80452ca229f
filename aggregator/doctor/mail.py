"""Whether mail can go out: the server is reached, its certificate is good, the login works, and DNS vouches for the sender. Sends nothing."""

from __future__ import annotations

import os
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator

from aggregator.config import Config, SecretMissing
from aggregator.config.secrets import secret
from aggregator.doctor.finding import Finding, error, ok, warning

SECONDS = 15.0
Lookup = Callable[[str, str], list[str]]
"""(name, type) -> the records as text; empty when there are none. Raises OSError when DNS does not answer."""


def check(config: Config, lookup: Lookup | None = None) -> Iterator[Finding]:
    """The server, then DNS; nothing at all when no digest goes by mail."""
    if not config.sends_mail():
        yield ok("mail", "no digest goes by mail")
        return
    yield from server(config)
    yield from dns(config, lookup or resolve)
    if not config.mail.owner:
        yield warning("mail", "nobody is told when mail cannot go out", "name yourself in [mail] owner")


def server(config: Config) -> Iterator[Finding]:
    """Connect, encrypt, log in, leave."""
    mail = config.mail
    if mail.transport == "sendmail":
        if os.access(mail.command, os.X_OK):
            yield ok("mail", f"{mail.command} can be run")
        else:
            yield error(
                "mail", f"{mail.command} cannot be run", "install a mail server, or name the program in [mail] command"
            )
        return
    if mail.transport == "lmtp":
        yield from _lmtp(config)
        return
    try:
        password = secret(config, "mail", "password")
    except SecretMissing:
        return  # told by the check of the secrets
    place = f"{mail.host}:{mail.smtp_port}"
    try:
        with _connect(config) as client:
            if mail.security == "starttls":
                client.starttls(context=ssl.create_default_context())
                client.ehlo()
            if mail.user and password:
                client.login(mail.user, password.get_secret_value())
    except smtplib.SMTPAuthenticationError as failure:
        yield error(
            "mail",
            f"{place} refuses the login: {_reply(failure.smtp_error)}",
            "check [mail] user and the password; some providers want an app password",
        )
    except smtplib.SMTPNotSupportedError as failure:
        yield error(
            "mail",
            f"{place}: {failure}",
            'set [mail] security to what the server offers: "tls" on port 465, "starttls" on 587',
        )
    except ssl.SSLError as failure:
        yield error(
            "mail",
            f"{place}: encryption failed: {failure.reason or failure}",
            'check [mail] host and security: "tls" on port 465, "starttls" on 587',
        )
    except (smtplib.SMTPException, OSError) as failure:
        yield error(
            "mail",
            f"{place} cannot be reached: {failure}",
            "check [mail] host and port, and that no firewall blocks it",
        )
    else:
        yield ok("mail", f"{place}: connected{', logged in' if mail.user else ''} ({mail.security})")


def _connect(config: Config) -> smtplib.SMTP:
    mail = config.mail
    if mail.security == "tls":
        return smtplib.SMTP_SSL(mail.host, mail.smtp_port, timeout=SECONDS, context=ssl.create_default_context())
    return smtplib.SMTP(mail.host, mail.smtp_port, timeout=SECONDS)


def _lmtp(config: Config) -> Iterator[Finding]:
    mail = config.mail
    place = mail.socket or f"{mail.host or '127.0.0.1'}:{mail.port or 24}"
    try:
        if mail.socket:
            with socket.socket(socket.AF_UNIX) as unix:
                unix.settimeout(SECONDS)
                unix.connect(mail.socket)
        else:
            socket.create_connection((mail.host or "127.0.0.1", mail.port or 24), timeout=SECONDS).close()
    except OSError as failure:
        yield error("mail", f"{place} cannot be reached: {failure}", "check [mail] socket, or host and port")
    else:
        yield ok("mail", f"{place} answers")


def _reply(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


def dns(config: Config, lookup: Lookup) -> Iterator[Finding]:
    """Records that receivers look at: MX (answers arrive), SPF (RFC 7208), DMARC (RFC 7489), DKIM (RFC 6376)."""
    domain = config.mail.sender.rpartition("@")[2]
    wanted: list[tuple[str, str, str, str, str]] = [
        ("MX", domain, "MX", "", "answers and bounces have nowhere to go; add an MX record"),
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
    for label, name, kind, begins, cure in wanted:
        try:
            records = [record for record in lookup(name, kind) if record.lower().startswith(begins)]
        except OSError as failure:
            yield warning("dns", f"{label} of {name} cannot be looked up: {failure}", "check this machine's DNS")
            return
        if records:
            yield ok("dns", f"{label}: {records[0][:120]}")
        else:
            yield warning("dns", f"{name} has no {label} record: mail may be taken for spam", cure)


def resolve(name: str, kind: str) -> list[str]:
    """The records of a name, by dnspython. Raises OSError when no server answers, or dnspython is not installed."""
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
