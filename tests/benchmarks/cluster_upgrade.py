"""Workers of an older version are replaced one by one by workers of this one, on one PostgreSQL database.

    python -m tests.benchmarks.cluster_upgrade FOLDER [ROUNDS]

FOLDER has a checkout of the older version, which runs with the packages of this one. Prints a line for each worker, and
what was lost or doubled; then the errors that the workers logged. Needs the binaries of a PostgreSQL server.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from tests.support.cluster_crashes import upgrade_cluster
from tests.support.postgres import find_binaries, fresh_database, private_cluster


def main(old: str, rounds: int = 3) -> None:
    """Print the outcome."""
    binaries = find_binaries()
    assert binaries is not None, "no PostgreSQL server"
    with private_cluster(binaries) as server, fresh_database(server) as url, tempfile.TemporaryDirectory() as folder:
        found = upgrade_cluster(
            Path(folder),
            url,
            Path(old).resolve(),
            feeds=50,
            size=3,
            rounds=rounds,
            report=lambda line: print(line, flush=True),
        )
        errors = Counter[str]()
        for log in Path(folder).glob("worker-*.log"):
            errors.update(
                line.split(" ", 1)[1][:150] for line in log.read_text().splitlines() if " error " in line[:40]
            )
    for name in ("entries", "missing", "twice", "editions", "mails", "lost", "duplicates", "outside", "seconds"):
        print(f"{name:10} {asdict(found)[name]}")
    for line, count in errors.most_common(20):
        print(f"{count:4} {line}")


if __name__ == "__main__":
    main(sys.argv[1], *(int(word) for word in sys.argv[2:]))
