"""An HTTP server on loopback that answers chat completions as a test wants: good, wrong, hostile, slow, broken."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """One scripted answer. `content` is the model's text; `body` replaces the whole response; `stall` delays it."""

    content: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    usage: tuple[int, int] = (0, 0)
    stall: bool = False
    drip: bool = False  # one byte now and then, never done
    cut: bool = False  # the connection breaks in the middle

    def bytes(self) -> bytes:
        if self.body is not None:
            return self.body
        usage = {"prompt_tokens": self.usage[0], "completion_tokens": self.usage[1]}
        reply = {"choices": [{"message": {"role": "assistant", "content": self.content}}], "usage": usage}
        return json.dumps(reply).encode()


def answer_of(*sentences: tuple[str, list[int]], **more: Any) -> Answer:
    """A well-formed answer of these sentences with their sources."""
    listed = [{"text": text, "sources": ids} for text, ids in sentences]
    return Answer(json.dumps({"sentences": listed}), **more)


Script = Callable[[dict[str, Any]], Answer]


class ChatServer:
    """The server: its address, what it was asked, and its script: answers in turn (the last again and again)."""

    def __init__(self, *answers: Answer | Script) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.released = threading.Event()
        self._lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"

    def _next(self, request: dict[str, Any], headers: dict[str, str]) -> Answer:
        with self._lock:
            self.asked.append(request)
            self.headers.append(headers)
            chosen = self.answers[min(len(self.asked), len(self.answers)) - 1]
        return chosen if isinstance(chosen, Answer) else chosen(request)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                request = json.loads(self.rfile.read(length))
                answer = outer._next({"path": self.path, **request}, dict(self.headers))
                with suppress(OSError):  # the client may have gone
                    self._send(answer)

            def _send(self, answer: Answer) -> None:
                if answer.stall:
                    outer.released.wait(20)
                body = answer.bytes()
                self.send_response_only(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body) * (2 if answer.cut or answer.drip else 1)))
                self.end_headers()
                if answer.drip:
                    for byte in body:
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                        if outer.released.wait(0.05):
                            break
                    self.close_connection = True
                    return
                self.wfile.write(body)
                self.close_connection = answer.cut

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        return Handler


@contextmanager
def serving(*answers: Answer | Script) -> Iterator[ChatServer]:
    """Run a server for the length of a test."""
    server = ChatServer(*answers)
    thread = threading.Thread(target=server.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.server.shutdown()
        server.server.server_close()
        thread.join(5)
