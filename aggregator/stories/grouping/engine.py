"""Groups articles into stories as they arrive.

    document ── same text as a known article? ── yes ── CARRIES
        │ no
    candidates by rare terms ── views ── log-odds a pair ── log-odds a story
        │ none likely          │ one            │ several, and alike as wholes
      OPENS                  JOINS            BRIDGES (the oldest id stays)

`tidy` reconsiders articles that opened a story or barely joined one. All decisions depend on the window alone: there is
no clock and no randomness, and a restart changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import inf

import numpy as np

from aggregator.stories.copies.copies import Copies, HeldTexts, Texts
from aggregator.stories.copies.near_duplicates import Copy, Shingles, shingles_of, shingles_with
from aggregator.stories.encoder import Encoder, Meaning
from aggregator.stories.grouping import (
    evidence,
    explain,
    features,
    lookalikes,
    phrasing,
    profiles,
    stored,
    views,
    weights,
)
from aggregator.stories.grouping.articles import rounded
from aggregator.stories.grouping.index import Floats, Ints
from aggregator.stories.grouping.stored import Reading
from aggregator.stories.grouping.views import IndexedArticle, Several
from aggregator.stories.grouping.window import ArticleWindow, WindowStory, story_id
from aggregator.stories.model import (
    NEAREST,
    Action,
    Decision,
    Document,
    Evidence,
    GroupingSettings,
    Move,
    MoveReason,
    Placed,
)
from aggregator.stories.record_store import MemoryRecords, RecordStore

_NOTHING = np.empty(0)
_SHOWN = ("title", "text", "names", "keys", "numbers", "senses", "links")  # views whose shared words are kept
LEAST_WORDS = 2  # content words: an article with fewer is not compared
CANDIDATES = 32  # articles compared in full with a new one
FOREIGN = 16  # further articles, in other languages than the new one's and of as many stories
MEANT = 8  # and those that mean most alike, by an encoder
SEARCHED = 400  # articles with most of its names, among which those are
GROWN = 4  # a story is reconsidered when one in so many of its articles is new
STORIES = 8  # with the likest articles, compared as wholes
STRICTNESS = {"fine": 1.0, "event": 0.0, "saga": -1.0}  # log-odds required by each granularity
BRIDGED = 3  # other stories that one article can bring together
MEMBERS = 8  # articles of each of two stories that are compared pair by pair
CLIPPED = 8.0  # log-odds at most that one such pair counts
LOOKED = -2.0  # log-odds that an article belongs to a second story, from which the two stories are compared
NEAR = -2.0  # log-odds of the best other story, from which an article that opened a story is reconsidered
SURE = 1.5  # log-odds from which a joining is not reconsidered
NAMED = 0.1  # likelihood from which the most similar story is named in the evidence
LEAVES = -2.5  # log-odds of an article with the rest of its story: below, it leaves


@dataclass(frozen=True, slots=True)
class _Choice:
    story: str
    odds: float
    best: int  # slot of the likest article
    row: Floats  # of the two
    whole: Floats  # of the article and the story
    kind: int


@dataclass(slots=True)
class _Pending:
    """What the next tidying reconsiders: articles that opened a story or barely joined one, and stories that grew."""

    slots: list[int] = field(default_factory=list)
    grown: Counter[str] = field(default_factory=Counter)  # by story, how many articles joined since it was looked at


class Grouper:
    """The streaming engine. One instance at a time decides for a database."""

    def __init__(self, settings: GroupingSettings | None = None, encoder: Encoder | None = None) -> None:
        self.settings = settings or GroupingSettings()
        self._meaning = Meaning(encoder)
        self.keep_in(HeldTexts(), MemoryRecords())
        self._model = weights.default(encoded=encoder is not None)
        self._asked = STRICTNESS[self.settings.granularity]
        self._pending = _Pending()

    def keep_in(self, texts: Texts, records: RecordStore) -> None:
        """Read the texts of known entries from there, and keep what is compared there; before anything is added."""
        self._window = ArticleWindow(records, self.settings, encoded=bool(self._meaning.name))
        self._copies = Copies(texts, records, self.settings.languages)

    def restore(self, placed: Iterable[Placed]) -> None:
        """Rebuild the window from stored documents, given in order of arrival."""
        placed = list(placed)
        first = [one for one in placed if one.article == one.document.entry]
        self._take_up(first)
        for one in placed:
            if one.article == one.document.entry:
                continue
            if one.article in self._window.articles:
                self._copies.carry(one.article, one.document)
            else:
                self._take_up([one])

    def _take_up(self, placed: Sequence[Placed]) -> None:
        """Put stored documents into the window as articles."""
        if not placed:
            return
        self.prepare([one.document for one in placed if one.reading is None])
        readings = [
            (stored.unpack(one.reading) if one.reading else None) or self._read(one.document, shingles_of(one.document))
            for one in placed
        ]
        documents = [one.document for one in placed]
        articles = self._window.articles_of(documents, readings)
        self._window.insert_all([(article, one.story) for article, one in zip(articles, placed, strict=True)])
        known = [shingles_with(d, r.hashes) for d, r in zip(documents, readings, strict=True)]
        self._copies.add_all(list(zip(documents, known, strict=True)))

    @property
    def form(self) -> str:
        """The form of the readings: those of another are of no use here."""
        return stored.form(self.settings.languages, self._meaning.name)

    def readings(self, entries: Iterable[int]) -> dict[int, bytes]:
        """Return what was read of the documents that are articles of the window, as `restore` takes it."""
        out: dict[int, bytes] = {}
        for entry in entries:
            known = self._copies.wording(entry)
            if entry in self._window.articles and known is not None:
                article = self._window.articles[entry]
                features = views.named(article, self._window.index)
                read = Reading(features, known.hashes, article.vector, article.head, article.title_keys)
                out[entry] = stored.pack(read)
        return out

    def read(self, document: Document) -> bytes | None:
        """Return the reading of a document, as `add` takes it. Neither uses nor changes the window.

        None if the encoder did not respond: it may respond to the process that adds the document.
        """
        reading = self._read(document, shingles_of(document))
        return stored.pack(reading) if self._meaning.is_whole(reading.vector) else None

    def prepare(self, documents: Sequence[Document]) -> None:
        """Encode what will be added next, many at once; without an encoder nothing is done."""
        self._meaning.prepare(documents)

    def add(self, document: Document, packed: bytes | None = None) -> Decision:
        """Decide where a document belongs, and put it there. `packed` is its reading, if another process read it."""
        reading = stored.unpack(packed) if packed else None
        known = shingles_with(document, reading.hashes) if reading else shingles_of(document)
        copies = self._copies.find(document, known)
        copies = [c for c in copies if c.article in self._window.articles]
        if copies:
            return self._carry(document, copies)
        article = self._article(document, reading or self._read(document, known))
        self._copies.add(document, known)
        choices = self._choices(article)
        decision = self._decide(article, choices)
        self._window.insert(article, decision.story)
        if decision.action is Action.JOINS:
            decision = self._bridge(decision, choices)
            self._pending.grown[decision.story] += 1
        if choices and NEAR <= choices[0].odds - self._asked < SURE:
            self._pending.slots.append(article.slot)
        return decision

    def tidy(self, now: datetime) -> list[Move]:
        """Look again at what opened or hardly joined since the last time. Returns the moves, each with its reason."""
        moves: list[Move] = []
        for slot in self._pending.slots:
            if slot not in self._window.articles:
                continue
            move = self._reconsider(self._window.articles[slot], now)
            if move is not None:
                self._window.move(slot, move.to_story)
                moves.append(move)
        self._pending.slots.clear()
        for story in list(self._pending.grown):
            moves += self._rebridge(story)
        return moves

    def forget(self, now: datetime) -> int:
        """Let stories age out that have been quiet for too long; return how many articles left the window."""
        gone = self._window.forget(now)
        for entry in gone:
            self._copies.discard(entry)
        return len(gone)

    def _read(self, document: Document, known: Shingles) -> Reading:
        found = features.extract(document, self.settings.languages)
        head = lookalikes.head(document.title, document.text)
        keys = lookalikes.title_keys(head, found, document.source)
        return Reading(found, known.hashes, rounded(self._meaning.of(document, found.language)), head, keys)

    def _article(self, document: Document, reading: Reading) -> IndexedArticle:
        """Return a document as an article that may enter the window."""
        return self._window.articles_of([document], [reading])[0]

    def _carry(self, document: Document, copies: Sequence[Copy]) -> Decision:
        """Count a copy to its article; the stories of all whose text it repeats are one."""
        window, first = self._window, copies[0]
        self._copies.carry(first.article, document)
        homes = {window.articles.story(c.article) for c in copies}
        oldest, *rest = sorted(homes, key=lambda s: (window.stories.first_slot(s), s))
        for ended in rest:
            window.merge(ended, oldest)
        why = Evidence("same-text", first.containment, (first.containment,))
        score = round(first.containment, 6)
        return Decision(document.entry, first.article, oldest, Action.CARRIES, score, (why,), tuple(rest))

    def _choices(self, article: IndexedArticle) -> list[_Choice]:
        """Return the stories that the article may belong to, likeliest first."""
        slots, rows, kinds = self._compared(article)
        if not slots:
            return []
        odds = self._model.pairs(rows, kinds)
        homes: dict[str, list[int]] = {}
        stories = self._window.articles.stories(slots)
        for k in np.argsort(-odds, kind="stable").tolist():  # likeliest first, so each story's first is its likest
            homes.setdefault(stories[k], []).append(k)
        homes = dict(list(homes.items())[:STORIES])
        best = [members[0] for members in homes.values()]
        columns = self._columns(article, homes, odds, rows)
        window = self._window
        rare = weights.rarity(len(window.articles), len(window.stories))
        total = self._model.stories(columns, kinds[best]) + rare
        out = [
            _Choice(story, float(total[k]), slots[b], rows[b], columns[k], int(kinds[b]))
            for k, (story, b) in enumerate(zip(homes, best, strict=True))
        ]
        grounded = [c for c in out if evidence.grounded(c.row, c.kind, window.stories.size(c.story))]
        taken = self._stories_of_same_words(article)
        return sorted((c for c in grounded if c.story not in taken), key=lambda c: (-c.odds, c.best))

    def _stories_of_same_words(self, article: IndexedArticle) -> set[str]:
        """Return the stories that hold the words of this article as another item of its feed: an earlier bulletin."""
        articles = self._window.articles
        return {articles.story(entry) for entry in self._copies.same_words(article.entry) if entry in articles}

    def _compared(self, article: IndexedArticle) -> tuple[list[int], Floats, Ints]:
        """Return the slots of the articles of the window that share most with this one, compared with it."""
        window = self._window
        slots: list[int] = []
        if article.words >= LEAST_WORDS:
            slots = window.nearest(article, views.SOUGHT, CANDIDATES).tolist()
            slots += window.nearest_foreign(article, SEARCHED, FOREIGN, but=slots)
            alike = window.meanings.nearest_foreign(article.language, article.vector, MEANT)
            slots += [slot for slot in alike if slot not in slots]
        slots = [slot for slot in slots if slot != article.slot]
        if not slots:
            return [], _NOTHING, _NOTHING.astype(np.int32)
        return slots, *self._pairs(article, window.articles.several(slots))

    def _pairs(self, article: IndexedArticle, others: Several) -> tuple[Floats, Ints]:
        """Compare an article with others: the columns of the model, and of which kind each pair is."""
        index = self._window.index
        met = views.meet(article, others, index)
        alike = lookalikes.lookalikes(article, others, index, met)
        meanings = self._window.meanings
        meaning = meanings.cosines_of_rows(article.meant, others.vectors, others.meant, others.languages)
        return evidence.pair_columns(article, others, views.compare(article, others, index, met), alike, meaning)

    def _columns(self, article: IndexedArticle, homes: dict[str, list[int]], odds: Floats, rows: Floats) -> Floats:
        window, members = self._window, list(homes.values())
        stories = [window.stories.without(s, article) for s in homes]
        # With a story of one article the document was compared already.
        close = rows[np.ix_([places[0] for places in members], evidence.CLOSE)]
        several = [k for k, story in enumerate(stories) if len(story.slots) > 1]
        if several:
            whole = [window.stories.profile(stories[k]) for k in several]
            close[several] = profiles.closeness(article, whole, window.index, window.meanings)
        return evidence.story_columns(article, stories, members, odds, close, rows[:, evidence.ALIKE])

    def _decide(self, article: IndexedArticle, choices: list[_Choice]) -> Decision:
        if not choices or choices[0].odds < self._asked:
            likely = weights.probability(choices[0].odds) if choices else 0.0
            fresh = story_id(article.entry, article.arrived)
            why = self._why_not(article, choices[0] if choices else None, likely)
            return Decision(article.entry, article.entry, fresh, Action.OPENS, round(1.0 - likely, 6), why)
        first = choices[0]
        why = self._why(article, first)
        return Decision(article.entry, article.entry, first.story, Action.JOINS, weights.probability(first.odds), why)

    def _bridge(self, decision: Decision, choices: list[_Choice]) -> Decision:
        """Bring the article's story together with others that it belongs to as well, where they are alike as wholes."""
        window, home, merged = self._window, decision.story, []
        why: list[Evidence] = []
        for choice in choices[1 : 1 + BRIDGED]:
            if choice.odds < LOOKED:
                break
            one, other = window.stories[home], window.stories[choice.story]
            like = self._likeness(one, other)
            odds = self._merge_odds(one, other, like, choice)
            if odds < self._asked:
                continue
            older, newer = sorted((one, other), key=lambda s: (s.slots[0], s.id))
            window.merge(newer.id, older.id)
            home = older.id
            merged.append(newer.id)
            why.append(Evidence("stories", round(odds, 3), (round(profiles.share(like), 4),)))
        if not merged:
            return decision
        ended = tuple(m for m in merged if m != home)
        return Decision(
            decision.entry, decision.article, home, Action.BRIDGES, decision.score, (*decision.evidence, *why), ended
        )

    def _rebridge(self, story: str) -> list[Move]:
        """Bring a story that grew together with others, where one of its articles belongs to them as well."""
        stories, moves = self._window.stories, list[Move]()
        if story in stories and self._pending.grown[story] * GROWN < stories.size(story):
            return []  # it grew too little to be another one
        del self._pending.grown[story]
        home = stories.get(story)
        if home is None:
            return []
        members = self._members(home)
        member = self._window.articles[members[len(members) // 2]]
        for choice in self._choices(member)[: 1 + BRIDGED]:
            if choice.odds < LOOKED:
                break
            other = self._window.stories.get(choice.story)  # None once it was brought together with another
            if other is None or other.id == home.id:
                continue
            like = self._likeness(home, other)
            if self._merge_odds(home, other, like, choice) < self._asked:
                continue
            older, newer = sorted((home, other), key=lambda s: (s.slots[0], s.id))
            why = self._strongest(member, choice)
            moves += [Move(entry, newer.id, older.id, MoveReason.GREW, why) for entry in newer.slots]
            self._window.merge(newer.id, older.id)
            home = stories[older.id]  # with all articles that it has now
        return moves

    def _likeness(self, one: WindowStory, other: WindowStory) -> Floats:
        """Compare two stories as wholes."""
        window = self._window
        mine, theirs = window.stories.profile(one), window.stories.profile(other)
        return profiles.likeness(mine, theirs, window.index, window.meanings)

    def _merge_odds(self, one: WindowStory, other: WindowStory, like: Floats, choice: _Choice) -> float:
        """Return the log-odds that two stories are one, or a bound of them that is too low already."""
        odds = -inf
        for row in self._merge_rows(one, other, like, choice):
            odds = self._model.merged(row, choice.kind)
            if odds < self._asked:
                break  # more pairs can only lower it
        return odds

    def _merge_rows(self, one: WindowStory, other: WindowStory, like: Floats, choice: _Choice) -> Iterator[Floats]:
        """Compare two stories as wholes and by some articles of each: yield a row after each article of `one`.

        Pairs that are not compared yet count as much as a pair can; so the first row needs none, and the last is exact.
        """
        articles = self._window.articles
        slots = self._members(one)
        mine, theirs = (articles.several(side) for side in (slots, self._members(other)))
        words = min(float(side.words.mean()) for side in (mine, theirs))
        pairs = np.full((len(mine), len(theirs)), CLIPPED)
        yield evidence.merge_columns(one, other, like, choice.odds, pairs, words)
        for row, slot in zip(pairs, slots, strict=True):
            odds = self._model.pairs(*self._pairs(articles[slot], theirs))
            np.clip(odds, -CLIPPED, CLIPPED, out=row)
            yield evidence.merge_columns(one, other, like, choice.odds, pairs, words)

    def _members(self, story: WindowStory) -> list[int]:
        """Return the slots of up to `MEMBERS` articles of a story, evenly spaced in order of publication."""
        articles = self._window.articles
        known = sorted((articles.times(slot)[1], slot) for slot in story.slots)
        places = np.linspace(0, len(known) - 1, min(MEMBERS, len(known))).round().astype(int)
        return [known[p][1] for p in places.tolist()]

    def _reconsider(self, article: IndexedArticle, now: datetime) -> Move | None:
        """Return where an article should rather be, if anywhere."""
        choices = self._choices(article)
        mine = next((c for c in choices if c.story == article.story), None)
        alone = self._window.stories.size(article.story) == 1
        better = next((c for c in choices if c.story != article.story), None)
        home = article.story
        if (
            better is not None
            and better.odds >= self._asked
            and (alone or better.odds > (mine.odds if mine else 0.0) + SURE)
        ):
            return Move(article.entry, home, better.story, MoveReason.LATER, self._strongest(article, better))
        if not alone and mine is not None and self._uncontested(mine) < self._asked + LEAVES:
            fresh = story_id(article.entry, now)
            return Move(article.entry, home, fresh, MoveReason.OTHER_EVENT)
        return None

    def _uncontested(self, choice: _Choice) -> float:
        """Return the log-odds of a choice without rivals: a similar other story is no reason to leave."""
        row = evidence.uncontested(choice.whole)
        return float(self._model.stories(row[None], np.array([choice.kind], np.int32))[0])

    def _why(self, article: IndexedArticle, choice: _Choice) -> tuple[Evidence, ...]:
        """Return the article that was compared, then the reasons."""
        other = self._window.articles[choice.best]
        pair = phrasing.Pair(article, other, self._window.index)
        hours = abs((article.published - other.published).total_seconds()) / 3600
        alike = choice.row[[*evidence.ALIKE, evidence.TITLED]].any()  # else the titles need not be aligned again
        like = lookalikes.lookalikes(article, Several.of([other]), self._window.index).get(0) if alike else None
        differing = pair.differing() | (
            {"other title" if like.titles else explain.LOOKALIKE: like.differing} if like else {}
        )
        why = evidence.reasons(choice.row, self._model.pair[choice.kind], pair.shared(_SHOWN), differing, hours)
        return (Evidence(NEAREST, 0.0, (other.entry,)), *why)

    def _strongest(self, article: IndexedArticle, choice: _Choice) -> tuple[Evidence, ...]:
        """Return the two strongest reasons for a choice."""
        return tuple([e for e in self._why(article, choice) if e.weight > 0][:2])

    def _why_not(self, article: IndexedArticle, choice: _Choice | None, likely: float) -> tuple[Evidence, ...]:
        """Return why an article opens a story of its own, with what was weighed where another one came near."""
        if choice is not None and (apart := self._lookalike(article, choice)):
            return apart
        if choice is None or likely < NAMED:
            return (Evidence("likeness", likely),)
        first, *rest = self._why(article, choice)
        asked = weights.probability(self._asked)
        return (first, Evidence("likeness", likely, (likely, asked)), *rest)

    def _lookalike(self, article: IndexedArticle, choice: _Choice) -> tuple[Evidence, ...]:
        """Return what keeps an article apart from one in the same form of words, if that is the likest."""
        if not choice.row[evidence.ALIKE[0]]:
            return ()  # not weighed
        other = self._window.articles[choice.best]
        like = lookalikes.compare(article, other, self._window.index)
        if like is None or not like.other:
            return ()
        weight = float(self._model.pair[choice.kind][evidence.ALIKE[0]])
        nearest = Evidence(NEAREST, 0.0, (other.entry,))
        return nearest, Evidence(explain.LOOKALIKE, weight, like.differing)
