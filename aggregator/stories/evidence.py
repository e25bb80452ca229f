"""From compared views to log-odds, and from log-odds to reasons that a reader understands."""

from __future__ import annotations

import numpy as np

from aggregator.stories.features import Features
from aggregator.stories.index import Floats
from aggregator.stories.model import Evidence
from aggregator.stories.views import VIEWS, Article, Compared
from aggregator.stories.weights import Model

_BASE = (
    *VIEWS,
    "title share",
    "text share",
    "mass",
    "strongest",
    "count",
    "other numbers",
    "other names",
    "days",
    "hours",
    "same source",
)
PAIR: tuple[str, ...] = (
    *(f"{name} (bare)" for name in ("bias", *_BASE)),
    *(f"{name} (full)" for name in ("bias", *_BASE)),
    *(f"{name} (foreign)" for name in ("bias", "text", "names", "keys", "numbers", "days", "hours")),
)
STORY = ("bias", "best", "mean", "size", "likely")


def pair_columns(document: Article, articles: list[Article], compared: Compared) -> Floats:
    """Return one row an article, in the order of `PAIR`."""
    n = len(articles)
    apart = np.array([abs((document.arrived - a.arrived).total_seconds()) / 3600 for a in articles])
    days, hours = np.log1p(apart / 24), np.log1p(apart)
    foreign = np.array([a.language != document.language for a in articles])
    same = np.array([bool(a.source) and a.source == document.source for a in articles], np.float64)
    full = np.array([document.has_body and a.has_body for a in articles])
    cosine, shared = compared.cosine, compared.shared
    least = {v: np.minimum(compared.mine[v], compared.theirs[v]) for v in ("title", "text", "numbers", "names")}
    base = np.stack(
        [
            np.ones(n),
            *(cosine[v] for v in VIEWS),
            shared["title"] / np.maximum(least["title"], 1e-9),
            shared["text"] / np.maximum(least["text"], 1e-9),
            np.sqrt(shared["text"]) / 10,
            compared.strongest / 10,
            np.log1p(compared.count),
            (least["numbers"] > 0) & (shared["numbers"] == 0),
            (least["names"] > 0) & (shared["names"] == 0),
            days,
            hours,
            same,
        ],
        axis=1,
    )
    other = np.stack([np.ones(n), *(cosine[v] for v in ("text", "names", "keys", "numbers")), days, hours], axis=1)
    here = ~foreign
    return np.concatenate(
        [base * (here & ~full)[:, None], base * (here & full)[:, None], other * foreign[:, None]], axis=1
    )


def story_columns(odds: Floats, size: int) -> Floats:
    """Return the row of one story in the order of `STORY`, from the log-odds of its articles that were compared."""
    best = np.sort(odds)[::-1]
    likely = float((1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0)))).sum()) / size
    return np.array([1.0, best[0], best[:3].mean(), np.log(size), likely])


def reasons(
    row: Floats, model: Model, document: Features, shared: dict[str, list[str]], gap_hours: float
) -> tuple[Evidence, ...]:
    """Say which views spoke for and against, the weightiest first."""
    out: list[Evidence] = []
    parts: dict[str, float] = {}
    for name, value, weight in zip(model.pair_names, row, model.pair, strict=True):
        view = _PART_OF.get(name.partition(" (")[0], name.partition(" (")[0])
        parts[view] = parts.get(view, 0.0) + float(value * weight)
    for view in VIEWS:
        words = [document.shown.get(w.lstrip("@=#"), w.lstrip("@=#")) for w in shared.get(view, [])]
        if words and parts.get(view, 0.0) > 0.05:
            out.append(Evidence(view, round(parts[view], 3), ", ".join(words[:6])))
    for view, detail in _AGAINST.items():
        if parts.get(view, 0.0) < -0.05:
            out.append(Evidence(view, round(parts[view], 3), detail))
    out.append(Evidence("time", round(parts.get("time", 0.0), 3), f"{_span(gap_hours)} apart"))
    return tuple(sorted(out, key=lambda e: -abs(e.weight)))


_PART_OF = {
    "days": "time",
    "hours": "time",
    "title share": "title",
    "text share": "text",
    "mass": "text",
    "strongest": "text",
    "count": "text",
}
_AGAINST = {"other numbers": "they give different numbers", "other names": "they name nobody and no place in common"}


def _span(hours: float) -> str:
    if hours < 1:
        return "less than an hour"
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
