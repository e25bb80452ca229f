"""The parent's side of a child process with limits."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import subprocess
import sys
import threading
import time
import weakref
from contextlib import suppress

from feeds.process.child import DONE, FAILED, LENGTH

MEBIBYTE = 1024 * 1024
WALL_FACTOR = 4.0  # on a busy machine a request may take this many times its processor time, in wall time …
WALL_GRACE = 20.0  # … and this many seconds more, for starting the process and for being scheduled
_PIECE = 1024 * 1024  # bytes read at once, and of a pipe where the kernel gives as much (64 KiB by default)


class ProcessDied(ChildProcessError):
    """The process ended with `status`, negative for a signal, instead of a response."""

    def __init__(self, status: int) -> None:
        super().__init__(f"its process ended with status {status}")
        self.status = status


class LimitedProcess:
    """One child process that runs `task` (`module:function`, see `feeds.process.child`), a request at a time.

    The process starts with the first request and lives on. When it exceeds a limit, fails or dies, the request fails
    and the next one starts a new process. It inherits no environment, so no secrets. `start_count` counts the
    processes. Threads may share it; `close` ends the process also while another thread waits for a response. When
    nobody refers to the object any more, its process is ended too.
    """

    def __init__(
        self,
        task: str,
        *arguments: str,
        cpu_seconds: float,
        memory_bytes: int,
        request_bytes: int = 128 * MEBIBYTE,
        response_bytes: int = 128 * MEBIBYTE,
    ) -> None:
        limits = (str(cpu_seconds), str(memory_bytes), str(response_bytes))
        module = ("-P", "-s", "-X", "utf8", "-m", "feeds.process.child")
        self._command = (sys.executable, *module, task, *limits, *arguments)
        self._request_bytes = request_bytes
        self._response_bytes = response_bytes
        self._cpu_seconds = cpu_seconds
        self._wall_seconds = cpu_seconds * WALL_FACTOR + WALL_GRACE
        self._process: subprocess.Popen[bytes] | None = None
        self._ending: weakref.finalize[[subprocess.Popen[bytes]], LimitedProcess] | None = None
        self.closed = False
        self._lock = threading.Lock()
        self.start_count = 0

    def run(self, request: bytes) -> bytes:
        """Return the handler's response. Blocks.

        Raises TimeoutError past the limit on time, ChildProcessError for every other failure of this request. What the
        process sends is not trusted: the caller must not unpickle it freely.
        """
        if len(request) > self._request_bytes:
            raise ChildProcessError(f"the input is larger than {self._request_bytes} bytes")
        with self._lock:
            until = time.monotonic() + self._wall_seconds
            try:
                status, response = self._exchange(self._started(), request, until)
            except TimeoutError:
                self._end()
                raise self._timeout() from None
            except (EOFError, OSError) as error:
                code = self._end()
                if code == -signal.SIGPROF:
                    raise self._timeout() from None
                raise ProcessDied(code) from error
            except BaseException:
                self._end()
                raise
            if status != DONE:
                self._end()
        if status == FAILED:
            raise ChildProcessError(response.decode("utf-8", "replace"))
        return response

    def close(self) -> None:
        """End the process, also in the middle of a request. It is not started again."""
        self.closed = True
        process = self._process
        if process is not None:
            process.kill()
        with self._lock:
            self._end()

    def _timeout(self) -> TimeoutError:
        return TimeoutError(f"it took longer than {self._cpu_seconds:g} s of processor time")

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self._end()  # it died while it was idle
        if self._process is None:
            self.start_count += 1
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            )
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            os.set_blocking(self._process.stdin.fileno(), False)
            self._ending = weakref.finalize(self, _end, self._process)
            _widen(self._process.stdin.fileno())
            _widen(self._process.stdout.fileno())
        if self.closed:  # after the assignment, as `close` reads it after setting the flag
            raise EOFError
        return self._process

    def _exchange(self, process: subprocess.Popen[bytes], request: bytes, until: float) -> tuple[bytes, bytes]:
        assert process.stdin is not None
        assert process.stdout is not None
        _write(process.stdin.fileno(), len(request).to_bytes(LENGTH, "big") + request, until)
        head = _read(process.stdout.fileno(), 1 + LENGTH, until)
        length = int.from_bytes(head[1:], "big")
        if length > self._response_bytes:
            raise EOFError
        return head[:1], _read(process.stdout.fileno(), length, until)

    def _end(self) -> int:
        """Kill the process, if there is one, and close its pipes. The exit status, negative for a signal."""
        process, self._process = self._process, None
        if process is None:
            return 0
        if self._ending is not None:
            self._ending.detach()
        return _end(process)


def _end(process: subprocess.Popen[bytes]) -> int:
    """Kill a process, close its pipes, and return its exit status."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.stdout.close()
    process.kill()
    return process.wait()


def _widen(pipe: int) -> None:
    """Make a pipe hold most requests and responses whole, so that neither side waits for the other in between."""
    size = getattr(fcntl, "F_SETPIPE_SZ", None)  # Linux only
    if size is not None:
        with suppress(OSError):  # a user's pipes may hold 64 MiB together
            fcntl.fcntl(pipe, size, _PIECE)


def _write(pipe: int, data: bytes, until: float) -> None:
    left = memoryview(data)
    while left:
        _wait(pipe, select.POLLOUT, until)
        left = left[os.write(pipe, left) :]


def _read(pipe: int, size: int, until: float) -> bytes:
    parts, missing = [], size
    while missing:
        _wait(pipe, select.POLLIN, until)
        part = os.read(pipe, min(missing, _PIECE))
        if not part:
            raise EOFError
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _wait(pipe: int, event: int, until: float) -> None:
    """Until the pipe is ready. Raises TimeoutError at `until` on the monotonic clock."""
    poll = select.poll()
    poll.register(pipe, event)
    if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
        raise TimeoutError
