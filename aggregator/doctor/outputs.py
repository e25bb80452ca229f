"""Checks of recipients that are no mail addresses (folders, hosts, services), and of the model's endpoint."""

from __future__ import annotations

import asyncio
import os
import pwd
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from aggregator.config import Config, SecretMissing
from aggregator.config.secrets import database_url
from aggregator.doctor.finding import Finding, error, ok
from aggregator.services.digests import chat_settings
from aggregator.store import database_file
from digests.channels.kinds import Channels, Output, is_loopback
from digests.channels.recipient import Recipient
from digests.summarize.model.endpoint import probe

_SECONDS = 30.0  # for the response of a model
_FILES = frozenset({Channels.FOLDER, Channels.EPUB, Channels.ATOM, Channels.SITE, Channels.MAILDIR})


def check_outputs(config: Config, *, offline: bool = False) -> Iterator[Finding]:
    """Check each recipient of a digest or an alert in the configuration that is no mail address, once."""
    user = service_user(config)
    seen: set[str] = set()
    for output in config.outputs:
        for recipient in config.recipients(output) if output.enabled else ():
            if recipient.key not in seen:
                seen.add(recipient.key)
                yield from _check(recipient, f"{output.name}: {recipient.shown}", user, offline=offline)


def check_endpoint(config: Config, *, offline: bool = False) -> Iterator[Finding]:
    """Send the model's endpoint one small request; offline only if it is on this machine."""
    summaries = config.summaries
    if summaries.method != "chat" or (offline and not is_loopback(urlsplit(summaries.endpoint).hostname or "")):
        return
    try:
        settings = chat_settings(config)
    except SecretMissing:
        return  # reported by the check of the secrets
    if settings is None:
        return
    refusal = asyncio.run(probe(replace(settings, retries=0, timeout=min(settings.timeout, _SECONDS))))
    if refusal:
        hint = "check [summaries] endpoint, model and key; until it works, summaries are extracted"
        yield error("model", f"{summaries.model} at {summaries.endpoint}: {refusal}", hint)
    else:
        yield ok("model", f"{summaries.model} at {summaries.endpoint} responds")


def service_user(config: Config) -> int:
    """Return the id of the user that the program runs as: the owner of its database, else the current user."""
    file = database_file(database_url(config))
    try:
        return file.parent.stat().st_uid if file is not None else os.geteuid()
    except OSError:
        return os.geteuid()


def _check(recipient: Recipient, name: str, user: int, *, offline: bool) -> Iterator[Finding]:
    if recipient.channel in _FILES:
        yield _folder(Path(recipient.address), name, user)
    elif recipient.channel == Channels.WEBHOOK and not offline:
        yield _host(recipient.address, name)
    elif recipient.kind.output is Output.COMPACT:
        yield from _service(recipient.address, name)


def _folder(path: Path, name: str, user: int) -> Finding:
    """Check the folder, or the nearest one above it in which it would be created."""
    try:
        nearest = next((p for p in (path, *path.parents) if p.exists()), path)
    except OSError as failure:  # a folder above is closed to the user of this command
        return error("outputs", f"{name}: {path}: {failure.strerror}", f"chown or chmod a folder above {path}")
    if not nearest.is_dir():
        return error("outputs", f"{name}: {nearest} is no folder", "remove the file, or name another folder in `to`")
    if not has_rights(nearest, user, os.W_OK | os.X_OK):
        hint = f"chown or chmod {nearest}; under systemd also ReadWritePaths= in the unit file"
        return error("outputs", f"{name}: {user_name(user)} cannot write into {nearest}", hint)
    return ok("outputs", f"{name}: can be written" if nearest == path else f"{name}: will be created in {nearest}")


def has_rights(folder: Path, user: int, needed: int) -> bool:
    """Whether a user has the rights `needed` in a folder: a sum of os.R_OK, os.W_OK and os.X_OK."""
    if user == os.geteuid():
        return os.access(folder, needed)
    if user == 0:
        return True
    found = folder.stat()
    if found.st_uid == user:
        place = 6  # of the owner's bits in the mode
    else:
        place = 3 if found.st_gid in _groups(user) else 0
    return found.st_mode >> place & needed == needed


def _groups(user: int) -> list[int]:
    try:
        known = pwd.getpwuid(user)
    except KeyError:
        return []
    return os.getgrouplist(known.pw_name, known.pw_gid)


def user_name(user: int) -> str:
    """Return the name of a user by its id."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"the user {user}"


def _host(url: str, name: str) -> Finding:
    host = urlsplit(url).hostname or ""
    try:
        socket.getaddrinfo(host, None)
    except OSError as failure:
        hint = "check the host in the URL, and this machine's DNS"
        return error("outputs", f"{name}: the host cannot be found: {failure.strerror}", hint)
    return ok("outputs", f"{name}: the host is known")


def _service(url: str, name: str) -> Iterator[Finding]:
    try:
        import apprise
    except ImportError:
        return  # reported by the check of the libraries
    if apprise.Apprise().add(url):
        yield ok("outputs", f"{name}: a service that apprise knows")
    else:
        yield error("outputs", f"{name}: apprise does not know this URL", "its documentation lists the services' URLs")
