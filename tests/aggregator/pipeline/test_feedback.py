"""Marks of readers move the next edition: what is like a liked story is lifted, what is like a disliked one lowered."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.pipeline import feedback as tasting
from aggregator.services.program import Program
from aggregator.store.outgoing import recipients
from aggregator.store.stories import stories
from digests.channels.recipient import Recipient
from digests.render.view.reasons import in_english
from tests.support.apps import newsroom
from tests.support.stored import HOUR

pytestmark = pytest.mark.anyio
ALL = ("northwire", "harbour", "ledger", "tidings", "kurier", "vestnik")


async def scores(program: Program) -> dict[str, tuple[float, str]]:
    (composed,) = await program.editions.compose("daily")
    return {p.story.id: (p.score, in_english(p.reasons)) for p in composed.choice.picks}


async def test_marks_lift_and_lower_with_a_reason_and_fade(tmp_path: Path) -> None:
    with newsroom(tmp_path, *ALL) as (program, clock, _server):
        await program.fetching.fetch()
        program.stories.group()
        before = await scores(program)
        liked, *_, unliked = before
        reader = recipients.ensure(program.db, program.editions.plan("daily").recipients, clock.now())[0].id
        recipients.add_feedback(program.db, reader, liked, 1, clock.now())
        recipients.add_feedback(program.db, reader, unliked, -1, clock.now())
        after = await scores(program)
        assert after[liked][0] > before[liked][0]
        assert "like stories that you wanted more of: " in after[liked][1]
        assert after[unliked][0] < before[unliked][0]
        assert "like stories that you wanted less of: " in after[unliked][1]
        story = stories.stories(program.db, ids=[liked])[0]
        early = tasting.load_feedback(program.db, [reader], clock.now())
        late = tasting.load_feedback(program.db, [reader], clock.now() + timedelta(days=45))
        assert early is not None
        assert late is not None
        assert late.apply(story).interests[-1].score < early.apply(story).interests[-1].score
        await program.aclose()


async def test_no_marks_no_taste_and_marks_of_others_or_of_later_do_not_count(tmp_path: Path) -> None:
    with newsroom(tmp_path, *ALL) as (program, clock, _server):
        await program.fetching.fetch()
        program.stories.group()
        one, other = recipients.ensure(
            program.db, [Recipient("mail", "a@b.example"), Recipient("mail", "c@d.example")], clock.now()
        )
        story = next(iter(await scores(program)))
        recipients.add_feedback(program.db, one.id, story, 1, clock.now())
        assert tasting.load_feedback(program.db, [], clock.now()) is None
        assert tasting.load_feedback(program.db, [other.id], clock.now()) is None
        assert tasting.load_feedback(program.db, [one.id], clock.now() - HOUR) is None
        recipients.add_feedback(program.db, one.id, "no-such-story", 1, clock.now())
        assert tasting.load_feedback(program.db, [one.id], clock.now()) is not None
        await program.aclose()
