"""Robots files read as RFC 9309 has it."""

from __future__ import annotations

import time

import pytest

from feeds.errors import TimedOut
from feeds.http.fake import MemoryFetcher, Page
from feeds.http.robots import KEEP_SECONDS, MAX_BYTES, RobotsRules, Rule, parse_rules, permits

pytestmark = pytest.mark.anyio

TEXT = """\ufeff# rules
User-agent: OtherBot
Disallow: /

user-agent: Aggregator-Digest/1.0
USER-AGENT: friend
Disallow: /private  # and below
Allow: /private/open
Disallow: /*.pdf$
Crawl-delay: 10
Disallow: /*?print=
Disallow:

User-agent: *
Disallow: /star

User-agent: friend
Disallow: /friend
nonsense
"""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/private", False),
        ("/private/x", False),
        ("/private/open/x", True),
        ("/%70rivate", False),
        ("/a/b.pdf", False),
        ("/a/b.pdf?x", True),
        ("/a?print=1", False),
        ("/star", True),
        ("/friend", True),
    ],
)
def test_our_own_group_and_its_longest_rule_decide(path: str, allowed: bool):
    assert permits(parse_rules(TEXT, "aggregator-digest"), path) is allowed


def test_groups_of_one_name_are_read_together_and_the_star_is_for_the_rest():
    friend, stranger = parse_rules(TEXT, "friend"), parse_rules(TEXT, "stranger")
    assert (permits(friend, "/friend"), permits(friend, "/private"), permits(friend, "/star")) == (False, False, True)
    assert (permits(stranger, "/star"), permits(stranger, "/private")) == (False, True)
    assert permits(parse_rules("Disallow: /", "x"), "/")
    assert permits(parse_rules("", "x"), "/")
    assert permits(parse_rules("User-agent: *\nDisallow: /a\nAllow: /a", "x"), "/a")


def test_a_hostile_file_costs_little_time():
    rules = parse_rules("User-agent: *\n" + f"Disallow: {'/*a' * 500}b$\n" * 20, "x")
    assert permits(rules, "/a" * 2000)


async def test_a_site_is_asked_once_a_day():
    now = [0.0]
    source = MemoryFetcher({"http://example.org/robots.txt": Page(b"User-agent: *\nDisallow: /no")})
    robots = RobotsRules(source, clock=lambda: now[0])
    assert not await robots.allowed("http://example.org/no/1")
    assert await robots.allowed("http://example.org/yes")
    assert len(source.requests) == 1
    now[0] = KEEP_SECONDS + 1
    assert await robots.allowed("http://example.org/yes")
    assert len(source.requests) == 2


@pytest.mark.parametrize(
    ("answer", "allowed"),
    [(Page(status=404), True), (Page(status=403), True), (Page(status=503), False), (TimedOut(), False)],
)
async def test_no_file_means_yes_and_an_unreadable_one_not_now(answer: Page | TimedOut, allowed: bool):
    robots = RobotsRules(MemoryFetcher({"http://example.org/robots.txt": answer}))
    assert await robots.allowed("http://example.org/page") is allowed


async def test_a_private_site_is_left_to_the_guard():
    assert await RobotsRules(MemoryFetcher()).allowed("http://127.0.0.1/page")


async def test_a_private_site_that_may_be_read_has_rules_too():
    robots = RobotsRules(MemoryFetcher({"http://127.0.0.1/robots.txt": Page(b"User-agent: *\nDisallow: /page")}))
    assert await robots.allowed("http://127.0.0.1/page"), "it will be refused"
    assert not await robots.allowed("http://127.0.0.1/page", allow_private=True)


HOSTILE = {
    "many rules": "".join(f"Allow: /{n:x}*{n:x}\n" for n in range(30_000)),
    "many wildcards": "".join(f"Allow: /{n:x}*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a\n" for n in range(10_000)),
    "wildcards first": "".join(f"Disallow: *{n:x}\n" for n in range(40_000)),
    "wildcards alone": "".join(f"Disallow: {'*a' * 15}b*{n}$\n" for n in range(9_000)),
    "one long rule": "Allow: /" + "a" * 500_000,
    "many names": "".join(f"User-agent: n{n}\n" for n in range(20_000)) + "Allow: /x\n" * 20_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_file_costs_much_time_or_memory(text: str) -> None:
    began = time.process_time()
    rules = parse_rules(f"User-agent: *\n{text}"[:MAX_BYTES], "aggregator-digest")
    assert len(rules) <= 5000
    for path in ("/article/1", "/" + "a" * 4000, "/" + "ab" * 2000):
        permits(rules, path)
    assert time.process_time() - began < 2.0


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("/a*", "/a", True),
        ("/a*$", "/abc", True),
        ("/a$", "/a", True),
        ("/a$", "/ab", False),
        ("/*.php$", "/x.php", True),
        ("/*.php$", "/x.php?a", False),
        ("/*.php", "/x.php?a", True),
        ("*/b", "/a/b/c", True),
        ("/a*b*a$", "/aba", True),
        ("/a*ba$", "/aba", True),
        ("/ab*ba$", "/aba", False),
        ("/**b", "/xb", True),
        ("*", "/", True),
        ("$", "/", False),
        ("/a*b*b$", "/ab", False),
    ],
)
def test_wildcards_match_as_the_standard_says(pattern: str, path: str, matches: bool) -> None:
    assert permits((Rule(pattern, allow=False),), path) is not matches


async def test_few_rules_are_kept_whatever_the_number_of_sites() -> None:
    text = ("User-agent: *\n" + HOSTILE["many rules"])[:MAX_BYTES].encode()
    found = RobotsRules(MemoryFetcher({f"https://s{n}.example/robots.txt": Page(text) for n in range(45)}))
    for n in range(45):
        assert await found.allowed(f"https://s{n}.example/x")
    assert sum(len(rules) for _, rules in found._sites.values()) <= 200_000
