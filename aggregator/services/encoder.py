"""Optional sentence encoders: an ONNX model in a folder, or an OpenAI-compatible embeddings endpoint.

Without one the grouping engine uses its own word vectors for English.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from aggregator.services.network import EndpointTransport
from aggregator.stories.encoder import Encoder, Vector

TOKENS = 128  # tokens of a text that are encoded
BATCH = 16  # texts encoded together; more only needs more memory
_MAX_BYTES = 64_000_000  # limit of an endpoint's response
_log = logging.getLogger(__name__)


class EncoderUnusable(ValueError):
    """the sentence encoder cannot be used"""


def open_encoder(location: str, model: str = "", key: str = "", timeout: float = 60.0) -> Encoder:
    """Open the encoder in a folder or at a base URL such as `http://127.0.0.1:11434/v1`. Raises EncoderUnusable."""
    if location.startswith(("http://", "https://")):
        return EndpointEncoder(location, model, key, timeout)
    return OnnxEncoder(Path(location))


class OnnxEncoder:
    """Runs an ONNX model with its `tokenizer.json` on one thread; a text's vector is the mean of its token vectors."""

    def __init__(self, folder: Path) -> None:
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError as error:
            install = "pip install --require-hashes -r requirements/embeddings.lock"
            raise EncoderUnusable(f"{error.name} is not installed: {install}") from error
        models = sorted(folder.glob("**/*.onnx"))
        tokenizers = sorted(folder.glob("**/tokenizer.json"))
        if len(models) != 1 or not tokenizers:
            raise EncoderUnusable(f"{folder} must hold one .onnx model and its tokenizer.json")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(str(models[0]), options, providers=["CPUExecutionProvider"])
            self._tokenizer = Tokenizer.from_file(str(tokenizers[0]))
        except Exception as error:
            raise EncoderUnusable(f"{folder}: {error}") from error
        self.name = f"{models[0].resolve()} {models[0].stat().st_size}"
        self._input_names = {i.name for i in self._session.get_inputs()}
        self._tokenizer.enable_truncation(TOKENS)
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str]) -> Vector:
        """Return one unit vector per text, as rows. Texts of similar length share a batch, as padding costs time."""
        tokens = [e.ids for e in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(tokens)), key=lambda k: len(tokens[k]))
        rows: dict[int, Any] = {}
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            rows.update(zip(batch, self._run([tokens[k] for k in batch]), strict=True))
        return np.array([rows[k] for k in range(len(tokens))], np.float32)

    def _run(self, tokens: list[list[int]]) -> Vector:
        ids = np.zeros((len(tokens), max(1, *map(len, tokens))), np.int64)
        mask = np.zeros_like(ids)
        for row, token_ids in enumerate(tokens):
            ids[row, : len(token_ids)] = token_ids
            mask[row, : len(token_ids)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        out = np.asarray(
            self._session.run(None, {k: v for k, v in inputs.items() if k in self._input_names})[0], np.float32
        )
        if out.ndim == 3:
            out = (out * mask[:, :, None]).sum(axis=1) / np.maximum(mask.sum(axis=1), 1)[:, None]
        return _unit_rows(out)


class EndpointEncoder:
    """Uses an endpoint at `url`/embeddings. When it fails, texts have no vector and grouping uses words only."""

    def __init__(self, url: str, model: str, key: str = "", timeout: float = 60.0) -> None:
        self._url = url.rstrip("/") + "/embeddings"
        self._model = model
        self.name = f"{self._url} {model}"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._timeout = timeout
        self._size = 1

    def encode(self, texts: Sequence[str]) -> Vector:
        """Return one unit vector per text, as rows; zeros for texts without a response."""
        parts: list[Vector] = []
        with self._client() as client:
            for start in range(0, len(texts), BATCH):
                batch = list(texts[start : start + BATCH])
                try:
                    parts.append(self._request(client, batch))
                except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
                    _log.warning("no embeddings: %s", error)
                    left = len(texts) - start
                    parts.append(np.zeros((left, self._size), np.float32))
                    break
        return _stack(parts)

    def _client(self) -> httpx.Client:
        return httpx.Client(
            headers=self._headers, trust_env=False, timeout=self._timeout, transport=EndpointTransport()
        )

    def _request(self, client: httpx.Client, texts: list[str]) -> Vector:
        response = client.post(self._url, json={"model": self._model, "input": texts})
        response.raise_for_status()
        if len(response.content) > _MAX_BYTES:
            raise ValueError("the response is too large")
        data = sorted(response.json()["data"], key=lambda item: item["index"])
        rows = np.array([item["embedding"] for item in data], np.float32)
        if rows.ndim != 2 or len(rows) != len(texts) or not np.isfinite(rows).all():
            raise ValueError("the response does not hold one vector per text")
        self._size = rows.shape[1]
        return _unit_rows(rows)


def _unit_rows(rows: Vector) -> Vector:
    norms = np.sqrt((rows**2).sum(axis=1, keepdims=True))
    return np.asarray(rows / np.maximum(norms, 1e-9), np.float32)


def _stack(parts: list[Vector]) -> Vector:
    size = max((p.shape[1] for p in parts), default=1)
    return np.vstack([np.pad(p, ((0, 0), (0, size - p.shape[1]))) for p in parts] or [np.zeros((0, size), np.float32)])
