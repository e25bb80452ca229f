"""The values that cross the borders of this package. All immutable; every instant is aware and in UTC.

Story + Source   what happened and who tells it            from the aggregator
DigestSpec       what one digest wants                     from the configuration
Told             what a reader already knows of a story    from the ledger
Choice           what is kept and held back, with reasons  choose.py
Summary          sentences with their sources              summarize/
Edition, Item    the frozen whole, rendered many times     stored as JSON
Rendered, Receipt  bytes for a channel, and its answer     render/, channels/
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from digests.reasons import Reason


@dataclass(frozen=True, slots=True)
class Carrier:
    """Another outlet that published the same text."""

    outlet: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One independent voice in a story: an article with all its carriers.

    `arrived` is when we first had it; `published` is what the publisher says, and may be missing or wrong.
    `previous_text` and `revised` are set when the publisher changed the text after we first had it; `withdrawn` when the
    publisher took it back.
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
    image: str | None = None
    carriers: tuple[Carrier, ...] = ()
    weight: float = 1.0  # the feed's weight in the configuration
    revised: datetime | None = None
    previous_text: str | None = None
    previous_title: str | None = None
    withdrawn: bool = False
    backlog: bool = False  # old news of a feed's first fetch: context, not news
    feed: str = ""  # the address it was read from
    copy_of: str = ""  # who wrote it, where that is another: an agency that is no feed of ours
    origin: str = ""  # how it is known who wrote it, in words


def outlets(sources: Sequence[Source | ItemSource]) -> int:
    """Return how many outlets the sources are of: an outlet counts once, however many of its articles there are."""
    return len({s.outlet.casefold() or s.article for s in sources})


def carrying(sources: Sequence[Source | ItemSource]) -> int:
    """Return how many more outlets carry one of the texts."""
    own = {s.outlet.casefold() for s in sources}
    return len({c.outlet.casefold() for s in sources for c in s.carriers} - own)


@dataclass(frozen=True, slots=True)
class Match:
    """Why a story belongs to a topic or an interest. `score` from 0 to 1."""

    name: str
    score: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """One event as it stands now. `sources` in order of arrival; `first` and `last` are arrivals.

    `boost` is the sum of what rules add or take; `must` that a rule wants it in; `muted` that a rule wants it out.
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
    terms: tuple[tuple[str, float], ...] = ()  # weighted terms: likeness between stories, for diversity
    absorbed: tuple[str, ...] = ()  # ids of stories merged into this one: what was told of them was told of this


class Quiet(StrEnum):
    """What to do when there is nothing to tell."""

    SKIP = "skip"
    NOTE = "note"  # a short mail that says so
    SEND = "send"  # as always, however little


@dataclass(frozen=True, slots=True)
class DigestSpec:
    """What one digest wants; the `[[digest]]` table. Words are counted over headlines and sentences."""

    name: str
    title: str = ""
    schedule: str = "0 7 * * *"
    zone: str = "UTC"
    language: str = "en"
    topics: tuple[str, ...] = ()  # in this order; empty: all
    interests: tuple[str, ...] = ()  # empty: all
    max_stories: int = 30
    max_words: int = 2000
    min_score: float = 0.0
    words_per_story: int = 90
    quiet: Quiet = Quiet.NOTE
    images: bool = True
    template: str = "standard"
    diversity: float = 0.3  # 0: the best scores only; 1: the most different


