"""Sentence encoders that the user may name: an ONNX model in a folder, or an OpenAI-compatible embeddings endpoint.

Neither is needed: without one the story engine reads the meaning of English texts from its own table.
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

TOKENS = 128  # of a text that are read
BATCH = 16  # texts at once: larger ones only take memory
_MAX_BYTES = 64_000_000  # of an endpoint's answer
_log = logging.getLogger(__name__)


class EncoderUnusable(ValueError):
    """the sentence encoder cannot be used"""


def open_encoder(where: str, model: str = "", key: str = "", timeout: float = 60.0) -> Encoder:
    """Return the encoder at a folder or a base address such as `http://127.0.0.1:11434/v1`. Raises EncoderUnusable."""
    if where.startswith(("http://", "https://")):
        return EndpointEncoder(where, model, key, timeout)
    return OnnxEncoder(Path(where))


class OnnxEncoder:
    """A model and its `tokenizer.json` in one folder, run on one thread: mean of the token vectors, of length one."""

    def __init__(self, folder: Path) -> None:
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError as error:
            raise EncoderUnusable(
                f"{error.name} is not installed: pip install 'aggregator-digest[embeddings]'"
            ) from error
        models = sorted(folder.glob("**/*.onnx"))
        cutters = sorted(folder.glob("**/tokenizer.json"))
        if len(models) != 1 or not cutters:
            raise EncoderUnusable(f"{folder} has to hold one .onnx model and its tokenizer.json")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(str(models[0]), options, providers=["CPUExecutionProvider"])
            self._tokenizer = Tokenizer.from_file(str(cutters[0]))
        except Exception as error:
            raise EncoderUnusable(f"{folder}: {error}") from error
        self.name = f"{models[0].resolve()} {models[0].stat().st_size}"
        self._wanted = {i.name for i in self._session.get_inputs()}
        self._tokenizer.enable_truncation(TOKENS)
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str]) -> Vector:
        """Return one unit vector a text, as rows. Texts of one length are read together, as padding costs time."""
        tokens = [e.ids for e in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(tokens)), key=lambda k: len(tokens[k]))
        rows: dict[int, Any] = {}
        for start in range(0, len(order), BATCH):
            some = order[start : start + BATCH]
            rows.update(zip(some, self._run([tokens[k] for k in some]), strict=True))
        return np.array([rows[k] for k in range(len(tokens))], np.float32)

    def _run(self, tokens: list[list[int]]) -> Vector:
        ids = np.zeros((len(tokens), max(1, *map(len, tokens))), np.int64)
        mask = np.zeros_like(ids)
        for row, some in enumerate(tokens):
            ids[row, : len(some)] = some
            mask[row, : len(some)] = 1
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        out = np.asarray(self._session.run(None, {k: v for k, v in feeds.items() if k in self._wanted})[0], np.float32)
        if out.ndim == 3:
            out = (out * mask[:, :, None]).sum(axis=1) / np.maximum(mask.sum(axis=1), 1)[:, None]
        return _unit(out)


class EndpointEncoder:
    """An endpoint at `url`/embeddings. While it does not answer, texts are without a vector and words alone decide."""

    def __init__(self, url: str, model: str, key: str = "", timeout: float = 60.0) -> None:
        self._url = url.rstrip("/") + "/embeddings"
        self._model = model
        self.name = f"{self._url} {model}"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._timeout = timeout
        self._wide = 1

    def encode(self, texts: Sequence[str]) -> Vector:
        """Return one unit vector a text, as rows; zeros for texts that got no answer."""
        parts: list[Vector] = []
        with self._client() as client:
            for start in range(0, len(texts), BATCH):
                some = list(texts[start : start + BATCH])
                try:
                    parts.append(self._ask(client, some))
                except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
                    _log.warning("no embeddings: %s", error)
                    left = len(texts) - start
                    parts.append(np.zeros((left, self._wide), np.float32))
                    break
        return _stacked(parts)

    def _client(self) -> httpx.Client:
        return httpx.Client(
            headers=self._headers, trust_env=False, timeout=self._timeout, transport=EndpointTransport()
        )

    def _ask(self, client: httpx.Client, texts: list[str]) -> Vector:
        answer = client.post(self._url, json={"model": self._model, "input": texts})
        answer.raise_for_status()
        if len(answer.content) > _MAX_BYTES:
            raise ValueError("the answer is too large")
        data = sorted(answer.json()["data"], key=lambda item: item["index"])
        rows = np.array([item["embedding"] for item in data], np.float32)
        if rows.ndim != 2 or len(rows) != len(texts) or not np.isfinite(rows).all():
            raise ValueError("the answer does not hold one vector a text")
        self._wide = rows.shape[1]
        return _unit(rows)


def _unit(rows: Vector) -> Vector:
    norms = np.sqrt((rows**2).sum(axis=1, keepdims=True))
    return np.asarray(rows / np.maximum(norms, 1e-9), np.float32)


def _stacked(parts: list[Vector]) -> Vector:
    wide = max((p.shape[1] for p in parts), default=1)
    return np.vstack([np.pad(p, ((0, 0), (0, wide - p.shape[1]))) for p in parts] or [np.zeros((0, wide), np.float32)])
