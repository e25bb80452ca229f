"""Chooses the stories of a digest: those that arrived and were not reported yet. A publisher's date never counts.

Pure and deterministic. Every story is either picked or held back, with a reason. A story held back remains eligible for
the next edition unless it is `final`.

The score is from 0 to about 1. It depends on the number of outlets, on the user's interests, on the time of arrival,
on the story's importance among the others (`ranking`), and on the user's rules.
`fill` then picks stories until the digest is full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from digests.budget import Eligible, fill
from digests.language.keys import sentence_key
from digests.language.sentences import split
from digests.language.tokens import word_count
from digests.model import Choice, DigestSpec, Held, ItemKind, Match, Pick, Reported, Source, Story, carrying, outlets
from digests.ranking import importance
from digests.ranking.floor import lowest_score
from digests.ranking.limits import EditionLimits, is_plenty, usually_light
from digests.ranking.order import OTHER, arranged
from digests.ranking.related import parts_by_news, related_last, reported_part, with_part
from digests.ranking.same_event import unit_vector
from digests.ranking.same_text import Opening, is_same_text, opening, openings
from digests.ranking.settings import DigestKind
from digests.ranking.weigh import Weigher
from digests.reasons import Reason, ReasonCode, because
from digests.summarize import headline, overdue
from digests.summarize.changes import corrections, course, updates
from digests.summarize.changes.developments import developments

MORE, LESS = "more like this", "less like this"  # the names of the interests made from a recipient's marks
# Every story starts with `_BASE`, an update too: with .06 less for updates the first ten of an edition held .35 fewer
# stories of a large service's front page (weights learned on one half of 20 days, judged on the other).
_BASE, _INTEREST, _RECENT = 0.25, 0.25, 0.10
_COURSE = 0.25  # of a recap, instead of the time of arrival
_LEAST_WANTED = -0.6  # a story that a recipient wants less of sinks, but does not vanish
_HALF_LIFE_HOURS = 18.0
_DAY_HOURS = 24
_HEADLINE_WORDS = 11

Judged = dict[int, tuple[Story, Eligible | Held]]
"""What was judged of stories that recipients do not know, each with its story, by the story's `id()`."""


def choose(
    stories: Sequence[Story],
    reported: Mapping[str, Reported],
    spec: DigestSpec,
    now: datetime,
    judged: Judged | None = None,
) -> Choice:
    """Choose the stories that this digest reports to its recipient now.

    `reported` is the recipient's whole ledger by story id. Reports of stories that were merged into a story, and of
    articles that have since moved to it, count for that story. Picks come in reading order (`ranking.order`). Calls
    with the same `spec` and `now` may share `judged`.
    """
    judged = {} if judged is None else judged
    present = [s for given in stories if (s := as_of(given, now)) is not None]
    ledger = _Ledger(reported, present)
    eligible: list[Eligible] = []
    held: list[Held] = []
    for story in present:
        keys = ledger.keys(story)
        verdict = _judge(story, keys, ledger, spec, now) if keys else _judge_new(story, ledger, spec, now, judged)
        if isinstance(verdict, Held):
            held.append(verdict)
        else:
            eligible.append(verdict)

    weigher = Weigher([one.pick for one in eligible], spec.max_stories, present)

    seen = len(eligible) + len(held)
    weighed = [one if (pick := weigher.weigh(one.pick)) is one.pick else replace(one, pick=pick) for one in eligible]
    # Without the points for wishes: otherwise ten stories about a hobby would leave out the news beside them.
    lowest = lowest_score([one.pick.score - _wished(one.pick.story, spec) for one in weighed], spec.min_score)
    picks = [one.pick for one in weighed]
    light, plenty = usually_light(picks), is_plenty(picks, lowest)
    limits = EditionLimits(weigher.forms, spec.max_stories, lowest, usually_light=light, plenty=plenty)
    verdicts = [_judged_by_score(one, spec.min_score) for one in weighed]
    held.extend(one for one in verdicts if isinstance(one, Held))
    waiting = [one for one in verdicts if isinstance(one, Eligible)]

    at = now.astimezone(ZoneInfo(spec.zone))

    def judged_again(one: Eligible, same: frozenset[Opening]) -> Eligible | Held | None:
        if _may_be_over(one) and overdue.is_over(reported_part(one.pick.story), at):
            return Held(one.pick.story.id, one.name, one.pick.score, because(ReasonCode.OVERDUE))
        keys = ledger.keys(one.pick.story, same)
        if keys == one.known:
            return None
        verdict = _judge(one.pick.story, keys, ledger, spec, now)
        if isinstance(verdict, Held):
            return verdict
        return _judged_by_score(replace(verdict, pick=weigher.weigh(verdict.pick)), spec.min_score)

    taken, left_out = fill(waiting, spec, limits, _fresh_openings, judged_again)
    held.extend(left_out)
    held.sort(key=lambda h: (-h.score, h.story))
    return Choice(arranged(taken, spec), tuple(held), seen)


