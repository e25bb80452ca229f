"""Recipients' feedback ("more like this", "less like this") as a profile that changes the ranks of stories."""

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

# A single mark lowers a story by at most this; more marks on its subject by as much each, up to the bound of `choose`.
# With .6 for a single mark a story fell from 12th to 26th place of 30.
_ONE_MARK = 0.3


@dataclass(frozen=True, slots=True)
class FeedbackProfile:
    """The profiles of what an audience wants more and less of."""

    more: InterestProfile
    less: InterestProfile

    def apply(self, story: Story) -> Story:
        """Add a match to the story: positive if wanted, negative if unwanted; unchanged if similar to neither."""
        wanted = max((self.more.score(s.title, s.text, s.language) for s in story.sources), key=lambda s: s.score)
        unwanted = max((self.less.score(s.title, s.text, s.language) for s in story.sources), key=lambda s: s.score)
        if wanted.score - unwanted.score >= NEAR:
            found = Match(MORE, wanted.score - unwanted.score, wanted.reasons)
        elif unwanted.score - wanted.score >= NEAR:
            marks = max(self.less.examples_near(s.title, s.text, s.language) for s in story.sources)
            lowered = min(unwanted.score - wanted.score, _ONE_MARK * max(1, marks))
            found = Match(LESS, -lowered, unwanted.reasons)
        else:
            return story
        return replace(story, interests=(*story.interests, found))


def load_feedback(db: Database, recipient_ids: Sequence[int], now: datetime) -> FeedbackProfile | None:
    """Load the feedback of these recipients up to `now`; None without feedback."""
    marks = [one for one in recipient_store.marks_of(db, recipient_ids) if one.value and one.at <= now]
    if not marks:
        return None
    current = story_store.follow(db, [one.story for one in marks])
    texts = {s.id: _text(s) for s in story_store.stories(db, ids=sorted(set(current.values())))}
    found = [(one, texts.get(current.get(one.story, one.story), "")) for one in marks]
    more = [Mark(text, True, one.at) for one, text in found if one.value > 0]
    less = [Mark(text, True, one.at) for one, text in found if one.value < 0]
    return FeedbackProfile(InterestProfile.learned(MORE, more, now), InterestProfile.learned(LESS, less, now))


def _text(story: Story) -> str:
    source = story.sources[0]
    return f"{source.title}\n{source.text}"
