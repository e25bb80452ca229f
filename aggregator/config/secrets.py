"""Reads passwords and tokens from environment variables or files that the configuration names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import SecretStr

from aggregator.config.checks import SECRETS
from aggregator.config.errors import Problem, SecretMissing
from aggregator.config.schema import Config


def secret(config: Config, table: str, key: str, environ: Mapping[str, str] | None = None) -> SecretStr | None:
    """The secret named by `key_env` or `key_file` of a table; None if the table names none. Raises SecretMissing.

    The last line end of a file is removed, because editors add it.
    """
    section = getattr(config, table)
    variable, file = getattr(section, f"{key}_env"), getattr(section, f"{key}_file")
    if variable:
        value = (os.environ if environ is None else environ).get(variable, "")
        if not value:
            raise _missing(config, f"{table}.{key}_env", f"the environment variable {variable} is not set")
        return SecretStr(value)
    if not file:
        return None
    path = config.resolve(file)
    try:
        value = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise _missing(config, f"{table}.{key}_file", f"{path} cannot be read: {error}") from error
    if not value:
        raise _missing(config, f"{table}.{key}_file", f"{path} is empty")
    return SecretStr(value)


def missing(config: Config, environ: Mapping[str, str] | None = None) -> list[SecretMissing]:
    """An error for every secret that the configuration names and that is missing."""
    errors = []
    for table, key in SECRETS:
        try:
            secret(config, table, key, environ)
        except SecretMissing as error:
            errors.append(error)
    return errors


def present(config: Config, environ: Mapping[str, str] | None = None) -> list[str]:
    """The values of all secrets that are not missing."""
    values = []
    for table, key in SECRETS:
        try:
            found = secret(config, table, key, environ)
        except SecretMissing:
            continue
        if found:
            values.append(found.get_secret_value())
    return values


def sensitive(config: Config) -> list[str]:
    """All values that must be redacted from output: secrets, and recipient addresses that contain a token."""
    recipients = [one for digest in config.digests for one in config.recipients(digest)]
    return present(config) + [one.address for one in recipients if one.kind.secret]


def database_url(config: Config, environ: Mapping[str, str] | None = None) -> str:
    """The database URL with an absolute SQLite path or with the PostgreSQL password; it must not be printed."""
    url = config.storage.url
    prefix = "sqlite:///"
    if url.startswith(prefix):
        path = url.removeprefix(prefix)
        return url if path in ("", ":memory:") else prefix + str(config.resolve(path))
    password = secret(config, "storage", "password", environ)
    if password is None:
        return url
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password.get_secret_value(), safe='')}@{host}"))


def _missing(config: Config, key: str, wrong: str) -> SecretMissing:
    return SecretMissing([Problem(str(config.path), 0, key, wrong)])
