"""A TCP relay on loopback that stalls, resets and refuses connections: a bad network before a database."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
from pathlib import Path
from typing import Self


class TcpFaults:
    """A context manager. Forwards connections to a Unix or TCP socket until told otherwise; thread-safe."""

    def __init__(self, target: Path | tuple[str, int]) -> None:
        self._target = target
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._lock = threading.Lock()
        self._open = threading.Event()
        self._open.set()
        self._refusing = False
        self._closed = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed = True
        self._open.set()
        self._server.close()
        self.reset()

    @property
    def connections(self) -> int:
        """How many connections are open."""
        with self._lock:
            return len(self._pairs)

    def stall(self) -> None:
        """Forward nothing until `resume`; connections stay open."""
        self._open.clear()

    def resume(self) -> None:
        """Forward again."""
        self._refusing = False
        self._open.set()

    def reset(self) -> None:
        """Reset all connections."""
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    end.shutdown(socket.SHUT_RDWR)
                with contextlib.suppress(OSError):
                    end.close()

    def refuse(self) -> None:
        """Reset all connections and every new one until `resume`."""
        self._refusing = True
        self.reset()

    def _accept(self) -> None:
        while not self._closed:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            if self._refusing:
                near.close()
                continue
            threading.Thread(target=self._forward, args=(near,), daemon=True).start()

    def _forward(self, near: socket.socket) -> None:
        family = socket.AF_UNIX if isinstance(self._target, Path) else socket.AF_INET
        far = socket.socket(family, socket.SOCK_STREAM)
        try:
            far.connect(str(self._target) if isinstance(self._target, Path) else self._target)
        except OSError:
            near.close()
            return
        pair = (near, far)
        with self._lock:
            self._pairs.add(pair)
        try:
            while True:
                ready, _, _ = select.select(pair, (), ())
                self._open.wait()
                for end in ready:
                    data = end.recv(65536)
                    if not data:
                        return
                    (far if end is near else near).sendall(data)
        except (OSError, ValueError):
            return  # reset
        finally:
            with self._lock:
                self._pairs.discard(pair)
            near.close()
            far.close()
