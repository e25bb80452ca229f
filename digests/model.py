"""The values that this package takes and returns. All are immutable; all times are aware and in UTC.

Story + Source   what happened and who reports it          from the aggregator
DigestSpec       what one digest wants                     from the configuration
Reported         what a reader already knows of a story    from the ledger
Choice           what is kept and held back, with reasons  choose.py
Summary          sentences with their sources              summarize/
Edition, Item    the composed edition                      stored as JSON
Rendered, Receipt  text for a channel, and its result      render/, channels/
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from digests.language.tokens import word_count
from digests.ranking.settings import DigestKind, Quiet
from digests.reasons import EntryClass, Reason

_TRUSTED = timedelta(days=3)  # a publisher's date that is older than this at the article's arrival is ignored


@dataclass(frozen=True, slots=True)
class Carrier:
    """Another outlet that published the same text."""

    outlet: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of an article, such as the audio of an episode. `size` in bytes."""

    url: str
    type: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier text of an article, which its publisher replaced at `until`."""

    until: datetime
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """One independent source of a story: an article with all its carriers.

    `arrived` is when we first had it; `published` is what the publisher says, and may be missing or wrong.
    `revised`: when the publisher last changed or withdrew it; `versions`: texts that recipients may have, oldest first.
    """

    article: int
    outlet: str
    title: str
    text: str
    arrived: datetime
    url: str | None = None
    published: datetime | None = None
    language: str | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()  # as the feed files it
    image: str | None = None
    carriers: tuple[Carrier, ...] = ()
    weight: float = 1.0  # the feed's weight in the configuration
    revised: datetime | None = None
    versions: tuple[Version, ...] = ()
    withdrawn: bool = False
    backlog: bool = False  # old news of a feed's first fetch: context, not news
    attachments: tuple[Attachment, ...] = ()
    feed: str = ""  # the address it was read from
    copy_of: str = ""  # who wrote it, where that is another: an agency that is no feed of ours
    part: int = 0  # articles of a story that are firmly taken for one event have the same number
    related: bool = False  # it is listed after the others and not summarized, as it may be of another event

    @property
    def moment(self) -> datetime:
        """When it was published: the publisher's date if that is plausible, else its arrival."""
        return self.published if self.published and self.is_dated else self.arrived

    @property
    def is_dated(self) -> bool:
        """Whether it has a plausible date of its own."""
        given = self.published
        return given is not None and self.arrived - _TRUSTED <= given <= self.arrived

    def version_at(self, moment: datetime) -> Version | None:
        """Return the text that the article had at `moment` if the publisher has changed it since, else None."""
        return next((v for v in self.versions if v.until > moment), None)


def outlet_key(source: Source | ItemSource) -> str:
    """Return the key of a source's outlet: its name, ignoring case, or the article's id if the outlet has no name."""
    return source.outlet.casefold() or str(source.article)


def outlets(sources: Sequence[Source | ItemSource]) -> int:
    """Return how many different outlets the sources have."""
    return len({outlet_key(s) for s in sources})


def carrying(sources: Sequence[Source | ItemSource]) -> int:
    """Return how many other outlets published the text of one of these sources."""
    own = {s.outlet.casefold() for s in sources}
    return len({c.outlet.casefold() for s in sources for c in s.carriers} - own)


@dataclass(frozen=True, slots=True)
class Match:
    """A topic or interest that a story belongs to, with the reasons. `score` is from 0 to 1."""

    name: str
    score: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """One event as it is known now. `sources` are in order of arrival; `first` and `last` are arrival times.

    `boost` is the sum of the points that rules add. `must`: a rule demands it. `muted`: a rule excludes it.
    """

    id: str
    sources: tuple[Source, ...]
    first: datetime
    last: datetime
    topics: tuple[Match, ...] = ()
    interests: tuple[Match, ...] = ()
    language: str | None = None
    boost: float = 0.0
    must: bool = False
    muted: bool = False
    dropped: bool = False  # the rule that mutes it is one that drops
    muted_by: str = ""  # the name of that rule
    terms: tuple[tuple[str, float], ...] = ()  # weighted terms, for the similarity between stories
    absorbed: tuple[str, ...] = ()  # ids of stories merged into this one; their reports count as reports of this story


