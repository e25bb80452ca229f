"""Passwords and tokens: from an environment variable or a file that the configuration names, never from the file itself."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import SecretStr

from aggregator.config.checks import SECRETS
from aggregator.config.errors import Problem, SecretMissing
from aggregator.config.schema import Config


def secret(config: Config, table: str, key: str, environ: Mapping[str, str] | None = None) -> SecretStr | None:
    """The secret named by `key_env` or `key_file` of a table; None when the table names none. Raises SecretMissing.

    The end of a file's last line is cut, as an editor puts it there unasked.
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
    """Every secret that the configuration names and that is not there."""
    errors = []
    for table, key in SECRETS:
        try:
            secret(config, table, key, environ)
        except SecretMissing as error:
            errors.append(error)
    return errors


def present(config: Config, environ: Mapping[str, str] | None = None) -> list[str]:
    """The values of all secrets that are there: what must not show in any output."""
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
    """Everything that must not show in any output: the secrets that are there, and addresses that let anybody in."""
    recipients = [one for digest in config.digests for one in config.recipients(digest)]
    return present(config) + [one.address for one in recipients if one.kind.secret]


def database_url(config: Config, environ: Mapping[str, str] | None = None) -> str:
    """The database's address ready to open: SQLite paths absolute, the password of PostgreSQL put in. Not to be printed."""
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
