"""Fixes the weights of the story engine (`aggregator/stories/data/grouping.json`) from labelled streams of news.

python -m tests.benchmarks.train_grouping OUT.json NAME=DOCS,GOLD[,SPLIT[,LANG]] NAME=PAIRS … --bars NAME:F1 …
    [--embeddings FOLDER] [--leave-out NAME]
DOCS and GOLD are JSON lines ({id, title, text?, time?, lang?, source?} in stream order; {id, cluster}); PAIRS are pairs of
whole articles that people rated, made into a stream. Three logistic models
are fitted, one after the other: of two articles, of an article with a story that is labelled right so far, and of two stories
that the first two models left apart. Every set counts the same; a view that says "alike" may only speak for, one that says
"different" only against. Then the thresholds: the set that is worst beside its bar decides. Deterministic.
`--leave-out` fits without the sets whose name begins so, and reports them: what to expect of news never seen.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from aggregator.stories import weights
from aggregator.stories.grouping import STORIES
from aggregator.stories.index import Floats, Ints
from aggregator.stories.meaning import Encoder
from aggregator.stories.weights import FOREIGN, KINDS, MERGE, PAIR, STORY, Model
from tests.benchmarks.labelled import Replay, Set, load, scores

FREE = {"bias", "length", "longer", "size", "smaller", "larger", "odds", "meant"}
AGAINST = {"other subjects", "other counts", "other numbers", "days", "hours", "same source", "quiet", "age", "apart"}
TOGETHER, SMALL = 1e-4, 3e-5  # penalties: for kinds that differ, for weights at all
JOINING = (0.6, 0.9, 1.2)  # added to the fitted log-odds: what is tried
MERGING = (-0.6, -0.3)


@dataclass
class Rows:
    """Rows to fit: columns, labels (a share from 0 to 1), kind, and the group whose rows together weigh one."""

    x: Floats
    y: Floats
    kind: Ints
    group: Ints

    @classmethod
    def of(cls, parts: Iterable[tuple[Floats, Floats, Ints, int]]) -> Rows:
        x, y, kind, group = zip(*((x, y, k, 3 * g + k) for x, y, k, g in parts), strict=True)
        return cls(np.concatenate(x), np.concatenate(y), np.concatenate(kind), np.concatenate(group))


def pair_rows(sets: Sequence[Set]) -> Rows:
    """Return every comparison that was made, with whether the two tell the same event."""
    return Rows.of(
        (s.rows, np.array([float(one.seen[e].gold == s.gold) for e in s.others]), s.kinds, k)
        for k, one in enumerate(sets)
        for s in one.seen
        if s.rows is not None and s.kinds is not None and s.others
    )


def story_rows(sets: Sequence[Set], model: Model) -> Rows:
    """Return every article beside every story near it, where all before it stand in their right stories."""
    parts = []
    for k, one in enumerate(sets):
        replay = Replay(one.seen, one.reader, model)
        for s in one.seen:
            if s.article is None:
                continue
            article = replay.placed(s)
            others, rows, kinds = replay._compared(article)
            if others:
                odds = model.pairs(rows, kinds)
                homes: dict[str, list[int]] = defaultdict(list)  # in order of likeness
                for j in np.argsort(-odds, kind="stable").tolist():
                    homes[others[j].story].append(j)
                homes = dict(list(homes.items())[:STORIES])
                best = [m[0] for m in homes.values()]
                labels = np.array([float(h == s.gold) for h in homes])
                parts.append((replay._columns(article, homes, odds), labels, kinds[best], k))
            replay._window.insert(article, s.gold)
    return Rows.of(parts)


def merge_rows(sets: Sequence[Set], model: Model) -> Rows:
    """Return pairs of stories that the model left apart and one article brings together."""
    parts, n = [], len(KINDS)
    for k, one in enumerate(sets):
        for looser in (0.0, 1.0):
            replay = Replay(one.seen, one.reader, shifted(model, [0.0] * n + [looser] * n + [0.0] * n))
            replay.collects = True
            for s in one.seen:
                replay.add(s.document)
            if replay.rows:
                x, y, kinds = zip(*replay.rows, strict=True)
                parts.append((np.array(x), np.array(y), np.array(kinds, np.int32), k))
    return Rows.of(parts)


def fit(rows: Rows, columns: Sequence[str]) -> Floats:
    """Fit one row of weights a kind, with an intercept a group; the kind's bias is the mean of its groups'.

    Projected Newton: a weight that would get the wrong sign stays zero.
    """
    scale = np.sqrt((rows.x**2).mean(axis=0)) + 1e-9
    names, place = np.unique(rows.group, return_inverse=True)
    counts = np.bincount(place)
    weight = (np.minimum(1.0, counts / 800) / counts)[place]
    weight /= weight.sum()
    signs = np.array([0 if c in FREE else -1 if c in AGAINST else 1 for c in columns])
    wide = len(columns)
    n = len(KINDS) * wide + len(names)
    penalty = _penalty(len(KINDS), wide, n)
    sign = np.concatenate([np.tile(signs, len(KINDS)), np.zeros(len(names))])
    parts = [np.flatnonzero(rows.kind == k) for k in range(len(KINDS))]
    blocks = [np.hstack([rows.x[i] / scale, np.eye(len(names))[place[i]]]) for i in parts]
    for block in blocks:
        block[:, columns.index("bias")] = 0.0
    where = [np.r_[k * wide : (k + 1) * wide, len(KINDS) * wide : n] for k in range(len(KINDS))]
    v = np.zeros(n)

    def loss(at: Floats) -> float:
        total = float(at @ penalty @ at) / 2
        for i, block, w in zip(parts, blocks, where, strict=True):
            z = block @ at[w]
            total += float((weight[i] * (np.logaddexp(0.0, z) - rows.y[i] * z)).sum())
        return total

    for _ in range(40):
        gradient, hessian = penalty @ v, penalty + 1e-9 * np.eye(n)
        for i, block, w in zip(parts, blocks, where, strict=True):
            p = weights.likelihood(block @ v[w])
            gradient[w] += block.T @ (weight[i] * (p - rows.y[i]))
            hessian[np.ix_(w, w)] += block.T @ (block * (weight[i] * np.maximum(p * (1 - p), 1e-4))[:, None])
        free = ~((v == 0) & (sign != 0) & (sign * gradient > 0))
        step = np.zeros(n)
        step[free] = np.linalg.solve(hessian[np.ix_(free, free)], -gradient[free])
        before, size = loss(v), 1.0
        while size > 1e-4:
            new = v + size * step
            new[(sign != 0) & (sign * new < 0)] = 0.0
            if loss(new) < before - 1e-9:
                break
            size /= 2
        if size <= 1e-4 or before - loss(new) < 1e-7:
            break
        v = new
    out = v[: len(KINDS) * wide].reshape(len(KINDS), wide) / scale
    biases = v[len(KINDS) * wide :]
    for k in range(len(KINDS)):
        mine = [b for g, b in zip(names, biases, strict=True) if g % len(KINDS) == k]
        out[k, columns.index("bias")] = np.mean(mine or biases)
    return out


def _penalty(kinds: int, wide: int, n: int) -> Floats:
    out = np.zeros((n, n))
    apart = np.eye(kinds) - 1.0 / kinds
    block = TOGETHER * apart + SMALL * np.eye(kinds)
    for c in range(wide):
        at = np.arange(kinds) * wide + c
        out[np.ix_(at, at)] = block
    return out


def shifted(model: Model, by: Sequence[float] | Floats) -> Model:
    """Return the model with the biases of its rows moved: by kind those of pairs, stories and merges."""
    parts, n = [], len(KINDS)
    for k, matrix in enumerate((model.pair, model.story, model.merge)):
        moved = matrix.copy()
        moved[:, 0] += np.asarray(by)[n * k : n * k + n]
        parts.append(moved)
    return Model(*parts)


def settled(sets: Sequence[Set], model: Model, bars: Mapping[str, float]) -> Model:
    """Return the model with its thresholds: by kind those with which the set that is worst beside its bar fares best.

    Each kind is chosen by the sets that are mostly of it, and those across languages, after the others, by all.
    """
    n = len(KINDS)
    at = np.zeros(3 * n)
    for first, choices in ((n, JOINING), (2 * n, MERGING)):
        tried = {c: scores(sets, shifted(model, _set(at, first, range(n), c))) for c in choices}
        for kind in range(FOREIGN):
            mine = [s.name for s in sets if s.kind == kind]
            at[first + kind] = max(choices, key=lambda c: _worst(tried[c], bars, mine))
        mixed = [s for s in sets if len({one.language for one in s.seen}) > 1]
        names = [s.name for s in mixed]
        if mixed:
            tried = {c: scores(mixed, shifted(model, _set(at, first, [FOREIGN], c))) for c in choices}
            at[first + FOREIGN] = max(choices, key=lambda c: _worst(tried[c], bars, names))
    print("thresholds", at[n:].reshape(2, n).tolist())
    return shifted(model, at)


def _set(at: Floats, first: int, kinds: Iterable[int], value: float) -> Floats:
    out = at.copy()
    out[[first + k for k in kinds]] = value
    return out


def _worst(found: dict[str, tuple[float, float, float]], bars: Mapping[str, float], sets: Sequence[str]) -> float:
    """Return the smallest distance over a bar, and a little for the rest, so that equals are told apart."""
    over = [f - bars[name] for name, (_, _, f) in found.items() if name in bars and name.split()[0] in sets]
    return min(over, default=0.0) + 0.1 * sum(over)


def train(sets: Sequence[Set], bars: Mapping[str, float]) -> Model:
    """Fit the three models, then the thresholds."""
    none = np.zeros((len(KINDS), len(MERGE)))
    model = Model(fit(pair_rows(sets), PAIR), np.zeros((len(KINDS), len(STORY))), none)
    model = Model(model.pair, fit(story_rows(sets, model), STORY), none)
    model = Model(model.pair, model.story, fit(merge_rows(sets, model), MERGE))
    return settled(sets, model, bars)


def show(found: dict[str, tuple[float, float, float]]) -> None:
    """Print precision, recall and F1 of each set."""
    for name, (p, r, f) in found.items():
        print(f"{name:16} precision {p:.3f}  recall {r:.3f}  F1 {f:.4f}", flush=True)


def as_json(model: Model) -> dict[str, Any]:
    """Return the model as it is kept: three digits, zeros left out."""
    named = {"pair": (model.pair, PAIR), "story": (model.story, STORY), "merge": (model.merge, MERGE)}
    return {
        part: {
            kind: {c: round(float(v), 3) for c, v in zip(columns, row, strict=True) if abs(v) >= 0.0005}
            for kind, row in zip(KINDS, matrix, strict=True)
        }
        for part, (matrix, columns) in named.items()
    }


def rounded(model: Model) -> Model:
    """Return the model as it will be read from the file."""
    kept = as_json(model)
    return Model(
        *(weights.rows(kept[part], columns) for part, columns in (("pair", PAIR), ("story", STORY), ("merge", MERGE)))
    )


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("sets", nargs="+")
    parser.add_argument(
        "--bars", nargs="*", default=[], help="NAME:F1 that each set should reach, `NAME en` for its English part"
    )
    parser.add_argument("--embeddings", help="folder of an ONNX sentence encoder: fits the weights used with one")
    parser.add_argument("--leave-out", default="", help="name of sets to score but not to learn from")
    args = parser.parse_args()
    encoder: Encoder | None = None
    if args.embeddings:
        from aggregator.embedding import open_encoder

        encoder = open_encoder(args.embeddings)
    sets = [load(spec, encoder) for spec in args.sets]
    taught = [s for s in sets if not args.leave_out or not s.name.startswith(args.leave_out)]
    model = train(taught, {name: float(bar) for name, _, bar in (b.partition(":") for b in args.bars)})
    model = rounded(model)  # what is scored is what ships
    show(scores([s for s in sets if not args.leave_out or s not in taught], model))
    if not args.leave_out:
        path = Path(args.out)
        kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
        kept["encoder" if encoder else "table"] = as_json(model)
        path.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
