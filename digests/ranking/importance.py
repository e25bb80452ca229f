"""How important a story is, as a sum of parts that a person can read.

Each part is a measure of the story times a weight. The weights are in `data/importance.txt`;
`tests/benchmarks/train_importance.py` learns them. Topics, forms and groups of words count the less the more stories
of the same recipient have them, so that a digest about one subject is ranked by what differs between its stories.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files

from digests.language.detect import language_code
from digests.model import Form, Source, Story, carrying, outlet_key
from digests.model import outlets as count_outlets
from digests.ranking import forms, vocabulary

# Groups of words that say how far an event reaches; the others say how soft a story is.
REACH = frozenset({"deaths", "war", "disaster", "government", "court", "election", "economy", "health", "science"})
_NEITHER = frozenset({"crime", *vocabulary.EVENT})
MANY_OUTLETS = 8.0  # this many outlets count as 1 in the measure of outlets
FAST = 3  # outlets that report an event within an hour, from which it counts
_HOUR = timedelta(hours=1)
_TRADES = frozenset({"Technology", "Science", "Culture", "Sport"})
_TRADE_STORIES = 3  # stories about one subject from which an outlet may write of nothing else
_TRADE_SHARE = 0.75  # of all its stories
_READ = 6  # articles of a story whose titles are read
_OPENING = 400  # characters of a text in which a word of its title is confirmed
_TERMS = 8  # of a story's terms, the heaviest: its names and its subject
_CUT_OR_ASKED = re.compile(r"[?？؟]\W*$|\.{3}$|…$")
# Titles that begin with one of these, or speak to the reader or of the writer, hold back what they are about.
_OPENERS = {
    "en": "why how what when where who this these here meet inside",
    "de": "warum wie was so diese dieser dieses",
    "fr": "pourquoi comment voici ce",
    "es": "cómo qué este estos",
    "it": "perché come ecco",
    "pt": "como",
    "nl": "waarom hoe",
    "ru": "почему как что вот",
    "uk": "чому як що ось",
}
_ADDRESS = {
    "en": "you your you're my me",
    "de": "ihr ich mein",
    "fr": "je mon vous votre",
    "es": "tú tu usted yo",
    "it": "io mi voi",
    "pt": "você eu",
    "nl": "jij ik",
    "ru": "вы вам ваш я мой",
    "uk": "ви вам мій",
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all stories have in common from which a digest chooses. `shares` are by feature, from 0 to 1."""

    shares: Mapping[str, float]
    mentions: Mapping[str, int]  # by term: articles of the stories that have it among their heaviest terms
    stories: int = 0


def surroundings(stories: Sequence[Story]) -> Surroundings:
    """Return what these stories have in common."""
    counts: Counter[str] = Counter()
    mentions: Counter[str] = Counter()
    for story in stories:
        counts.update(_kinds(story))
        named = count_outlets(story.sources)
        for term in heaviest(story):
            mentions[term] += named
    total = max(1, len(stories))
    return Surroundings({name: count / total for name, count in counts.items()}, mentions, len(stories))


def trade_press(stories: Iterable[Story]) -> frozenset[str]:
    """Return the outlets whose stories are about technology only, or sport, or another subject beside general news."""
    subjects: dict[str, Counter[str]] = {}
    for story in stories:
        subject = max(story.topics, key=lambda match: match.score).name if story.topics else ""
        for outlet in {outlet_key(source) for source in story.sources}:
            subjects.setdefault(outlet, Counter())[subject] += 1
    return frozenset(outlet for outlet, found in subjects.items() if _writes_of_one(found))


def _writes_of_one(subjects: Counter[str]) -> bool:
    (subject, count), *_ = subjects.most_common(1)
    return subject in _TRADES and count >= _TRADE_STORIES and count >= _TRADE_SHARE * subjects.total()


def heaviest(story: Story) -> list[str]:
    """Return the heaviest terms of a story."""
    return [term for term, _ in sorted(story.terms, key=lambda pair: (-pair[1], pair[0]))[:_TERMS]]


def measures(story: Story, around: Surroundings) -> dict[str, float]:
    """Return the story's measures by name, without their weights."""
    sources = [s for s in story.sources if not s.withdrawn] or list(story.sources)
    said = {"outlets": outlets(sources), "theme": _theme(story, around)}
    named = count_outlets(sources)
    if named > 1:
        said["articles"] = math.log(len(sources) / named)
    elif len({source.title for source in sources}) > 1:  # how often it wrote does not count: it may write at will
        said["again"] = 1.0
    if (fast := within_an_hour(sources)) >= FAST:
        said["speed"] = math.log1p(fast) / math.log1p(MANY_OUTLETS)
    teasers = sum(is_teaser(s.title, s.language or story.language) for s in sources[:_READ]) / min(_READ, len(sources))
    if teasers:
        said["teaser"] = teasers
    for name, value in _kinds(story).items():
        said[name] = value * _rare(around.shares.get(name, 0.0), around.stories)
    return said


