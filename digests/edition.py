"""Composes an edition once, from chosen and summarized stories. Everything after that only renders it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from digests.language.detect import language_code
from digests.model import Choice, DigestSpec, Edition, Item, ItemSource, Pick, Section, Source, Summary, Trust
from digests.ranking.related import reported_part
from digests.reasons import ReasonCode
from digests.summarize import headline
from digests.summarize.base import BY_MODEL
from digests.summarize.extractive import summarize_story

_HELD_SHOWN = 5  # held stories that the footer lists


def assemble(
    choice: Choice,
    summaries: Mapping[str, Summary],
    spec: DigestSpec,
    *,
    edition_id: str,
    slot: datetime,
    composed: datetime,
    period_start: datetime,
    period_end: datetime,
    trust: Trust,
    audience: str = "",
    catch_up: int = 0,
) -> Edition:
    """Return the edition of a choice. `summaries` is by story id; a story without one gets an extractive summary.

    `trust` has what only the caller knows about feeds and entries; the counts of stories are added here. The order of
    each item's sources is that of `Story.sources`.
    """
    at = composed.astimezone(ZoneInfo(spec.zone))
    items = [story_item(pick, summaries.get(pick.story.id), spec, at) for pick in choice.picks]
    placed = zip(((pick.section, pick.section or pick.topic) for pick in choice.picks), items, strict=True)
    sections = tuple(
        Section(name, tuple(item for _, item in group))
        for (_, name), group in groupby(placed, key=lambda pair: pair[0])
    )
    return Edition(
        id=edition_id,
        digest=spec.name,
        title=spec.title or spec.name,
        slot=slot,
        composed=composed,
        period_start=period_start,
        period_end=period_end,
        zone=spec.zone,
        language=spec.language,
        sections=sections,
        trust=_trust(trust, choice, items, summaries.values()),
        audience=audience,
        catch_up=catch_up,
        quiet=not items,
        template=spec.template,
        images=spec.images,
        subject=spec.subject,
    )


def story_item(pick: Pick, summary: Summary | None, spec: DigestSpec, at: datetime | None = None) -> Item:
    """Return a picked story as an edition reports it; without a summary it is summarized by extraction, as of `at`."""
    if summary is None:
        summary = summarize_story(
            pick.story,
            words=spec.words_per_story,
            kind=pick.kind,
            reported=pick.reported,
            language=spec.language,
            at=at,
        )
    language = _language(pick, summary)
    sources = reported_part(pick.story).sources
    pictured = next((s for s in sources if s.image and not s.withdrawn), None) if spec.images else None
    return Item(
        story=pick.story.id,
        kind=pick.kind,
        topic=pick.topic,
        headline=summary.headline,
        sentences=summary.sentences,
        sources=tuple(_source(s) for s in pick.story.sources),
        score=pick.score,
        reasons=pick.reasons,
        language=language,
        disagreements=summary.disagreements,
        counts=summary.counts,
        timeline=summary.timeline,
        corrections=summary.corrections,
        image=pictured.image if pictured else None,
        image_alt=pictured.title if pictured else "",
        facts=summary.facts,
        method=summary.method,
        form=pick.form,
        foreign=not speaks(language, spec.languages),
    )


def speaks(language: str | None, wanted: Collection[str]) -> bool:
    """Whether a text is in one of the wanted languages, whatever the country; an unknown language is taken for one."""
    known = {language_code(one) for one in wanted}
    return not known or not language or language_code(language) in known


def _source(source: Source) -> ItemSource:
    return ItemSource(
        source.article,
        source.outlet,
        headline.without_tail(source.title, (source.outlet,)),
        source.url,
        source.published,
        source.language,
        source.carriers,
        source.copy_of,
        source.withdrawn,
        source.attachments,
        source.related,
    )


def _language(pick: Pick, summary: Summary) -> str | None:
    """Return the language of the summary: that of its first sentence's article, else of its headline."""
    if summary.sentences:
        return pick.story.sources[summary.sentences[0].sources[0]].language or pick.story.language
    return headline.language_of(pick.story, summary.headline) or pick.story.language


def _trust(trust: Trust, choice: Choice, items: Iterable[Item], summaries: Iterable[Summary]) -> Trust:
    items, summaries = list(items), list(summaries)
    waiting = [held for held in choice.held if not held.final and held.reason.code is not ReasonCode.KNOWN]
    notes = dict.fromkeys([*trust.notes, *(note for summary in summaries for note in summary.notes)])
    return replace(
        trust,
        stories_seen=choice.seen,
        stories_shown=len(items),
        stories_held=len(waiting),
        stories_known=sum(held.reason.code is ReasonCode.KNOWN for held in choice.held),
        held=tuple(waiting[:_HELD_SHOWN]),
        single_source=sum(item.single for item in items),
        written=sum(1 for item in items if item.method.startswith(BY_MODEL)),
        refused=sum(len(summary.refused) for summary in summaries),
        cost=round(sum(summary.cost for summary in summaries), 6),
        notes=tuple(notes),
    )