def _may_be_over(one: Eligible) -> bool:
    """Whether a story is held back when what it announces is over: not one whose titles report an act."""
    return not one.must and one.pick.kind is not ItemKind.RECAP and one.pick.event <= 0


def _judged_by_score(weighed: Eligible, lowest: float) -> Eligible | Held:
    """Return the story, as held when its score is too low."""
    pick = weighed.pick
    if pick.score >= lowest or weighed.must:
        return weighed
    low = because(ReasonCode.LOW_SCORE, score=round(pick.score, 2), least=round(lowest, 2))
    return Held(pick.story.id, weighed.name, pick.score, low)


def as_of(story: Story, now: datetime) -> Story | None:
    """Return the story as it stood at `now`, without later articles; None if no article had arrived."""
    sources = tuple(s for s in story.sources if s.arrived <= now)
    if story.last <= now and len(sources) == len(story.sources):
        return story
    return replace(story, sources=sources, last=max(s.arrived for s in sources)) if sources else None


class _Ledger:
    """What the reader knows, found by story, by article, and by the same text in `stories`."""

    def __init__(self, reported: Mapping[str, Reported], stories: Sequence[Story]) -> None:
        self._reported = reported
        self._stories = stories
        self._by_article: dict[int, list[str]] = {}
        self._by_sentence: dict[str, list[str]] = {}
        for key in sorted(reported):
            for article in reported[key].articles:
                self._by_article.setdefault(article, []).append(key)
            for fact in reported[key].facts:
                if fact.startswith("s:"):
                    self._by_sentence.setdefault(fact, []).append(key)

    @cached_property
    def _articles(self) -> dict[int, tuple[Source, Story]]:
        return {source.article: (source, story) for story in self._stories for source in story.sources}

    def keys(self, story: Story, openings: frozenset[Opening] = frozenset()) -> tuple[str, ...]:
        """Return the reported stories that count for this one: by its ids, by its articles, and by the same text."""
        keys = [key for key in (story.id, *story.absorbed) if key in self._reported]
        for source in story.sources:
            for key in self._by_article.get(source.article, ()):
                if key not in keys and _was_reported(source, story, self._reported[key]):
                    keys.append(key)
        same = {key for one in openings for key in self._by_sentence.get(one.key, ()) if self._has_text(key, one)}
        return (*keys, *sorted(same.difference(keys)))

    def _has_text(self, key: str, one: Opening) -> bool:
        """Whether an article that was reported under `key` has the same text."""
        earlier = (self._articles[article] for article in self._reported[key].articles if article in self._articles)
        return any((found := opening(*where)) is not None and is_same_text(one, found) for where in earlier)

    def joined(self, story: Story, keys: Sequence[str]) -> Reported | None:
        """Return all that was reported under these names, as one."""
        return _joined(story.id, [self._reported[key] for key in keys]) if keys else None


def _was_reported(source: Source, story: Story, reported: Reported) -> bool:
    """Whether an article that came from another story was reported there and not only held by it.

    A story that was split off reports its articles again when none of their sentences were reported.
    """
    language = source.language or story.language
    titles = [version.title for version in source.versions]
    texts = (source.title, *titles, *split(source.text, language))
    return any(text and sentence_key(text, language) in reported.facts for text in texts)


def _fresh_openings(pick: Pick) -> frozenset[Opening]:
    """Return the openings of the articles that the recipient does not know. The ledger has none of related articles."""
    known = pick.reported.articles if pick.reported is not None else frozenset()
    own = (source for source in pick.story.sources if not source.related)
    return openings(pick.story, (source for source in own if source.article not in known))


def _joined(story: str, parts: Sequence[Reported]) -> Reported:
    latest = max(parts, key=lambda t: (t.last_reported, t.story))
    return Reported(
        story,
        latest.last_reported,
        latest.headline,
        frozenset().union(*(t.facts for t in parts)),
        frozenset().union(*(t.articles for t in parts)),
    )


