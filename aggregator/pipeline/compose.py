"""Composing editions: choose stories with unreported news, summarize them, and assemble an edition.

Recipients of one digest may have got different stories before (from another digest, or they joined later). Recipients
with the same history of the present stories form an audience, and each audience gets its own edition. Mostly there is
one audience.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from zoneinfo import ZoneInfo

from aggregator.pipeline.accounts import Status, chosen_statuses, entry_counts, entry_groups, muted_status
from aggregator.pipeline.feedback import FeedbackProfile, load_feedback
from aggregator.pipeline.query_fields import story_subjects
from aggregator.pipeline.summarizers import Models, SharedSummaries, attempt_key, tried_alone, without_faults
from aggregator.store.attempts import Attempts
from aggregator.store.database import Database
from aggregator.store.editions import editions as edition_store
from aggregator.store.errors import StoreError
from aggregator.store.intake import entries as entry_store
from aggregator.store.outgoing import recipients as recipient_store
from aggregator.store.records import Arrival, EntryGroup, IntakeCounts, RecipientRecord
from aggregator.store.stories import stories as story_store
from aggregator.stories.query import Query
from aggregator.system.hang import interruptible
from digests.channels.recipient import Recipient
from digests.choose import LESS, MORE, Judged, as_of, choose, wants
from digests.edition import assemble, speaks, story_item
from digests.model import Choice, DigestSpec, Edition, Match, Pick, Reported, Source, Story, Summary, Trust
from digests.ranking.order import arranged
from digests.ranking.settings import DigestKind
from digests.reasons import EntryClass, ReasonCode, because
from digests.summarize.base import Summarizer
from digests.summarize.model.translate import Translator

log = logging.getLogger(__name__)
# A story that was held back stays eligible for so long before the window, for example through an outage.
ELIGIBLE = timedelta(days=2)
SUMMARIES_AT_ONCE = 4
NOT_TRANSLATED = "stories in other languages are marked, not translated: no model is set up that translates"


class Others(StrEnum):
    """What to do with stories in none of a digest's languages."""

    MARK = "mark"
    DROP = "drop"
    TRANSLATE = "translate"


@dataclass(frozen=True, slots=True)
class Plan:
    """The specification of a digest, its recipients, and the stories that it takes: a query, and languages."""

    spec: DigestSpec
    recipients: tuple[Recipient, ...] = ()
    query: Query | None = None
    others: Others = Others.MARK
    only: frozenset[str] | None = None  # ids of the stories that it may report; None: all
    by_recipient: bool = False  # the schedule is in the zone of each recipient
    alone: bool = False  # for one recipient who asked for it: a site of the other recipients does not show it


@dataclass(frozen=True, slots=True)
class Window:
    """The slot of an edition and the period of arrivals. `catch_up` is the number of missed slots before it."""

    slot: datetime
    start: datetime
    end: datetime
    catch_up: int = 0


@dataclass(frozen=True, slots=True)
class Composed:
    """An edition and its recipients. `fresh` are recipients that are not in the database yet."""

    edition: Edition
    recipients: tuple[RecipientRecord, ...] = ()
    fresh: tuple[Recipient, ...] = ()
    choice: Choice = field(default_factory=Choice)
    groups: tuple[EntryGroup, ...] = ()  # what it did with the entries of its period


@dataclass(frozen=True, slots=True)
class _Audience:
    key: str
    reported: Mapping[str, Reported]
    recipients: tuple[RecipientRecord, ...]
    fresh: tuple[Recipient, ...]
    feedback: FeedbackProfile | None = None


async def compose(
    db: Database,
    plan: Plan,
    window: Window,
    models: Models,
    attempts: Attempts | None = None,
    *,
    careful: bool = False,
) -> list[Composed]:
    """Compose the edition of each audience, without stories that are set aside. Writes no edition.

    With `careful`, because a process died or hung while it composed, each story is tried alone before.
    """
    read = await asyncio.to_thread(_read, db, plan, window)
    if attempts is not None:
        shown = [one for one in read.stories if not attempts.is_aside(attempt_key(plan.spec, one))]
        read = replace(read, stories=await tried_alone(shown, plan.spec, window.end, attempts) if careful else shown)
    models = replace(models, summarizer=SharedSummaries(models.summarizer))
    judged: Judged = {}
    return [await _edition(plan, window, read, audience, models, judged) for audience in read.audiences]


@dataclass(frozen=True, slots=True)
class _Read:
    """What the editions of one slot are composed from.

    `excluded` are the stories that the digest does not look at, each with the reason.
    """

    stories: Sequence[Story]
    excluded: Mapping[str, Status]
    audiences: Sequence[_Audience]
    arrivals: Sequence[Arrival]
    counts: IntakeCounts


