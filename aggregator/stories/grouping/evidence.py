"""Makes the columns of the model from compared views, and the evidence from its log-odds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from math import log, log1p

import numpy as np
from numpy.typing import NDArray

from aggregator.stories.grouping.explain import LOOKALIKE
from aggregator.stories.grouping.index import Floats, Ints
from aggregator.stories.grouping.lookalikes import Lookalike
from aggregator.stories.grouping.profiles import SIDES
from aggregator.stories.grouping.views import CROSSED, PLACE, VIEWS, Compared, IndexedArticle, Several
from aggregator.stories.grouping.weights import BARE, FOREIGN, FULL, LONG, MIXED, PAIR, STORY, likelihood
from aggregator.stories.grouping.window import WindowStory
from aggregator.stories.model import Evidence, Values
from aggregator.stories.packing import microseconds

_HOUR = timedelta(hours=1)
_MICROSECONDS = _HOUR // timedelta(microseconds=1)  # of an hour
NEAR_HOURS = 36  # up to here every hour apart counts
FAR_DAYS = (1.5, 31.5)  # from here to here every day apart counts
QUIET_DAYS, AGE_DAYS = 2, 14  # of a story, which count at most
FETCHED, UNCERTAIN = 48, 5  # hours that an article without a date may be fetched late; how long it counts then
WHOLE = 60  # words of an article from which its text counts as whole; title and lead have 37 to 57
LONGEST = 64  # words of an article: more do not count
EASED = (50, 80)  # words of an article: below the first time counts in full, above the second not at all
UNLIKE = -6.0  # log-odds of two articles that are taken for no rival at all
ALIKE = [PAIR.index("look-alike"), PAIR.index("recount")]
# Columns that grow with what two articles share in words.
_WORDED = (
    "title",
    "lead",
    "body",
    "text",
    "phrases",
    "names",
    "keys",
    "numbers",
    "counts",
    "mass",
    "strongest",
    "meaning",
    "meant",
    "senses",
    "key mass",
    "sense mass",
)
WORDED = [
    PAIR.index(c) for c in (*_WORDED, "title cover", "text cover", "subject cover", "title contained", "sense cover")
]
TITLED = PAIR.index("other title")
COUNTS = [PAIR.index(c) for c in ("other counts", "other numbers")]
_BIAS, _COUNT, _LINKED, _STRONGEST, _DAYS, _HOURS, _SAME, _SUBJECT_COVER, _OTHER_SUBJECTS = (
    PAIR.index(c)
    for c in ("bias", "count", "links", "strongest", "days", "hours", "same source", "subject cover", "other subjects")
)


def _placed(made_of: Mapping[str, str]) -> tuple[list[int], list[int]]:
    """Return the places of some columns of `PAIR`, and of the views that they are made of."""
    return [PAIR.index(column) for column in made_of], [PLACE[view] for view in made_of.values()]


_LENGTHS = [PAIR.index(c) for c in ("length", "longer")]
# Columns, and the views that they are made of. A mass says whether what two share is rare, which a cosine of few terms
# hides.
_COSINES, _COMPARED = _placed({view: view for view in VIEWS if view in PAIR and view != "links"})
_COVERS, _COVERED = _placed({"title cover": "title", "text cover": "text", "sense cover": "senses"})
_MASSES, _MASSED = _placed({"mass": "text", "links": "links", "key mass": "keys", "sense mass": "senses"})
_CONTAINED, _CROSSED = [PAIR.index("title contained"), _SUBJECT_COVER], [PLACE[v] for v in CROSSED]
_SUBJECTS, _FIGURES, _COUNTED, _UNITS = (PLACE[v] for v in ("subjects", "numbers", "counts", "units"))
_MEANING = [PAIR.index(c) for c in ("meaning", "meant")]  # of an encoder
CLOSE = [PAIR.index(c) for c in (*SIDES, "meaning", "meant")]  # what `closeness` gives of a story as a whole
_NAMES, _KEYS, _NUMBERS, _SENSES = (PAIR.index(c) for c in ("names", "keys", "numbers", "senses"))
CONTESTED = -1.0  # log-odds from which another story is a serious one


def pair_columns(
    document: IndexedArticle,
    articles: Several,
    compared: Compared,
    alike: Mapping[int, Lookalike],
    meaning: Floats,
) -> tuple[Floats, Ints]:
    """Return one row an article, in the order of `PAIR`, and of which kind each pair is.

    `alike` are by place those in the document's form of words, `meaning` what `Meanings.cosines` gives.
    """
    foreign = ~articles.in_language(document.language)
    bodies = articles.has_body
    long = np.minimum(document.words, articles.words) >= WHOLE
    texts = np.where(long, LONG, FULL)
    alone = np.where(bodies, texts, MIXED) if document.has_body else np.where(bodies, MIXED, BARE)
    kinds = np.where(foreign, FOREIGN, alone).astype(np.int32)
    rows = _base(document, articles, compared, meaning)
    for place, one in alike.items():
        rows[place, ALIKE] = one.other, one.recount
        if one.other:
            rows[place, WORDED] = 0.0  # the words of a form are evidence of nothing
        if one.toll:
            rows[place, COUNTS] = 0.0  # another number is what a toll that grows has
        rows[place, TITLED] = one.titles
    return rows, kinds


def _base(document: IndexedArticle, articles: Several, compared: Compared, meaning: Floats) -> Floats:
    n = len(articles)
    between = np.abs(microseconds(document.published) - articles.published) / _MICROSECONDS
    apart = hours_apart(between, articles.dated & document.dated)
    smaller, larger = np.minimum(document.words, articles.words), np.maximum(document.words, articles.words)
    timed = ease(smaller)
    same = articles.from_source(document.source).astype(np.float64)
    columns = np.zeros((len(PAIR), n))
    columns[_BIAS] = 1.0
    columns[_MEANING] = meaning.T
    _put_shared(columns, compared)
    columns[_LINKED] *= 1.0 - same  # all pages of an outlet link to the same ones
    columns[_LENGTHS] = np.log1p(np.minimum((smaller, larger), LONGEST))
    columns[_DAYS] = np.log1p(np.clip(apart / 24, *FAR_DAYS) - FAR_DAYS[0]) * timed
    columns[_HOURS] = np.log1p(np.minimum(apart, NEAR_HOURS)) * timed
    columns[_SAME] = same
    return columns.T


def _put_shared(columns: Floats, compared: Compared) -> None:
    """Write the columns that say what a document and each article share or contradict, one row of `columns` each."""
    shared, mine, theirs = compared.shared, compared.mine, compared.theirs
    columns[_COSINES] = compared.cosines[_COMPARED]
    least = np.minimum(theirs[_COVERED], mine[_COVERED, None])
    columns[_COVERS] = shared[_COVERED] / np.maximum(least, 1e-9)
    columns[_MASSES] = np.sqrt(shared[_MASSED]) / 10
    columns[_STRONGEST] = compared.strongest / 10
    columns[_COUNT] = np.log1p(compared.count)
    given = compared.given / np.maximum(mine[_CROSSED, None], 1e-9)
    taken = compared.taken / np.maximum(theirs[_CROSSED], 1e-9)
    subjects = (theirs[_SUBJECTS] > 0) & (mine[_SUBJECTS] > 0)
    columns[_CONTAINED] = np.minimum(given, taken)
    columns[_SUBJECT_COVER] *= subjects
    columns[_OTHER_SUBJECTS] = (1.0 - np.maximum(given, taken)[_CROSSED.index(_SUBJECTS)]) * subjects
    unmatched = (shared[_COUNTED] == 0) & (shared[_UNITS] > 0)  # both count the same things with different numbers
    columns[COUNTS[0]] = np.sqrt(np.maximum(shared[_UNITS] * unmatched, 0.0)) / 10
    columns[COUNTS[1]] = (theirs[_FIGURES] > 0) & (shared[_FIGURES] == 0) & (mine[_FIGURES] > 0)


def hours_apart(hours: Floats, dated: NDArray[np.bool_]) -> Floats:
    """Return the hours that count as time between two articles, or an article and a story.

    Without a date, an article was published up to `FETCHED` hours before it was fetched.
    """
    fetched = np.maximum(np.minimum(hours, UNCERTAIN), hours - FETCHED)
    return np.asarray(np.where(dated, hours, fetched), np.float64)


def ease(words: Ints) -> Floats:
    """Return the weight of time for articles of so many words, from 0 to 1: long texts need it less."""
    few, many = EASED
    return np.asarray(1.0 - np.clip((words - few) / (many - few), 0.0, 1.0), np.float64)


def story_columns(
    document: IndexedArticle,
    stories: list[WindowStory],
    members: list[list[int]],
    odds: Floats,
    close: Floats,
    alike: Floats,
) -> Floats:
    """Return one row a story, in the order of `STORY`.

    `odds` are those of the compared articles, `members` the places of each story's articles among them, the most
    similar first, and `close` compares with each story as a whole. `alike` are their columns `ALIKE`: one look-alike
    keeps a document out of a story. A likely rival makes a story less likely: if many stories are similar, being
    similar to one of them means little.
    """
    likely, plain, forms = likelihood(odds).tolist(), odds.tolist(), alike.tolist()
    tops = [plain[mine[0]] for mine in members]
    first, second = sorted((*tops, UNLIKE, UNLIKE), reverse=True)[:2]
    words, at, timed = log1p(min(document.words, LONGEST)), document.published, float(ease(np.array(document.words)))
    since = np.array([(_hours(at, story.last), _hours(at, story.first)) for story in stories])
    days = (hours_apart(since, np.array(document.dated)) / 24).tolist()
    rows = []
    for story, mine, top, (since_last, since_first) in zip(stories, members, tops, days, strict=True):
        best = [plain[k] for k in mine[:3]]
        rival = second if top == first else first
        size = len(story.slots)
        share = sum(likely[k] for k in mine) / size
        quiet, age = min(since_last, QUIET_DAYS), min(since_first, AGE_DAYS)
        times = (log1p(quiet) * timed, log1p(age) * timed)
        others = (rival, max(rival - CONTESTED, 0.0))
        other = max(forms[k][0] for k in mine)
        recount = max(forms[k][1] for k in mine)
        rows.append(
            (1.0, top, sum(best) / len(best), share, log(size), words, *times, *others, other, recount * (1.0 - other))
        )
    plain_columns = np.array(rows)
    # The words of a form are evidence of nothing here either.
    said = np.where(plain_columns[:, STORY.index("look-alike") - len(STORY), None] > 0, 0.0, close)
    return np.concatenate([plain_columns[:, :5], said, plain_columns[:, 5:]], axis=1)


def grounded(row: Floats, kind: int, size: int) -> bool:
    """Whether an article shares more than one word with a story of `size` articles.

    `row` compares it with the most similar of them. One shared word, however rare, does not make one event; nor does
    one name or one sense that an article in another language has in common with it.
    """
    if size > 1 or row[_COUNT] > log1p(1.5) or row[_LINKED] > 0:
        return True
    named = row[_NAMES] > 0 or (row[_KEYS] > 0 and row[_NUMBERS] == 0)  # keys are of names or of numbers
    return kind == FOREIGN and bool(np.any(row[_MEANING]) or (named and row[_SENSES] > 0))


def uncontested(row: Floats) -> Floats:
    """Return a row of `STORY` as it would be without rivals."""
    out = row.copy()
    out[[STORY.index("rival"), STORY.index("contested")]] = UNLIKE, 0.0
    return out


def _hours(moment: datetime, other: datetime) -> float:
    return abs((moment - other) / _HOUR)


def merge_columns(
    one: WindowStory, other: WindowStory, like: Floats, odds: float, pairs: Floats, words: float
) -> Floats:
    """Return the row of two stories in the order of `MERGE`.

    `odds` are those of the bridging article with `other`, `pairs` those of members of `one` (rows) with members of
    `other` (columns), and `words` is the mean length of the articles of the story with the shorter ones.
    """
    sizes = np.log(sorted((len(one.slots), len(other.slots))))
    apart = max(one.first - other.last, other.first - one.last, timedelta()).total_seconds() / 86400
    timed = float(ease(np.array(words)))
    likely = likelihood(pairs)
    covered = (likely.max(axis=0).sum() + likely.max(axis=1).sum()) / sum(pairs.shape)
    return np.array([1.0, *like, *sizes, log1p(min(apart, QUIET_DAYS)) * timed, odds, pairs.mean() / 8, covered])


def reasons(
    row: Floats, weights: Floats, shared: dict[str, list[str]], differing: dict[str, Values], gap_hours: float
) -> tuple[Evidence, ...]:
    """Return the evidence for and against, the strongest first.

    `shared` are the words that a view found in both, `differing` what a column against found: see `phrasing`.
    """
    parts: dict[str, float] = {}
    for column, value, weight in zip(PAIR, row, weights, strict=True):
        view = _PART_OF.get(column, column)
        parts[view] = parts.get(view, 0.0) + float(value * weight)
    out = [Evidence("time", round(parts.get("time", 0.0), 3), (round(gap_hours, 2),))]
    if abs(meaning := parts.get("meaning", 0.0)) >= _LEAST:
        out.append(Evidence("meaning", round(meaning, 3)))
    against = ((view, parts.get(view, 0.0)) for view in _AGAINST)
    out += [
        Evidence(view, round(weight, 3), differing.get(view, ()))
        for view, weight in against
        if weight <= -_LEAST and (view != "other subjects" or view in differing)
    ]
    for view, words in _fresh(shared, parts):
        out.append(Evidence(view, round(parts[view], 3), tuple(words[:_WORDS])))
    return tuple(sorted(out, key=lambda e: -abs(e.weight)))


def _fresh(shared: dict[str, list[str]], parts: dict[str, float]) -> Iterator[tuple[str, list[str]]]:
    """Yield the views in favour with the words that no stronger view has; a strong view keeps all its words."""
    known: set[str] = set()
    for view in sorted(shared, key=lambda v: -parts.get(v, 0.0)):
        fresh = [word for word in shared[view] if word not in known]
        words = fresh or (shared[view] if parts.get(view, 0.0) >= 1.0 else [])
        if words and parts.get(view, 0.0) >= _LEAST:
            yield view, words
            known.update(words[:_WORDS])


_LEAST = 0.1  # log-odds worth a line
_WORDS = 6  # of one reason
_PART_OF = {
    "days": "time",
    "hours": "time",
    "title cover": "title",
    "title contained": "title",
    "lead": "text",
    "text cover": "text",
    "mass": "text",
    "strongest": "text",
    "count": "text",
    "phrases": "title",
    "subject cover": "names",
    "counts": "numbers",
    "sense cover": "senses",
    "meant": "meaning",
    "key mass": "keys",
    "sense mass": "senses",
}
_AGAINST = ("other counts", "other numbers", "other subjects", LOOKALIKE, "other title", "same source")
