"""The access of each feed, from the configuration."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from aggregator.config.access import DIRECT, ENVIRONMENT, AccessKeys
from aggregator.config.errors import SecretMissing
from aggregator.config.schema import Config
from aggregator.config.secrets import NamedSecret, feed_secrets, value_of
from aggregator.config.sections import Feed
from feeds.http.access import Access, AccessTable, Pairs, Proxy

_CA_VARIABLE = "SSL_CERT_FILE"


def access_table(config: Config, environ: Mapping[str, str] | None = None) -> AccessTable:
    """Return the access of every feed. A missing secret is in `Access.missing`, so that other feeds are fetched."""
    known = os.environ if environ is None else environ
    common = _access(config, ("fetch",), config.fetch, known, Access(ca_file=_variable_file(known)))
    by_feed = {}
    for index, feed in enumerate(config.feeds):
        if _has_access_keys(feed) or urlsplit(feed.url).username:
            # A login in the URL itself has priority over that of [fetch].
            above = replace(common, login=None) if urlsplit(feed.url).username else common
            by_feed[feed.url] = _access(config, ("feed", index), feed, known, replace(above, url=feed.url))
    return AccessTable(common, by_feed)


def common_access(table: AccessTable) -> Access:
    """Return the access for URLs that are no configured feed: without headers, cookies and login."""
    return replace(table.common, url="", headers=(), cookies=(), login=None)


def _variable_file(environ: Mapping[str, str]) -> str:
    """Return the file that SSL_CERT_FILE names, as for other programs with OpenSSL, if it exists."""
    name = environ.get(_CA_VARIABLE, "")
    return name if name and Path(name).is_file() else ""


def _has_access_keys(feed: Feed) -> bool:
    return any(getattr(feed, key) for key in AccessKeys.key_names())


def _access(
    config: Config, place: tuple[str | int, ...], section: AccessKeys, environ: Mapping[str, str], above: Access
) -> Access:
    """Return the access of a section; what it does not set comes from `above`."""
    values, missing = _values(config, feed_secrets(place, section), environ)
    headers = {**section.headers, **_part(values, place, "headers")}
    cookies = {**section.cookies, **_part(values, place, "cookies")}
    password = values.get((*place, "password_env")) or values.get((*place, "password_file"), "")
    found = replace(
        above,
        user_agent=(section.user_agent if isinstance(section, Feed) else "") or above.user_agent,
        ca_file=str(config.resolve(section.ca_file)) if section.ca_file else above.ca_file,
        headers=_merged(above.headers, headers, fold=True),
        cookies=_merged(above.cookies, cookies, fold=False),
        login=(section.user, password) if section.user else above.login,
        missing=missing or above.missing,
    )
    proxy_password = values.get((*place, "proxy_password_env")) or values.get((*place, "proxy_password_file"), "")
    return _with_proxy(found, section.proxy, proxy_password)


def _with_proxy(access: Access, named: str, password: str) -> Access:
    if not named:
        return access
    if named in (DIRECT, ENVIRONMENT):
        return replace(access, proxy=None, environment_proxy=named == ENVIRONMENT)
    return replace(access, proxy=replace(Proxy.parse(named), password=password), environment_proxy=False)


def _values(
    config: Config, secrets: Iterator[NamedSecret], environ: Mapping[str, str]
) -> tuple[dict[tuple[str | int, ...], str], str]:
    """Return the values by place, and why one is missing."""
    values, missing = dict[tuple[str | int, ...], str](), ""
    for named in secrets:
        try:
            values[named.place] = value_of(config, named, environ).get_secret_value()
        except SecretMissing as error:
            missing = missing or "; ".join(f"{problem.key}: {problem.wrong}" for problem in error.problems)
    return values, missing


def _part(values: Mapping[tuple[str | int, ...], str], place: tuple[str | int, ...], key: str) -> dict[str, str]:
    """Return the values of `key_env` and `key_file` by their names."""
    tables = ((*place, f"{key}_env"), (*place, f"{key}_file"))
    return {str(where[-1]): value for where, value in values.items() if where[:-1] in tables}


def _merged(above: Pairs, own: Mapping[str, str], *, fold: bool) -> Pairs:
    """Return the pairs of `above` that are not in `own`, and `own`; with `fold`, case does not matter."""
    names = {name.lower() if fold else name for name in own}
    kept = [pair for pair in above if (pair[0].lower() if fold else pair[0]) not in names]
    return (*kept, *own.items())
