"""Labelled streams of news, read and compared once, and the decisions over them with a model that is tested."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import md5
from random import Random
from typing import Any

import numpy as np

from aggregator.stories.copies.near_duplicates import Copy, Shingles, shingles_of
from aggregator.stories.encoder import Encoder
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.grouping.features import Features
from aggregator.stories.grouping.index import Floats, Ints
from aggregator.stories.grouping.stored import Reading
from aggregator.stories.grouping.views import IndexedArticle
from aggregator.stories.grouping.weights import Model
from aggregator.stories.grouping.window import WindowStory
from aggregator.stories.model import Decision, Document
from tests.benchmarks.grouping import TIDY
from tests.benchmarks.lines import EPOCH, document, read

SAME, UNSURE = (
    1.75,
    2.6,
)  # of 1 to 4, how unlike people found two articles: up to here one event; up to here nobody knows
A_DAY = 1_000_000  # articles that the rated pairs were taken from
# Of every hundred reports on an event, how many come so many hours later on average.
LATER = ((60, 8.0), (27, 36.0), (13, 168.0))
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_TITLE = re.compile(r"(.{15,200}?)(?:\n|  )")


@dataclass
class Seen:
    """One document of a set, read and compared once."""

    document: Document
    gold: str
    language: str
    copies: tuple[Copy, ...] = ()
    article: IndexedArticle | None = None
    others: tuple[int, ...] = ()  # slots compared with
    rows: Floats | None = None
    kinds: Ints | None = None


class Reader(Grouper):
    """Reads and compares every document against all before it."""

    def look(self, seen: Seen) -> None:
        doc = seen.document
        known = shingles_of(doc)
        seen.copies = tuple(self._copies.find(doc, known))
        if not seen.copies:
            seen.article = self._article(doc, self._read(doc, known))
            others, seen.rows, seen.kinds = self._compared(seen.article)
            seen.others = tuple(others)
            self._window.insert(seen.article, str(doc.entry))
            self._copies.add(doc, known)


class Replay(Grouper):
    """The product's own decisions over documents that were read before, with a model under trial."""

    def __init__(self, seen: Sequence[Seen], reader: Reader, model: Model) -> None:
        super().__init__(encoder=reader._meaning.encoder)
        known = reader._window.index
        terms = [known.words.term(number) for number in range(len(known.words))]
        written = [known.words.written(number) for number in range(len(terms))]
        usual = known.usual(np.arange(len(terms), dtype=np.int32)).tolist()
        self._window.index.intern(terms, written, usual.__getitem__)
        self._seen = seen
        self._model = model
        self.rows: list[tuple[Floats, float, int]] = []  # of two stories, with the share of pairs that belong together
        self.collects = False

    def placed(self, seen: Seen) -> IndexedArticle:
        """Return the article of a document as one that may enter the window."""
        assert seen.article is not None
        return replace(seen.article, story="")

    def _read(self, document: Document, known: Shingles) -> Reading:
        """Everything was read before: `_article` knows it."""
        return Reading(Features("", {}, {}), known.hashes, None)

    def _article(self, document: Document, reading: Reading) -> IndexedArticle:
        return self.placed(self._seen[document.entry])

    def _compared(self, article: IndexedArticle) -> tuple[list[int], Floats, Ints]:
        seen = self._seen[article.entry]
        if article.entry in self._window.articles or seen.rows is None or not seen.others:
            return super()._compared(article)
        assert seen.kinds is not None
        return list(seen.others), seen.rows, seen.kinds

    def add(self, document: Document, packed: bytes | None = None) -> Decision:
        seen = self._seen[document.entry]
        if seen.copies:
            return self._carry(document, seen.copies)
        return super().add(document, packed)

    def _merge_rows(self, one: WindowStory, other: WindowStory, like: Floats, choice: Any) -> Iterator[Floats]:
        if not self.collects:
            yield from super()._merge_rows(one, other, like, choice)
        else:
            *_, row = super()._merge_rows(one, other, like, choice)
            counts = [Counter(self._seen[self._window.articles[s].entry].gold for s in x.slots) for x in (one, other)]
            same = sum(n * counts[1][g] for g, n in counts[0].items()) / (len(one.slots) * len(other.slots))
            self.rows.append((row, same, choice.kind))
            yield row