class ItemKind(StrEnum):
    """What a story is to this reader."""

    NEW = "new"
    UPDATE = "update"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Told:
    """What a reader was told of one story, over all editions.

    `facts` are keys made by `digests.summarize.facts`: of sentences, numbers and names. `articles` are those that had
    arrived when it was last told.
    """

    story: str
    last_told: datetime
    headline: str = ""
    facts: frozenset[str] = frozenset()
    articles: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Pick:
    """A story that goes in: its place, its score with the reasons, and what it is to the reader."""

    story: Story
    kind: ItemKind
    topic: str
    score: float
    reasons: tuple[Reason, ...] = ()
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A story that stays out this time, and why. It stays eligible unless `final`."""

    story: str
    headline: str
    score: float
    reason: Reason
    final: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The outcome of choosing, in reading order."""

    picks: tuple[Pick, ...] = ()
    held: tuple[Held, ...] = ()
    seen: int = 0  # stories looked at


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a summary. `sources` are places in the item's source list, from 0; never empty.

    `new` marks what an update adds; `replaced` that a model's sentence failed the gate and this was extracted instead.
    """

    text: str
    sources: tuple[int, ...]
    new: bool = False
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """One value that sources give for the same thing, and who gives it (places in the item's source list)."""

    value: str
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Sources that differ on one thing: `12 (A, B); 15 (C)`. `about` is the counted thing in the sources' words."""

    about: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a story's timeline."""

    at: datetime
    text: str
    source: int


@dataclass(frozen=True, slots=True)
class Correction:
    """What a publisher changed or withdrew of something told."""

    source: int
    was: str
    now: str
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """What a summarizer gives back. `facts` are the keys to remember in the ledger."""

    headline: str
    sentences: tuple[Sentence, ...]
    disagreements: tuple[Disagreement, ...] = ()
    timeline: tuple[Moment, ...] = ()
    corrections: tuple[Correction, ...] = ()
    facts: frozenset[str] = frozenset()
    method: str = "extractive"
    cost: float = 0.0  # in the currency of [summaries] price, 0 without a model
    notes: tuple[str, ...] = ()  # what the reader should know: an endpoint that was down, a budget that is spent
    refused: tuple[str, ...] = ()  # for the owner: sentences of a model that the gate did not let through, and why


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
    copy_of: str = ""  # who wrote it, where that is neither the outlet nor a carrier that leads
    withdrawn: bool = False  # the publisher took it back


@dataclass(frozen=True, slots=True)
class Item:
    """One story as told in one edition."""

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
    timeline: tuple[Moment, ...] = ()
    corrections: tuple[Correction, ...] = ()
    image: str | None = None
    image_alt: str = ""
    facts: frozenset[str] = frozenset()
    method: str = "extractive"

    @property
    def independent_sources(self) -> int:
        """How many outlets report it; carriers of one text count once. One that took it back counts only where nobody else is left."""
        return outlets([s for s in self.sources if not s.withdrawn]) or outlets(self.sources)

    @property
    def retracted(self) -> bool:
        """Whether nothing of it stands: every publisher took it back."""
        return bool(self.sources) and all(s.withdrawn for s in self.sources)

    @property
    def carriers(self) -> int:
        """How many more outlets carry one of its texts."""
        return carrying(self.sources)


@dataclass(frozen=True, slots=True)
class Section:
    """One topic of an edition, with its overview in a few sentences (each an item's headline fact, `sources` empty)."""

    topic: str
    items: tuple[Item, ...]
    overview: str = ""


@dataclass(frozen=True, slots=True)
class FeedTrouble:
    """A feed the reader should know about."""

    name: str
    code: str
    message: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """The footer: what this edition stands on."""

    feeds_checked: int = 0
    feeds_failed: int = 0
    feeds_silent: int = 0
    troubles: tuple[FeedTrouble, ...] = ()
    entries_seen: int = 0
    articles_seen: int = 0
    stories_seen: int = 0
    stories_shown: int = 0
    stories_held: int = 0
    stories_known: int = 0  # told before, and nothing new came since: neither shown nor held back
    held: tuple[Held, ...] = ()  # the best of them
    single_source: int = 0  # stories shown that only one voice tells
    written: int = 0  # stories shown whose summary a model wrote
    refused: int = 0  # sentences of a model that could not be confirmed
    cost: float = 0.0  # of the model, in the currency of its prices
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edition:
    """One composed issue of a digest, frozen. Every output is rendered from this and nothing else.

    `period_start`/`period_end` are the arrivals it covers; `catch_up` that slots were missed in between. `slot` is the
    instant of the schedule it serves. `audience` tells apart editions of one slot for readers who know different things.
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

    @property
    def items(self) -> tuple[Item, ...]:
        """All items in reading order."""
        return tuple(item for section in self.sections for item in section.items)

    @property
    def words(self) -> int:
        """Length of what there is to read: headlines and sentences."""
        return sum(len(i.headline.split()) + sum(len(s.text.split()) for s in i.sentences) for i in self.items)


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses that only the one who runs the program knows; every one may be missing.

    `unsubscribe` is personal and signed (RFC 8058 one-click takes a POST there); `{story}` in `story` and `feedback`
    patterns stands for the story's id.
    """

    web: str | None = None  # this edition on the web
    story: str | None = None
    unsubscribe: str | None = None
    settings: str | None = None
    more: str | None = None
    less: str | None = None
    owner: str | None = None  # mail address of a person, for those who have no web address


@dataclass(frozen=True, slots=True)
class Rendered:
    """One output of an edition: text in the named format, and what went wrong with a user's template."""

    content: str
    media_type: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a channel is handed: one delivery, complete. `body` are the stored bytes, sent as they are."""

    delivery: int
    recipient: str  # an address, a folder, a URL: what the channel understands
    message_id: str
    sender: str
    body: bytes
    media_type: str = "message/rfc822"
    filename: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A channel took it. `detail` is the server's last word, for the record."""

    detail: str = ""
    server: str = ""
