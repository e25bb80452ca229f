"""The order of an edition: its most important stories first, then section by section.

Sections right after five top stories put single reports of World before much bigger stories of other topics: of the
first ten stories 4.7 were on a large service's front page, with a second short section by importance 5.3 (20 days). So
an edition without an order of its own has that second section.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from digests.model import DigestSpec, Form, Pick, outlets
from digests.ranking.limits import asked_for, is_light, is_soft, usually_light
from digests.ranking.same_event import is_same_event
from digests.ranking.steps import side_by_side

OTHER = "Other"
TOP, ALSO = "Top stories", "More headlines"
# The order of a front page, where the digest names no topics: soft sections last. A topic of the user's own goes
# before them.
_EDITORIAL = (
    "World",
    "Politics",
    "Business",
    "Science",
    "Technology",
    "Health",
    "Environment",
    "Incidents",
    "Culture",
    "Sport",
    OTHER,
)
_FRONT_SOFT = 4  # soft stories before the sections by topic
_FEWEST = 10  # stories from which an edition has a section of top stories
_SHARE = 4  # one story in so many is a top story
_TOP_LEAST, _TOP_MOST = 3, 5
_EVENT = -0.34  # of the titles: a story below mostly talks
_TRIFLE, _TALK = 0.1, 0.08  # points that a light story of no soft topic loses, and one that mostly talks
_UNTOLD = 0.15  # points for a top story that one without a sentence loses
_INSIDE = 0.14  # points that a story among the ten best has before others of the edition
_GREATEST = 0.6  # of the greatest affair: what belongs to it
_NEAR = 12  # stories beyond the first that may be put among them for their affair
_LONG = 20  # stories from which it has a second section by importance


def arranged(picks: Sequence[Pick], spec: DigestSpec) -> tuple[Pick, ...]:
    """Return the picks in reading order, each with the section it is shown in; they may come from an earlier order.

    The best reports of a longer edition become its top stories, whatever their topic. The others follow by topic: in
    the digest's order, else in an editor's; within a topic by score, reports before other forms, acts before talk.
    """
    ranked = sorted((replace(pick, section="") for pick in picks), key=lambda pick: (-pick.score, pick.story.id))
    leading = _leading(ranked, spec)
    first = {pick.story.id for pick in leading}
    rest = [pick for pick in ranked if pick.story.id not in first]
    places = {topic: place for place, topic in enumerate(_topics(rest, spec, leading))}
    rest.sort(key=lambda pick: (places[pick.topic], not leads(pick), _mostly_talks(pick)))
    return side_by_side([*leading, *rest])


def leads(pick: Pick) -> bool:
    """Whether a story may be the first of an edition or a section."""
    return pick.form is Form.REPORT or pick.story.must


def _leading(ranked: Sequence[Pick], spec: DigestSpec) -> list[Pick]:
    """Return the stories before the sections by topic, each with its section.

    The gravest stories of the edition are the top stories, those among the ten best before others, unless light
    stories are what the digest is for.
    """
    if len(ranked) < _FEWEST or len({pick.topic for pick in ranked}) < 2:
        return []
    most = min(_TOP_MOST, max(_TOP_LEAST, len(ranked) // _SHARE))
    able = [pick for pick in ranked if leads(pick)]
    if not able:
        return []  # of opinions or reviews alone: none leads
    if usually_light(ranked):
        top = _best(able, most, (), most)
        also = _best(able, _TOP_MOST, top, most + _TOP_MOST)
        top.sort(key=is_light)
    else:
        able.sort(key=lambda pick: (-_front(pick), pick.story.id))
        first = _best(able, most + _TOP_MOST, (), _FRONT_SOFT)
        top, also = _gravest(_with_affair(first, able), able, most)
    also.sort(key=is_light)
    more = also if len(ranked) >= _LONG and not spec.topics else []
    return [*(replace(pick, section=TOP) for pick in top), *(replace(pick, section=ALSO) for pick in more)]


def _with_affair(first: list[Pick], able: Sequence[Pick]) -> list[Pick]:
    """Return the first stories, with one of the day's greatest affair if none of them is of it."""
    bound = _GREATEST * max(pick.affair for pick in able)
    hard = [pick for pick in able if not is_light(pick)]
    if any(pick.affair >= bound for pick in first if not is_light(pick)):
        return first
    near = [pick for pick in hard if pick not in first][:_NEAR]
    of_it = [pick for pick in near if pick.affair >= bound]
    return [*first, max(of_it, key=_weight)] if of_it else first


