"""What parsing costs, counted and not timed: calls an item, and how often its text is gone through."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from types import FrameType

from feeds.parse import parse

URL = "https://harbour.example/feed"
PARAGRAPH = (
    '<p>The ferry left at noon with <a href="https://harbour.example/boats/{n}?a=1">twelve people</a> on board, and '
    "came back late because of the <em>storm</em> in the bay. Nobody was hurt, and the harbour opened again.</p>"
)
ITEM = (
    "<item><guid>{n}</guid><title>Ferry is late again, day {n}</title><link>https://harbour.example/{n}</link>"
    "<pubDate>Tue, 17 Mar 2026 06:{n:02}:00 GMT</pubDate><description><![CDATA[{text}]]></description></item>"
)
# These methods look at the ends of a string or at its header, not at all of its characters.
EDGES = frozenset({"startswith", "endswith", "strip", "lstrip", "rstrip", "isascii"})


@dataclass
class Cost:
    """Calls of functions, and the characters that methods of strings went through."""

    calls: int = 0
    characters: int = 0

    def note(self, _frame: FrameType, event: str, function: object) -> None:
        if event == "call":
            self.calls += 1
        elif event == "c_call":
            self.calls += 1
            text = getattr(function, "__self__", None)
            if isinstance(text, str | bytes) and getattr(function, "__name__", "") not in EDGES:
                self.characters += len(text)


def document(items: int, paragraphs: int) -> bytes:
    text = "".join(PARAGRAPH.format(n=n) for n in range(paragraphs))
    listed = "".join(ITEM.format(n=n, text=text) for n in range(items))
    return f"<rss version='2.0'><channel><title>Harbour Gazette</title>{listed}</channel></rss>".encode()


def cost(body: bytes) -> Cost:
    parse(body, URL, {})  # imports, and fills the caches of links and names
    counted = Cost()
    sys.setprofile(counted.note)
    try:
        parsed = parse(body, URL, {})
    finally:
        sys.setprofile(None)
    assert parsed.entries
    return counted


def test_a_parse_process_starts_without_the_pattern_of_counters() -> None:
    code = (
        "import re; found = []; real = re.compile\n"
        "re.compile = lambda pattern, flags=0: (found.append(len(pattern)), real(pattern, flags))[1]\n"
        "from feeds.parse.worker import feed_handler; feed_handler(); print(sum(found), max(found))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    total, longest = map(int, done.stdout.split())
    assert longest < 4_000  # characters; 2,958 when written, and 16,927 with that of counters
    assert total < 28_000  # 24,163 when written: about 1 ms a thousand


def test_an_item_takes_a_bounded_number_of_calls() -> None:
    few, many = cost(document(10, 1)), cost(document(40, 1))
    assert (many.calls - few.calls) / 30 < 500


def test_a_paragraph_takes_a_bounded_number_of_calls_and_of_looks_at_its_text() -> None:
    short, long = cost(document(20, 5)), cost(document(20, 25))
    assert (long.calls - short.calls) / (20 * 20) < 50
    assert (long.characters - short.characters) / (20 * 20 * len(PARAGRAPH)) < 18


def test_known_items_take_a_fraction_of_the_calls() -> None:
    body = document(40, 20)
    known = frozenset(parse(body, URL, {}).digests)
    counted = Cost()
    sys.setprofile(counted.note)
    try:
        parsed = parse(body, URL, {}, known)
    finally:
        sys.setprofile(None)
    assert (len(parsed.entries), len(parsed.digests)) == (0, 40)
    assert counted.calls < cost(body).calls / 4


def test_the_cost_grows_with_the_number_of_items_and_not_faster() -> None:
    once, twice = cost(document(30, 5)), cost(document(60, 5))
    assert twice.calls < 2.1 * once.calls
    assert twice.characters < 2.1 * once.characters
