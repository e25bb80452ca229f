"""Changes the configuration file, but only if it is still as the person saw it and the result is valid."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aggregator.config import edit
from aggregator.config.edit import ChangedMeanwhile, TableKeys, Value
from aggregator.config.errors import ConfigError, Problem
from aggregator.config.load import parse, read_text
from aggregator.config.schema import Config
from digests.reasons import _


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The file as it was read. `version` identifies its text; `config` is None if the file is invalid."""

    text: str
    version: str
    config: Config | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class TableEdit:
    """A change of `[[kind]]` tables. How to make it by hand: `steps` are sentences with their places."""

    apply: Callable[[str], str]
    steps: tuple[tuple[str, Mapping[str, str]], ...]
    snippet: str = ""


def addition(kind: str, tables: Sequence[TableKeys]) -> TableEdit:
    """Return the edit that adds tables."""
    return TableEdit(
        lambda text: edit.add_tables(text, kind, tables),
        ((_("Add this:"), {}),),
        "\n\n".join(edit.table_text(kind, table) for table in tables),
    )


def change(kind: str, index: int, name: str, values: Mapping[str, Value | None]) -> TableEdit:
    """Return the edit that sets keys of a table; a value of None removes the key."""
    kept = {key: value for key, value in values.items() if value is not None}
    gone = [key for key, value in values.items() if value is None]
    table = {"table": f"[[{kind}]]", "name": name}
    steps: list[tuple[str, Mapping[str, str]]] = []
    if gone:
        steps.append((_("In the {table} table of “{name}”, remove: {keys}."), {**table, "keys": ", ".join(gone)}))
    if kept:
        steps.append((_("In the {table} table of “{name}”, write this:"), table))
    lines = edit.table_text(kind, kept).partition("\n")[2]
    return TableEdit(lambda text: edit.change_table(text, kind, index, values), tuple(steps), lines)


def removal(kind: str, index: int, name: str) -> TableEdit:
    """Return the edit that removes a table."""
    table = {"table": f"[[{kind}]]", "name": name}
    step = (_("Remove the {table} table of “{name}”."), table)
    return TableEdit(lambda text: edit.remove_table(text, kind, index), (step,))


class ConfigurationFile:
    """Reads and changes one configuration file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._saving, self._parsing = threading.Lock(), threading.Lock()
        self._last: Snapshot | None = None
        self._without_feeds = ("", "")  # a text of the file, and the same without its feeds

    def snapshot(self) -> Snapshot:
        """Return the file as it is now; an unchanged file is not parsed again, nor by several threads at once."""
        try:
            text = read_text(self._path)
        except ConfigError as error:
            return Snapshot("", "", None, error.problems)
        with self._parsing:
            last = self._last
            if last is None or last.text != text:
                version = hashlib.sha256(text.encode()).hexdigest()
                try:
                    last = Snapshot(text, version, parse(text, self._path))
                except ConfigError as error:
                    last = Snapshot(text, version, None, error.problems)
                self._last = last
            return last

    def preview(self, wanted: TableEdit) -> Config:
        """Return the configuration as it would be after an edit of another table than a feed; writes nothing.

        It has no feeds unless a topic names some: they are most of the file. Raises ConfigError.
        """
        found = self.snapshot()
        if found.config is None:
            raise ConfigError(found.problems)
        if any(topic.feeds for topic in found.config.topics):
            return parse(wanted.apply(found.text), self._path)
        if self._without_feeds[0] != found.text:
            self._without_feeds = found.text, edit.without_tables(found.text, "feed")
        return parse(wanted.apply(self._without_feeds[1]), self._path)

    def save(self, version: str, wanted: TableEdit) -> None:
        """Save an edit. Raises ConfigError if the file no longer has this version or would be invalid."""
        with self._saving:
            found = self.snapshot()
            if found.version != version:
                raise ChangedMeanwhile([Problem(str(self._path), 0, "", "was changed meanwhile")])
            if found.config is None:  # an edit cannot be checked in it
                raise ConfigError(found.problems)
            edit.save(self._path, found.text, wanted.apply(found.text))
