"""The topics with their newest stories."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from aggregator.store.outgoing import saved as saved_store
from aggregator.store.records import NewStory
from aggregator.store.stories import stories as story_store
from aggregator.web.look import Look, shown_title
from digests.render.view.clean import direction
from digests.render.view.wording import Wording

PERIOD = timedelta(days=2)
MOST_RECORDS = 600  # of the newest stories
IN_OVERVIEW, ON_PAGE = 5, 60  # stories


@dataclass(frozen=True, slots=True)
class StoryLine:
    """A story in a list."""

    id: str
    title: str
    dir: str
    when: str
    iso: str


TopicLists = list[tuple[str, int, list[StoryLine]]]


@dataclass(frozen=True, slots=True)
class TopicPages:
    """Handles the requests of topics."""

    look: Look

    async def topics(self, request: Request) -> Response:
        """List the topics with their newest stories."""
        lists = await run_in_threadpool(self._lists, self.look.words(request), IN_OVERVIEW)
        return await self._page(request, self.look.words(request).t("Topics"), lists, "")

    async def topic(self, request: Request) -> Response:
        """List the newest stories of a topic."""
        name, words = request.path_params["name"], self.look.words(request)
        lists = await run_in_threadpool(self._lists, words, ON_PAGE, name)
        if not lists and name not in self.look.program.config.topic_names():
            return await self.look.missing(request, words.t("There is no such topic"), words.t("Check the address."))
        return await self._page(request, words.word(name), lists, name)

    async def _page(self, request: Request, title: str, lists: TopicLists, one: str) -> Response:
        ids = [story.id for _, _, stories in lists for story in stories]
        marks = await run_in_threadpool(saved_store.saved_stories, self.look.program.db, ids)
        period = self.look.words(request).t("Stories of the last two days, newest first.")
        return await self.look.page(
            request, "topics.html", title, lists=lists, one=one, period=period, saved_stories=marks
        )

    def _lists(self, words: Wording, most: int, only: str = "") -> TopicLists:
        """Return each topic, or `only` one, with the number of its stories and the newest, without muted ones."""
        program = self.look.program
        names, since = program.config.topic_names(), program.clock.now() - PERIOD
        lines: dict[str, list[StoryLine]] = {name: [] for name in [*names, "Other"]}
        counts: Counter[str] = Counter()
        for record in story_store.newest(program.db, since, MOST_RECORDS):
            for name in record.topics or ("Other",):
                counts[name] += 1
                if only not in ("", name):
                    continue
                if len(lines.setdefault(name, [])) < most:
                    lines[name].append(_line(record, words))
        return [(name, counts[name], found) for name, found in lines.items() if found]


def _line(record: NewStory, words: Wording) -> StoryLine:
    title = shown_title(record.title, record.id)
    return StoryLine(record.id, title, direction(title), words.moment(record.last), words.iso(record.last))