def _judge(story: Story, known: tuple[str, ...], ledger: _Ledger, spec: DigestSpec, now: datetime) -> Eligible | Held:
    reported = ledger.joined(story, known)
    story = related_last(story, reported)
    name = _name(story)
    if story.muted:
        return Held(story.id, name, 0.0, because(ReasonCode.MUTED), final=True)
    topic = _topic(story, spec)
    if topic is None:
        return Held(story.id, name, 0.0, because(ReasonCode.OTHER_TOPICS))
    if reported is None:
        kind, news = (ItemKind.RECAP if spec.kind is DigestKind.RECAP else ItemKind.NEW), None
        if not any(not s.backlog and not s.withdrawn for s in story.sources):
            withdrawn = any(s.withdrawn for s in story.sources)
            return Held(story.id, name, 0.0, because(ReasonCode.WITHDRAWN if withdrawn else ReasonCode.BACKLOG))
    else:
        story, kind, news = _since_by_part(story, reported)
        if news is None:
            return Held(story.id, name, 0.0, because(ReasonCode.KNOWN))
    if spec.kind is DigestKind.RECAP:
        kind, reported = ItemKind.RECAP, reported or course.first_report(story)
        news = news or _since(story, reported)[1]
    score, reasons = _score(story, reported, kind, spec, now)
    in_topic = because(ReasonCode.TOPIC, topic=topic.name)
    pick = Pick(story, kind, topic.name, score, (*([news] if news else []), *reasons, in_topic), reported)
    named = frozenset(s.outlet for s in story.sources)
    return Eligible(pick, _name(story), named, unit_vector(story.terms), _length(story, spec), known)


def _judge_new(story: Story, ledger: _Ledger, spec: DigestSpec, now: datetime, judged: Judged) -> Eligible | Held:
    """Judge a story that the recipient does not know, or return what another recipient's choice judged of it."""
    found = judged.get(id(story))
    if found is None or found[0] is not story:
        found = judged[id(story)] = story, _judge(story, (), ledger, spec, now)
    return found[1]


def _since_by_part(story: Story, reported: Reported) -> tuple[Story, ItemKind, Reason | None]:
    """Return a reported story by the first of its parts that has anything new, what it is now, and why."""
    ranked = parts_by_news(story, reported)
    if len(ranked) > 1:
        fresh = {one.candidate.source for one in updates.news(story, reported)}
        corrected = {one.source for one in corrections.corrections(story, reported)}
        fresh |= {place for place in corrected if story.sources[place].article not in reported.articles}
        telling = {story.sources[place].part for place in fresh or corrected}
        ranked = [part for part in ranked if part in telling] or ranked[:1]
    found = ((one, *_since(one, reported)) for part in ranked for one in [with_part(story, part, reported)])
    return next((one for one in found if one[2] is not None), (story, ItemKind.UPDATE, None))


def _since(story: Story, reported: Reported) -> tuple[ItemKind, Reason | None]:
    """Return what a reported story is now, and why; no reason when only related articles, if any, are new."""
    whole, story = story, reported_part(story)  # what is related may be known, and is no news then
    changed = corrections.corrections(story, reported)
    if changed:
        changing = tuple(sorted({story.sources[c.source].outlet for c in changed}))
        code = ReasonCode.WITHDREW if any(c.withdrawn for c in changed) else ReasonCode.CHANGED
        return ItemKind.CORRECTION, because(code, outlets=changing)
    fresh = [one for one in updates.news(whole, reported) if not whole.sources[one.candidate.source].related]
    if not fresh or _is_aside(story, reported, fresh):
        return ItemKind.UPDATE, None
    return ItemKind.UPDATE, _because_of_news(fresh)


def _is_aside(story: Story, reported: Reported, fresh: Sequence[updates.News]) -> bool:
    """Whether no title of the new articles tells news, so that the update would have an earlier headline.

    A changed count, a development and a changed article are news whatever the title.
    """
    places = {one.candidate.source for one in fresh}
    if any(story.sources[place].article in reported.articles for place in places):
        return False
    if any(one.changed or developments(one.candidate.text, one.candidate.language) for one in fresh):
        return False
    language = fresh[0].candidate.language
    place, spoken = headline.origin(story, headline.best_title(story, language, places), places)
    return place >= 0 and place not in places and spoken == language


def _because_of_news(fresh: Sequence[updates.News]) -> Reason:
    count = next(updates.changed_counts(fresh), None)
    if count is not None:
        return because(ReasonCode.CHANGED_COUNT, about=count.about, now=count.now, was=count.was)
    words = tuple(dict.fromkeys(updates.new_facts(fresh)))
    return because(ReasonCode.NEW_FACTS, words=words) if words else because(ReasonCode.NEW_DETAILS)


def wants(story: Story, spec: DigestSpec) -> bool:
    """Whether a story belongs to the digest at all: by a topic, by an interest that the digest names, or by a rule."""
    return _topic(story, spec) is not None


def _topic(story: Story, spec: DigestSpec) -> Match | None:
    """Return the topic under which the digest shows the story; None if the digest does not want it."""
    best = max(story.topics, key=lambda m: m.score, default=Match(OTHER, 0.0))
    if not spec.topics:
        return best
    wanted = [m for m in story.topics if m.name in spec.topics]
    if wanted:
        return max(wanted, key=lambda m: m.score)
    if (OTHER in spec.topics and not story.topics) or story.must or _interests(story, spec, named=True):
        return best
    return None


