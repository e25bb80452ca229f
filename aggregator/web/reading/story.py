"""The page of one story, and stories like it or like a pasted text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from aggregator.services.manage.likeness import NearStory, nearest_stories, plain_words
from aggregator.store import Database
from aggregator.store.editions import editions as edition_store
from aggregator.store.intake import entries as entry_store
from aggregator.store.outgoing import saved as saved_store
from aggregator.store.stories import stories as story_store
from aggregator.store.stories.history import story_history
from aggregator.stories.model import Interest
from aggregator.stories.profile.interests import InterestProfile
from aggregator.web import forms
from aggregator.web.access.gate import FormRefused
from aggregator.web.look import Look, shown_title
from aggregator.web.manage.feedback import feedback_choices
from digests.edition import story_item
from digests.model import DigestSpec, Edition, ItemKind, Pick, Section, Story
from digests.ranking.related import related_last
from digests.reasons import _
from digests.render.page_links import Links
from digests.render.view.build import edition_view
from digests.render.view.clean import direction, tidy
from digests.render.view.model import EditionView
from digests.render.view.reasons import sentences
from digests.render.view.wording import Wording
from digests.summarize.extractive import summarize_story

STORY_WORDS = 120  # of a summary on a story's page
MOST_EVENTS, MOST_REPORTS = 100, 50  # the newest of one story on its page
_EXAMPLE = 4_000  # characters of a text that is compared
MOST_ALIKE = 20  # stories
MOST_SINGLE = 60  # articles of a story that can be saved one by one
_KINDS: dict[str, str] = {
    ItemKind.UPDATE: _("update"),
    ItemKind.CORRECTION: _("correction"),
    ItemKind.RECAP: _("recap"),
}


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """An event of a story in words, with its reasons."""

    when: str
    iso: str
    text: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportLine:
    """What one edition said of a story. `kind` is empty for a new one."""

    edition: str
    title: str
    kind: str
    when: str
    headline: str


@dataclass(frozen=True, slots=True)
class SingleArticle:
    """An article of a story that can be saved alone, by its first entry."""

    entry: int
    outlet: str
    title: str
    dir: str
    saved: bool


@dataclass(frozen=True, slots=True)
class AlikeLine:
    """A story that is like an example."""

    id: str
    title: str
    dir: str
    score: str
    why: str


@dataclass(frozen=True, slots=True)
class StoryPages:
    """Handles the requests of stories."""

    look: Look

    async def story(self, request: Request) -> Response:
        """Show a story; redirect from a merged one to its survivor; list what editions said of a pruned one."""
        db, wanted = self.look.program.db, request.path_params["id"]
        record = await run_in_threadpool(story_store.story, db, wanted)
        if record is None:
            return await self._removed(request, wanted)
        if record.id != wanted:
            query = f"?{request.url.query}" if request.url.query else ""
            target = f"{self.look.prefix}/stories/{quote(record.id, safe='')}{query}"
            return RedirectResponse(target, status_code=302)
        signed_in = await self.look.is_signed_in(request)
        words = self.look.words(request)
        values = await run_in_threadpool(self._story, wanted, words, details=signed_in)
        if values is None:
            return await self._removed(request, wanted)
        return await self.look.page(request, "story.html", **values)  # type: ignore[arg-type]

    async def like(self, request: Request) -> Response:
        """Show the stories like a story, or like a pasted text."""
        words = self.look.words(request)
        example, own = "", request.query_params.get("story", "")
        if request.method == "POST":
            try:
                fields = await self.look.gate.checked_form(request)
            except (FormRefused, forms.FormTooLong) as error:
                return await self.look.refused(request, error)
            example = forms.first(fields, "text")
        elif own:
            found = await run_in_threadpool(story_store.stories, self.look.program.db, ids=[own])
            example = _example(found[0]) if found else ""
        alike = []
        if example.strip():
            alike = await run_in_threadpool(alike_stories, self.look.program.db, example, words, own)
        marks = await run_in_threadpool(saved_store.saved_stories, self.look.program.db, [one.id for one in alike])
        return await self.look.page(
            request,
            "like.html",
            words.t("Stories like this"),
            alike=alike,
            example=example if not own else "",
            own=own,
            saved_stories=marks,
        )

    async def _removed(self, request: Request, story: str) -> Response:
        words = self.look.words(request)
        signed_in = await self.look.is_signed_in(request)
        reports = await run_in_threadpool(report_lines, self.look.program.db, [story], words) if signed_in else []
        return await self.look.page(
            request,
            "removed.html",
            words.t("This story is not here"),
            status=404,
            language=words.language,
            text=words.t("It may have been removed."),
            reports=reports,
        )

    def _story(self, story_id: str, words: Wording, *, details: bool) -> dict[str, object] | None:
        db = self.look.program.db
        found = story_store.stories(db, ids=[story_id])
        if not found:
            return None
        values = story_values(found[0], words, self.look.program.clock.now())
        if not details:
            return {**values, "details": False}
        return {
            **values,
            "details": True,
            "interests": [(m.name, sentences(m.reasons, words)) for m in found[0].interests],
            "muted_by": found[0].muted_by,
            "reports": report_lines(db, [found[0].id, *found[0].absorbed], words),
            "events": shown_events(db, found[0].id, words),
            "feedback": feedback_choices(self.look.program, found[0].id) if self.look.gate.manages else [],
            "saved": bool(saved_store.saved_stories(db, [found[0].id])),
            "articles": single_articles(db, found[0]) if self.look.gate.manages else [],
        }


def story_values(story: Story, words: Wording, now: datetime) -> dict[str, object]:
    """Return what the page of a story shows to everybody."""
    view = story_view(story, words, now)
    shown = view.sections[0].stories[0]
    return {
        "title": shown.headline,
        "language": words.language,
        "edition": view,
        "withdrawn": withdrawn_outlets(story),
        "story": shown,
        "story_id": story.id,
        "topics": [(match.name, sentences(match.reasons, words)) for match in story.topics],
        "t": words.t,
    }


def story_view(story: Story, words: Wording, now: datetime) -> EditionView:
    """Return the view of an edition that has this story alone. Summarized without a model."""
    story, language = related_last(story), story.language or "en"
    summary = summarize_story(story, words=STORY_WORDS, language=language)
    spec = DigestSpec("story", language=language, words_per_story=STORY_WORDS, images=False)
    topic = story.topics[0].name if story.topics else "Other"
    item = story_item(Pick(story, ItemKind.NEW, topic, 0.0), summary, spec)
    edition = Edition(
        id="story",
        digest="story",
        title=summary.headline,
        slot=now,
        composed=now,
        period_start=story.first,
        period_end=story.last,
        language=words.language,
        sections=(Section(topic, (item,)),),
        images=False,
    )
    return edition_view(edition, Links(), words)


def single_articles(db: Database, story: Story) -> list[SingleArticle]:
    """Return the articles of a story that can be saved alone; none for a story of one article."""
    ids = [source.article for source in story.sources if not source.withdrawn][:MOST_SINGLE]
    found = entry_store.first_entries(db, ids) if len(ids) > 1 else {}
    marked = saved_store.saved_entries(db, [one.entry for one in found.values()])
    return [
        SingleArticle(
            one.entry, tidy(one.outlet), title := shown_title(one.title), direction(title), one.entry in marked
        )
        for key in ids
        if (one := found.get(key))
    ]


def withdrawn_outlets(story: Story) -> list[str]:
    """Return the outlets that withdrew an article of the story."""
    return list(dict.fromkeys(tidy(source.outlet) for source in story.sources if source.withdrawn))


def report_lines(db: Database, ids: Sequence[str], words: Wording) -> list[ReportLine]:
    """Return what the newest editions said of a story, oldest first."""
    return [
        ReportLine(edition, tidy(title), words.word(_KINDS.get(kind, "")), words.moment(slot), tidy(headline))
        for edition, title, kind, slot, headline in edition_store.reports(db, ids, MOST_REPORTS)
    ]


def shown_events(db: Database, story_id: str, words: Wording) -> list[ShownEvent]:
    """Return why the articles of a story were joined, oldest first."""
    events = story_history(db, story_id, words, limit=MOST_EVENTS)
    return [
        ShownEvent(words.moment(one.at), words.iso(one.at), tidy(one.text), tuple(map(tidy, one.reasons)))
        for one in events
    ]


def alike_stories(db: Database, example: str, words: Wording, own: str = "") -> list[AlikeLine]:
    """Return the stories most like a text, best first. Candidates share rare words with it."""
    profile = InterestProfile.build(Interest("like", examples=(example[:_EXAMPLE],)))
    rare = sorted(set(plain_words(example[:_EXAMPLE])), key=len, reverse=True)
    return [_alike_line(one, words) for one in nearest_stories(db, profile, rare, own)[:MOST_ALIKE]]


def _alike_line(one: NearStory, words: Wording) -> AlikeLine:
    title = shown_title(one.title)
    return AlikeLine(one.id, title, direction(title), words.percent(one.score), sentences(one.reasons, words))


def _example(story: Story) -> str:
    source = story.sources[0]
    return f"{source.title}\n\n{source.text}"
