from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.grouping.features import Features
from aggregator.stories.grouping.stored import READING, Reading, fingerprint, form, pack, unpack
from aggregator.stories.model import Document

WORD = st.text(st.characters(exclude_characters="\n\x00", exclude_categories=["Cs"]), min_size=1, max_size=9)
TERMS = st.dictionaries(WORD, st.tuples(st.integers(1, 1023), WORD), max_size=8)
HASHES = st.lists(st.integers(0, 2**32 - 1), max_size=9)
VECTOR = st.none() | st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=5)

DOCUMENT = Document(
    7,
    "Ferry Solveig runs aground off Lindesnes, 212 passengers safe",
    "The ferry Solveig ran aground off Lindesnes early on Tuesday with 212 passengers on board. Rescue "
    "boats from Mandal took "
    "everybody off within three hours, the coast guard said. Two people were treated for broken bones. "
    "The port of Kristiansand "
    "stays closed until divers have looked at the hull; the shipping line expects damage of 4.5 million kroner.",
    datetime(2026, 3, 3, 9, tzinfo=UTC),
    "north",
    language="en",
)


@given(TERMS, HASHES, VECTOR)
def test_what_is_packed_is_unpacked(terms: dict[str, tuple[int, str]], hashes: list[int], vector: list[float] | None):
    features = Features("en", {t: f for t, (f, _) in terms.items()}, {t: w for t, (_, w) in terms.items()})
    known = np.array(hashes, np.uint32)
    keys = np.array(hashes, np.uint32).astype(np.uint16)
    meaning = None if vector is None else np.array(vector, np.float32)
    reading = unpack(pack(Reading(features, known, meaning, title_keys=keys)))
    assert reading is not None
    assert (reading.features, list(reading.features.terms)) == (features, list(features.terms))
    assert (reading.hashes.tolist(), reading.title_keys.tolist()) == (known.tolist(), keys.tolist())
    assert (reading.vector is None) == (vector is None)
    assert reading.vector is None or reading.vector.tolist() == np.array(vector, np.float32).tolist()


def reading_of(document: Document) -> bytes:
    grouper = Grouper()
    grouper.add(document)
    return grouper.readings([document.entry])[document.entry]


@pytest.mark.parametrize("spoil", [lambda b: b"", lambda b: b[:9], lambda b: b[:-5], lambda b: b[:12] + b"x" * 60])
def test_damaged_bytes_are_no_reading(spoil):
    assert unpack(spoil(reading_of(DOCUMENT))) is None


def test_a_document_is_read_as_the_form_says():
    """If this fails, documents are read in another way: raise READING, so that stored readings are made again."""
    reading = unpack(reading_of(DOCUMENT))
    assert reading is not None
    read = repr((reading.features, reading.hashes.tolist(), reading.head, reading.title_keys.tolist())).encode()
    assert (READING, blake2b(read, digest_size=8).hexdigest()) == (7, "fb55988371909089")


OTHERWISE = {
    "entry": 8,
    "title": "Bridge of Mandal closed",
    "text": "The bridge of Mandal is closed for a week, said the owner of the quay.",
    "arrived": datetime(2026, 3, 4, tzinfo=UTC),
    "source": "south",
    "language": "nb",
    "published": datetime(2026, 3, 2, tzinfo=UTC),
    "url": "https://a.example/1",
    "links": ("https://b.example/2",),
    "authors": ("Ina Berglund",),
    "feed": "b",
    "files": ("one.mp3",),
}


@pytest.mark.parametrize("field", [field.name for field in fields(Document)])
def test_what_changes_a_reading_changes_the_fingerprint(field: str) -> None:
    other = replace(DOCUMENT, **{field: OTHERWISE[field]})  # type: ignore[arg-type]
    if fingerprint(other) == fingerprint(DOCUMENT):
        assert Grouper().read(other) == Grouper().read(DOCUMENT)
    else:
        assert field in ("title", "text", "source", "language", "url", "links")


def test_settings_and_encoders_change_the_form():
    assert len({form((), ""), form(("en",), ""), form(("en", "de"), ""), form((), "en"), form((), "model")}) == 5
    assert Grouper().form == form((), "")


def test_only_articles_of_the_window_have_readings():
    grouper = Grouper()
    grouper.add(DOCUMENT)
    assert list(grouper.readings([3, 7])) == [7]
