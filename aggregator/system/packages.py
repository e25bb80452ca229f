"""Is the `feeds` and the `digests` that Python finds our own?

Both names are common. Another installed package, or a folder of that name where the program is started, can stand
before ours on the path; what follows would be an import error in a strange place, or worse, a stranger's code. So it is
looked at first, without importing either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

OURS = ("feeds", "digests")


def problems(
    names: Iterable[str] = OURS, find: Callable[[str], ModuleSpec | None] = find_spec, home: Path | None = None
) -> list[str]:
    """Return one message for each package that is missing or not ours; empty when all is well.

    `home` is the folder that holds this package: the three are installed side by side, so the others must be there too.
    """
    base = (home or Path(__file__).parents[2]).resolve()
    found = []
    for name in names:
        spec = find(name)
        if spec is None:
            found.append(f"the package `{name}` is missing beside {base / 'aggregator'}; install the aggregator again")
            continue
        place = _place(spec)
        if place != base / name:
            found.append(
                f"another package named `{name}` ({place}) stands before the aggregator's own ({base / name}); "
                "uninstall it, start from another folder, or install the aggregator in a virtual "
                "environment of its own"
            )
    return found


def _place(spec: ModuleSpec) -> Path:
    """Return the folder a package comes from; a namespace package has no file, only folders."""
    if spec.origin and spec.origin not in ("namespace", "built-in", "frozen"):
        path = Path(spec.origin)
        return path.resolve().parent if path.name == "__init__.py" else path.resolve()
    return Path(next(iter(spec.submodule_search_locations or ["?"]))).resolve()
