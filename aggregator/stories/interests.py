"""What the user wants more of: a profile built from example texts, which anyone can read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import log

from aggregator.stories import features, tokens
from aggregator.stories.language import detect, script
from aggregator.stories.likeness import cosine, weights
from aggregator.stories.model import Interest, Scored

NAMES, TERMS = 24, 60  # kept of the examples
_BYLINE = re.compile(r"^\s*(?:by|von|par|por|di|door|автор)\s+\S+(?:\s+\S+){0,5}\s*$", re.IGNORECASE)
_CREDIT = re.compile(
    r"^\s*(?:source|photo|image|copyright|\(c\)|©|read more|subscribe|sign up|follow us|share this)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Profile:
    """An interest as the engine sees it. `names` and `terms` carry weights, heaviest first; negatives stand in `unlike`."""

    interest: Interest
    names: tuple[tuple[str, float], ...]
    terms: tuple[tuple[str, float], ...]
    unlike: tuple[tuple[str, float], ...] = ()

    @classmethod
    def build(cls, interest: Interest) -> Profile:
        """Read the examples and the words of an interest. Bylines, credits and attributions are cut first."""
        names: Counter[str] = Counter()
        terms: Counter[str] = Counter()
        for example in interest.examples:
            text = trimmed(example)
            code = detect(text)
            names.update(_names(text, code))
            terms.update(weights(text, code))
        for word in interest.words:
            terms.update(dict.fromkeys(tokens.terms(word, detect(word)), 2.0))
        unlike: Counter[str] = Counter()
        for example in interest.unlike:
            text = trimmed(example)
            unlike.update(weights(text, detect(text)))
        return cls(interest, _best(names, NAMES), _best(terms, TERMS), _best(unlike, TERMS))

    def score(self, title: str, text: str, language: str | None = None) -> Scored:
        """Return how much a story is like the examples, 0 to 1, and what they share."""
        theirs = weights(f"{title}\n{title}\n{text}", language)
        mine = dict(self.terms)
        shared = sorted((t for t in mine if t in theirs), key=lambda t: -mine[t] * theirs[t])
        reason = f"shares {', '.join(shared[:6])}" if shared else "shares no words"
        return Scored(self.interest.name, self.likes(theirs), reason)

    def likes(self, theirs: dict[str, float]) -> float:
        """Return the score of a text that was weighed already."""
        liked, disliked = cosine(dict(self.terms), theirs), cosine(dict(self.unlike), theirs)
        return max(0.0, min(1.0, liked - 0.7 * disliked))


def trimmed(text: str) -> str:
    """Return `text` without bylines, credits and a closing attribution, also one in another script."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    main = script(text)
    while len(lines) > 1 and _boilerplate(lines[-1], main):
        lines.pop()
    while len(lines) > 1 and _BYLINE.match(lines[0]):
        lines.pop(0)
    return "\n".join(line for line in lines if not _BYLINE.match(line) and not _CREDIT.match(line))


def _boilerplate(line: str, main: str) -> bool:
    if _BYLINE.match(line) or _CREDIT.match(line) or script(line) != main:
        return True
    return len(line.split()) <= 4 and not re.search(r"[.!?…。！？”\"]\s*$", line)


def _names(text: str, code: str) -> dict[str, float]:
    counts = features.named(text, code)
    return {name: 1.0 + log(n) for name, n in counts.items()}


def _best(weights: Counter[str], kept: int) -> tuple[tuple[str, float], ...]:
    ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:kept]
    return tuple((t, round(w, 4)) for t, w in ranked)


class Shelf:
    """Documents kept ready for ranking against profiles."""

    def __init__(self, documents: Iterable[tuple[str, str, str, str | None]]) -> None:
        self._documents = [(key, weights(f"{title}\n{title}\n{text}", code)) for key, title, text, code in documents]

    def rank(self, profile: Profile, limit: int) -> list[tuple[str, float]]:
        """Return the keys of the documents most like the profile with their scores, best first."""
        scored = [(key, profile.likes(theirs)) for key, theirs in self._documents]
        return sorted(scored, key=lambda item: (-item[1], item[0]))[:limit]