@dataclass
class Set:
    """A labelled stream, read once."""

    name: str
    seen: list[Seen]
    reader: Reader
    worth: float  # in a fit
    beside: str = ""  # set whose intercept it shares

    @property
    def kinds(self) -> list[int]:
        """Return the kinds of its pairs."""
        return sorted({kind for one in self.seen if one.kinds is not None for kind in one.kinds.tolist()})


@dataclass(frozen=True)
class Stream:
    """A labelled stream as it is written: documents in their order, and the event of each by id."""

    name: str
    rows: Sequence[dict[str, Any]]
    labels: Mapping[str, str]
    worth: float = 1.0  # in a fit
    beside: str = ""  # stream whose intercept it shares

    def halves(self) -> tuple[Stream, Stream]:
        """Return two streams without common events: the earlier and later half, or alternate events without times."""
        events = list(dict.fromkeys(self.labels[r["id"]] for r in self.rows))
        if all(r.get("time") for r in self.rows):
            middle = len(self.rows) // 2
            return self._part(self.rows[:middle], "a"), self._part(self.rows[middle:], "b")
        first = set(events[::2])
        return (
            self._part([r for r in self.rows if self.labels[r["id"]] in first], "a"),
            self._part([r for r in self.rows if self.labels[r["id"]] not in first], "b"),
        )

    def titles(self) -> Stream:
        """Return the same stream as a feed without texts would carry it."""
        return replace(self, name=f"{self.name}~titles", rows=[{**r, "text": ""} for r in self.rows])

    def mixed(self) -> Stream:
        """Return the same stream where half of the reports, chosen by their ids, have no text."""
        rows = [{**r, "text": r["text"] if _is_kept(r["id"]) else ""} for r in self.rows]
        return replace(self, name=f"{self.name}~mixed", rows=rows)

    def late(self, worth: float) -> Stream:
        """Return the same stream as feeds deliver it: reports of one event come hours and days after each other."""
        rows = [{**r, "time": (datetime.fromisoformat(r["time"]) + _delay(r["id"])).isoformat()} for r in self.rows]
        rows.sort(key=lambda r: (r["time"], r["id"]))
        return replace(self, name=f"{self.name}~late", rows=rows, worth=worth)

    def read(self, encoder: Encoder | None) -> Set:
        """Read every document and compare it with those before it."""
        seen = [Seen(document(r, k), self.labels[r["id"]], r.get("lang", "")) for k, r in enumerate(self.rows)]
        reader = Reader(encoder=encoder)
        reader._meaning.prepare([s.document for s in seen])
        for one in seen:
            reader.look(one)
        return Set(self.name, seen, reader, self.worth, self.beside)

    def _part(self, rows: Sequence[dict[str, Any]], half: str) -> Stream:
        return replace(self, name=f"{self.name}-{half}", rows=rows, beside=self.beside and f"{self.beside}-{half}")


def _is_kept(name: str) -> bool:
    return md5(name.encode()).digest()[0] % 2 == 0


def _delay(name: str) -> timedelta:
    """Return a delay with a heavy tail that depends on the name alone."""
    chance = Random(name)
    hours = chance.choices([mean for _, mean in LATER], [share for share, _ in LATER])[0]
    return timedelta(hours=chance.expovariate(1 / hours))


def load(spec: str) -> Stream:
    """Return the stream of NAME=DOCS,GOLD[,SPLIT[,LANG]], NAME=PAIRS (rated) or NAME=ROUNDUPS (outlets per event)."""
    name, _, rest = spec.partition("=")
    docs, *gold = rest.split(",")
    if gold:
        return Stream(name, *_labelled(docs, *gold))
    rows = list(read(docs))
    return Stream(name, *(_roundups(rows) if "sources" in rows[0] else _rated(rows)))


