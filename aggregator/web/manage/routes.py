"""The routes of the management pages."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator.services.manage.configuration import ConfigurationFile
from aggregator.web.look import Look
from aggregator.web.manage.digests import DigestPages
from aggregator.web.manage.feedback import FeedbackPages
from aggregator.web.manage.feeds import FeedPages
from aggregator.web.manage.management import Management
from aggregator.web.manage.matching import MatchingPages
from aggregator.web.manage.people import PeoplePages
from aggregator.web.manage.subscribe import SubscribePages
from aggregator.web.reading.saved import SavedPages


def routes(look: Look) -> list[Route]:
    """Return the routes of all management pages. Fixed paths come before those with an id."""
    base = Management(look, ConfigurationFile(look.program.config.path))

    async def index(request: Request) -> Response:
        del request
        return base.then("/manage/feeds")

    return [
        base.route("/manage", index),
        *SubscribePages(base).routes(),
        *FeedPages(base).routes(),
        *DigestPages(base).routes(),
        *MatchingPages(base).routes(),
        *PeoplePages(base).routes(),
        *FeedbackPages(base).routes(),
        *SavedPages(base).routes(),
    ]
