"""What the window of open stories takes in memory for each article, by part.

    python -m tests.benchmarks.grouping_memory DOCS.jsonl[.gz] [ARTICLES]

Fills the window with the documents as the daemon does (texts stay in the database), again and again with other words
until there are ARTICLES of them (each document once unless given). Prints bytes an article by part, counted by a walk
over all objects that the grouper holds: caches of a fixed size belong to the process and are left out. The bar is 2,500
bytes an article.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import FunctionType, MethodType, ModuleType

import numpy as np

from aggregator.store.stories.record_file import RecordFile
from aggregator.stories.copies.copies import ComparedText
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.model import Document
from tests.benchmarks.grouping_growth import BATCH, renamed
from tests.benchmarks.lines import EPOCH, document, read

BAR = 2500
_SHARED = (type, ModuleType, FunctionType, MethodType)  # belong to the program
_DEPTH = 3  # attributes that name a part, such as `_window.index.names`


class _StoredTexts:
    """Texts that a database would have: those of the documents, made again when asked for."""

    def __init__(self, rows: Sequence[Document]) -> None:
        self.rows = rows

    def read(self, entries: Sequence[int]) -> Mapping[int, ComparedText]:
        found = {e: _arriving(self.rows, e) for e in entries}
        return {e: ComparedText(d.title, d.text, d.source) for e, d in found.items()}

    def keep(self, document: Document) -> None:
        """Do nothing: the text can be made again."""

    def drop(self, entry: int) -> None:
        """Do nothing."""


def _arriving(rows: Sequence[Document], number: int) -> Document:
    return renamed(rows[number % len(rows)], number, number // len(rows))


def fill(texts: _StoredTexts, articles: int) -> Grouper:
    """Return a grouper that has so many entries, tidied as the daemon does."""
    rows, grouper = texts.rows, Grouper()
    grouper.keep_in(texts, RecordFile())
    for number in range(articles):
        grouper.add(_arriving(rows, number))
        if number % BATCH == BATCH - 1:
            grouper.tidy(EPOCH + timedelta(seconds=10 * number))
    return grouper


def _named(part: object, seen: set[int]) -> list[tuple[str, object]]:
    """Return the attributes of an object of the engine, each with its name."""
    names = [*vars(part)] if hasattr(part, "__dict__") else []
    names += [name for kind in type(part).__mro__ for name in getattr(kind, "__slots__", ())]
    return [(name, getattr(part, name)) for name in names if id(getattr(part, name)) not in seen]


def _size(root: object, seen: set[int]) -> int:
    """Return the bytes of an object and of all that it holds and that was not `seen` before."""
    total, waiting = 0, [root]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, _SHARED):
            continue
        seen.add(id(one))
        total += sys.getsizeof(one)
        if isinstance(one, np.ndarray):
            waiting.append(one.base)
        else:
            waiting += gc.get_referents(one)
    return total


def parts(root: object, *left_out: object, depth: int = _DEPTH) -> Counter[str]:
    """Return bytes by part, which is named by the attributes that lead to it; those `left_out` are not counted."""
    sizes: Counter[str] = Counter()
    seen = {id(None), *(id(one) for one in left_out)}

    def look(path: str, one: object, left: int) -> None:
        own = type(one).__module__.startswith("aggregator.")
        if left and own:
            for name, part in _named(one, seen):
                look(f"{path}.{name}", part, left - 1)
        else:
            sizes[path] += _size(one, seen)

    look("grouper", root, depth)
    return sizes


def main() -> None:
    """Print bytes an article by part, then the sum."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("docs")
    parser.add_argument("articles", type=int, nargs="?")
    options = parser.parse_args()
    rows = [document(row, number) for number, row in enumerate(read(options.docs))]
    articles = options.articles or len(rows)
    texts = _StoredTexts(rows)
    grouper = fill(texts, articles)
    gc.collect()
    held = len(grouper.readings(range(articles)))
    sizes = parts(grouper, texts)
    for part, size in sizes.most_common():
        if size >= held:
            print(f"{size / held:8.0f}  {part}")
    print(f"{sizes.total() / held:8.0f} bytes an article, {held} articles held; bar {BAR}")


if __name__ == "__main__":
    main()