def _labelled(docs: str, gold: str, split: str = "", lang: str = "") -> tuple[list[dict[str, Any]], dict[str, str]]:
    labels = {row["id"]: row["cluster"] for row in read(gold)}
    rows = [r for r in read(docs) if split in ("", r.get("split")) and lang in ("", r.get("lang"))]
    return rows, labels


def _roundups(rows: Iterable[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return a shuffled stream of events with the texts of several outlets ({id, sources: [{title, text}]})."""
    labelled = [
        (
            {"id": f"{row['id']} {n}", "lang": "en", "title": one["title"].strip(" ."), "text": one["text"]},
            str(row["id"]),
        )
        for row in rows
        for n, one in enumerate(row["sources"])
    ]
    labelled.sort(key=lambda pair: md5(pair[0]["id"].encode()).hexdigest())
    return [document for document, _ in labelled], {document["id"]: event for document, event in labelled}


def _rated(rows: Iterable[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return a stream of rated pairs of whole articles ({id: "A_B", lang1, lang2, text1, text2, overall}).

    What people found the same is one event; articles of pairs in between are left out; all else is taken for different.
    The ids number articles as they were collected, about a million a day: that gives their times.
    """
    texts: dict[str, tuple[str, str]] = {}
    home: dict[str, str] = {}
    unsure: set[str] = set()
    for row in rows:
        one, other = row["id"].split("_")
        for name, n in ((one, "1"), (other, "2")):
            texts[name] = (row["text" + n], row["lang" + n])
            home.setdefault(name, name.rstrip(_LETTERS))  # a translation of an article has its number
        if row["overall"] < SAME:
            ended, kept = home[one], home[other]
            home.update({name: kept for name, at in home.items() if at == ended})
        elif row["overall"] < UNSURE:
            unsure |= {one, other}
    names = sorted(texts.keys() - unsure, key=lambda name: (int(name.rstrip(_LETTERS)), name))
    return list(_articles(names, texts)), home


def _articles(names: Sequence[str], texts: dict[str, tuple[str, str]]) -> Iterator[dict[str, Any]]:
    for name in names:
        text, language = texts[name]
        found = _TITLE.match(text)
        title = found.group(1) if found else ""
        time = EPOCH + timedelta(days=int(name.rstrip(_LETTERS)) / A_DAY)
        yield {
            "id": name,
            "time": time.isoformat(),
            "lang": language,
            "title": title,
            "text": text[len(title) :].strip(),
        }


def bcubed(gold: Sequence[str], found: Sequence[str]) -> tuple[float, float, float]:
    """Return B-cubed precision, recall and F1."""
    both, g, f = Counter(zip(gold, found, strict=True)), Counter(gold), Counter(found)
    p = sum(n * n / f[b] for (_, b), n in both.items()) / len(gold)
    r = sum(n * n / g[a] for (a, _), n in both.items()) / len(gold)
    return p, r, 2 * p * r / (p + r)


def scores(sets: Sequence[Set], model: Model) -> dict[str, tuple[float, float, float]]:
    """Group every set from first to last document and score it; sets of several languages also for English alone."""
    out = {}
    for one in sets:
        replay = Replay(one.seen, one.reader, model)
        story: dict[int, str] = {}
        home: list[int] = []
        for k, s in enumerate(one.seen):
            decision = replay.add(s.document)
            home.append(decision.article)
            if decision.merged:
                story.update({a: decision.story for a, at in story.items() if at in decision.merged})
            story[decision.article] = decision.story
            if k % TIDY == TIDY - 1 or k == len(one.seen) - 1:
                story.update({m.article: m.to_story for m in replay.tidy(s.document.arrived)})
        found = [story[a] for a in home]
        gold = [s.gold for s in one.seen]
        out[one.name] = bcubed(gold, found)
        english = [k for k, s in enumerate(one.seen) if s.language == "en"]
        if 0 < len(english) < len(gold):
            out[f"{one.name} en"] = bcubed([gold[k] for k in english], [found[k] for k in english])
    return out