def _read(db: Database, plan: Plan, window: Window) -> _Read:
    since = _news_since(plan, window)
    # Not only recent ones: a story that was reported long ago may have been corrected or withdrawn today.
    candidates = edition_store.candidates(db, since, window.start) if plan.only is None else sorted(plan.only)
    found = story_store.stories(db, ids=candidates, sent=edition_store.edition_times(db))
    standing = (as_of(_without_own_backlog(story, window), window.end) for story in found)
    judged = [(story, _excluded(plan, story)) for story in standing if story]
    stories = [_with_interests(story, plan.spec) for story, status in judged if status is None]
    return _Read(
        stories=stories,
        excluded={story.id: status for story, status in judged if status is not None},
        audiences=_audiences(db, plan, stories, window.end),
        arrivals=[
            one
            for one in entry_store.arrivals(db, window.start, window.end)
            if plan.only is None or one.story in plan.only
        ],
        counts=entry_store.counts_since(db, window.start, window.end),
    )


def _news_since(plan: Plan, window: Window) -> datetime:
    """Return from when on articles are news: a recap takes those of its period, without what was held back before."""
    return window.start if plan.spec.kind is DigestKind.RECAP else window.start - ELIGIBLE


def _without_own_backlog(story: Story, window: Window) -> Story:
    """Return the story in which no article of the window's own period counts as old news.

    A first fetch sets aside what is older than a day. The edition of a weekly digest covers its week all the same.
    """
    if not any(_in_period(source, window) for source in story.sources):
        return story
    sources = (replace(s, backlog=False) if _in_period(s, window) else s for s in story.sources)
    return replace(story, sources=tuple(sources))


def _in_period(source: Source, window: Window) -> bool:
    """Whether a first fetch set aside an article that was published in the window's period."""
    return source.backlog and source.published is not None and window.start < source.published <= window.end


def _excluded(plan: Plan, story: Story) -> Status | None:
    """Return the status of a story that the digest excludes, else None."""
    code = None
    if not wants(story, plan.spec):
        code = ReasonCode.OTHER_TOPICS
    elif plan.others is Others.DROP and not _speaks(story, plan.spec.languages):
        code = ReasonCode.OTHER_LANGUAGE
    elif plan.query is not None and not any(map(plan.query.matches, story_subjects(story))):
        code = ReasonCode.OTHER_QUERY
    if code is None:
        return None
    return muted_status(story) if story.muted else (EntryClass.OUTSIDE, because(code))


def _speaks(story: Story, languages: Sequence[str]) -> bool:
    return any(speaks(source.language or story.language, languages) for source in story.sources)


def _audiences(db: Database, plan: Plan, stories: Sequence[Story], until: datetime) -> list[_Audience]:
    known = {r.recipient: r for r in recipient_store.find(db, plan.recipients)}
    active = [known[one] for one in plan.recipients if one in known and not known[one].paused]
    fresh = tuple(one for one in plan.recipients if one not in known)
    # What other digests sent is no reason to leave it out of a recap, only what the last recap did.
    own = plan.spec.name if plan.spec.kind is DigestKind.RECAP else None
    reported = edition_store.reported(db, [r.id for r in active], [s.id for s in stories], until, digest=own)
    groups: dict[tuple[object, ...], list[RecipientRecord]] = {}
    for recipient in active:
        groups.setdefault(_known_facts(reported.get(recipient.id, {})), []).append(recipient)
    if fresh or not groups:
        groups.setdefault((), [])  # recipients without history
    return [
        _Audience(
            key=""
            if len(groups) == 1 and not plan.by_recipient and not plan.alone
            else _audience_key([*sorted(r.recipient.key for r in members), *(one.key for one in fresh if not facts)]),
            reported=reported.get(members[0].id, {}) if members else {},
            recipients=tuple(members),
            fresh=() if facts else fresh,
            feedback=load_feedback(db, [r.id for r in members], until),
        )
        for facts, members in groups.items()
        if members or not facts
    ]


def _known_facts(reported: Mapping[str, Reported]) -> tuple[object, ...]:
    return tuple(
        (story, reported[story].last_reported, tuple(sorted(reported[story].facts))) for story in sorted(reported)
    )


