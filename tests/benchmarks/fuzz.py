"""Coverage-guided fuzzing of the parsers: `python -m tests.benchmarks.fuzz TARGET [--seconds N] [FOLDER...]`.

TARGET is parse, dates, urls, decode, text, page, opml, newsletter, sitemap, selectors, list or robots. atheris is
needed (`pip install atheris`), which no other part is; FOLDERs hold files to start from. A target fails where the
product would: an exception that its contract does not name, a value that no page, header or database may hold, or more
time than a body is allowed. Inputs that fail are left in the working folder; the last lines tell how many were tried.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC

from feeds.errors import BadEncoding, ParseError, TooLarge
from feeds.model import Parsed

URL = "https://n.example/a/feed.xml"
SLOW = 2.0  # processor seconds of one input of a few kilobytes
_SCRIPT = re.compile(r"<script(?:[\s/>]|\Z)", re.IGNORECASE)  # `<script0>` is only a word
_NEVER = frozenset(map(chr, (*range(9), 11, 12, *range(14, 32), 127)))


def _plain_text(text: str) -> None:
    """One line that a header, a page and a database can hold."""
    assert not _NEVER & set(text), text
    assert "\n" not in text, text
    text.encode("utf-8")


def _feed(found: Parsed) -> None:
    for entry in found.entries:
        assert entry.guid
        for text in (entry.title, entry.guid, *entry.authors, *entry.categories):
            _plain_text(text)
        assert entry.published is None or entry.published.tzinfo is UTC
        assert entry.link is None or not entry.link.lower().startswith("javascript")
        for html in (entry.summary_html, entry.content_html):
            assert not _SCRIPT.search(html)
            html.encode("utf-8")


def fuzz_parse(data: bytes) -> None:
    """Any bytes are a feed or no feed."""
    from feeds.parse import parse

    try:
        _feed(parse(data, URL, {"content-type": "application/xml"}))
    except ParseError:
        return


def fuzz_dates(data: bytes) -> None:
    """Any text is an instant in UTC or none."""
    from feeds.parse.dates import parse_date

    found = parse_date(data.decode("utf-8", "replace"))
    assert found is None or found.tzinfo is UTC


def fuzz_urls(data: bytes) -> None:
    """`canonical` settles at once, its key with it, and nothing but http(s) comes out of `join`."""
    from feeds.urls import canonical_url, join_url, key

    text = data.decode("utf-8", "replace")
    once = canonical_url(text)
    assert canonical_url(once) == once
    assert key(once) == key(text)
    joined = join_url(URL, text)
    assert joined is None or joined.startswith(("http://", "https://"))


def fuzz_decode(data: bytes) -> None:
    """A body of any coding is bounded, whatever it says of itself."""
    from feeds.http.decoding import Body

    coding = ("gzip", "deflate", "br", "zstd", "gzip, deflate", "identity")[data[0] % 6] if data else ""
    try:
        body = Body(coding, 100_000)
        for start in range(1, len(data), 64):
            body.feed(data[start : start + 64])
        found, _ = body.finish()
    except (BadEncoding, TooLarge):
        return
    assert len(found) <= 100_000


def fuzz_text(data: bytes) -> None:
    """Sanitized HTML keeps its words when sanitized again (paragraphs may close differently); its text is inert."""
    from feeds.text import plain_line, plain_text, safe_html, text_of, without_boilerplate

    text = data.decode("utf-8", "replace")
    safe = safe_html(text, URL)
    assert "".join(text_of(safe_html(safe, URL)).split()) == "".join(text_of(safe).split())
    assert not _SCRIPT.search(without_boilerplate(plain_text(text)))
    _plain_text(plain_line(text))


def fuzz_page(data: bytes) -> None:
    """Any page has feeds or none, and a text or none."""
    from feeds.discovery.article import extract_article
    from feeds.discovery.candidates import find_feeds

    for link in find_feeds(data, URL, {"content-type": "text/html"}):
        assert link.url.startswith(("http://", "https://"))
        _plain_text(link.title)
    article = extract_article(data, URL)
    assert 0 <= article.confidence <= 1
    _plain_text(article.title)


def fuzz_opml(data: bytes) -> None:
    """Any bytes are a list or none, and what is written can be read."""
    from feeds.opml import read_opml, write_opml
    from feeds.text import one_line

    try:
        found = read_opml(data)
    except ParseError:
        return
    wanted = {one_line(one.url) for one in found}
    assert {one.url for one in read_opml(write_opml(found))} >= {url for url in wanted if url}


def fuzz_newsletter(data: bytes) -> None:
    """Any mail is a newsletter or none, and every link in it is a URL."""
    from feeds.errors import NotNewsletter
    from feeds.sources.newsletter import read_newsletter, unwrapped

    try:
        found = read_newsletter(data, ("n.example",))
    except NotNewsletter:
        return
    _feed(found.parsed)
    _plain_text(found.name)
    for link in found.parsed.entries[0].links:
        assert link.startswith(("http://", "https://"))
        assert unwrapped(link).startswith(("http://", "https://"))


def fuzz_sitemap(data: bytes) -> None:
    """Any sitemap is a feed or no feed, and its index names web addresses only."""
    from feeds.discovery.sitemaps import sitemap_lines
    from feeds.parse import parse

    text = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">' + data.decode("utf-8", "replace")
    for url in sitemap_lines(data.decode("utf-8", "replace"), URL):
        assert url.startswith(("http://", "https://"))
    try:
        _feed(parse(text.encode(), URL, {"content-type": "application/xml"}))
    except ParseError:
        return


def fuzz_selectors(data: bytes) -> None:
    """Any selector on any page gives entries or says what is wrong. The first line is the selector."""
    from feeds.parse import parse
    from feeds.sources.selectors import selector_problem

    selector, _, page = data.decode("utf-8", "replace").partition("\n")
    if not selector.strip() or selector_problem(selector):
        return
    try:
        _feed(parse(page.encode(), URL, {"content-type": "text/html"}, page={"item": selector}))
    except ParseError:
        return


def fuzz_list(data: bytes) -> None:
    """The selectors proposed for a page find what the proposal shows."""
    from feeds.discovery.page_list import propose_selectors
    from feeds.sources.selectors import selector_problem

    try:
        selectors, found = propose_selectors(data, URL, {"content-type": "text/html"})
    except ParseError:
        return
    assert not any(selector_problem(selector) for selector in selectors.values() if selector)
    assert found.entries
    _feed(found)


def fuzz_robots(data: bytes) -> None:
    """Any robots.txt has bounded rules, and each request is allowed or not."""
    from feeds.http.robots import parse_rules, permits

    rules = parse_rules(data.decode("utf-8", "replace"), "aggregator")
    permits(rules, "/news/2026/a?b=c")


TARGETS: dict[str, Callable[[bytes], None]] = {
    name.removeprefix("fuzz_"): value for name, value in list(globals().items()) if name.startswith("fuzz_")
}


def timed(target: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """The target, which fails where it takes too long."""

    def run(data: bytes) -> None:
        begun = time.process_time()
        target(data)
        assert time.process_time() - begun < SLOW, "slow"

    return run


def main() -> None:
    """The command."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("target", choices=sorted(TARGETS))
    options.add_argument("--seconds", type=int, default=300)
    options.add_argument("folders", nargs="*")
    given = options.parse_intermixed_args()
    import atheris

    with atheris.instrument_imports(include=["feeds", "feedparser"]):
        import feeds.discovery.article
        import feeds.discovery.candidates
        import feeds.discovery.page_list
        import feeds.discovery.sitemaps
        import feeds.http.decoding
        import feeds.http.robots
        import feeds.opml
        import feeds.parse
        import feeds.sources.newsletter
        import feeds.sources.page
        import feeds.text  # noqa: F401 - instrumented as they are imported
    limits = [f"-max_total_time={given.seconds}", "-max_len=4096", "-timeout=20", "-rss_limit_mb=1500"]
    atheris.Setup([sys.argv[0], *limits, *given.folders], timed(TARGETS[given.target]))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
