"""robots.txt (RFC 9309): groups by product token, the longest rule wins, with the wildcards `*` and `$`.

`urllib.robotparser` of Python 3.11 takes the first rule instead of the longest and has no wildcards. Checked for
article pages only, because feeds are published for programs.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote_to_bytes

from feeds.errors import AddressRefused, FetchError, HttpStatus
from feeds.http import guard
from feeds.http.access import Access
from feeds.http.base import ACCEPT_TEXT, Fetcher, Request

KEEP_SECONDS = 24 * 3600.0  # RFC 9309, 2.4: no longer than a day
KEEP_UNREACHABLE_SECONDS = 900.0
MAX_BYTES = 500 * 1024  # RFC 9309, 2.5: the least that must be parsed; the rest is ignored
_MAX_SITES = 1024
_MAX_RULES = 5000  # of one group; the first ones are kept
_MAX_NAMES = 100  # user agents of one group that are looked at
_MAX_KEPT_RULES = 200_000  # of all sites
_MAX_PATH = 4096  # characters of path and query that are compared
_MAX_WILDCARDS = 16  # a rule with more is hostile: matching it would take long


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `pattern`, with wildcards, is matched against path and query."""

    pattern: str
    allow: bool


class RobotsRules:
    """Fetches the rules of sites and keeps them for a day. `agent` is the product token that robots.txt files use."""

    def __init__(
        self, source: Fetcher, agent: str = "aggregator-digest", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._source = source
        self._agent = agent
        self._clock = clock
        self._sites: dict[tuple[str, bool, Access | None], tuple[float, tuple[Rule, ...]]] = {}

    async def allowed(self, url: str, *, allow_private: bool = False, access: Access | None = None) -> bool:
        """Whether the site allows this URL; `allow_private` and `access` as in `Request`. Raises BadUrl.

        A missing robots.txt (any 4xx) allows all; one that cannot be fetched (5xx, no connection) allows nothing for
        now.
        """
        target = guard.parse_target(url)
        if access is not None and not access.covers(target):
            access = replace(access, url="")  # so that feeds with the same proxy share what is kept
        site = f"{target.scheme}://{target.authority}", allow_private, access
        kept = self._sites.get(site)
        if kept is None or kept[0] <= self._clock():
            kept = await self._load(*site)
            self._keep(site, kept)
        return await asyncio.to_thread(permits, kept[1], target.target[:_MAX_PATH])

    async def _load(self, site: str, allow_private: bool, access: Access | None) -> tuple[float, tuple[Rule, ...]]:
        now = self._clock()
        try:
            fetched = await self._source.fetch(
                Request(f"{site}/robots.txt", allow_private=allow_private, accept=ACCEPT_TEXT, access=access)
            )
        except AddressRefused:
            return now + KEEP_UNREACHABLE_SECONDS, ()  # the page itself will be refused
        except HttpStatus as error:
            if 400 <= error.status < 500 and error.status != 429:
                return now + KEEP_SECONDS, ()
            return now + KEEP_UNREACHABLE_SECONDS, (Rule("/", allow=False),)
        except FetchError:
            return now + KEEP_UNREACHABLE_SECONDS, (Rule("/", allow=False),)
        text = (fetched.body or b"")[:MAX_BYTES].decode("utf-8", "replace")
        return now + KEEP_SECONDS, await asyncio.to_thread(parse_rules, text, self._agent)

    def _keep(self, site: tuple[str, bool, Access | None], kept: tuple[float, tuple[Rule, ...]]) -> None:
        """Keep the rules of a site, and forget the oldest sites above the limits."""
        self._sites.pop(site, None)
        self._sites[site] = kept
        total = sum(len(rules) for _, rules in self._sites.values())
        while len(self._sites) > 1 and (len(self._sites) > _MAX_SITES or total > _MAX_KEPT_RULES):
            _, rules = self._sites.pop(next(iter(self._sites)))
            total -= len(rules)


def parse_rules(text: str, token: str) -> tuple[Rule, ...]:
    """Return the rules of a robots.txt for one product token: those of all its groups, else those for `*`."""
    groups: dict[str, list[Rule]] = {}
    names: list[str] = []
    in_rules = False
    for line in text.lstrip("\ufeff").splitlines():
        field, colon, value = line.partition("#")[0].partition(":")
        field, value = field.strip().lower(), value.strip()
        if not colon:
            continue
        if field == "user-agent":
            names = [*([] if in_rules else names[:_MAX_NAMES]), _token(value)]
            in_rules = False
            groups.setdefault(names[-1], [])
        elif field in ("allow", "disallow"):
            in_rules = True
            if value:  # an empty Disallow forbids nothing
                for name in names:
                    if len(groups[name]) < _MAX_RULES:
                        groups[name].append(Rule(_normal(value), field == "allow"))
    return tuple(groups.get(_token(token), groups.get("*", [])))


def permits(rules: tuple[Rule, ...], target: str) -> bool:
    """Whether rules allow path and query. The longest matching rule decides; of equally long ones, an allowing one."""
    path = _normal(target)
    matching = [rule for rule in rules if _matches(rule.pattern, path)]
    return max(matching, key=lambda rule: (len(rule.pattern), rule.allow)).allow if matching else True


def _token(value: str) -> str:
    return "*" if value.startswith("*") else re.split(r"[^a-z_-]", value.lower(), maxsplit=1)[0]


def _normal(text: str) -> str:
    """Percent-encode in one form, so that %7E, ~ and raw UTF-8 are equal."""
    return quote(unquote_to_bytes(text), safe="/*$?&=:@!'(),;+~%")


def _matches(pattern: str, path: str) -> bool:
    """Whether a pattern matches the beginning of a path, or all of it after `$`. Takes linear time."""
    anchored = pattern.endswith("$")
    first, *parts = pattern.removesuffix("$").split("*")[:_MAX_WILDCARDS]
    if not path.startswith(first):
        return False
    if not parts:
        return not anchored or len(path) == len(first)
    position = len(first)
    for part in parts[:-1]:
        found = path.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    last = parts[-1]
    return path.endswith(last) and len(path) - len(last) >= position if anchored else path.find(last, position) >= 0
