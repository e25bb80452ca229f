"""The order of an edition: its most important stories first, then section by section.

Sections right after five top stories put single reports of World before much bigger stories of other topics: of the
first ten stories 4.7 were on a large service's front page, with a second short section by importance 5.3 (20 days). So
an edition without an order of its own has that second section.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from digests.model import DigestSpec, Form, Pick
from digests.ranking.limits import asked_for

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
_SOFT = frozenset({"Culture", "Sport"})
_FEWEST = 10  # stories from which an edition has a section of top stories
_SHARE = 5  # one story in so many is a top story
_TOP_LEAST, _TOP_MOST = 3, 5
_LONG = 20  # stories from which it has a second section by importance


def arranged(picks: Sequence[Pick], spec: DigestSpec) -> tuple[Pick, ...]:
    """Return the picks in reading order, each with the section it is shown in.

    The best reports of a longer edition become its top stories, whatever their topic. The others follow by topic: in
    the digest's order, else in an editor's; within a topic by score, reports before other forms.
    """
    ranked = sorted(picks, key=lambda pick: (-pick.score, pick.story.id))
    leading = _leading(ranked, spec)
    first = {pick.story.id for pick in leading}
    rest = [pick for pick in ranked if pick.story.id not in first]
    places = {topic: place for place, topic in enumerate(_topics(rest, spec, leading))}
    rest.sort(key=lambda pick: (places[pick.topic], not leads(pick)))
    return (*leading, *rest)


def leads(pick: Pick) -> bool:
    """Whether a story may be the first of an edition or a section."""
    return pick.form is Form.REPORT or pick.story.must


def _leading(ranked: Sequence[Pick], spec: DigestSpec) -> list[Pick]:
    """Return the stories before the sections by topic, each with its section."""
    if len(ranked) < _FEWEST or len({pick.topic for pick in ranked}) < 2:
        return []
    most = min(_TOP_MOST, max(_TOP_LEAST, len(ranked) // _SHARE))
    more = _TOP_MOST if len(ranked) >= _LONG and not spec.topics else 0
    able = [pick for pick in ranked if leads(pick)][: most + more]
    able = [*sorted(able[:most], key=_is_soft), *able[most:]]
    return [replace(pick, section=TOP if place < most else ALSO) for place, pick in enumerate(able)]


def _is_soft(pick: Pick) -> bool:
    """Whether a top story comes after the others: a game does not lead, however many outlets report it."""
    return pick.topic in _SOFT and not asked_for(pick)


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
