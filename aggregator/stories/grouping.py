"""Articles join, open and bridge stories as they arrive.

    document ── same text as a known article? ── yes ── CARRIES
        │ no
    candidates by rare terms ── views ── log-odds a pair ── log-odds a story
        │ none likely          │ one            │ several, and alike
      OPENS                  JOINS            BRIDGES (the oldest id stays)

All of it is a function of the window: no clock, no randomness, the same after a restart as without one.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from aggregator.stories import evidence, features, profiles, views, weights
from aggregator.stories.model import Action, Decision, Document, Evidence, GroupingSettings, Move, Placed
from aggregator.stories.near_duplicates import NearDuplicates
from aggregator.stories.views import Article
from aggregator.stories.window import Window

_TOLD = ("title", "text", "names", "keys", "numbers")  # views whose shared words are shown to a person
LEAST_WORDS = 2  # content words: who says less than that is left alone
CANDIDATES = 48  # articles compared in full with a new one
STRICTNESS = {"fine": 1.0, "event": 0.0, "saga": -1.0}  # log-odds asked for by each granularity


class Encoder(Protocol):
    """A sentence encoder: one more view when there is one."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit vector a text, as rows."""
        ...


def story_id(entry: int, moment: datetime) -> str:
    """Return the stable id of a story that `entry` opens at `moment`: ten letters and digits."""
    digest = blake2b(f"{entry} {moment.isoformat()}".encode(), digest_size=8).digest()
    return b32encode(digest).decode().lower()[:10]


@dataclass(frozen=True, slots=True)
class _Choice:
    story: str
    odds: float
    best: int  # slot of the likest article
    row: NDArray[np.float64]
    kind: int


class Grouper:
    """The streaming engine. One instance at a time decides for a database."""

    def __init__(self, settings: GroupingSettings | None = None, encoder: Encoder | None = None) -> None:
        self.settings = settings or GroupingSettings()
        self._encoder = encoder
        self._window = Window()
        self._copies = NearDuplicates()
        self._model = weights.default()
        self._asked = STRICTNESS[self.settings.granularity]

    def restore(self, placed: Iterable[Placed]) -> None:
        """Rebuild the window from stored documents, given in order of arrival."""
        for item in placed:
            slot = self._window.by_entry.get(item.article)
            if item.article != item.document.entry and slot is not None:
                self._carry(slot, item.document)
                continue
            article = self._read(item.document)
            self._window.insert(article, item.story)
            self._remember(item.document)

    def add(self, document: Document) -> Decision:
        """Decide where a document belongs, and put it there."""
        copy = self._copies.find(document.title, document.text, document.source)
        if copy is not None and copy.article in self._window.by_entry:
            slot = self._window.by_entry[copy.article]
            self._carry(slot, document)
            detail = f"{copy.containment:.0%} of the text is the same"
            return Decision(
                document.entry,
                copy.article,
                self._window.articles[slot].story,
                Action.CARRIES,
                copy.containment,
                (Evidence("same-text", copy.containment, detail),),
            )
        article = self._read(document)
        choices = self._choices(article)
        decision = self._decide(article, choices)
        self._window.insert(article, decision.story)
        self._remember(document)
        return decision

    def tidy(self, now: datetime) -> list[Move]:
        """Mend what only later articles showed. Returns the moves, each with its reason."""
        del now
        return []

    def forget(self, now: datetime) -> int:
        """Let stories age out that have been quiet for too long; return how many articles left the window."""
        gone = self._window.forget(now)
        for article in gone:
            self._copies.discard(article.entry)
        return len(gone)

    def _read(self, document: Document) -> Article:
        found = features.extract(document, self.settings.languages)
        terms, flags = views.interned(found, self._window.index)
        return Article(
            document.entry,
            self._window.slot(),
            document.arrived,
            document.source,
            found.language,
            terms,
            flags,
            views.has_body(flags),
            document.url,
            document.links,
        )

    def _remember(self, document: Document) -> None:
        self._copies.add(document.entry, document.title, document.text, document.source)

    def _carry(self, slot: int, document: Document) -> None:
        self._window.articles[slot].carriers.append((document.entry, document.arrived))

    def _choices(self, article: Article) -> list[_Choice]:
        """Return the stories that the article may belong to, likeliest first."""
        window = self._window
        sought = article.terms[(article.flags & views.SOUGHT) > 0]
        if int(((article.flags & views.TEXT) > 0).sum()) < LEAST_WORDS:
            return []
        slots = window.index.candidates(sought, window.index.weights(sought), CANDIDATES)
        if not len(slots):
            return []
        others = [window.articles[s] for s in slots.tolist()]
        rows, kinds = evidence.pair_columns(article, others, views.compare(article, others, window.index))
        odds = self._model.pairs(rows, kinds)
        homes: dict[str, list[int]] = {}
        for k, other in enumerate(others):
            homes.setdefault(other.story, []).append(k)
        stories = [window.stories[s] for s in homes]
        close = profiles.closeness(article, [s.profile for s in stories], window.index)
        columns = evidence.story_columns(article, stories, [odds[m] for m in homes.values()], close)
        best = [max(members, key=lambda k: odds[k]) for members in homes.values()]
        total = self._model.stories(columns, kinds[best])
        out = [
            _Choice(story, float(total[k]), others[b].slot, rows[b], int(kinds[b]))
            for k, (story, b) in enumerate(zip(homes, best, strict=True))
        ]
        return sorted(out, key=lambda c: (-c.odds, c.best))

    def _decide(self, article: Article, choices: list[_Choice]) -> Decision:
        if not choices or choices[0].odds < self._asked:
            likely = weights.probability(choices[0].odds) if choices else 0.0
            reason = Evidence("likeness", likely, "no open story is like it enough")
            fresh = story_id(article.entry, article.arrived)
            return Decision(article.entry, article.entry, fresh, Action.OPENS, 1.0 - likely, (reason,))
        first = choices[0]
        why = self._why(article, first)
        return Decision(article.entry, article.entry, first.story, Action.JOINS, weights.probability(first.odds), why)

    def _why(self, article: Article, choice: _Choice) -> tuple[Evidence, ...]:
        other = self._window.articles[choice.best]
        index = self._window.index
        theirs = dict(zip(other.terms.tolist(), other.flags.tolist(), strict=True))
        mine = zip(article.terms.tolist(), article.flags.tolist(), index.weights(article.terms).tolist(), strict=True)
        both = sorted(((w, t, f & theirs.get(t, 0)) for t, f, w in mine if f & theirs.get(t, 0)), key=lambda x: -x[0])
        shared = {v: list(dict.fromkeys(index.shown[t] for _, t, f in both if f & views.VIEWS[v])) for v in _TOLD}
        hours = abs((article.arrived - other.arrived).total_seconds()) / 3600
        return evidence.reasons(choice.row, self._model.pair[choice.kind], shared, hours)
