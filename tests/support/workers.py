"""Real processes of a cluster: workers on one PostgreSQL database, and their configuration."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url


def cluster_config(folder: Path, database: str, more: str) -> Path:
    """Write a configuration without pages for workers on this database."""
    url = make_url(database).set(drivername="postgresql").render_as_string(hide_password=False)
    file = folder / "config.toml"
    file.write_text(f'[storage]\nurl = "{url}"\n[cluster]\nenabled = true\n[web]\nenabled = false\n{more}')
    return file


@dataclass
class WorkerProcess:
    """A running worker, with its log on the disk."""

    process: subprocess.Popen[bytes]
    log_file: Path
    command: tuple[str, ...] = field(default=())

    @property
    def log(self) -> str:
        """What it has logged so far."""
        return self.log_file.read_text("utf-8", errors="replace")

    def kill(self) -> None:
        """End it as a machine that loses its power does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def stop(self) -> int:
        """Stop it in order; return its status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@contextmanager
def workers(config: Path) -> Iterator[Callable[..., WorkerProcess]]:
    """Yield a function that starts a worker with these options; all are killed at the end.

    `code` is the folder of another version of the program.
    """
    with ExitStack() as stack:
        count = 0

        def start(*options: str, command: str = "worker", code: Path | None = None) -> WorkerProcess:
            nonlocal count
            count += 1
            log_file = config.parent / f"worker-{count}.log"
            words = (sys.executable, "-m", "aggregator", "--config", str(config), command, *options)
            with log_file.open("wb") as log:
                environment = dict(os.environ) if code is None else {**os.environ, "PYTHONPATH": str(code)}
                process = subprocess.Popen(words, stderr=log, cwd=config.parent, env=environment)
            stack.callback(process.wait, 30)
            stack.callback(process.kill)
            return WorkerProcess(process, log_file, words)

        yield start


def eventually(check: Callable[[], object], seconds: float = 300, running: Sequence[WorkerProcess] = ()) -> None:
    """Wait for real processes, as short as it takes."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if check():
            return
        time.sleep(0.1)
    logs = "\n".join(f"--- {one.log_file.name}\n{one.log[-3000:]}" for one in running)
    raise AssertionError(f"it did not happen in {seconds} seconds\n{logs}")
