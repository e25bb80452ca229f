"""The archive of editions by digest and month, one edition, and what the next edition would hold."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from aggregator.config.schema import Config
from aggregator.pipeline.issue import Outputs
from aggregator.recipients.wording import wording
from aggregator.services.program import Program
from aggregator.store.editions import editions as edition_store
from aggregator.store.errors import NotFound
from aggregator.store.outgoing import saved as saved_store
from aggregator.store.records import EditionRecord
from aggregator.web.look import STANDALONE_HEADERS, Look
from digests.model import Edition
from digests.render.page_links import BrowserLinks, Links
from digests.render.view.subject import without_title
from digests.render.view.wording import Wording

log = logging.getLogger(__name__)

NEWEST = 60  # slots on one page
OTHERS = 9  # editions of a slot that its line links besides the first
TODAY_LIFE = timedelta(minutes=2)  # after which the edition of today is composed again
TODAY_SHOWN = timedelta(hours=1)  # so long it is shown meanwhile: the page does not wait for the next one
EDITION_HEADERS = {
    **STANDALONE_HEADERS,
    "Content-Security-Policy": f"{STANDALONE_HEADERS['Content-Security-Policy']}; script-src 'self'",
    "Referrer-Policy": "same-origin",  # with none, browsers send "Origin: null" with the forms that save a story
    "Cache-Control": "private, no-cache",
}


@dataclass(frozen=True, slots=True)
class EditionLine:
    """An edition in the list of the archive.

    `others` are the editions of its slot for recipients who had got other stories before: id, and number of stories.
    `unlisted` is how many more there are, as text; empty for none.
    """

    id: str
    subject: str
    digest: str
    when: str
    iso: str
    stories: str
    others: tuple[tuple[str, str], ...] = ()
    unlisted: str = ""


@dataclass(frozen=True, slots=True)
class ArchivePages:
    """Handles the requests of the archive.

    `composed` keeps the editions of today by digest, with their times; `refreshing` are the tasks that replace them.
    """

    look: Look
    composed: dict[str, tuple[datetime, Edition]] = field(default_factory=dict)
    composing: asyncio.Lock = field(default_factory=asyncio.Lock)
    refreshing: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def index(self, request: Request) -> Response:
        """List editions, of one digest and of one month if the query says so."""
        digest, month = request.query_params.get("digest", ""), request.query_params.get("month", "")
        words = self.look.words(request)
        values = await run_in_threadpool(self._index, digest, month, words.language)
        return await self.look.page(request, "archive.html", words.t("Editions"), **values)  # type: ignore[arg-type]

    async def edition(self, request: Request) -> Response:
        """Show a stored edition."""
        try:
            found = await run_in_threadpool(self.look.program.editions.edition, request.path_params["id"])
        except NotFound:
            words = self.look.words(request)
            title, text = words.t("This edition is not here"), words.t("It may have been removed.")
            return await self.look.missing(request, title, text)
        here = str(request.base_url).rstrip("/")
        signed_in = await self.look.is_signed_in(request)
        outputs = Outputs(
            found,
            self.look.program.editions.renderer(found.digest),
            self.look.program.editions.sender(),
            pages=here,
            archive=f"{self.look.prefix}/" if signed_in else "",
            browser=await run_in_threadpool(self._browser, request, found) if signed_in else None,
        )
        return self.look.response(request, await run_in_threadpool(outputs.page), headers=EDITION_HEADERS)

    async def today(self, request: Request) -> Response:
        """Show what the next edition of a digest would hold; with several digests and no choice, list them."""
        words = self.look.words(request)
        digests = [d for d in self.look.program.config.digests if d.enabled]
        wanted = request.path_params.get("digest", "") or (digests[0].name if len(digests) == 1 else "")
        if not wanted:
            named = [(d.name, d.title or d.name) for d in digests]
            return await self.look.page(request, "today.html", words.t("Today"), digests=named)
        try:
            edition = await self._today(wanted)
        except NotFound:
            return await self.look.missing(request, words.t("There is no such digest"), words.t("Check the address."))
        return self.look.response(
            request, await run_in_threadpool(self._today_page, request, edition), headers=EDITION_HEADERS
        )

    def _today_page(self, request: Request, edition: Edition) -> str:
        prefix = self.look.prefix
        links = Links(
            story=f"{prefix}/stories/{{story}}", archive=f"{prefix}/", browser=self._browser(request, edition)
        )
        return self.look.program.editions.renderer(edition.digest).page(edition, links).content

    def _browser(self, request: Request, edition: Edition) -> BrowserLinks:
        """Return the keys of an edition's page, and for the operator its forms."""
        look, gate = self.look, self.look.gate
        session = gate.session(request)
        words = wording(edition.language)
        around = tuple((look.link(path), words.t(label)) for path, label in look.navigation if path != "/")
        script, search = look.assets["keys.js"], look.link("/search")
        if session is None or not gate.manages:
            return BrowserLinks(script, search, around)
        return BrowserLinks(
            script,
            search,
            around,
            save=look.link("/saved"),
            form_token=gate.sessions.form_token(session),
            back=request.url.path.removeprefix(look.prefix),
            saved=frozenset(saved_store.saved_stories(look.program.db, [item.story for item in edition.items])),
        )

    async def _today(self, digest: str) -> Edition:
        """Return the edition that would be composed now. A recent one is shown at once, and replaced afterwards."""
        now = self.look.program.clock.now()
        at, known = self.composed.get(digest, (now, None))
        if known is None or now - at >= TODAY_SHOWN:
            return await self._compose(digest)
        if now - at >= TODAY_LIFE and digest not in self.refreshing:
            self.refreshing[digest] = asyncio.create_task(self._refresh(digest))
        return known

    async def _refresh(self, digest: str) -> None:
        try:
            await self._compose(digest)
        except NotFound:  # the configuration no longer has it
            self.composed.pop(digest, None)
        except Exception:
            log.exception("the edition of today could not be composed", extra={"fields": {"digest": digest}})
        finally:
            del self.refreshing[digest]

    async def _compose(self, digest: str) -> Edition:
        async with self.composing:
            now = self.look.program.clock.now()
            at, known = self.composed.get(digest, (now, None))
            if known is not None and now - at < TODAY_LIFE:
                return known
            found = await self.look.program.editions.compose(digest)
            edition = max(found, key=lambda one: len(one.edition.items)).edition
            self.composed[digest] = now, edition
            return edition

    def _index(self, digest: str, month: str, language: str) -> dict[str, object]:
        start, end = month_bounds(month)
        slots = edition_store.edition_slots(self.look.program.db)
        names = {d.name: d.title or d.name for d in self.look.program.config.digests}
        names.update({name: name for name, _ in slots if name not in names})
        found = Counter(
            (name, at)
            for name, at in slots
            if (not digest or name == digest) and (start is None or end is None or start <= at < end)
        )
        newest = sorted(found, key=lambda one: (one[1], one[0]), reverse=True)[:NEWEST]
        shown = edition_store.editions_of_slots(self.look.program.db, newest, 1 + OTHERS)
        months = sorted({f"{at:%Y-%m}" for name, at in slots if not digest or name == digest}, reverse=True)
        return {
            "editions": edition_lines(self.look.program.config, shown, names, language, found),
            "digests": names,
            "months": month_names(months, language),
            "digest": digest if digest in names else "",
            "month": month if start else "",
            "more": len(found) > NEWEST,
        }