@dataclass(frozen=True, slots=True)
class DigestSpec:
    """The settings of one digest, from the `[[digest]]` table. Words are those of headlines and sentences."""

    name: str
    title: str = ""
    schedule: str = "0 7 * * *"
    zone: str = "UTC"
    language: str = "en"
    languages: tuple[str, ...] = ()  # of stories; empty: all
    kind: DigestKind = DigestKind.NEWS
    topics: tuple[str, ...] = ()  # in this order; empty: all
    interests: tuple[str, ...] = ()  # empty: all
    max_stories: int = 30
    max_words: int = 2000
    min_score: float = 0.0
    words_per_story: int = 90
    quiet: Quiet = Quiet.NOTE
    images: bool = True
    subject: str = ""  # template of the mail's subject; empty: the title and the first headline
    template: str = "standard"
    diversity: float = 0.2  # 0: the best scores only; 1: the most different


class Form(StrEnum):
    """The form of an article or a story. The values are stored in editions, so that none may change."""

    REPORT = "report"
    OPINION = "opinion"
    ANALYSIS = "analysis"
    LIVE = "live"  # a live blog
    BRIEFING = "briefing"  # several events in one article
    LIST = "list"
    QUIZ = "quiz"  # puzzles and their answers, lottery numbers, horoscopes
    OFFER = "offer"
    SPONSORED = "sponsored"
    OBITUARY = "obituary"
    REVIEW = "review"
    FIXTURE = "fixture"  # a match or a broadcast to come
    RESULT = "result"  # a score


class ItemKind(StrEnum):
    """What a story is to the recipients of an edition."""

    NEW = "new"
    UPDATE = "update"
    CORRECTION = "correction"
    RECAP = "recap"  # known or not: what became of it


@dataclass(frozen=True, slots=True)
class Reported:
    """What was reported of one story to one reader, over all editions.

    `facts` are keys made by `digests.summarize.facts`: of sentences, numbers and names. `articles` are those that had
    arrived when it was last reported.
    """

    story: str
    last_reported: datetime
    headline: str = ""
    facts: frozenset[str] = frozenset()
    articles: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Pick:
    """A story picked for the edition: its topic, its score with the reasons, and its kind."""

    story: Story
    kind: ItemKind
    topic: str
    score: float
    reasons: tuple[Reason, ...] = ()
    reported: Reported | None = None
    form: Form = Form.REPORT
    light: bool = False  # of a product, a celebrity, a game: other news of the same size comes first
    gravity: float = 0.0  # points beside the score for a place among the top stories
    affair: float = 0.0  # outlets that report other stories of its affair
    event: float = 0.0  # from -1 to 1: how many of its titles report an act, less those that only talk
    section: str = ""  # the section it is shown in; empty: its topic
    untold: bool = False  # its summary is a headline alone