def is_teaser(title: str, language: str | None) -> bool:
    """Whether a title asks, is cut off, or holds back what it is about."""
    return bool(_CUT_OR_ASKED.search(title) or _teasing(language_code(language)).search(title))


def asks_or_holds_back(title: str, language: str | None) -> bool:
    """Whether a title asks, is cut off, or begins with a word such as `Why` or `Inside`."""
    return bool(_CUT_OR_ASKED.search(title) or _opening(language_code(language)).search(title))


@lru_cache(maxsize=32)
def _opening(language: str) -> re.Pattern[str]:
    return re.compile(rf"^\W*(?i:{_OPENERS.get(language, _OPENERS['en']).replace(' ', '|')})\b")


@lru_cache(maxsize=32)
def _teasing(language: str) -> re.Pattern[str]:
    openers, address = (table.get(language, table["en"]).replace(" ", "|") for table in (_OPENERS, _ADDRESS))
    also = r"|\bI\b(?=['’]| [a-z])(?<!War I)" if language not in _OPENERS or language == "en" else ""
    return re.compile(rf"^\W*(?i:{openers})\b|\b(?i:{address})\b{also}")


def outlets(sources: Iterable[Source]) -> float:
    """Return 1 for eight outlets, more or less by the logarithm. A feed's weight counts; carriers add a little."""
    best: dict[str, float] = {}
    for s in sources:
        name = outlet_key(s)
        best[name] = max(best.get(name, 0.0), max(0.0, s.weight) * (1 + 0.1 * min(5, carrying([s]))))
    return min(1.6, math.log1p(sum(best.values())) / math.log1p(MANY_OUTLETS))


def within_an_hour(sources: Iterable[Source]) -> int:
    """Return how many outlets reported within one hour of each other, at most, by their first articles.

    An article without a date of its own does not count: all that one fetch brings arrives at once.
    """
    first: dict[str, datetime] = {}
    for s in sources:
        if not s.is_dated:
            continue
        at, name = s.moment, outlet_key(s)
        first[name] = min(first.get(name, at), at)
    times = sorted(first.values())
    return max((bisect_right(times, at + _HOUR) - place for place, at in enumerate(times)), default=0)


def parts(said: Mapping[str, float]) -> dict[str, float]:
    """Return the points of each measure that has a weight."""
    known = weights()
    return {name: known[name] * value for name, value in said.items() if value and known.get(name)}


@cache
def weights() -> Mapping[str, float]:
    """Return the learned weights by measure."""
    text = (files(__package__) / "data" / "importance.txt").read_text("utf-8")
    pairs = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


# The editions of one slot weigh the same stories.
groups = lru_cache(maxsize=8192)(vocabulary.hits)


def _kinds(story: Story) -> dict[str, float]:
    """Return what kind of story it is: its topics, its form, and the groups of words in its titles."""
    found = {f"topic:{m.name}": m.score for m in story.topics}
    form = forms.of_story(story)
    if form is not Form.REPORT:
        found[f"form:{form.value}"] = 1.0
    read = story.sources[:_READ]
    for source in read:
        for group in groups(source.title, source.language or story.language).keys() - vocabulary.EVENT:
            name = f"{'reach' if group in REACH else 'soft'}:{group}"
            found[name] = found.get(name, 0.0) + 1 / len(read)
    return found


def is_meant(story: Story, group: str) -> bool:
    """Whether two titles or a text have a word of a group, too; one title may use it otherwise (`kill a bill`)."""
    read = story.sources[:_READ]
    if sum(group in groups(s.title, s.language or story.language) for s in read) > 1:
        return True
    return any(group in groups(s.text[:_OPENING], s.language or story.language) for s in read)


def is_light(story: Story, trade: frozenset[str]) -> bool:
    """Whether only the `trade` press has the story, or its titles have more soft words than words of reach.

    Soft are words of celebrities, products, games and the like. Words about crime count for neither side, because
    reports of serious crimes have them too.
    """
    if trade.issuperset(map(outlet_key, story.sources)):
        return True
    hits: Counter[bool] = Counter()
    for source in story.sources[:_READ]:
        for group, count in groups(source.title, source.language or story.language).items():
            if group not in _NEITHER:
                hits[group in REACH] += count
    return hits[False] > hits[True]


def _theme(story: Story, around: Surroundings) -> float:
    """Return how many other articles of the window name what this story names, by its three most named terms."""
    own = count_outlets(story.sources)
    others = sorted((max(0, around.mentions.get(term, 0) - own) for term in heaviest(story)), reverse=True)
    return sum(map(math.log1p, others[:3])) / 3


def _rare(share: float, stories: int) -> float:
    """Return 1 for what few stories have, 0 for what all have. In a window of a few stories nothing is rare."""
    known = stories / (stories + 10)
    return 1 - share * known if stories else 1.0