def _interests(story: Story, spec: DigestSpec, *, named: bool = False) -> list[Match]:
    """Return the story's interests that count in this digest; with `named` only those that the digest lists."""
    if not spec.interests:
        return [] if named else list(story.interests)
    return [m for m in story.interests if m.name in spec.interests]


def _best_interest(story: Story, spec: DigestSpec) -> Match | None:
    return max(_interests(story, spec), key=lambda m: m.score, default=None)


def _interest_points(interest: Match | None) -> float:
    return _INTEREST * max(_LEAST_WANTED, interest.score) if interest else 0.0


def _wished(story: Story, spec: DigestSpec) -> float:
    """Return by how much the reader's interests and rules raise the story's score; 0 if they lower it."""
    return max(0.0, _interest_points(_best_interest(story, spec))) + max(0.0, story.boost)


def _score(
    story: Story, reported: Reported | None, kind: ItemKind, spec: DigestSpec, now: datetime
) -> tuple[float, list[Reason]]:
    recap = kind is ItemKind.RECAP
    standing = [s for s in story.sources if not s.withdrawn]
    known = reported.articles if reported is not None else frozenset()
    fresh = [s for s in standing if not s.backlog and s.article not in known] or standing
    arrived = max((s.arrived for s in fresh), default=story.last)
    hours = max(0.0, (now - arrived).total_seconds() / 3600)
    interest = _best_interest(story, spec)
    score = (
        _BASE
        + importance.weights()["outlets"] * importance.outlets(standing)
        + _interest_points(interest)
        + (_COURSE * course.weight(story) if recap else _RECENT * 0.5 ** (hours / _HALF_LIFE_HOURS))
        + story.boost
    )
    reporting, own = ([s for s in given if not s.related] for given in (standing, fresh))
    reasons = list(_because_of_sources(reporting)) if reporting else []
    days = course.days(story) if recap else 1
    reasons += [because(ReasonCode.LASTED, count=days)] if days > 1 else _because_of_age(own, hours, now)
    if interest:
        reasons.append(_because_of_interest(interest))
    if story.boost:
        code = ReasonCode.RAISED if story.boost > 0 else ReasonCode.LOWERED
        reasons.append(because(code, points=round(abs(story.boost), 2)))
    if story.must:
        reasons.insert(0, because(ReasonCode.MUST))
    return round(score, 6), reasons


def _because_of_sources(sources: Sequence[Source]) -> list[Reason]:
    carriers = carrying(sources)
    voices = because(ReasonCode.SOURCES, count=outlets(sources))
    fast = importance.within_an_hour(sources)
    said = [voices, because(ReasonCode.WITHIN_HOUR, count=fast)] if fast >= importance.FAST else [voices]
    return [*said, because(ReasonCode.CARRIERS, count=carriers)] if carriers else said


def _because_of_age(fresh: Sequence[Source], hours: float, now: datetime) -> list[Reason]:
    """Return the reason of age: news of this hour, or `hours` of a day and more since the last arrival.

    An article that a fetch just brought is no news of this hour unless it is dated so.
    """
    if any(s.is_dated and now - s.moment < timedelta(hours=1) for s in fresh):
        return [because(ReasonCode.THIS_HOUR)]
    if hours < _DAY_HOURS:
        return []
    if hours < 2 * _DAY_HOURS:
        return [because(ReasonCode.HOURS_AGO, count=round(hours))]
    return [because(ReasonCode.DAYS_AGO, count=round(hours / _DAY_HOURS))]


def _because_of_interest(interest: Match) -> Reason:
    if interest.name in (MORE, LESS):
        return because(ReasonCode.LIKED if interest.name == MORE else ReasonCode.DISLIKED, why=interest.reasons)
    return because(ReasonCode.INTEREST, name=interest.name, why=interest.reasons)


def _length(story: Story, spec: DigestSpec) -> int:
    """Return the words that the story needs: its headline and as much of its text as a summary may use."""
    longest, most = max((s.text for s in story.sources), key=len, default=""), spec.words_per_story
    # Eight letters a word with its blank is more than any language takes on average: no need to count.
    return _HEADLINE_WORDS + (most if len(longest) >= most * 8 else min(most, _words(longest)))


# The editions of one slot judge the same stories.
_words = lru_cache(maxsize=4096)(word_count)
_without_outlet = lru_cache(maxsize=4096)(headline.without_outlet)


def _name(story: Story) -> str:
    """Return a name for the record: the first title, or the id."""
    named = tuple(s.outlet for s in story.sources)
    return next((_without_outlet(s.title, named) for s in story.sources if s.title.strip()), story.id)
