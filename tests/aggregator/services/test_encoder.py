from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest

from aggregator.services.encoder import EncoderUnusable, EndpointEncoder, open_encoder
from aggregator.stories.grouping.engine import Grouper
from tests.aggregator.stories.news import QUAKE_IRAN, QUAKE_PERU, stream


class _Service(BaseHTTPRequestHandler):
    """Answers as an embeddings service does: one vector a text, here by its first letters."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.path == "/v1/embeddings"
        if asked["model"] == "broken":
            body = b'{"data": "nothing"}'
        else:
            data = [{"index": k, "embedding": [float(len(t)), 1.0, 2.0]} for k, t in enumerate(asked["input"])]
            body = json.dumps({"data": data[::-1]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Service)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_endpoint_gives_one_unit_vector_a_text_in_the_order_asked(service: str) -> None:
    rows = open_encoder(service, "small").encode(["a", "four", *["x" * k for k in range(20)]])
    assert rows.shape == (22, 3)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0)
    assert np.allclose(rows[1] * np.sqrt(21), [4.0, 1.0, 2.0])


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", None], ids=["nobody there", "broken answer"])
def test_without_an_answer_words_alone_decide(service: str, url: str | None) -> None:
    encoder = EndpointEncoder(url or service, "broken", timeout=2.0)
    assert not encoder.encode(["one", "two"]).any()
    grouper = Grouper(encoder=encoder)
    assert len({grouper.add(d).story for d in stream(QUAKE_PERU[0], QUAKE_IRAN[0])}) == 2


def test_a_folder_without_a_model_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnusable, match=r"not installed|one \.onnx model"):
        open_encoder(str(tmp_path))
