from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aggregator.store.stories.record_file import RecordFile
from aggregator.stories.record_store import MemoryRecords, RecordStore

SIZES = (1, 63, 64, 65, 200, 5000)


@pytest.fixture(params=["memory", "file"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], RecordStore]:
    return MemoryRecords if request.param == "memory" else lambda: RecordFile(tmp_path)


def record(number: int, size: int) -> bytes:
    return bytes([number % 256]) * size


def test_a_record_is_read_as_it_was_put(make: Callable[[], RecordStore]) -> None:
    store = make()
    places = [store.put(record(n, size)) for n, size in enumerate(SIZES)]
    for n, (place, size) in enumerate(zip(places, SIZES, strict=True)):
        assert store.get(place)[:size] == record(n, size)


def test_a_part_of_a_record_is_read_alone(make: Callable[[], RecordStore]) -> None:
    store = make()
    places = [store.put(bytes(range(n, n + 100))) for n in range(3)]
    assert [store.part(place, 20, 3) for place in places] == [bytes(range(n + 20, n + 23)) for n in range(3)]


def test_the_place_of_a_dropped_record_is_used_again(make: Callable[[], RecordStore]) -> None:
    store = make()
    places = {store.put(record(n, 100)) for n in range(9)}
    kept = places.pop()
    before = store.get(kept)
    for place in places:
        store.drop(place)
    assert {store.put(record(n, 100)) for n in range(8)} == places
    assert store.get(kept) == before


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_the_disk_does_not_take_is_kept_in_memory(tmp_path: Path) -> None:
    store = RecordFile(tmp_path)
    with files_of_at_most(1000):
        places = [store.put(record(n, 600)) for n in range(4)]
    assert [store.get(place)[:600] for place in places] == [record(n, 600) for n in range(4)]
    assert [store.part(place, 590, 10) for place in places] == [record(n, 10) for n in range(4)]
    store.drop(places[1])
    again = store.put(record(7, 600))
    assert (again, store.get(again)[:600]) == (places[1], record(7, 600))


def test_the_file_has_no_name(tmp_path: Path) -> None:
    store = RecordFile(tmp_path)
    store.put(b"x")
    assert not list(tmp_path.iterdir())


def test_without_a_file_all_is_kept_in_memory(tmp_path: Path) -> None:
    store = RecordFile(tmp_path / "missing")
    places = [store.put(record(n, 600)) for n in range(4)]
    store.drop(places[2])
    assert store.put(record(9, 600)) == places[2]
    assert [store.get(place)[:600] for place in places] == [record(n, 600) for n in (0, 1, 9, 3)]
