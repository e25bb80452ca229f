"""Relative times and sizes in several languages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digests.render.view.measures import relative_time, size
from digests.render.view.wording import Wording
from tests.support.editions import SLOT


@pytest.mark.parametrize(
    ("language", "seconds", "shown"),
    [
        ("en", 0, "1 minute ago"),
        ("en", 20, "in 1 minute"),
        ("en", -11_000, "3 hours ago"),
        ("ru", -180, "3 минуты назад"),
        ("uk", 86_400 * 5, "через 5 днів"),
        ("ar", -7_200, "قبل ساعتين"),
        ("ja", -120, "2 分前"),
    ],
)
def test_a_time_relative_to_now(language: str, seconds: int, shown: str) -> None:
    assert relative_time(SLOT + timedelta(seconds=seconds), SLOT, Wording(language)) == shown


@pytest.mark.parametrize(
    ("language", "count", "shown"),
    [("en", 0, "0 kB"), ("en", 5_300, "5 kB"), ("de", 1_250_000, "1,2 MB"), ("ru", 2_000_000, "2,0 МБ")],
)
def test_a_size(language: str, count: int, shown: str) -> None:
    assert size(count, Wording(language)) == shown
