"""Distils the table of word-piece vectors (`aggregator/stories/data/vectors.npz`) from a sentence encoder.

python -m tests.benchmarks.distill_vectors MODEL.onnx TOKENIZER.json OUT.npz NEWS.jsonl[.gz]… [--width 256] [--taught
FILE] The encoder (all-MiniLM-L6-v2, Apache-2.0, as ONNX) reads passages of unlabelled English news and, alone, each
piece of its vocabulary. The table is the one whose weighted sums of pieces come nearest to the encoder's vectors of the
passages, held near the lone pieces where news says little (ridge regression, conjugate gradients), in the `width`
directions in which news varies most. Rows are int8 with one scale each. `--taught` keeps the encoder's answers, which
are the slow part: 50 passages a second. Needs onnxruntime, tokenizers and scipy; the product needs only numpy.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.lines import read

PASSAGE, MOST = 60, 12  # words of a passage, passages of a text
HOLD = 0.3  # how strongly a piece is held near its lone vector
STEPS = 30
_KEPT = re.compile(r"(?:##)?[a-z0-9]+")


class Encoder:
    """The sentence encoder, one thread."""

    def __init__(self, model: str, tokenizer: str) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(model, options)
        self._wanted = {i.name for i in self._session.get_inputs()}
        self._tokenizer = Tokenizer.from_file(tokenizer)
        self._tokenizer.enable_truncation(128)
        self._tokenizer.no_padding()
        self.vocabulary: dict[str, int] = self._tokenizer.get_vocab()

    def run(self, ids: Any, mask: Any) -> Any:
        """Return the mean vector of each row of token ids."""
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        out = self._session.run(None, {k: v for k, v in feeds.items() if k in self._wanted})[0]
        return (out * mask[:, :, None]).sum(1) / mask.sum(1)[:, None] if out.ndim == 3 else out

    def passages(self, texts: list[str], batch: int = 16) -> Any:
        """Return the unit vectors of texts."""
        rows = [e.ids for e in self._tokenizer.encode_batch(texts)]
        order = sorted(range(len(rows)), key=lambda k: len(rows[k]))
        out = np.zeros((len(rows), 384), np.float32)
        for start in range(0, len(order), batch):
            some = order[start : start + batch]
            ids = np.zeros((len(some), max(len(rows[k]) for k in some)), np.int64)
            mask = np.zeros_like(ids)
            for line, k in enumerate(some):
                ids[line, : len(rows[k])], mask[line, : len(rows[k])] = rows[k], 1
            out[some] = self.run(ids, mask)
        return unit(out)

    def pieces(self, batch: int = 256) -> Any:
        """Return the vector of each piece of the vocabulary, standing alone between the marks of a sentence."""
        first, last = self.vocabulary["[CLS]"], self.vocabulary["[SEP]"]
        out = []
        for start in range(0, len(self.vocabulary), batch):
            some = np.arange(start, min(start + batch, len(self.vocabulary)))
            ids = np.stack([np.full_like(some, first), some, np.full_like(some, last)], axis=1).astype(np.int64)
            out.append(self.run(ids, np.ones_like(ids)))
        return np.concatenate(out)


def unit(rows: Any) -> Any:
    """Return rows of length 1."""
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def passages(paths: list[str]) -> list[str]:
    """Cut the English texts of files into passages, each once."""
    out: dict[str, None] = {}
    for path in paths:
        for row in read(path):
            if row.get("lang", "en") == "en":
                words = f"{row.get('title') or ''}. {row.get('text') or ''}".strip(". ").split()
                for start in range(0, min(len(words), PASSAGE * MOST), PASSAGE):
                    if start == 0 or len(words) - start >= PASSAGE // 3:
                        out[" ".join(words[start : start + PASSAGE])] = None
    return list(out)


def counted(texts: list[str], names: list[str]) -> Any:
    """Return a sparse matrix: how often each piece is in each text, dampened, as the product counts."""
    from scipy import sparse

    from digests.language.vectors import Pieces

    pieces = Pieces(names)
    rows, columns, often = [], [], []
    for line, text in enumerate(texts):
        for piece, n in Counter(pieces.rows(text)).items():
            rows.append(line)
            columns.append(piece)
            often.append(1.0 + np.log(n))
    return sparse.csr_matrix((often, (rows, columns)), shape=(len(texts), len(names)), dtype=np.float32)


def fitted(counts: Any, taught: Any, alone: Any, width: int) -> Any:
    """Return the table: one row a piece, its rarity in the news already in its length."""
    from scipy import sparse

    held = np.asarray((counts > 0).sum(0)).ravel()
    rarity = np.log((counts.shape[0] + 1) / (held + 0.5)).astype(np.float32)
    weighed = counts @ sparse.diags(rarity)
    length = np.sqrt(np.asarray(weighed.multiply(weighed).sum(1)).ravel())
    weighed = (sparse.diags(1 / np.maximum(length, 1e-6)) @ weighed).tocsr()
    centred = taught - taught.mean(axis=0)
    axes = np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :width]
    goal, start = centred @ axes, (alone - alone.mean(axis=0)) @ axes
    guess = weighed @ start
    start *= (guess * goal).sum() / (guess * guess).sum()
    change = solve(weighed, goal - weighed @ start)
    return (start + change) * rarity[:, None]


def solve(matrix: Any, goal: Any) -> Any:
    """Minimise |matrix x - goal|² + HOLD |x|², every column of the goal by itself."""
    rest = matrix.T @ goal
    x, way, size = np.zeros_like(rest), rest.copy(), (rest * rest).sum(0)
    for _ in range(STEPS):
        moved = matrix.T @ (matrix @ way) + HOLD * way
        step = size / np.maximum((way * moved).sum(0), 1e-12)
        x += way * step
        rest -= moved * step
        size, before = (rest * rest).sum(0), size
        way = rest + way * (size / np.maximum(before, 1e-12))
    return x


def taught_by(encoder: Encoder, texts: list[str], kept: str | None) -> Any:
    """Return the encoder's vectors of the passages: kept from an earlier run over the same passages, else asked."""
    if kept and Path(kept).exists():
        held = np.load(kept)
        at = {text: k for k, text in enumerate(bytes(held["texts"]).decode().split("\0"))}
        if all(text in at for text in texts):
            return held["vectors"][[at[text] for text in texts]].astype(np.float32)
    found = encoder.passages(texts)
    if kept:
        np.savez(kept, texts=np.frombuffer("\0".join(texts).encode(), np.uint8), vectors=found.astype(np.float16))
    return found


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "tokenizer", "out"):
        parser.add_argument(name)
    parser.add_argument("news", nargs="+")
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--taught")
    args = parser.parse_args()
    encoder = Encoder(args.model, args.tokenizer)
    texts = passages(args.news)
    kept = sorted((k, name) for name, k in encoder.vocabulary.items() if _KEPT.fullmatch(name))
    names = [name for _, name in kept]
    alone = encoder.pieces()[[k for k, _ in kept]]
    table = fitted(counted(texts, names), taught_by(encoder, texts, args.taught), alone, args.width)
    scale = np.maximum(np.abs(table).max(axis=1), 1e-9) / 127
    np.savez(
        Path(args.out),
        table=np.round(table / scale[:, None]).astype(np.int8),
        scale=scale.astype(np.float32),
        pieces=np.frombuffer("\n".join(names).encode(), np.uint8),
    )
    print(f"{len(texts)} passages, {len(names)} pieces of {args.width} numbers")


if __name__ == "__main__":
    main()
