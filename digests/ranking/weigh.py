"""Adds to the scores of the stories of a digest what makes each of them important."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from digests.model import Form, ItemKind, Pick, Story
from digests.ranking import events, forms, gravity, importance, why
from digests.ranking.limits import fresh_outlets, is_soft
from digests.ranking.related import reported_part

_WEIGHED_LEAST, _WEIGHED_TIMES = 300, 8  # stories that are weighed: so many, and so many times as the edition may have
# A game or a celebrity's news of yesterday has its outlets from yesterday.
_LIGHT_UPDATE, _LIGHT_UPDATE_ALONE = 0.08, 0.15


class Weigher:
    """Weighs stories against all others from which the digest chooses.

    Of very many stories only the best by their scores so far are weighed: the others have no chance to go in. `present`
    are all stories, also those that the recipient knows.
    """

    def __init__(self, picks: Sequence[Pick], max_stories: int, present: Sequence[Story]) -> None:
        most = max(_WEIGHED_LEAST, _WEIGHED_TIMES * max_stories)
        best = sorted(picks, key=lambda pick: (not pick.story.must, -pick.score, pick.story.id))[:most]
        stories = [pick.story for pick in best]
        self._forms = {story.id: forms.of_story(story) for story in stories}
        self._around = importance.surroundings(stories)
        self._affairs = gravity.affairs(stories)
        self._trade = importance.trade_press(present)

    @property
    def forms(self) -> tuple[Form, ...]:
        """The forms of the stories that are weighed."""
        return tuple(self._forms.values())

    def weigh(self, pick: Pick) -> Pick:
        """Return the pick with its form, the points of its importance and the reasons for them."""
        form = self._forms.get(pick.story.id)
        if form is None:
            return pick
        event = events.eventfulness(pick.story)
        measures, affair = importance.measures(pick.story, self._around), self._affairs[pick.story.id]
        points = importance.parts(measures)
        points.pop("outlets", None)  # counted already
        light = importance.is_light(pick.story, self._trade)
        points["update"] = -_update_loss(pick, light)
        score = round(pick.score + sum(points.values()), 6)
        return replace(
            pick,
            score=score,
            form=form,
            light=light,
            gravity=gravity.gravity(pick.topic, measures, affair, event),
            affair=affair,
            event=event,
            reasons=(
                *(why.without_common_names(one, pick.story, self._around) for one in pick.reasons),
                *([] if light else why.because_of_reach(reported_part(pick.story), points)),
            ),
        )


def _update_loss(pick: Pick, light: bool) -> float:
    """Return by how much an update of a light story is lowered, most where only one outlet has anything new."""
    if pick.kind is not ItemKind.UPDATE or not (light or is_soft(pick)):
        return 0.0
    return _LIGHT_UPDATE if fresh_outlets(pick) > 1 else _LIGHT_UPDATE_ALONE
