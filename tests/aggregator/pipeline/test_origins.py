"""Whose text it is, end to end: real feeds over loopback, the copy seen before what it copies."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.pipeline.origins import MAX_FEEDS, as_printed, origin_of
from aggregator.store.records import EntryRecord
from aggregator.store.stories import stories as story_store
from aggregator.store.stories.origins import origin_reasons
from aggregator.stories.copies.origin import OriginCode
from tests.support.apps import newsroom
from tests.support.stored import NOW

pytestmark = pytest.mark.anyio
BODY = "The ferry Lady Maren struck the pier at noon. Nobody on board was hurt, the harbour said."


def record(markup: str, text: str = BODY, **more: object) -> EntryRecord:
    return EntryRecord(1, 1, "g", NOW, "Ferry strikes pier", text, "Post", content_html=markup, **more)  # type: ignore[arg-type]


async def test_the_wire_leads_though_its_copies_were_seen_first_and_are_its_carriers(tmp_path: Path) -> None:
    with newsroom(tmp_path, "harbour", "gazette", "northwire") as (program, clock, _server):
        await program.fetching.fetch(["The Harbour Post", "Tarn Gazette"])
        program.stories.group()
        before = {s.id: s for s in story_store.stories(program.db)}
        assert {o.outlet for s in before.values() for o in s.sources} <= {"The Harbour Post", "Tarn Gazette"}
        clock.advance(timedelta(hours=3))
        await program.fetching.fetch(["Northwire"])
        program.stories.group()
        carried = [o for s in story_store.stories(program.db) for o in s.sources if o.carriers]
        assert len(carried) >= 4
        assert {o.outlet for o in carried} == {"Northwire"}
        reasons = origin_reasons(program.db, [o.article for o in carried]).values()
        assert {reason.code for reason in reasons} == {OriginCode.OWN_DATELINE}
        assert {c.outlet for o in carried for c in o.carriers} == {"The Harbour Post", "Tarn Gazette"}
        assert {o.article for o in carried} <= {o.article for s in before.values() for o in s.sources}
        await program.aclose()


@pytest.mark.parametrize(
    ("markup", "head", "tail"),
    [
        (f"<p>PORT VERRAN (Northwire) - {BODY}</p>", "PORT VERRAN (Northwire) -", ""),
        (f"<p>By Ann Writer, Reuters</p><p>{BODY}</p><p>© dpa</p>", "By Ann Writer, Reuters", "© dpa"),
        (f"<p>{BODY} (AFP)</p>", "", "(AFP)"),
        (f"<p>{'Another part of the page. ' * 40}</p><p>{BODY}</p>", "", ""),
        ("<p>Another text than the one that is kept.</p>", "", ""),
        ("", "", ""),
    ],
)
def test_what_is_around_the_text_is_read_from_the_markup(markup: str, head: str, tail: str) -> None:
    found = as_printed(record(markup))
    assert (found.head.strip(), found.tail.strip()) == (head, tail)


def test_a_long_text_is_looked_at_from_both_ends_only() -> None:
    body = "\n".join(f"Paragraph {n} of a long report about the ferry and the pier." for n in range(400))
    markup = f"<p>LONDON (Reuters) - {body.replace(chr(10), '</p><p>')}</p><p>Quelle: dpa</p>"
    found = as_printed(record(markup, body))
    assert (found.head.strip(), found.tail.strip()) == ("LONDON (Reuters) -", "Quelle: dpa")


def test_a_text_that_thousands_print_costs_no_more_than_one_that_many_do() -> None:
    wired = f"<p>LONDON (Reuters) - {BODY}</p>"
    once = [replace(record(wired), id=n, feed_id=n, outlet=f"Outlet {n}") for n in range(MAX_FEEDS)]
    many = [
        *once,
        *(replace(record(wired), id=n, feed_id=n % 3 + MAX_FEEDS, outlet="Late") for n in range(MAX_FEEDS, 10_000)),
    ]
    started = time.process_time()
    assert origin_of(0, many) == origin_of(0, once)
    assert origin_of(0, many).copy_of == "Reuters"
    assert time.process_time() - started < 2  # hundreds of seconds if each were compared with each


def test_the_site_is_the_home_of_a_feed_that_lies_elsewhere() -> None:
    elsewhere = record("", feed_url="https://feeds.host.example/post", feed_site="https://www.post.example/")
    assert as_printed(elsewhere).home == "post.example"
    assert as_printed(record("", feed_url="https://www.post.example/feed")).home == "post.example"
