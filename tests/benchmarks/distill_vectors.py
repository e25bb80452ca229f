"""Distils a small table of word-piece vectors from an ONNX sentence encoder (all-MiniLM-L6-v2, Apache-2.0).

python -m tests.benchmarks.distill_vectors MODEL.onnx TOKENIZER.json OUT.npz NEWS.jsonl[.gz] [--width 128]
Each piece is encoded alone, the vectors are centred and reduced by principal components, weighted by how rare the piece is
in NEWS, and stored as int8 with one scale a row. Needs onnxruntime and tokenizers; the product needs only numpy.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.lines import read

BATCH = 256


def encode(model: str, pieces: int, first: int, last: int) -> Any:
    """Return the mean vector of each piece between the two marks of a sentence."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options)
    wanted = {i.name for i in session.get_inputs()}
    rows = []
    for start in range(0, pieces, BATCH):
        ids = np.arange(start, min(start + BATCH, pieces))
        tokens = np.stack([np.full_like(ids, first), ids, np.full_like(ids, last)], axis=1).astype(np.int64)
        feeds = {"input_ids": tokens, "attention_mask": np.ones_like(tokens), "token_type_ids": np.zeros_like(tokens)}
        out = session.run(None, {k: v for k, v in feeds.items() if k in wanted})[0]
        rows.append(out.mean(axis=1) if out.ndim == 3 else out)
    return np.concatenate(rows)


def reduce(vectors: Any, width: int) -> Any:
    """Centre and keep the `width` strongest principal components."""
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    return centred @ axes[:, ::-1][:, :width]


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("model", "tokenizer", "out", "news"):
        parser.add_argument(name)
    parser.add_argument("--width", type=int, default=128)
    args = parser.parse_args()
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(args.tokenizer)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    vocabulary = tokenizer.get_vocab()
    held: Counter[int] = Counter()
    texts = [f"{r.get('title') or ''} {r.get('text') or ''}"[:800] for r in read(args.news)]
    for encoded in tokenizer.encode_batch(texts, add_special_tokens=False):
        held.update(set(encoded.ids))
    vectors = reduce(encode(args.model, len(vocabulary), vocabulary["[CLS]"], vocabulary["[SEP]"]), args.width)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    weight = np.log((len(texts) + 1) / (np.array([held[i] for i in range(len(vectors))]) + 0.5))
    scale = np.abs(vectors).max(axis=1, keepdims=True) / 127
    pieces = sorted(vocabulary, key=vocabulary.__getitem__)
    np.savez_compressed(
        Path(args.out),
        table=np.round(vectors / scale).astype(np.int8),
        scale=(scale[:, 0] * weight).astype(np.float16),
        pieces=np.frombuffer("\n".join(pieces).encode(), np.uint8),
    )


if __name__ == "__main__":
    main()
