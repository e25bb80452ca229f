"""Prints the megabytes of each installed package of an environment: `python -m tests.benchmarks.installed_size`.

Files that Python compiles at their first import are not counted: pip writes them or not, as it is asked.
"""

from __future__ import annotations

import argparse
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

TOOLS = {"pip", "setuptools"}  # a virtual environment brings them


def size(distribution: Distribution) -> int:
    """Bytes of the files that a package installed."""
    files = [Path(str(distribution.locate_file(path))) for path in distribution.files or ()]
    return sum(path.stat().st_size for path in files if path.suffix != ".pyc" and path.is_file())


def main() -> None:
    """Print every package of at least 0.1 MB, the largest first, and the sum."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site_packages", nargs="?", help="the site-packages of another environment")
    folder = parser.parse_args().site_packages
    found = distributions(path=[folder]) if folder else distributions(path=sys.path)
    sizes = {one.name: size(one) for one in found if one.name not in TOOLS}
    for name, count in sorted(sizes.items(), key=lambda item: -item[1]):
        if count >= 100_000:
            print(f"{count / 1e6:7.1f} MB  {name}")
    print(f"{sum(sizes.values()) / 1e6:7.1f} MB  {len(sizes)} packages")


if __name__ == "__main__":
    main()
