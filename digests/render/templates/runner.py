"""A user's templates in a child process: an endless loop or a gigabyte of text costs one edition's patience, no more.

The Jinja2 sandbox bounds neither time nor memory. One child serves many jobs, for starting it costs 0.3 s; one that
misbehaves is killed and the next job gets a new one.
"""

from __future__ import annotations

import json
import os
import pickle
import selectors
import subprocess
import sys
import threading
import time
from pathlib import Path

from digests.errors import TemplateError
from digests.render.templates.child import LARGEST
from digests.render.templates.printer import Job

SECONDS = 10.0  # for one rendering; the packaged templates take 0.05
START_SECONDS = 30.0  # more for the first, when a busy machine loads the child


class Bounded:
    """A `Printer` behind limits. Safe to share between threads; jobs run one after the other."""

    def __init__(self, folder: Path, seconds: float = SECONDS, start_seconds: float = START_SECONDS) -> None:
        self._folder, self._seconds, self._start_seconds = folder, seconds, start_seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._stopped: dict[str, TemplateError] = {}  # what went over its limits is not tried again until it changes
        self._stamp: tuple[tuple[str, int], ...] = ()
        self._lock = threading.Lock()

    def run(self, job: Job) -> str:
        """The finished text of `job`; TemplateError if the template failed, was too slow or too large."""
        with self._lock:
            self._renew()
            if job.name in self._stopped:
                raise self._stopped[job.name]
            answer = self._answer(job)
        if "error" in answer:
            raise TemplateError(answer["error"])
        return answer["content"]

    def _renew(self) -> None:
        """After a change of any file in the folder: a new child, and a new chance for what was stopped."""
        stamp = tuple(sorted((str(f), f.stat().st_mtime_ns) for f in self._folder.rglob("*") if f.is_file()))
        if stamp != self._stamp:
            self._end()
            self._stopped.clear()
            self._stamp = stamp

    def _answer(self, job: Job) -> dict[str, str]:
        fresh = self._child is None
        try:
            return self._ask(pickle.dumps(job), self._seconds + (self._start_seconds if fresh else 0))
        except TemplateError as error:
            self._end()
            self._stopped[job.name] = error
            raise
        except (OSError, ValueError) as error:
            self._end()
            raise TemplateError(f"{job.name}: the process that renders templates ended unexpectedly") from error

    def close(self) -> None:
        """End the child, if there is one."""
        with self._lock:
            self._end()

    def _ask(self, body: bytes, seconds: float) -> dict[str, str]:
        child = self._started()
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(len(body).to_bytes(4, "big") + body)
        child.stdin.flush()
        until = time.monotonic() + seconds
        size = int.from_bytes(self._read(child.stdout.fileno(), 4, until), "big")
        if size > LARGEST:
            raise TemplateError("the template makes more text than it may")
        answer = json.loads(self._read(child.stdout.fileno(), size, until))
        return {str(k): str(v) for k, v in answer.items()}

    def _read(self, source: int, size: int, until: float) -> bytes:
        """Exactly `size` bytes before `until` on the monotonic clock."""
        parts, missing = [], size
        with selectors.DefaultSelector() as waiting:
            waiting.register(source, selectors.EVENT_READ)
            while missing:
                if not waiting.select(max(0.0, until - time.monotonic())):
                    raise TemplateError(f"a template in {self._folder} takes longer than {self._seconds:g} s")
                part = os.read(source, min(missing, 1 << 20))
                if not part:
                    raise TemplateError(f"a template in {self._folder} ended the process: it uses too much memory")
                parts.append(part)
                missing -= len(part)
        return b"".join(parts)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._child = subprocess.Popen(  # noqa: S603  our own interpreter and module
                [sys.executable, "-P", "-m", "digests.render.templates.child", str(self._folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"PYTHONPATH": os.pathsep.join(p or os.curdir for p in sys.path), "PYTHONUTF8": "1"},
            )
        return self._child

    def _end(self) -> None:
        if self._child is None:
            return
        self._child.kill()
        self._child.communicate()
        self._child = None
