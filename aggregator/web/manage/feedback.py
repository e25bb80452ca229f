"""More or less like a story, for the recipients of the configuration; undo."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator.config.schema import Config
from aggregator.services.program import Program
from aggregator.store.outgoing import recipients as recipient_store
from aggregator.store.stories import stories as story_store
from aggregator.web import forms
from aggregator.web.manage.management import Management, recipient_name
from digests.channels.recipient import Recipient

MOST = 12  # recipients that a story's page offers
VALUES = {"more": 1, "less": -1, "undo": 0}


@dataclass(frozen=True, slots=True)
class FeedbackChoice:
    """A recipient with the feedback that the page offers. `value` is above 0 for more like this, below 0 for less."""

    key: str
    name: str
    value: int


@dataclass(frozen=True, slots=True)
class FeedbackPages:
    """Handles the feedback of a story's page."""

    base: Management

    def routes(self) -> list[Route]:
        """Return the route of the form."""
        return [self.base.route("/stories/{id}/feedback", self.give, ["POST"])]

    async def give(self, request: Request) -> Response:
        """Store that a recipient wants more or less like a story, or take it back."""
        fields = await self.base.fields(request)
        program = self.base.program
        record = await run_in_threadpool(story_store.story, program.db, request.path_params["id"])
        who = {_key(one): one for one in _offered(program.config)}.get(forms.first(fields, "recipient"))
        value = VALUES.get(forms.first(fields, "value"))
        if record is None or who is None or value is None:
            return await self.base.missing(request, "story" if record is None else "choice")
        await run_in_threadpool(_store, program, who, record.id, value)
        return self.base.then(f"/stories/{quote(record.id, safe='')}")


def feedback_choices(program: Program, story: str) -> list[FeedbackChoice]:
    """Return the recipients with their feedback on a story, in the order of the configuration."""
    offered = _offered(program.config)
    ids = {one.recipient: one.id for one in recipient_store.find(program.db, offered)}
    values = recipient_store.feedback_on(program.db, story)
    return [FeedbackChoice(_key(one), recipient_name(one), values.get(ids.get(one, 0), 0)) for one in offered]


def _store(program: Program, who: Recipient, story: str, value: int) -> None:
    now = program.clock.now()
    (stored,) = recipient_store.ensure(program.db, [who], now)
    recipient_store.add_feedback(program.db, stored.id, story, value, now)


def _offered(config: Config) -> list[Recipient]:
    found = [one for digest in config.digests if digest.enabled for one in config.recipients(digest)]
    return list(dict.fromkeys(found))[:MOST]


def _key(recipient: Recipient) -> str:
    """Return a hash that names a recipient in forms, because the address of some recipients is a secret."""
    return hashlib.sha256(recipient.key.encode()).hexdigest()[:16]
