"""Reads the subscriptions of an account at another aggregator: the API of Miniflux, and the Google Reader API.

Documented by Miniflux (https://miniflux.app/docs/api.html) and FreshRSS ("Google Reader compatible API").
Only the list of feeds is read: no entries, stars or read marks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from feeds.errors import AccountFailed, HttpStatus, TooManyRedirects
from feeds.http import Fetcher, Request
from feeds.http.access import Access, Pairs
from feeds.model import Subscription
from feeds.text import plain_line

MAX_FEEDS = 25_000
_MAX_TITLE = 5000  # characters
_ACCEPT = "application/json"
_FRESHRSS = "/api/greader.php"
_DEFAULT_FOLDERS = frozenset({"all", "uncategorized"})  # where the programs put feeds without a folder


@dataclass(frozen=True, slots=True)
class Account:
    """An account. `url` is where the program's pages open; `secret` is the token, or the password of `user`."""

    url: str
    user: str = ""
    secret: str = field(default="", repr=False)
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """The subscriptions of an account. `unused` are URLs that are switched off there, `invalid` counts records."""

    subscriptions: tuple[Subscription, ...]
    unused: tuple[str, ...] = ()
    invalid: int = 0


async def miniflux(source: Fetcher, account: Account, access: Access) -> Listed:
    """Read the feeds of a Miniflux account by its API token. Raises FeedError."""
    base = account.url.rstrip("/").removesuffix("/v1")
    headers = (("X-Auth-Token", account.secret),)
    found = _json(await _get(source, account, access, f"{base}/v1/feeds", headers))
    if not isinstance(found, list):
        raise AccountFailed("the response is not a list of feeds, so this is not the API of Miniflux")
    return _listed(found, _miniflux_feed)


async def google_reader(source: Fetcher, account: Account, access: Access) -> Listed:
    """Read the feeds of an account with the Google Reader API by user and password. Raises FeedError."""
    base = account.url.rstrip("/")
    login = (("Email", account.user), ("Passwd", account.secret))
    text = await _get(source, account, access, f"{base}/accounts/ClientLogin", (), login)
    token = next((line[5:].strip() for line in text.splitlines() if line.startswith("Auth=")), "")
    if not token or not token.isprintable():
        raise AccountFailed("the response to the login has no token, so this is not the Google Reader API")
    headers = (("Authorization", f"GoogleLogin auth={token}"),)
    found = _json(await _get(source, account, access, f"{base}/reader/api/0/subscription/list?output=json", headers))
    records = found.get("subscriptions") if isinstance(found, dict) else None
    if not isinstance(records, list):
        raise AccountFailed("the response is not a list of subscriptions, so this is not the Google Reader API")
    return _listed(records, _reader_feed)


async def freshrss(source: Fetcher, account: Account, access: Access) -> Listed:
    """Read the feeds of a FreshRSS account by user and API password. Raises FeedError."""
    base = account.url.rstrip("/").removesuffix("/i")
    if not base.endswith("greader.php"):
        base += _FRESHRSS
    return await google_reader(source, replace(account, url=base), access)


READERS = {"miniflux": miniflux, "freshrss": freshrss, "greader": google_reader}
"""The kinds of accounts by their names on the command line."""


async def _get(source: Fetcher, account: Account, access: Access, url: str, headers: Pairs, form: Pairs = ()) -> str:
    own = replace(access, url=url, headers=headers, cookies=(), login=None)
    request = Request(url, allow_private=account.allow_private, accept=_ACCEPT, access=own, form=form)
    try:
        fetched = await source.fetch(request)
    except HttpStatus as error:
        if error.status in (401, 403):
            raise AccountFailed(f"the server refuses the login or the token ({error.status})", url=url) from error
        if error.status == 404:
            raise AccountFailed("the server has no such API at this URL (404)", url=url) from error
        raise
    except TooManyRedirects as error:
        raise AccountFailed("the server redirects, perhaps to a page for signing in", url=url) from error
    return (fetched.body or b"").decode("utf-8", "replace")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        page = " but a web page" if text.lstrip()[:1] == "<" else ""
        raise AccountFailed(f"the response is not JSON{page}") from error


def _listed(records: list[Any], feed: Callable[[Mapping[str, Any]], tuple[Subscription, bool] | None]) -> Listed:
    """Return the feeds of records in their order, each URL once. Raises AccountFailed for too many."""
    if len(records) > MAX_FEEDS:
        raise AccountFailed(f"the account has {len(records)} feeds, more than {MAX_FEEDS}")
    read = [feed(record) if isinstance(record, dict) else None for record in records]
    known = [one for one in read if one is not None]
    used = {one.url: one for one, enabled in reversed(known) if enabled}
    return Listed(
        tuple(dict.fromkeys(used[one.url] for one, enabled in known if enabled)),
        tuple(dict.fromkeys(one.url for one, enabled in known if not enabled and one.url not in used)),
        len(read) - len(known),
    )


def _miniflux_feed(record: Mapping[str, Any]) -> tuple[Subscription, bool] | None:
    category = record.get("category")
    folder = _folder(category.get("title") if isinstance(category, dict) else None)
    made = _subscription(record.get("feed_url"), record.get("title"), record.get("site_url"), folder)
    return None if made is None else (made, record.get("disabled") is not True)


def _reader_feed(record: Mapping[str, Any]) -> tuple[Subscription, bool] | None:
    identity = record.get("id")
    url = record.get("url") or (identity.removeprefix("feed/") if isinstance(identity, str) else None)
    folder = next(_labels(record.get("categories")), ())
    made = _subscription(url, record.get("title"), record.get("htmlUrl"), folder)
    return None if made is None else (made, True)


def _labels(categories: object) -> Iterator[tuple[str, ...]]:
    for category in categories if isinstance(categories, list) else ():
        if isinstance(category, dict) and (folder := _folder(category.get("label"))):
            yield folder


def _folder(title: object) -> tuple[str, ...]:
    name = plain_line(title[:_MAX_TITLE]) if isinstance(title, str) else ""
    return (name,) if name and name.lower() not in _DEFAULT_FOLDERS else ()


def _subscription(url: object, title: object, site: object, folder: tuple[str, ...]) -> Subscription | None:
    if not isinstance(url, str) or not url.strip():
        return None
    name = plain_line(title[:_MAX_TITLE]) if isinstance(title, str) else ""
    return Subscription(url.strip(), name, site.strip() or None if isinstance(site, str) else None, folder)