@dataclass(frozen=True, slots=True)
class DigestFeeds:
    """The Atom feeds of digests. A feed is rendered again after its next edition, or with other settings."""

    program: Program
    rendered: dict[str, tuple[object, str]] = field(default_factory=dict)
    rendering: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def text(self, digest: str) -> str:
        """Return the feed of a digest. Raises NotFound."""
        async with self.rendering:
            return await run_in_threadpool(self._text, digest)

    def _text(self, digest: str) -> str:
        program = self.program
        newest = edition_store.editions(program.db, digest, 1)
        state = (newest[0].id if newest else "", program.config)
        known, text = self.rendered.get(digest, (None, ""))
        if known != state:
            text = program.editions.feed(digest)
            self.rendered[digest] = state, text
        return text


def edition_lines(
    config: Config,
    records: Iterable[EditionRecord],
    names: Mapping[str, str],
    language: str,
    counts: Mapping[tuple[str, datetime], int] | None = None,
) -> list[EditionLine]:
    """Return editions for a list in this language, one line a slot of a digest. `names` are the titles of digests.

    `counts` has how many editions each slot has, unless `records` are all of them.
    """
    slots: dict[tuple[str, datetime], list[EditionRecord]] = {}
    for record in records:
        slots.setdefault((record.digest, record.slot), []).append(record)
    return [
        _edition_line(config, found, names, language, counts[key] if counts else len(found))
        for key, found in slots.items()
    ]


def _edition_line(
    config: Config, found: Sequence[EditionRecord], names: Mapping[str, str], language: str, count: int
) -> EditionLine:
    """Return the line of a slot with `count` editions: that of the one for everybody, else of the longest."""
    first, *others = sorted(found, key=lambda one: (one.audience != "", -one.items, one.id))
    unlisted = count - 1 - len(others[:OTHERS])
    configured = config.digest(first.digest)
    words = Wording(language, config.zone(configured) if configured else config.pages_zone)

    def stories(one: EditionRecord) -> str:
        return words.n("{count} story", "{count} stories", one.items)

    return EditionLine(
        id=first.id,
        subject=without_title(first.subject, first.title),
        digest=names.get(first.digest, first.digest),
        when=words.date(first.slot),
        iso=words.iso(first.slot),
        stories=stories(first),
        others=tuple((one.id, stories(one)) for one in others[:OTHERS]),
        unlisted=words.number(unlisted) if unlisted else "",
    )


def month_names(months: Iterable[str], language: str) -> dict[str, str]:
    """Return the names of months such as 2026-01 in a language, in the given order."""
    from babel.dates import format_skeleton

    locale = Wording(language).locale
    days = {month: datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC) for month in months}
    return {month: str(format_skeleton("yMMMM", day, locale=locale)) for month, day in days.items()}


def month_bounds(month: str) -> tuple[datetime | None, datetime | None]:
    """Return the first instant of a month such as 2026-01 and of the next one; None twice for other texts."""
    try:
        start = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
        return start, (start + timedelta(days=32)).replace(day=1)
    except (ValueError, OverflowError):
        return None, None
