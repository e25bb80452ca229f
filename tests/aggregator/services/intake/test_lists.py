"""The feeds of OPML files, which are read again only after a change."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.services.intake.configured import sync_configured_feeds
from aggregator.store.intake import feeds as feed_store
from aggregator.system.clock import ManualClock
from feeds.errors import NotAList
from feeds.model import Subscription
from feeds.parse import pool
from tests.support.apps import DIGEST, app_of

NOW = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)
OUTLINE = '<outline xmlUrl="https://{0}.example/feed" text="{0} &amp; é"/>'


def write_list(path: Path, *names: str) -> None:
    outlines = "".join(map(OUTLINE.format, names))
    path.write_text(f'<opml version="2.0"><body><outline text="World">{outlines}</outline></body></opml>')


def test_an_opml_file_is_read_again_only_after_a_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []
    original = pool.read_list

    def noted(data: bytes) -> list[Subscription]:
        read.append(data)
        return original(data)

    monkeypatch.setattr(pool, "read_list", noted)
    listed = tmp_path / "feeds.opml"
    write_list(listed, "one", "two")
    with app_of(tmp_path, f'{DIGEST}[[opml]]\nfile = "feeds.opml"\n', ManualClock(NOW)) as program:

        def synced() -> list[tuple[str, str | None, str | None]]:
            sync_configured_feeds(program.db, program.config, NOW)
            return sorted(
                (one.feed.url, one.feed.name, one.feed.topic)
                for one in feed_store.list_feeds(program.db, NOW)
                if one.feed.subscribed
            )

        first = synced()
        assert [url for url, _, _ in first] == ["https://one.example/feed", "https://two.example/feed"]
        count = len(read)
        assert synced() == first
        assert len(read) == count
        write_list(listed, "two")
        assert synced() == first[1:]
        assert len(read) == count + 1
        listed.write_text("no list")
        with pytest.raises(NotAList):
            synced()
        write_list(listed, "one", "two")
        assert synced() == first