def _audience_key(keys: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()[:8]


async def _edition(
    plan: Plan,
    window: Window,
    read: _Read,
    audience: _Audience,
    models: Models,
    judged: Judged,
) -> Composed:
    spec = plan.spec
    # An older story is a candidate because its text changed, which matters only to those who got the story.
    since = _news_since(plan, window)
    relevant = [story for story in read.stories if story.last > since or story.id in audience.reported]
    ranked_by = spec
    if audience.feedback is not None:
        judged = {}  # the recipient's own marks change the scores
        relevant = [audience.feedback.apply(story) for story in relevant]
        ranked_by = replace(spec, interests=(*spec.interests, MORE, LESS) if spec.interests else ())
    compose = partial(_composed, plan, ranked_by, window, read, audience, models, judged)
    try:
        return await compose(relevant)
    except StoreError:
        raise
    except Exception:
        sound = await interruptible(without_faults, relevant, audience.reported, ranked_by, window.end)
        if len(sound) == len(relevant):
            raise
        return await compose(sound)


async def _composed(
    plan: Plan,
    ranked_by: DigestSpec,
    window: Window,
    read: _Read,
    audience: _Audience,
    models: Models,
    judged: Judged,
    relevant: Sequence[Story],
) -> Composed:
    """Compose the edition of these stories."""
    spec = plan.spec
    choice, summaries = await _chosen(relevant, audience.reported, ranked_by, window.end, models.summarizer, judged)
    for story, summary in summaries.items():
        for refusal in summary.refused:
            log.info("refused", extra={"fields": {"digest": spec.name, "story": story, "sentence": refusal}})
    statuses = {**read.excluded, **chosen_statuses(choice, relevant)}
    groups = await interruptible(entry_groups, read.arrivals, statuses, window.start, window.end)
    edition = await interruptible(
        assemble,
        choice,
        summaries,
        spec,
        edition_id=edition_id(spec.name, window.slot, audience.key),
        slot=window.slot,
        composed=window.end,
        period_start=window.start,
        period_end=window.end,
        trust=_trust(read.counts, groups),
        audience=audience.key,
        catch_up=window.catch_up,
    )
    if plan.others is Others.TRANSLATE and any(item.foreign for item in edition.items):
        edition = await _translated(edition, models.translator)
    return Composed(edition, audience.recipients, audience.fresh, choice, groups)


async def _chosen(
    stories: Sequence[Story],
    reported: Mapping[str, Reported],
    spec: DigestSpec,
    now: datetime,
    summarizer: Summarizer,
    judged: Judged,
) -> tuple[Choice, dict[str, Summary]]:
    """Return the choice among the stories, and the summaries of those that are picked.

    A story without a sentence hardly leads: so the picks are put in order again when they are summarized.
    """
    choice = await interruptible(choose, stories, reported, spec, now, judged)
    summaries = await _summaries(choice.picks, spec, summarizer, now.astimezone(ZoneInfo(spec.zone)))
    picks = [replace(one, untold=not summaries[one.story.id].sentences) for one in choice.picks]
    choice = replace(choice, picks=await interruptible(arranged, picks, spec))
    return choice, await interruptible(_usable, choice.picks, summaries, spec)


def _usable(picks: Sequence[Pick], summaries: Mapping[str, Summary], spec: DigestSpec) -> dict[str, Summary]:
    """Return the summaries from which an item can be made; the others are replaced by extraction."""
    usable = {}
    for pick in picks:
        if (summary := summaries.get(pick.story.id)) is None:
            continue
        try:
            story_item(pick, summary, spec)
        except Exception:
            log.exception("a summary is not used", extra={"fields": {"digest": spec.name, "story": pick.story.id}})
        else:
            usable[pick.story.id] = summary
    return usable


async def _translated(edition: Edition, translator: Translator | None) -> Edition:
    if translator is None:
        return replace(edition, trust=replace(edition.trust, notes=(*edition.trust.notes, NOT_TRANSLATED)))
    translated, refused = await translator.edition(edition)
    for refusal in refused:
        log.info("translation refused", extra={"fields": {"edition": edition.id, "story": refusal}})
    return translated


def edition_id(digest: str, slot: datetime, audience: str = "") -> str:
    """Return the id of an edition, always the same for a slot and an audience."""
    return f"{digest}-{slot:{'%Y%m%dT%H%M%SZ' if slot.second else '%Y%m%dT%H%MZ'}}" + (
        f"-{audience}" if audience else ""
    )


def _with_interests(story: Story, spec: DigestSpec) -> Story:
    if not spec.interests or not story.interests:
        return story
    kept: tuple[Match, ...] = tuple(m for m in story.interests if m.name in spec.interests)
    return replace(story, interests=kept)


async def _summaries(
    picks: Sequence[Pick], spec: DigestSpec, summarizer: Summarizer, at: datetime
) -> dict[str, Summary]:
    limit = asyncio.Semaphore(SUMMARIES_AT_ONCE)

    async def one(pick: Pick) -> tuple[str, Summary]:
        async with limit:
            return pick.story.id, await summarizer.summarize(
                pick.story,
                words=spec.words_per_story,
                kind=pick.kind,
                reported=pick.reported,
                language=spec.language,
                at=at,
            )

    return dict(await asyncio.gather(*(one(pick) for pick in picks)))


def _trust(counts: IntakeCounts, groups: Sequence[EntryGroup]) -> Trust:
    entries = entry_counts(groups)
    return Trust(
        feeds_checked=counts.feeds_checked,
        feeds_failed=counts.feeds_failed,
        feeds_silent=counts.feeds_silent,
        troubles=counts.troubles,
        entries_seen=sum(one.count for one in entries),
        entries=entries,
        articles_seen=counts.articles,
    )
