"""Names and moments as integers, for records that are kept as packed bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class Names:
    """Numbers names in the order in which they come; a number means its name as long as the process lives."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._numbers: dict[str, int] = {}

    def __getitem__(self, number: int) -> str:
        """Return the name with a number."""
        return self._names[number]

    def number(self, name: str) -> int:
        """Return the number of a name, a new one if the name is new."""
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self._names)
            self._names.append(name)
        return number


def microseconds(moment: datetime) -> int:
    """Return the microseconds from 1970 to a moment."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(count: int) -> datetime:
    """Return the moment that is so many microseconds after the beginning of 1970."""
    return _EPOCH + count * _MICROSECOND
