"""The base of the tables of `config.toml`, without pydantic, which takes a tenth of a second to import and to prepare.

A table is declared as a model of pydantic is, but it is no model. `validation` makes a model from the declaration when
a file has to be validated; a file that was validated before is read without it.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Self


class FieldOptions(dict[str, Any]):
    """What the declaration of a key passes to pydantic's `Field`: default, description, alias."""


def Field(**options: Any) -> Any:  # noqa: N802 - named as what it stands for
    """Declare a key; takes what pydantic's `Field` takes."""
    return FieldOptions(options)


def section(table: type[Table]) -> Any:
    """Declare a table that the file need not have: by default all its keys have their defaults."""
    return FieldOptions(default_factory=table.defaults)


def default_of(options: Mapping[str, Any]) -> Any:
    """Return the default in the declaration of a key. Raises KeyError if it has none."""
    return options["default_factory"]() if "default_factory" in options else options["default"]


def reject(wrong: str, expected: str = "", hint: str = "") -> NoReturn:
    """Raise pydantic's error with what is wrong, what is valid, and what was probably meant."""
    from pydantic_core import PydanticCustomError

    raise PydanticCustomError("config", "{wrong}", {"wrong": wrong, "expected": expected, "hint": hint})


class Table:
    """A table of the file: its keys are attributes that cannot be set. Only `validation` creates one."""

    given: frozenset[str]
    """The keys that the file has; the others have their defaults."""

    def __init__(self, values: Mapping[str, Any], given: Iterable[str]) -> None:
        self.__dict__.update(values)
        self.__dict__["given"] = frozenset(given)

    @classmethod
    def defaults(cls) -> Self:
        """Return the table of a file that has none of its keys. Every key must have a default."""
        keys = {key: getattr(cls, key) for key in cls.key_names()}
        return cls({key: default_of(options) for key, options in keys.items()}, ())

    @classmethod
    def key_names(cls) -> tuple[str, ...]:
        """Return the attributes of all keys, those of the base table first."""
        tables = [table for table in reversed(cls.__mro__) if issubclass(table, Table) and table is not Table]
        return tuple(dict.fromkeys(name for table in tables for name in inspect.get_annotations(table)))

    def dump(self) -> dict[str, Any]:
        """Return the values by their attributes; tables inside become dictionaries too."""
        return {key: _dumped(getattr(self, key)) for key in self.key_names()}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{key}={getattr(self, key)!r}' for key in self.key_names())})"

    if not TYPE_CHECKING:

        def __setattr__(self, name: str, value: object) -> NoReturn:
            raise AttributeError(f"{name} of {type(self).__name__} cannot be set")


def _dumped(value: Any) -> Any:
    if isinstance(value, Table):
        return value.dump()
    return tuple(map(_dumped, value)) if isinstance(value, tuple) else value
