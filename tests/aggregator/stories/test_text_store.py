from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.store.stories.record_file import RecordFile
from aggregator.stories import text_store
from aggregator.stories.record_store import MemoryRecords, RecordStore
from aggregator.stories.text_store import BLOCK, TextStore


@pytest.fixture(params=["memory", "file"])
def records(request: pytest.FixtureRequest, tmp_path: Path) -> RecordStore:
    return MemoryRecords() if request.param == "memory" else RecordFile(tmp_path)


def texts(many: int, longest: int) -> list[bytes]:
    return [bytes([97 + n % 26]) * (1 + n * 37 % longest) for n in range(many)]


@pytest.mark.parametrize("together", [1, 50])
def test_a_text_is_read_as_it_was_kept(records: RecordStore, together: int) -> None:
    store, kept = TextStore(records), texts(400, 2000)
    parts = [kept[start : start + together] for start in range(0, len(kept), together)]
    places = [place for part in parts for place in store.add(part)]
    assert max(places) > 3 * BLOCK
    assert [store.get(place, len(text)) for place, text in zip(places, kept, strict=True)] == kept
    assert list(store.get_all((place, len(text)) for place, text in zip(places, kept, strict=True))) == kept


def test_a_text_longer_than_a_block_is_kept_too(records: RecordStore) -> None:
    store = TextStore(records)
    kept = [b"first", b"x" * (2 * BLOCK), b"last"]
    places = store.add(kept)
    assert store.get(places[0], 5) == b"first"
    assert store.get(places[1], 1 << 24)[: 2 * BLOCK] == kept[1]
    assert store.get(places[2], 4) == b"last"


def test_blocks_of_a_cleared_store_are_used_again(tmp_path: Path) -> None:
    records = RecordFile(tmp_path)
    for _ in range(5):
        store = TextStore(records)
        store.add(texts(400, 2000))
        store.clear()
    assert records.put(b"x" * BLOCK) >> 20 < 8 * BLOCK // 64  # the first block of the file that is free


def test_each_block_is_read_once_in_order_of_place(records: RecordStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store, kept = TextStore(records), texts(400, 2000)
    places, read = store.add(kept), list[int]()
    get = type(records).get
    monkeypatch.setattr(type(records), "get", lambda self, place: read.append(place) or get(self, place))
    list(store.get_all((place, len(text)) for place, text in zip(places, kept, strict=True)))
    assert len(read) == len(set(read)) == max(places) >> text_store._BITS
