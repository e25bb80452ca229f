"""Fits the weights of the story engine (`aggregator/stories/grouping/data/grouping.json`) to labelled streams of news.

    python -m tests.benchmarks.train_grouping OUT.json SET … [--titles NAME …] [--late NAME:TIMES …] [--beside
    NAME:OTHER …] [--mixed NAME …] [--worth NAME:TIMES …] [--bars NAME:F1 …] [--thresholds BARE FULL FOREIGN MIXED LONG]
    [--embeddings FOLDER] [--leave-out NAME]

A SET is NAME=DOCS,GOLD[,SPLIT[,LANG]] (JSON lines {id, title, text?, time?, lang?, source?} in stream order; {id,
cluster}), or NAME=ROUNDUPS (events with the texts of several outlets), or NAME=PAIRS (pairs of whole articles that
people rated); the last two are made into streams. Those under `--titles` are learned from a second time without their
texts, those under `--mixed` without the texts of half of their reports, and those under `--late` with reports that come
hours and days later; NAME~titles and NAME~mixed can be late too. Of a mixed stream only the mixed pairs are learned:
all others are those of the stream itself.

Three logistic models are fitted, one after the other: of two articles, of an article with a story that is labelled
right so far, and of two stories that the first two models left apart. Every set counts the same; a view that says
"alike" may only speak for, one that says "different" only against. A set has an intercept of its own, for it says how
many of its pairs are alike; one under `--beside` shares that of another set, so that what all its pairs have in common
is learned too.

The thresholds, one for each kind of pair, are given, or found by halves (NAME-a and NAME-b are halves of one already):
models fitted to one half decide the other, and the thresholds are taken with which the set that is worst beside its bar
fares best. What is written is fitted to the whole with those thresholds. Deterministic. `--leave-out` fits without the
sets whose name begins so, and reports them: what to expect of another kind of news.

With which arguments the packaged weights were fitted is in `docs/measurements.md`, "One fit by one command".
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

import numpy as np

from aggregator.stories.encoder import Encoder
from aggregator.stories.grouping import engine as grouping
from aggregator.stories.grouping import weights
from aggregator.stories.grouping.index import Floats, Ints
from aggregator.stories.grouping.weights import BARE, FOREIGN, FULL, KINDS, LONG, MERGE, MIXED, PAIR, STORY, Model
from tests.benchmarks.labelled import Replay, Set, Stream, load, scores

NEVER = -9.0  # the intercept of a model that merges no stories
FREE = {"bias", "length", "longer", "size", "smaller", "larger", "odds", "meant"}
AGAINST = {
    "other subjects",
    "other counts",
    "other numbers",
    "days",
    "hours",
    "same source",
    "quiet",
    "age",
    "apart",
    "rival",
    "contested",
    "look-alike",
    "other title",
}
ABROAD = {"senses", "sense cover", "sense mass"}  # views that a language has no need of by itself
# weight of links: no labelled stream has any, so it is set by hand, low enough that one link alone joins nothing
LINKED = 3.0
TOGETHER, SMALL = 1e-4, 3e-5  # penalties: for kinds that differ, for weights at all
JOINING = (-0.5, -0.25, 0.0, 0.25, 0.5)  # tried: added to the fitted log-odds of an article with a story
COMPARED = (
    48,
    12,
)  # articles and stories learned from: more than the product compares, so that rarer cases are among them
PROCESSES = 4  # at a time, each with one set
Scores = dict[str, tuple[float, float, float]]
Part = tuple[Floats, Floats, Ints, int]  # columns, labels, kinds, and the place of the set
_given: list[Any] = []  # what the processes work on


@dataclass
class Rows:
    """Rows to fit: columns, labels (a share from 0 to 1), kind, and the group whose rows together weigh one."""

    x: Floats
    y: Floats
    kind: Ints
    group: Ints
    worth: Floats  # of the group

    @classmethod
    def of(cls, sets: Sequence[Set], parts: Iterable[Part]) -> Rows:
        """Put together the rows of several sets, each part with the number of its set."""
        names = [one.name for one in sets]
        groups = [names.index(one.beside) if one.beside in names else place for place, one in enumerate(sets)]
        parts = [one for x, y, k, g in parts for one in _taught(sets[g], x, y, k, g)]
        columns = [(x, y, k, len(KINDS) * groups[g] + k, np.full(len(y), sets[g].worth)) for x, y, k, g in parts]
        return cls(*(np.concatenate(column) for column in zip(*columns, strict=True)))


def _taught(one: Set, x: Floats, y: Floats, kinds: Ints, group: int) -> Iterator[Part]:
    """Yield the rows that a set teaches: a mixed one repeats another, so of it only the mixed pairs are new.

    Whole articles teach what to make of leads too, which are how articles begin, and of which there are too few.
    """
    new = kinds == MIXED if "~mixed" in one.name else np.ones(len(kinds), np.bool_)
    yield x[new], y[new], kinds[new], group
    long = new & (kinds == LONG)
    if long.any():
        yield x[long], y[long], np.full(int(long.sum()), FULL, kinds.dtype), group


def pair_rows(sets: Sequence[Set]) -> Rows:
    """Return every comparison that was made, with whether the two report the same event."""
    return Rows.of(
        sets,
        (
            (s.rows, np.array([float(one.seen[e].gold == s.gold) for e in s.others]), s.kinds, k)
            for k, one in enumerate(sets)
            for s in one.seen
            if s.rows is not None and s.kinds is not None and s.others
        ),
    )


def story_rows(sets: Sequence[Set], model: Model) -> Rows:
    """Return every article beside every story near it, where all before it stand in their right stories."""
    return Rows.of(sets, _of_each(sets, partial(_story_rows, model=model)))


def _story_rows(one: Set, place: int, model: Model) -> list[Part]:
    parts = []
    replay = Replay(one.seen, one.reader, model)
    for s in one.seen:
        if s.article is None:
            continue
        article = replay.placed(s)
        others, rows, kinds = replay._compared(article)
        if others:
            odds = model.pairs(rows, kinds)
            stories = replay._window.articles.stories(others)
            homes: dict[str, list[int]] = defaultdict(list)  # in order of likeness
            for j in np.argsort(-odds, kind="stable").tolist():
                homes[stories[j]].append(j)
            homes = dict(list(homes.items())[: grouping.STORIES])
            best = [m[0] for m in homes.values()]
            labels = np.array([float(h == s.gold) for h in homes])
            parts.append((replay._columns(article, homes, odds, rows), labels, kinds[best], place))
        replay._window.insert(article, s.gold)
    return parts


def merge_rows(sets: Sequence[Set], model: Model) -> Rows:
    """Return pairs of stories that the model left apart and one article brings together."""
    return Rows.of(sets, _of_each(sets, partial(_merge_rows, model=model)))


def _merge_rows(one: Set, place: int, model: Model) -> list[Part]:
    parts, n = [], len(KINDS)
    for looser in (0.0, 1.0):
        replay = Replay(one.seen, one.reader, shifted(model, [0.0] * n + [looser] * n + [0.0] * n))
        replay.collects = True
        for s in one.seen:
            replay.add(s.document)
        if replay.rows:
            x, y, kinds = zip(*replay.rows, strict=True)
            parts.append((np.array(x), np.array(y), np.array(kinds, np.int32), place))
    return parts


def _of_each(sets: Sequence[Set], rows: Callable[[Set, int], list[Part]]) -> list[Part]:
    """Return the rows of every set, several sets at a time: each in a process that has the sets already."""
    with _processes((sets, rows)) as pool:
        return [part for parts in pool.map(_of_one, range(len(sets)), chunksize=1) for part in parts]


def _of_one(place: int) -> list[Part]:
    sets, rows = _given[0]
    found: list[Part] = rows(sets[place], place)
    return found


def _read_all(streams: Sequence[Stream], encoder: Encoder | None) -> list[Set]:
    """Read the streams, several at a time; with an encoder one after the other, since it has threads of its own."""
    if encoder is not None:
        return [one.read(encoder) for one in streams]
    with _processes(streams) as pool:
        return pool.map(_read_one, range(len(streams)), chunksize=1)


def _read_one(place: int) -> Set:
    stream: Stream = _given[0][place]
    return stream.read(None)


@contextmanager
def _processes(given: Any) -> Iterator[Pool]:
    """Run processes that have `given` without a copy being sent to them."""
    _given[:] = [given]
    with get_context("fork").Pool(PROCESSES) as pool:
        yield pool
    _given.clear()


def fit(rows: Rows, columns: Sequence[str]) -> Floats:
    """Fit one row of weights a kind, with an intercept a group; the kind's bias makes as many likely as are right.

    Projected Newton: a weight that would get the wrong sign stays zero.
    """
    scale = np.sqrt((rows.x**2).mean(axis=0)) + 1e-9
    names, place = np.unique(rows.group, return_inverse=True)
    counts = np.bincount(place)
    weight = (np.minimum(1.0, counts / 800) / counts)[place] * rows.worth
    weight /= weight.sum()
    signs = np.array([0 if c in FREE else -1 if c in AGAINST else 1 for c in columns])
    wide = len(columns)
    n = len(KINDS) * wide + len(names)
    penalty = _penalty(len(KINDS), wide, n)
    unused = np.zeros(n, np.bool_)
    unused[: len(KINDS) * wide] = [
        c in ("links", "same source") or (c in ABROAD and k != FOREIGN) for k in range(len(KINDS)) for c in columns
    ]
    sign = np.concatenate([np.tile(signs, len(KINDS)), np.zeros(len(names))])
    parts = [np.flatnonzero(rows.kind == k) for k in range(len(KINDS))]
    blocks, where = [], []
    for k, i in enumerate(parts):
        own, mine = np.unique(place[i], return_inverse=True)  # groups of this kind
        block = np.hstack([rows.x[i] / scale, np.eye(len(own))[mine]])
        block[:, columns.index("bias")] = 0.0
        blocks.append(block)
        where.append(np.r_[k * wide : (k + 1) * wide, len(KINDS) * wide + own])
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
        free = ~(unused | ((v == 0) & (sign != 0) & (sign * gradient > 0)))
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
    out: Floats = v[: len(KINDS) * wide].reshape(len(KINDS), wide) / scale
    for k, i in enumerate(parts):
        out[k, columns.index("bias")] = _intercept(rows.x[i] @ out[k], rows.y[i], weight[i])
    return out


def _intercept(odds: Floats, y: Floats, weight: Floats) -> float:
    """Return what must be added to all log-odds for as many to be likely as are right."""
    low, high = -30.0, 30.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        if float(weight @ (weights.likelihood(odds + middle) - y)) > 0:
            high = middle
        else:
            low = middle
    return low


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


def fitted(sets: Sequence[Set]) -> Model:
    """Fit the three models, one after the other."""
    none = np.zeros((len(KINDS), len(MERGE)))
    none[:, 0] = NEVER
    pair = fit(pair_rows(sets), PAIR)
    pair[:, PAIR.index("links")] = LINKED
    model = Model(pair, np.zeros((len(KINDS), len(STORY))), none)
    model = Model(model.pair, fit(story_rows(sets, model), STORY), none)
    return Model(model.pair, model.story, fit(merge_rows(sets, model), MERGE))


Judged = Sequence[tuple[Model, Sequence[Set]]]  # models, each with what it is to decide


def settled(unseen: Judged, bars: Mapping[str, float]) -> Floats:
    """Return the shift of the biases that is best for the worst set beside its bar, by halves that were not learned."""
    n = len(KINDS)
    at, known = np.zeros(3 * n), dict[Any, Scores]()
    for kind in (BARE, FOREIGN, FULL, MIXED, LONG):
        tried = [_set(at, n + kind, shift) for shift in JOINING]
        at = max(tried, key=lambda by: _worst(judged(unseen, by, known), bars))
    return at


def judged(pairs: Judged, by: Floats, known: dict[Any, Scores] | None = None) -> Scores:
    """Return the scores of every set, the mean of its halves. What is `known` is not scored again."""
    known = {} if known is None else known
    parts: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for fold, (model, sets) in enumerate(pairs):
        for one in sets:
            key = (fold, one.name, *np.where(np.isin(np.arange(len(by)) % len(KINDS), one.kinds), by, 0.0).tolist())
            if key not in known:
                known[key] = scores([one], shifted(model, by))
            for name, found in known[key].items():
                whole, _, part = name.partition(" ")
                parts[f"{whole.removesuffix('-a').removesuffix('-b')} {part}".strip()].append(found)
    return {name: (*np.mean(found, axis=0).tolist(),) for name, found in parts.items()}


def _set(at: Floats, place: int, value: float) -> Floats:
    out = at.copy()
    out[place] = value
    return out


def _worst(found: Scores, bars: Mapping[str, float]) -> float:
    """Return the smallest distance over a bar, and a little for the rest, so that equals are distinguished."""
    over = [f - bars[name] for name, (_, _, f) in found.items() if name in bars]
    return min(over, default=0.0) + 0.1 * sum(over)


def train(
    streams: Sequence[Stream], bars: Mapping[str, float], thresholds: Sequence[float], encoder: Encoder | None
) -> Model:
    """Fit on all data, with the given thresholds or those that are best on unseen halves; the result is scored."""
    n = len(KINDS)
    at = np.array([0.0] * n + [*(thresholds or [0.0] * n)] + [0.0] * n)
    if not thresholds:
        folds = [_read_all(fold, encoder) for fold in halved(streams)]
        unseen = [(fitted(learned), other) for learned, other in (folds, reversed(folds))]
        at = settled(unseen, bars)
        print("thresholds", *at[n : 2 * n].tolist())
        print("learned on one half, scored on the other")
        show(judged(unseen, at))
    return rounded(shifted(fitted(_read_all(streams, encoder)), at))


def halved(streams: Sequence[Stream]) -> tuple[list[Stream], list[Stream]]:
    """Return the first and the second halves of all streams."""
    folds: tuple[list[Stream], list[Stream]] = ([], [])
    for one in streams:
        if one.name.partition("~")[0].endswith(("-a", "-b")):
            folds[one.name.partition("~")[0].endswith("-b")].append(one)
        else:
            for fold, half in zip(folds, one.halves(), strict=True):
                fold.append(half)
    return folds


def show(found: Scores) -> None:
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
    parser.add_argument(
        "--worth", nargs="*", default=[], help="NAME:TIMES that a set counts, where the others count once"
    )
    parser.add_argument("--titles", nargs="*", default=[], help="sets to learn from once more by their titles alone")
    parser.add_argument(
        "--mixed", nargs="*", default=[], help="sets to learn from once more where every other text is missing"
    )
    parser.add_argument(
        "--late", nargs="*", default=[], help="NAME:TIMES to learn from once more with reports that come later"
    )
    parser.add_argument(
        "--beside", nargs="*", default=[], help="NAME:OTHER: sets whose pairs are as often alike as OTHER's"
    )
    parser.add_argument(
        "--thresholds", nargs=len(KINDS), type=float, default=[], help=f"of {', '.join(KINDS)}, if known"
    )
    parser.add_argument("--embeddings", help="folder of an ONNX sentence encoder: fits the weights used with one")
    parser.add_argument("--leave-out", default="", help="name of sets to score but not to learn from")
    args = parser.parse_args()
    grouping.CANDIDATES, grouping.STORIES = COMPARED
    encoder: Encoder | None = None
    if args.embeddings:
        from aggregator.services.encoder import open_encoder

        encoder = open_encoder(args.embeddings)
    worth = dict(one.rsplit(":", 1) for one in args.worth)
    beside = dict(one.split(":") for one in args.beside)
    streams = [replace(one, beside=beside.get(one.name, "")) for one in map(load, args.sets)]
    late = dict(one.split(":") for one in args.late)
    streams += [one.mixed() for one in streams if one.name in args.mixed]
    streams += [one.titles() for one in streams if one.name in args.titles]
    streams = [replace(one, worth=float(worth.get(one.name, 1))) for one in streams]
    streams += [one.late(float(late[one.name])) for one in streams if one.name in late]
    left = [s for s in streams if args.leave_out and s.name.startswith(args.leave_out)]
    taught = [s for s in streams if s not in left]
    bars = {name: float(bar) for name, _, bar in (b.partition(":") for b in args.bars)}
    model = train(taught, bars, args.thresholds, encoder)
    if not left:
        path = Path(args.out)
        kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
        kept["encoder" if encoder else "table"] = as_json(model)
        path.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    print("the model as it ships" if not left else "never seen")
    show(scores(_read_all(left or taught, encoder), model))


if __name__ == "__main__":
    main()
