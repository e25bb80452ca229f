"""Renders a user's templates in a child process, because the Jinja2 sandbox limits neither time nor memory."""

from __future__ import annotations

import json
import pickle
import threading
from pathlib import Path
from typing import Protocol

from digests.errors import TemplateError
from digests.render.templates.runner import Job

CPU_SECONDS = 10.0  # for one rendering; the packaged templates take 0.05
MEMORY_BYTES = 512 * 1024 * 1024
RESPONSE_BYTES = 32 * 1024 * 1024  # of one rendered text


class ChildProcess(Protocol):
    """A process that turns requests into responses, one at a time, and is started again after a failure."""

    def run(self, request: bytes) -> bytes:
        """Return the response. Raises TimeoutError after the time limit, ChildProcessError for every other failure."""

    def close(self) -> None:
        """End the process."""


class StartProcess(Protocol):
    """Starts a child process that runs a handler. `task` is `module:function`; the function returns the handler."""

    def __call__(
        self, task: str, *arguments: str, cpu_seconds: float, memory_bytes: int, response_bytes: int
    ) -> ChildProcess:
        """Return a process with these limits on each request; it may start only with the first request."""


class UserTemplates:
    """The templates of `folder`. Safe for several threads; jobs run one after the other."""

    def __init__(self, folder: Path, start: StartProcess, cpu_seconds: float = CPU_SECONDS) -> None:
        self.folder = folder
        self._start, self._cpu_seconds = start, cpu_seconds
        self._process: ChildProcess | None = None
        self._stopped: dict[str, TemplateError] = {}  # not tried again until a file of the folder changes
        self._stamp: tuple[tuple[str, int], ...] = ()
        self._lock = threading.Lock()

    def run(self, job: Job) -> str:
        """Return the rendered text of `job`. Raises TemplateError if the template failed, was too slow or too large."""
        with self._lock:
            self._notice_changes()
            if job.name in self._stopped:
                raise self._stopped[job.name]
            response = self._response(job)
        if "error" in response:
            raise TemplateError(response["error"])
        return response["content"]

    def close(self) -> None:
        """End the child process, if there is one."""
        with self._lock:
            self._end()

    def _notice_changes(self) -> None:
        """Start a new process when a file of the folder has changed, because a process keeps its templates."""
        stamp = tuple(sorted((str(f), f.stat().st_mtime_ns) for f in self.folder.rglob("*") if f.is_file()))
        if stamp != self._stamp:
            self._end()
            self._stopped.clear()
            self._stamp = stamp

    def _response(self, job: Job) -> dict[str, str]:
        if self._process is None:
            self._process = self._start(
                "digests.render.templates.child:handler",
                str(self.folder),
                cpu_seconds=self._cpu_seconds,
                memory_bytes=MEMORY_BYTES,
                response_bytes=RESPONSE_BYTES,
            )
        try:
            response = json.loads(self._process.run(pickle.dumps(job)))
            return {str(key): str(value) for key, value in response.items()}
        except TimeoutError:
            error = TemplateError(f"{job.name}: the template takes longer than {self._cpu_seconds:g} s")
        except (OSError, ValueError) as failure:
            error = TemplateError(f"{job.name}: the template was stopped: {failure}")
        self._stopped[job.name] = error
        raise error

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.close()
