"""An edition as text: back without loss, the same bytes each time."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.codec import edition_from_json, edition_to_json
from digests.model import Edition, Held, Item, ItemKind, Section, Trust
from digests.reasons import Reason, ReasonCode, because

_INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
st.register_type_strategy(datetime, _INSTANTS)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
_WORDS = st.lists(st.text(), max_size=3).map(tuple)
_REASONS = st.builds(because, st.sampled_from(ReasonCode), words=_WORDS, count=st.integers(), share=st.floats(0, 1))
st.register_type_strategy(
    Reason,
    _REASONS | st.builds(because, st.just(ReasonCode.INTEREST), name=st.text(), why=st.lists(_REASONS).map(tuple)),
)
_EDITIONS = st.builds(
    Edition,
    slot=_INSTANTS,
    composed=_INSTANTS,
    period_start=_INSTANTS,
    period_end=_INSTANTS,
    trust=st.builds(Trust, held=st.just(()), troubles=st.just(())),
    sections=st.lists(st.builds(Section, items=st.lists(st.from_type(Item), max_size=2).map(tuple)), max_size=2).map(
        tuple
    ),
)


@settings(max_examples=60)
@given(_EDITIONS)
def test_an_edition_comes_back_whole(edition: Edition) -> None:
    text = edition_to_json(edition)
    assert edition_from_json(text) == edition
    assert edition_to_json(edition_from_json(text)) == text
    text.encode()


def _edition(**more: object) -> Edition:
    when = datetime(2026, 5, 4, 7, tzinfo=UTC)
    return Edition("e1", "morning", "Morning", when, when, when, when, **more)  # type: ignore[arg-type]


def test_half_a_surrogate_pair_survives() -> None:
    edition = _edition(sections=(Section("World \ud800", ()),))
    assert edition_from_json(edition_to_json(edition).encode().decode()) == edition


def test_an_instant_is_written_in_utc_whatever_its_zone() -> None:
    here = _edition()
    there = _edition(audience="")
    moved = Edition("e1", "morning", "Morning", *(4 * (here.slot.astimezone(timezone(timedelta(hours=5))),)))
    assert edition_to_json(moved) == edition_to_json(there)


def test_an_edition_of_an_earlier_version_keeps_its_reasons_as_they_were_written() -> None:
    item = Item("s", ItemKind.NEW, "World", "Pier", (), (), reasons=(because(ReasonCode.SOURCES, count=4),))
    held = Held("t", "Tram", 0.1, because(ReasonCode.KNOWN))
    edition = _edition(sections=(Section("World", (item,)),), trust=Trust(held=(held,)))
    text = edition_to_json(edition).replace('{"code":"sources","count":4}', '"4 independent sources"')
    text = text.replace('{"code":"known"}', '"told already"').replace('"format":2', '"format":1')
    found = edition_from_json(text)
    assert found.items[0].reasons == (because(ReasonCode.TEXT, text="4 independent sources"),)
    assert found.trust.held[0].reason == because(ReasonCode.TEXT, text="told already")


def test_fields_of_a_later_version_are_left_out_and_missing_ones_take_defaults() -> None:
    text = edition_to_json(_edition()).replace('"quiet":false,', '"unheard_of":[1],')
    assert edition_from_json(text) == _edition()


@pytest.mark.parametrize("text", ["[]", "{}", '{"format":2}', '{"format":1}', '{"format":1,"slot":7}', "no"])
def test_what_is_no_edition_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        edition_from_json(text)


def test_the_bytes_do_not_depend_on_the_order_of_sets_in_a_process() -> None:
    program = (
        "from datetime import *; from digests.model import *; from digests.codec import edition_to_json;"
        " w=datetime(2026,5,4,tzinfo=UTC);"
        "i=Item('s',ItemKind.NEW,'t','h',(),(),facts=frozenset(str(n) for n in range(50)));"
        "print(edition_to_json(Edition('e','d','t',w,w,w,w,sections=(Section('t',(i,)),))))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
