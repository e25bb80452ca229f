"""From compared views to log-odds, and from log-odds to reasons that a reader understands."""

from __future__ import annotations

import numpy as np

from aggregator.stories.features import Features
from aggregator.stories.index import Floats
from aggregator.stories.model import Evidence
from aggregator.stories.views import VIEWS, Article, Compared
from aggregator.stories.weights import Model

PAIR = ("bias", *VIEWS, "mass", "gap", "foreign", "same source")
STORY = ("bias", "best", "mean", "size", "touched")


def pair_columns(document: Article, articles: list[Article], compared: Compared) -> Floats:
    """Return one row an article, in the order of `PAIR`."""
    n = len(articles)
    gap = np.array([abs((document.arrived - a.arrived).total_seconds()) / 86_400 for a in articles])
    foreign = np.array([a.language != document.language for a in articles], np.float64)
    same = np.array([bool(a.source) and a.source == document.source for a in articles], np.float64)
    views = [compared.cosine[v] for v in VIEWS]
    return np.stack([np.ones(n), *views, np.sqrt(compared.shared["text"]), np.log1p(gap), foreign, same], axis=1)


def story_columns(odds: Floats, size: int) -> Floats:
    """Return the row of one story in the order of `STORY`, from the log-odds of its articles that were compared."""
    best = np.sort(odds)[::-1]
    return np.array([1.0, best[0], best[:3].mean(), np.log(size), len(odds) / size])


def reasons(
    row: Floats, model: Model, document: Features, shared: dict[str, list[str]], gap_hours: float
) -> tuple[Evidence, ...]:
    """Say which views spoke for and against, the weightiest first."""
    out: list[Evidence] = []
    for name, value, weight in zip(model.pair_names, row, model.pair, strict=True):
        part = float(value * weight)
        if name in ("bias", "mass", "foreign", "same source") or abs(part) < 0.05:
            continue
        if name == "gap":
            out.append(Evidence("time", part, f"{_span(gap_hours)} apart"))
            continue
        words = [document.shown.get(w.lstrip("@=#"), w.lstrip("@=#")) for w in shared.get(name, [])]
        if words:
            out.append(Evidence(name, part, ", ".join(words[:6])))
    return tuple(sorted(out, key=lambda e: -abs(e.weight)))


def _span(hours: float) -> str:
    if hours < 1:
        return "less than an hour"
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
