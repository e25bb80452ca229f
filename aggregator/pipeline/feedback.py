"""What readers marked as more or less like this, as a profile that lifts and lowers the next edition's stories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.store.database import Database
from aggregator.store.outgoing import recipients as recipient_store
from aggregator.store.stories import stories as story_store
from aggregator.stories.profile.interests import NEAR, InterestProfile, Mark
from digests.choose import LESS, MORE
from digests.model import Match, Story


@dataclass(frozen=True, slots=True)
class Taste:
    """What an audience wants more of and less of, by its marks."""

    more: InterestProfile
    less: InterestProfile

    def judge(self, story: Story) -> Story:
        """The story with its match: above 0 near what was wanted, below 0 near what was not; unchanged when near neither."""
        wanted = max((self.more.score(s.title, s.text, s.language) for s in story.sources), key=lambda s: s.score)
        unwanted = max((self.less.score(s.title, s.text, s.language) for s in story.sources), key=lambda s: s.score)
        if wanted.score - unwanted.score >= NEAR:
            found = Match(MORE, wanted.score - unwanted.score, wanted.reasons)
        elif unwanted.score - wanted.score >= NEAR:
            found = Match(LESS, wanted.score - unwanted.score, unwanted.reasons)
        else:
            return story
        return replace(story, interests=(*story.interests, found))


def taste(db: Database, recipient_ids: Sequence[int], now: datetime) -> Taste | None:
    """What these readers marked up to `now`; None when they marked nothing."""
    said = [one for one in recipient_store.marks_of(db, recipient_ids) if one.value and one.at <= now]
    if not said:
        return None
    home = story_store.follow(db, [one.story for one in said])
    texts = {s.id: _text(s) for s in story_store.stories(db, ids=sorted(set(home.values())))}
    found = [(one, texts.get(home.get(one.story, one.story), "")) for one in said]
    more = [Mark(text, True, one.at) for one, text in found if one.value > 0]
    less = [Mark(text, True, one.at) for one, text in found if one.value < 0]
    return Taste(InterestProfile.learned(MORE, more, now), InterestProfile.learned(LESS, less, now))


def _text(story: Story) -> str:
    source = story.sources[0]
    return f"{source.title}\n{source.text}"
