"""Reads passwords and tokens from environment variables or files that the configuration names."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from aggregator.config.access import AccessKeys
from aggregator.config.checks import READ_LATER_SECRETS, SECRETS
from aggregator.config.errors import Place, Problem, SecretMissing, key_text
from aggregator.config.model.headers import cookie_problem, header_problem
from aggregator.config.schema import Config
from digests.channels.recipient import parse_recipient, split_recipient

_SECRET_LENGTH = 16  # of a header or cookie in the file that is redacted
_SECRET_NAME = re.compile(r"auth|token|key|secret|session", re.IGNORECASE)
_PRIVATE_URL = (  # not compiled at every start: only a file that is read for the first time needs it
    r"(?i)://[^\s/?#@]*:[^\s/?#]*@"  # user:password@host
    r"|https?://[^\s/?#]*@"  # token@host
    r"|[?&;#][^=&;#\s]*"  # ?token=…, but not ?author=… and ?keyword=…
    r"(?:auth(?!ors?\b)|token|key(?!word)|secret|sess|pass|pwd|(?<![a-z])sig)[^=&;#\s]*=[^&;#\s]"
)


class SecretText:
    """A secret that no message or log shows by accident. That of pydantic would import the whole library."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def get_secret_value(self) -> str:
        """Return the secret."""
        return self._value

    def __repr__(self) -> str:
        return "SecretText('**********')"


@dataclass(frozen=True, slots=True)
class NamedSecret:
    """A secret that the configuration names by a variable or a file.

    `place` is the place of the key in the configuration, such as `("feed", 0, "cookies_env", "session")`; `check`
    returns why a value cannot be used, or an empty text.
    """

    place: Place
    variable: str = ""
    file: str = ""
    check: Callable[[str], str] | None = None


def named_secrets(config: Config) -> Iterator[NamedSecret]:
    """Yield every secret that the configuration names."""
    for table, key in SECRETS:
        yield from _named((table,), getattr(config, table), key)
    yield from _pairs(("fetch",), config.fetch)
    for index, feed in enumerate(config.feeds):
        yield from feed_secrets(("feed", index), feed)
    for index, service in enumerate(config.read_later):
        for key in READ_LATER_SECRETS:
            yield from _named(("read_later", index), service, key)


def feed_secrets(place: Place, section: AccessKeys) -> Iterator[NamedSecret]:
    """Yield the secrets of `[fetch]` or of one `[[feed]]`: passwords, headers and cookies."""
    for key in ("password", "proxy_password"):
        yield from _named(place, section, key)
    yield from _pairs(place, section)


def _named(place: Place, section: object, key: str) -> Iterator[NamedSecret]:
    variable, file = getattr(section, f"{key}_env"), getattr(section, f"{key}_file")
    if variable:
        yield NamedSecret((*place, f"{key}_env"), variable=variable)
    elif file:
        yield NamedSecret((*place, f"{key}_file"), file=file)


def _pairs(place: Place, section: AccessKeys) -> Iterator[NamedSecret]:
    for key, check in (("headers", header_problem), ("cookies", cookie_problem)):
        for name, variable in getattr(section, f"{key}_env").items():
            yield NamedSecret((*place, f"{key}_env", name), variable=variable, check=check)
        for name, file in getattr(section, f"{key}_file").items():
            yield NamedSecret((*place, f"{key}_file", name), file=file, check=check)


def value_of(config: Config, named: NamedSecret, environ: Mapping[str, str] | None = None) -> SecretText:
    """Return the value of a secret. Raises SecretMissing.

    The last line end of a file is removed, because editors add it.
    """
    if named.variable:
        value = (os.environ if environ is None else environ).get(named.variable, "")
        if not value:
            raise _missing(config, named, f"the environment variable {named.variable} is not set")
    else:
        path = config.resolve(named.file)
        try:
            value = path.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise _missing(config, named, f"{path} cannot be read: {error}") from error
        if not value:
            raise _missing(config, named, f"{path} is empty")
    if named.check is not None and (problem := named.check(value)):
        raise _missing(config, named, f"the value {problem}")
    return SecretText(value)


