"""Robots files read as RFC 9309 has it."""

from __future__ import annotations

import pytest

from feeds.errors import TimedOut
from feeds.http.fake import MemoryFetcher, Page
from feeds.http.robots import KEEP_SECONDS, RobotsRules, parse_rules, permits

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
