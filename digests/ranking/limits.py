"""What an edition takes: few stories of each form but reports, and after the first stories none with a low score.

A light story needs a higher score than others. So does, where enough else is there, a story of one outlet on the event
of a story that is in.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from digests.model import Form, Pick, Story, outlets
from digests.ranking.floor import ALWAYS
from digests.ranking.forms import ADVERTISING
from digests.ranking.same_event import is_same_event
from digests.reasons import Reason, ReasonCode, because

SOFT = frozenset({"Culture", "Sport"})  # topics
_USUALLY_LIGHT = 2 / 3  # share of light stories from which they are what the digest is for
_SLIGHT = frozenset({Form.LIST, Form.QUIZ, Form.FIXTURE, Form.REVIEW, Form.OPINION})
_LIGHT = 1.1  # of the lowest score: what a light story needs, and one of such a form
_TALKS = -0.5  # of the titles of a story: polls, forecasts, remarks, questions
# What a light story needs if only one outlet has it, or has anything new of it. Another story of one outlet needs it
# too if the edition has a story on its event. Then: what a story of such a form needs if only one outlet has it.
_ALONE, _SLIGHT_ALONE = 1.18, 1.3
_PLENTY = 2 * ALWAYS  # reports from which an edition can do without such stories
_USUAL = 0.5  # share of a form among the stories from which it is what the recipient's feeds are for
_ONE_IN = 10  # stories of an edition that may have one such form


class EditionLimits:
    """Counts the stories that an edition has, by form."""

    def __init__(
        self,
        forms: Sequence[Form],
        max_stories: int,
        lowest: float,
        *,
        usually_light: bool = True,
        plenty: bool = True,
    ) -> None:
        self._most = max(1, max_stories // _ONE_IN)
        self._usual = frozenset(usual(forms))
        self._lowest = lowest
        self._usually_light = usually_light
        self._plenty = plenty
        self._taken: Counter[Form] = Counter()
        self._stories: list[Story] = []

    @property
    def lowest(self) -> float:
        """The score that the next story needs."""
        return self._lowest if self._taken.total() >= ALWAYS else -math.inf

    def too_low(self, pick: Pick) -> Reason:
        """Return that a story has a lower score than an edition needs."""
        return because(ReasonCode.LOW_SCORE, score=round(pick.score, 2), least=round(self._needed(pick), 2))

    def _needed(self, pick: Pick) -> float:
        alone = self._plenty and fresh_outlets(pick) < 2
        talks = alone and pick.event <= _TALKS and not is_light(pick)
        slight = (pick.form in _SLIGHT or talks) and not asked_for(pick)
        if (slight or is_light(pick)) and not self._usually_light:
            return self._lowest * ((_SLIGHT_ALONE if slight else _ALONE) if alone else _LIGHT)
        enough = self._lowest * _ALONE
        if not alone or asked_for(pick) or not self._lowest <= pick.score < enough:  # so thousands are not compared
            return self._lowest
        return enough if any(is_same_event(pick.story, one) for one in self._stories) else self._lowest

    def refusal(self, pick: Pick) -> Reason | None:
        """Return why a story may not go in; None where it may."""
        form = pick.form
        if pick.score < self.lowest or (self.lowest > 0 and pick.score < self._needed(pick)):
            return self.too_low(pick)
        if form is Form.REPORT or form in self._usual or asked_for(pick):
            return None
        if form in ADVERTISING:
            return because(ReasonCode.ADVERTISING)
        return because(ReasonCode.FORM_FULL, form=form.value) if self._taken[form] >= self._most else None

    def take(self, pick: Pick) -> None:
        """Count a story that goes in."""
        self._taken[pick.form] += 1
        self._stories.append(pick.story)


def fresh_outlets(pick: Pick) -> int:
    """Return how many outlets have something of the story that its recipient does not know."""
    known = pick.reported.articles if pick.reported is not None else frozenset()
    return outlets([source for source in pick.story.sources if source.article not in known])


def is_soft(pick: Pick) -> bool:
    """Whether a story is of a soft topic: a game does not lead, however many outlets report it."""
    return pick.topic in SOFT and not asked_for(pick)


def is_light(pick: Pick) -> bool:
    """Whether a story is soft by its topic, or light by its outlets or titles."""
    return is_soft(pick) or (pick.light and not asked_for(pick))


def usually_light(picks: Sequence[Pick]) -> bool:
    """Whether light stories are what the digest is for, as in a digest about games."""
    return sum(map(is_light, picks)) >= _USUALLY_LIGHT * len(picks)


def is_plenty(picks: Sequence[Pick], lowest: float) -> bool:
    """Whether enough reports that are not light reach the lowest score, so that trifles are not needed."""
    return sum(pick.score >= lowest and pick.form is Form.REPORT and not is_light(pick) for pick in picks) >= _PLENTY


def usual(forms: Sequence[Form]) -> list[Form]:
    """Return the forms that half of the stories have. A few stories do not say what is usual."""
    counts: Mapping[Form, int] = Counter(forms)
    return [form for form, count in counts.items() if len(forms) >= _ONE_IN and count >= _USUAL * len(forms)]


def asked_for(pick: Pick) -> bool:
    """Whether a rule or an interest of the recipient asks for the story."""
    story = pick.story
    return story.must or story.boost > 0 or any(match.score > 0 for match in story.interests)