def secret(config: Config, table: str, key: str, environ: Mapping[str, str] | None = None) -> SecretText | None:
    """Return the secret that `key_env` or `key_file` of a table names; None if neither is set. Raises SecretMissing."""
    named = next(_named((table,), getattr(config, table), key), None)
    return None if named is None else value_of(config, named, environ)


def read_later_secrets(config: Config, index: int) -> dict[str, str]:
    """Return the secrets of a service that keeps articles, those that are set. Raises SecretMissing."""
    service = config.read_later[index]
    found = ((key, next(_named(("read_later", index), service, key), None)) for key in READ_LATER_SECRETS)
    return {key: value_of(config, named).get_secret_value() for key, named in found if named is not None}


def missing(config: Config, environ: Mapping[str, str] | None = None) -> list[SecretMissing]:
    """Return an error for every secret that the configuration names and that is missing."""
    errors = []
    for named in named_secrets(config):
        try:
            value_of(config, named, environ)
        except SecretMissing as error:
            errors.append(error)
    return errors


def present(config: Config, environ: Mapping[str, str] | None = None) -> list[str]:
    """Return the values of all secrets that are not missing."""
    values = []
    for named in named_secrets(config):
        with suppress(SecretMissing):
            values.append(value_of(config, named, environ).get_secret_value())
    return values


def sensitive(config: Config) -> list[str]:
    """Return all values that must be redacted from output: secrets, and recipient addresses that contain a token."""
    literal = [value for section in (config.fetch, *config.feeds) for value in _literal_secrets(section)]
    return present(config) + literal + [parse_recipient(text, config.folder).address for text in _secret_places(config)]


def _secret_places(config: Config) -> Iterator[str]:
    """Yield the recipients whose addresses contain a token, as written."""
    yield from (text for output in config.outputs for text in output.to if split_recipient(text).kind.secret)


def may_be_written(config: Config) -> bool:
    """Whether the file itself may have a secret: a header, a cookie, the address of a service, or a part of a URL.

    A secret that is a part of the path of a URL looks like any other path and is not noticed.
    """
    sections = (config.fetch, *config.feeds)
    if any(_secret_places(config)) or any(section.headers or section.cookies for section in sections):
        return True
    return any(re.search(_PRIVATE_URL, text) for text in _texts(config.dump()))


def _texts(value: object) -> Iterator[str]:
    """Yield all texts in the values of a table, but for proxies, which name a user and never a password."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for key, inner in value.items() if key != "proxy" for text in _texts(inner))
    elif isinstance(value, tuple):
        yield from (text for inner in value for text in _texts(inner))


def _literal_secrets(section: AccessKeys) -> Iterator[str]:
    """Yield headers and cookies in the file itself that look like secrets; shorter ones may be ordinary words."""
    yield from (value for value in section.cookies.values() if len(value) >= _SECRET_LENGTH)
    yield from (v for name, v in section.headers.items() if len(v) >= _SECRET_LENGTH or _SECRET_NAME.search(name))


def database_url(config: Config, environ: Mapping[str, str] | None = None) -> str:
    """Return the database URL with an absolute SQLite path or with the PostgreSQL password; it must not be printed."""
    url = config.storage.url
    prefix = "sqlite:///"
    if url.startswith(prefix):
        path = url.removeprefix(prefix)
        return url if path in ("", ":memory:") else prefix + str(config.resolve(path))
    return _with_password(config, url, environ)


def session_url(config: Config) -> str:
    """Return the URL for connections that must last: `[cluster] direct_url`, else the database's. Do not print it."""
    direct = config.cluster.direct_url
    return _with_password(config, direct, None) if direct else database_url(config)


def _with_password(config: Config, url: str, environ: Mapping[str, str] | None) -> str:
    password = secret(config, "storage", "password", environ)
    if password is None:
        return url
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password.get_secret_value(), safe='')}@{host}"))


def _missing(config: Config, named: NamedSecret, wrong: str) -> SecretMissing:
    return SecretMissing([Problem(str(config.path), 0, key_text(named.place), wrong)])
