"""The child process that renders with a user's templates: `python -m digests.render.templates.child FOLDER`.

Reads jobs from standard input, answers on standard output. Frames are a length (4 bytes, network order) and that many bytes:
a pickled `Job` in, JSON out. Its memory is limited here, its time by the parent, which kills it; it inherits no environment
but the search path, so that a template that escaped the sandbox would find no secrets.
"""

from __future__ import annotations

import json
import pickle
import resource
import sys
from pathlib import Path
from typing import BinaryIO

from digests.errors import TemplateError

MEMORY = 512 * 1024 * 1024  # bytes of address space
LARGEST = 32 * 1024 * 1024  # bytes of one answer


def serve(folder: Path, incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Answer jobs until the parent hangs up."""
    from digests.render.templates.printer import Printer

    printer = Printer(folder)
    while frame := read_frame(incoming):
        try:
            job = pickle.loads(frame)  # noqa: S301  written by our own parent
            answer = {"content": printer.run(job)}
        except TemplateError as error:
            answer = {"error": error.message}
        except MemoryError:
            answer = {"error": "the template uses more memory than it may"}
        body = json.dumps(answer).encode()
        if len(body) > LARGEST:
            body = json.dumps({"error": "the template makes more text than it may"}).encode()
        write_frame(outgoing, body)


def read_frame(stream: BinaryIO) -> bytes:
    """One frame; empty at the end of the stream."""
    head = stream.read(4)
    if len(head) < 4:
        return b""
    return stream.read(int.from_bytes(head, "big"))


def write_frame(stream: BinaryIO, body: bytes) -> None:
    """Send one frame."""
    stream.write(len(body).to_bytes(4, "big") + body)
    stream.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    serve(Path(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)