def _front(pick: Pick) -> float:
    """Return the score for one of the first ten places. Gadgets, curiosities and talk are seldom on a front page."""
    if is_light(pick):
        return pick.score if is_soft(pick) else pick.score - _TRIFLE
    return pick.score if _has_weight(pick) else pick.score - _TALK


def _weight(pick: Pick) -> float:
    return pick.score + pick.gravity - _UNTOLD * pick.untold


def _has_weight(pick: Pick) -> bool:
    """Whether a story is asked for, or reports something rather than talks of it and is not light.

    The title of one outlet alone must report an act.
    """
    if asked_for(pick):
        return True
    alone = outlets(pick.story.sources) < 2
    return not (is_light(pick) or _mostly_talks(pick) or (alone and pick.event <= 0))


def _mostly_talks(pick: Pick) -> bool:
    return pick.event < _EVENT and not is_light(pick) and not asked_for(pick)


def _gravest(first: Sequence[Pick], able: Sequence[Pick], count: int) -> tuple[list[Pick], list[Pick]]:
    """Return the gravest `count` stories, one of each event, and the best of the first ones that are left, by score.

    All stories with weight compete, those among the first with `_INSIDE` points more. Talk, and light stories after
    it, come only where there are not enough of them.
    """
    inside = {pick.story.id for pick in first}
    order = sorted(able, key=lambda pick: (-_weight(pick) - _INSIDE * (pick.story.id in inside), pick.story.id))
    order.sort(key=lambda pick: (is_light(pick), not _has_weight(pick)))
    top: list[Pick] = []
    for pick in order:
        if len(top) < count and not any(is_same_event(pick.story, one.story) for one in top):
            top.append(pick)
    heavy = [pick for pick in top if _has_weight(pick)]
    heavy.sort(key=lambda pick: (-_weight(pick), pick.story.id))
    top = [*heavy, *(pick for pick in top if not _has_weight(pick))]
    rest = [pick for pick in first if pick not in top]
    return top, sorted(rest, key=lambda pick: (-pick.score, pick.story.id))[: _TOP_MOST + _TOP_MOST - count]


def _best(able: Sequence[Pick], count: int, before: Sequence[Pick], soft: int) -> list[Pick]:
    """Return the best `count` picks that are not in `before`.

    Together they have at most `soft` soft stories, and one story of each event, as long as there are others.
    """
    taken = list(before)
    passed: list[Pick] = []
    for pick in able:
        if len(taken) == len(before) + count:
            break
        if pick in before:
            continue
        full = is_soft(pick) and sum(map(is_soft, taken)) >= soft
        again = not pick.story.must and any(is_same_event(pick.story, one.story) for one in taken)
        (passed if full or again else taken).append(pick)
    missing = count - (len(taken) - len(before))
    return [*taken[len(before) :], *passed[:missing]]


def _topics(picks: Sequence[Pick], spec: DigestSpec, leading: Sequence[Pick]) -> list[str]:
    """Return the topics of the picks in the order of their sections; picks come best first.

    Without topics of the digest's own, the first section is one with a report, so that no opinion leads the edition.
    """
    found = list(dict.fromkeys(pick.topic for pick in picks))
    listed = {topic: place for place, topic in enumerate(spec.topics or _EDITORIAL)}
    own = len(listed) if spec.topics else -1
    found.sort(key=lambda topic: (listed.get(topic, own), topic == OTHER))
    if spec.topics or leading:
        return found
    with_report = {pick.topic for pick in picks if leads(pick)}
    first = next((topic for topic in found if topic in with_report), None)
    return found if first is None else [first, *(topic for topic in found if topic != first)]
