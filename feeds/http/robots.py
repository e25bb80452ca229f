"""robots.txt (RFC 9309): groups by product token, the longest rule wins, with the wildcards `*` and `$`.

`urllib.robotparser` of Python 3.11 takes the first rule instead of the longest and has no wildcards. Checked for
article pages only, because feeds are published for programs.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

from feeds.errors import AddressRefused, FetchError, HttpStatus
from feeds.http import guard
from feeds.http.base import ACCEPT_TEXT, Fetcher, Request

KEEP_SECONDS = 24 * 3600.0  # RFC 9309, 2.4: no longer than a day
KEEP_UNREACHABLE_SECONDS = 900.0
MAX_BYTES = 500 * 1024  # RFC 9309, 2.5: the least that must be parsed; the rest is ignored
_MAX_SITES = 1024
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
        self._sites: dict[tuple[str, bool], tuple[float, tuple[Rule, ...]]] = {}

    async def allowed(self, url: str, *, allow_private: bool = False) -> bool:
        """Whether the site allows this URL; `allow_private` as in `Request`. Raises BadUrl.

        A missing robots.txt (any 4xx) allows all; one that cannot be fetched (5xx, no connection) allows nothing for
        now.
        """
        target = guard.parse_target(url)
        site = f"{target.scheme}://{target.authority}", allow_private
        kept = self._sites.get(site)
        if kept is None or kept[0] <= self._clock():
            kept = await self._load(*site)
            if len(self._sites) >= _MAX_SITES:
                self._sites.clear()
            self._sites[site] = kept
        return permits(kept[1], target.target)

    async def _load(self, site: str, allow_private: bool) -> tuple[float, tuple[Rule, ...]]:
        now = self._clock()
        try:
            fetched = await self._source.fetch(
                Request(f"{site}/robots.txt", allow_private=allow_private, accept=ACCEPT_TEXT)
            )
        except AddressRefused:
            return now + KEEP_UNREACHABLE_SECONDS, ()  # the page itself will be refused
        except HttpStatus as error:
            if 400 <= error.status < 500 and error.status != 429:
                return now + KEEP_SECONDS, ()
            return now + KEEP_UNREACHABLE_SECONDS, (Rule("/", allow=False),)
        except FetchError:
            return now + KEEP_UNREACHABLE_SECONDS, (Rule("/", allow=False),)
        return now + KEEP_SECONDS, parse_rules(
            (fetched.body or b"")[:MAX_BYTES].decode("utf-8", "replace"), self._agent
        )


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
            names = [*([] if in_rules else names), _token(value)]
            in_rules = False
            groups.setdefault(names[-1], [])
        elif field in ("allow", "disallow"):
            in_rules = True
            if value:  # an empty Disallow forbids nothing
                for name in names:
                    groups[name].append(Rule(_normal(value), field == "allow"))
    return tuple(groups.get(_token(token), groups.get("*", [])))


def permits(rules: tuple[Rule, ...], target: str) -> bool:
    """Whether rules allow path and query. The longest matching rule decides; of equally long ones, an allowing one."""
    path = _normal(target)
    matching = [rule for rule in rules if _expression(rule.pattern).match(path)]
    return max(matching, key=lambda rule: (len(rule.pattern), rule.allow)).allow if matching else True


def _token(value: str) -> str:
    return "*" if value.startswith("*") else re.split(r"[^a-z_-]", value.lower(), maxsplit=1)[0]


def _normal(text: str) -> str:
    """Percent-encode in one form, so that %7E, ~ and raw UTF-8 are equal."""
    return quote(unquote_to_bytes(text), safe="/*$?&=:@!'(),;+~%")


@lru_cache(maxsize=4096)
def _expression(pattern: str) -> re.Pattern[str]:
    end = r"\Z" if pattern.endswith("$") else ""
    parts = re.sub(r"\*+", "*", pattern.removesuffix("$")).split("*")
    if len(parts) > _MAX_WILDCARDS:
        parts = parts[:_MAX_WILDCARDS]
    # Atomic groups prevent backtracking, so that matching takes linear time.
    body = re.escape(parts[0]) + "".join(f"(?>.*?{re.escape(part)})" for part in parts[1:-1])
    last = f".*{re.escape(parts[-1])}" if len(parts) > 1 else ""
    return re.compile(body + last + end, re.DOTALL)
