"""The pages of a site: editions, stories, topics, months, an Atom feed of each digest, and an index for searching."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from aggregator.pipeline.issue import FEED_LENGTH
from aggregator.recipients.wording import wording
from aggregator.services.program import Program
from aggregator.store.editions import editions as edition_store
from aggregator.store.outgoing import deliveries as delivery_store
from aggregator.store.records import EditionRecord
from aggregator.store.stories import stories as story_store
from aggregator.web.look import content, page_environment, shown_title
from aggregator.web.reading.archive import NEWEST, edition_lines, month_names
from aggregator.web.reading.story import report_lines, story_values
from aggregator.web.reading.topics import IN_OVERVIEW, ON_PAGE, StoryLine
from aggregator.web.site.paths import file_of, relative_link
from digests.channels.recipient import Recipient
from digests.reasons import _
from digests.render.page_links import Links
from digests.render.view.clean import direction
from digests.render.view.wording import Wording

NAVIGATION = (("/", _("Editions")), ("/topics", _("Topics")), ("/search", _("Search")))
INDEX_BYTES = 200_000  # of the search index
MOST_EDITIONS = 1_000
_ASSETS = ("style.css", "keys.js", "site.js")


@dataclass(slots=True)
class _Published:
    """A story as the newest edition that has it shows it."""

    headline: str
    topics: list[str]
    outlets: tuple[str, ...]
    day: str
    when: str


@dataclass(slots=True)
class Site:
    """Makes the files of a site: the editions of `digests`, and the stories in them. `url` is where it will be served.

    With a `recipient`, editions that were composed for others alone are not in it. Stories that no edition has, and
    settings of recipients, never are.
    """

    program: Program
    digests: Sequence[str]
    url: str = ""
    recipient: Recipient | None = None
    _stories: dict[str, _Published] = field(default_factory=dict)

    @property
    def words(self) -> Wording:
        """The fixed texts in the configured language of the pages, else in that of the first digest."""
        config = self.program.config
        first = config.digest(self.digests[0]) if self.digests else None
        return wording(config.web.language or (first.language if first else None), config.pages_zone)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield the path of each file in the site's folder, and its content."""
        records = self._records()
        for name in _ASSETS:
            yield f"static/{name}", content(name).encode()
        for record in records:
            yield file_of(f"/editions/{record.id}"), self._edition(record)
        yield from self._archive(records)
        ids = {record.id for record in records}
        for story in self._stories:
            yield file_of(f"/stories/{story}"), self._story(story, ids)
        yield from self._topics()
        yield from self._search()
        for digest in self.digests:
            yield f"digests/{digest}.xml", self._feed(digest, [one for one in records if one.digest == digest])

    def _records(self) -> list[EditionRecord]:
        db = self.program.db
        found = [one for digest in self.digests for one in edition_store.editions(db, digest, MOST_EDITIONS)]
        if self.recipient is not None:
            own = delivery_store.editions_of(db, self.recipient)
            found = [one for one in found if not one.audience or one.id in own]
        return sorted(found, key=lambda one: (one.slot, one.id), reverse=True)[:MOST_EDITIONS]

    def _edition(self, record: EditionRecord) -> bytes:
        edition = self.program.editions.edition(record.id)
        for item in edition.items:
            outlets = tuple(dict.fromkeys(source.outlet for source in item.sources))
            when = self.words.moment(record.slot)
            new = _Published(item.headline, [], outlets, f"{record.slot:%Y-%m-%d}", when)
            topics = self._stories.setdefault(item.story, new).topics
            topics += [item.topic] if item.topic not in topics else []
        here = file_of(f"/editions/{record.id}")
        story = relative_link(file_of("/stories/STORY"), here).replace("STORY", "{story}")
        links = Links(story=story, archive=relative_link("index.html", here))
        return self.program.editions.renderer(edition.digest).page(edition, links).content.encode()

    def _archive(self, records: Sequence[EditionRecord]) -> Iterator[tuple[str, bytes]]:
        names = {d.name: d.title or d.name for d in self.program.config.digests if d.name in self.digests}
        months = sorted({f"{record.slot:%Y-%m}" for record in records}, reverse=True)
        named = month_names(months, self.words.language)
        for digest in ("", *(names if len(names) > 1 else ())):
            for month in ("", *(months if len(months) > 1 else ())):
                chosen = (
                    record
                    for record in records
                    if digest in ("", record.digest) and f"{record.slot:%Y-%m}".startswith(month)
                )
                shown = edition_lines(self.program.config, chosen, names, self.words.language)
                newest = shown if month else shown[:NEWEST]
                values = {"digests": names, "months": named, "digest": digest, "month": month, "editions": newest}
                file = file_of("/", digest=digest, month=month)
                more = len(newest) < len(shown)
                yield file, self._page(file, "archive.html", title=self.words.t("Editions"), more=more, **values)

    def _story(self, story_id: str, editions: set[str]) -> bytes:
        db, file = self.program.db, file_of(f"/stories/{story_id}")
        record = story_store.story(db, story_id)
        found = story_store.stories(db, ids=[record.id]) if record else []
        ids = [found[0].id, *found[0].absorbed] if found else [story_id]
        reports = [line for line in report_lines(db, ids, self.words) if line.edition in editions]
        if not found:
            title, text = self._stories[story_id].headline, self.words.t("Its articles are no longer stored.")
            return self._page(file, "removed.html", title=title, text=text, reports=reports)
        values = story_values(found[0], self.words, self.program.clock.now())
        return self._page(file, "story.html", **{**_PUBLIC, **values, "reports": reports})

    def _topics(self) -> Iterator[tuple[str, bytes]]:
        lines: dict[str, list[StoryLine]] = defaultdict(list)
        for story_id, story in self._stories.items():
            line = StoryLine(
                story_id, shown_title(story.headline, story_id), direction(story.headline), story.when, story.day
            )
            for topic in story.topics:
                lines[topic or "Other"].append(line)
        lists = [(name, len(found), found) for name, found in sorted(lines.items())]
        short = [(name, count, found[:IN_OVERVIEW]) for name, count, found in lists]
        file, shared = file_of("/topics"), {"period": self.words.t("Stories of the editions, newest first.")}
        yield file, self._page(file, "topics.html", title=self.words.t("Topics"), lists=short, one="", **shared)
        for name, count, found in lists:
            file = file_of(f"/topics/{name}")
            whole = [(name, count, found[:ON_PAGE])]
            yield file, self._page(file, "topics.html", title=self.words.word(name), lists=whole, one=name, **shared)

    def _search(self) -> Iterator[tuple[str, bytes]]:
        rows: list[str] = []
        size = len("[]")
        for story_id, story in self._stories.items():
            words = " ".join((*story.topics, *story.outlets))
            row = [shown_title(story.headline, story_id), file_of(f"/stories/{story_id}"), story.day, words]
            rows.append(json.dumps(row, ensure_ascii=False, separators=(",", ":")))
            size += len(rows[-1].encode()) + 1
            if size > INDEX_BYTES:
                rows.pop()
                break
        yield "search.json", f"[{','.join(rows)}]".encode()
        file = file_of("/search")
        values = {"count": len(rows), "left_out": len(self._stories) - len(rows)}
        yield file, self._page(file, "site/search.html", title=self.words.t("Search"), **values)

    def _feed(self, digest: str, records: Sequence[EditionRecord]) -> bytes:
        editions = [self.program.editions.edition(record.id) for record in records[:FEED_LENGTH]]
        base = self.url.rstrip("/")
        links = Links(web=f"{base}/editions/{{edition}}.html", story=f"{base}/stories/{{story}}.html")
        feed = self.program.editions.renderer(digest).atom(editions, links if base else Links())
        return feed.content.encode()

    def _page(self, file: str, template: str, **values: object) -> bytes:
        web = self.program.config.web
        folder = self.program.config.resolve(web.templates) if web.templates else None
        words = self.words

        def link(path: str, **query: str) -> str:
            return relative_link(file_of(path, **query), file)

        shared = {
            "language": words.language,
            "direction": words.dir,
            "t": words.t,
            "word": words.word,
            "link": link,
            "prefix": "",
            "static": True,
            "assets": {name: relative_link(f"static/{name}", file) for name in _ASSETS},
            "navigation": NAVIGATION,
            "here": "",
            "form_token": "",
            "manages": False,
            "can_sign_out": False,
        }
        return page_environment(folder).get_template(template).render({**shared, **values}).encode()


_PUBLIC: dict[str, object] = {"details": True, "interests": [], "muted_by": "", "events": [], "feedback": []}
"""What the page of a story shows besides, on a site: nothing that is for the operator or for one recipient."""