@dataclass(frozen=True, slots=True)
class Held:
    """A story that is held back, and why. It remains eligible for the next edition unless `final`."""

    story: str
    headline: str
    score: float
    reason: Reason
    final: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The picked stories in reading order, and the stories held back."""

    picks: tuple[Pick, ...] = ()
    held: tuple[Held, ...] = ()
    seen: int = 0  # stories looked at


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a summary. `sources` are places in the item's source list, from 0; never empty.

    `new`: it is new in an update. `replaced`: a model's sentence failed the gate and this one was extracted instead.
    """

    text: str
    sources: tuple[int, ...]
    new: bool = False
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """One value of a fact, and the sources that give it (places in the item's source list)."""

    value: str
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A fact on which sources differ: `12 (A, B); 15 (C)`. `about` is the counted thing in the sources' words."""

    about: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class CountStep:
    """A value that a count had from a time on, and the sources that gave it (places in the item's source list)."""

    value: str
    at: datetime
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CountHistory:
    """How a count changed over time, oldest first. `about` is the counted thing in the sources' words."""

    about: str
    steps: tuple[CountStep, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a story's timeline."""

    at: datetime
    text: str
    source: int


@dataclass(frozen=True, slots=True)
class Correction:
    """What a publisher changed or withdrew of something reported."""

    source: int
    was: str
    now: str
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """The result of a summarizer. `facts` are the keys that the ledger stores."""

    headline: str
    sentences: tuple[Sentence, ...]
    disagreements: tuple[Disagreement, ...] = ()
    counts: tuple[CountHistory, ...] = ()
    timeline: tuple[Moment, ...] = ()
    corrections: tuple[Correction, ...] = ()
    facts: frozenset[str] = frozenset()
    method: str = "extractive"
    cost: float = 0.0  # in the currency of [summaries] price, 0 without a model
    notes: tuple[str, ...] = ()  # for recipients: an endpoint that did not answer, a budget that is used up
    refused: tuple[str, ...] = ()  # for the operator: a model's sentences that failed the gate, and why


@dataclass(frozen=True, slots=True)
class ItemSource:
    """A source as an edition shows it."""

    article: int
    outlet: str
    title: str
    url: str | None = None
    published: datetime | None = None
    language: str | None = None
    carriers: tuple[Carrier, ...] = ()
    copy_of: str = ""  # the author of the text, if neither the outlet nor a carrier is
    withdrawn: bool = False  # the publisher withdrew it
    attachments: tuple[Attachment, ...] = ()
    related: bool = False  # perhaps of another event: not summarized


@dataclass(frozen=True, slots=True)
class Item:
    """One story as one edition reports it."""

    story: str
    kind: ItemKind
    topic: str
    headline: str
    sentences: tuple[Sentence, ...]
    sources: tuple[ItemSource, ...]
    score: float = 0.0
    reasons: tuple[Reason, ...] = ()
    language: str | None = None
    disagreements: tuple[Disagreement, ...] = ()
    counts: tuple[CountHistory, ...] = ()
    timeline: tuple[Moment, ...] = ()
    corrections: tuple[Correction, ...] = ()
    image: str | None = None
    image_alt: str = ""
    facts: frozenset[str] = frozenset()
    method: str = "extractive"
    form: Form = Form.REPORT
    foreign: bool = False  # in none of the digest's languages
    translated_from: str = ""  # the language of its sources, if a model translated it

    @property
    def independent_sources(self) -> int:
        """How many outlets report it; carriers of one text count once, those that withdrew it if no other is left."""
        return outlets([s for s in self.reporting if not s.withdrawn]) or outlets(self.reporting)

    @property
    def single(self) -> bool:
        """Whether one outlet alone reports it, and no other has anything related."""
        return self.independent_sources == 1 and outlets(self.sources) == 1

    @property
    def reporting(self) -> tuple[ItemSource, ...]:
        """The sources without related articles."""
        return tuple(s for s in self.sources if not s.related)

    @property
    def retracted(self) -> bool:
        """Whether every publisher withdrew it; what is related stands for itself."""
        return bool(self.reporting) and all(s.withdrawn for s in self.reporting)

    @property
    def carriers(self) -> int:
        """How many other outlets published the text of one of the item's sources."""
        return carrying(self.reporting)


@dataclass(frozen=True, slots=True)
class Section:
    """One topic of an edition.

    `overview` is only in editions that an earlier version stored: its sentences were those of the stories below.
    """

    topic: str
    items: tuple[Item, ...]
    overview: str = ""


@dataclass(frozen=True, slots=True)
class FeedTrouble:
    """A feed with a problem that recipients should know about."""

    name: str
    code: str
    message: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class EntryCount:
    """How many entries of one class there are."""

    entry_class: EntryClass
    count: int


@dataclass(frozen=True, slots=True)
class Trust:
    """The footer of an edition: what it is based on, and what is missing."""

    feeds_checked: int = 0
    feeds_failed: int = 0
    feeds_silent: int = 0
    troubles: tuple[FeedTrouble, ...] = ()
    entries_seen: int = 0
    entries: tuple[EntryCount, ...] = ()  # by class; their sum is `entries_seen`
    articles_seen: int = 0
    stories_seen: int = 0
    stories_shown: int = 0
    stories_held: int = 0
    stories_known: int = 0  # reported before, and nothing new came since: neither shown nor held back
    held: tuple[Held, ...] = ()  # the best of them
    single_source: int = 0  # stories shown that only one voice tells
    written: int = 0  # stories shown whose summary a model wrote
    refused: int = 0  # sentences of a model that could not be confirmed
    cost: float = 0.0  # of the model, in the currency of its prices
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edition:
    """One composed issue of a digest. Every output is rendered from this alone.

    It covers the articles that arrived from `period_start` to `period_end`. `slot` is its time in the schedule.
    `audience` distinguishes editions of one slot for recipients who got different stories before.
    """

    id: str
    digest: str
    title: str
    slot: datetime
    composed: datetime
    period_start: datetime
    period_end: datetime
    zone: str = "UTC"
    language: str = "en"
    sections: tuple[Section, ...] = ()
    trust: Trust = field(default_factory=Trust)
    audience: str = ""
    catch_up: int = 0  # how many slots were missed
    quiet: bool = False
    template: str = "standard"
    images: bool = True
    subject: str = ""

    @property
    def items(self) -> tuple[Item, ...]:
        """All items in reading order."""
        return tuple(item for section in self.sections for item in section.items)

    @property
    def words(self) -> int:
        """The number of words in headlines and sentences."""
        return sum(word_count(text) for i in self.items for text in (i.headline, *(s.text for s in i.sentences)))


@dataclass(frozen=True, slots=True)
class Rendered:
    """One output of an edition: its text, its format, and the errors of a user's template."""

    content: str
    media_type: str
    notes: tuple[str, ...] = ()
