"""Values from a child process that may have been taken over by the data it worked on."""

from __future__ import annotations

import io
import pickle
from collections.abc import Collection
from enum import Enum

INSTANTS = frozenset(("datetime", name) for name in ("datetime", "timedelta", "timezone"))


def load_values(data: bytes, classes: Collection[tuple[str, str]]) -> object:
    """Unpickle values of these classes (module and name) and of no others. Raises whatever `pickle` raises."""
    return _Unpickler(data, classes).load()


class _Unpickler(pickle.Unpickler):
    def __init__(self, data: bytes, classes: Collection[tuple[str, str]]) -> None:
        super().__init__(io.BytesIO(data))
        self._classes = classes

    def find_class(self, module: str, name: str) -> object:
        """Return the class, if it is allowed. Raises `pickle.UnpicklingError`."""
        if (module, name) == ("builtins", "getattr"):
            return _member
        if (module, name) not in self._classes:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed")
        return super().find_class(module, name)


def _member(kind: object, name: str) -> Enum:
    """Return a member of an enumeration: Python 3.11.0 to 3.11.3 pickle it as a call of `getattr`."""
    if not (isinstance(kind, type) and issubclass(kind, Enum)):
        raise pickle.UnpicklingError(f"getattr of {kind!r} is not allowed")
    return kind[name]
