"""What was saved for later: the list, saving and removing, sending to other services, an Atom feed and exports."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from xml.etree import ElementTree as ET

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from aggregator.store.outgoing import saved as saved_store
from aggregator.store.outgoing.saved import SavedRecord, Sending, SendRecord
from aggregator.store.stories import stories as story_store
from aggregator.web import forms
from aggregator.web.access.gate import Gate
from aggregator.web.look import shown_title
from aggregator.web.manage.management import Management
from digests.render import atom
from digests.render.view.clean import direction, language_tag
from digests.render.view.wording import Wording

ON_PAGE = 50
IN_FEED = 100
_SNIPPET = 220  # characters
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class SendLine:
    """A service on the page of what is saved: where it stands, and whether it can be sent there now."""

    service: str
    text: str
    problem: str
    offered: bool


@dataclass(frozen=True, slots=True)
class SavedLine:
    """A saved story or article in the list. `story` is empty for an article, and for a story that was deleted."""

    id: int
    title: str
    dir: str
    lang: str | None
    story: str
    url: str
    outlet: str
    published: str
    when: str
    iso: str
    snippet: str
    sends: tuple[SendLine, ...]


@dataclass(frozen=True, slots=True)
class SavedPages:
    """Handles the requests of what was saved."""

    base: Management

    def routes(self) -> list[Route]:
        """Return the routes of the list, its feed and its exports."""
        return [
            self.base.route("/saved", self.index),
            self.base.route("/saved", self.change, ["POST"]),
            Route("/saved.xml", self.feed),
            self.base.route("/saved.json", self.as_json),
            self.base.route("/saved.html", self.as_bookmarks),
        ]

    async def index(self, request: Request) -> Response:
        """List what is saved, newest first."""
        page = forms.page_number(request.query_params.get("page", ""))
        words = self.base.look.words(request)
        values = await run_in_threadpool(self._list, page, words)
        return await self.base.look.page(request, "saved.html", words.t("Saved for later"), **values)

    async def change(self, request: Request) -> Response:
        """Save or remove a story or an article, or send a saved one to a service; return to where the form was."""
        fields = await self.base.fields(request)
        if not await run_in_threadpool(self._change, fields):
            words = self.base.look.words(request)
            title, text = words.t("There is no such story or article"), words.t("It may have been removed.")
            return await self.base.look.missing(request, title, text)
        target = self.base.look.prefix + forms.local_path(forms.first(fields, "back") or "/saved")
        return RedirectResponse(target, status_code=303)

    async def feed(self, request: Request) -> Response:
        """Return the Atom feed. A feed reader opens it by the key of its URL."""
        gate = self.base.look.gate
        if not gate.has_own_host(request):
            return gate.foreign_host()
        if not gate.manages or not await run_in_threadpool(_may_read, gate, request):
            return gate.refusal(request)
        records = await run_in_threadpool(saved_store.list_saved, self.base.program.db, IN_FEED)
        text = _atom(records)
        return self.base.look.response(request, text, headers=_headers("application/atom+xml"))

    async def as_json(self, request: Request) -> Response:
        """Return everything that is saved as JSON."""
        records = await run_in_threadpool(saved_store.list_saved, self.base.program.db)
        text = json.dumps([_fields(one) for one in records], ensure_ascii=False, indent=1) + "\n"
        return self.base.look.response(request, text, headers=_headers("application/json", "saved.json"))

    async def as_bookmarks(self, request: Request) -> Response:
        """Return everything that is saved as a file of bookmarks, which browsers and other services import."""
        records = await run_in_threadpool(saved_store.list_saved, self.base.program.db)
        text = "".join(_bookmarks(records))
        return self.base.look.response(request, text, headers=_headers("text/html; charset=utf-8", "saved.html"))

    def _list(self, page: int, words: Wording) -> dict[str, Any]:
        db, services = self.base.program.db, [one.name for one in self.base.program.saving.services]
        records = saved_store.list_saved(db, ON_PAGE + 1, (page - 1) * ON_PAGE)
        wanted = [one.item.story for one in records if one.item.story]
        alive = story_store.follow(db, wanted)
        gate = self.base.look.gate
        return {
            "items": [_line(one, alive, services, words) for one in records[:ON_PAGE]],
            "count": saved_store.count(db),
            "before": page - 1,
            "after": page + 1 if len(records) > ON_PAGE else 0,
            "feed_key": gate.sessions.feed_key() if gate.token else "",
        }

    def _change(self, fields: forms.Fields) -> bool:
        saving, db = self.base.program.saving, self.base.program.db
        story, entry = forms.first(fields, "story"), forms.positive(forms.first(fields, "entry"))
        saved, action = forms.positive(forms.first(fields, "saved")), forms.first(fields, "action")
        if action == "save":
            return saving.save_story(story) if story else entry is not None and saving.save_entry(entry)
        if action == "remove":
            if story:
                saving.remove_story(story)
            saved_store.remove(db, entries=[entry] if entry is not None else [])
            if saved is not None:
                saved_store.remove_by_id(db, saved)
            return True
        known = {one.name for one in saving.services}
        service = forms.first(fields, "service")
        return (
            service in known
            and saved is not None
            and saved_store.queue(db, saved, service, self.base.program.clock.now())
        )


def _may_read(gate: Gate, request: Request) -> bool:
    return gate.session(request) is not None or gate.sessions.opens_feed(request.query_params.get("key", ""))


def _headers(media_type: str, name: str = "") -> dict[str, str]:
    found = {"Content-Type": media_type, "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache"}
    return found | ({"Content-Disposition": f'attachment; filename="{name}"'} if name else {})


def _line(one: SavedRecord, alive: dict[str, str], services: Sequence[str], words: Wording) -> SavedLine:
    item = one.item
    sends = {send.service: send for send in one.sends}
    names = [*services, *(name for name in sends if name not in services)]
    title = shown_title(item.title)
    return SavedLine(
        id=one.id,
        title=title,
        dir=direction(title, item.language),
        lang=language_tag(item.language),
        story=alive.get(item.story or "", ""),
        url=item.url,
        outlet=item.outlet,
        published=words.moment(item.published) if item.published else "",
        when=words.moment(one.at),
        iso=words.iso(one.at),
        snippet=_cut(item.text),
        sends=tuple(_send_line(name, sends.get(name), name in services and bool(item.url), words) for name in names),
    )


def _send_line(name: str, send: SendRecord | None, offered: bool, words: Wording) -> SendLine:
    if send is None:
        return SendLine(name, "", "", offered)
    if send.state is Sending.SENT:
        return SendLine(name, words.t("Sent to {service}", service=name), "", offered=False)
    if send.state is Sending.FAILED:
        return SendLine(name, "", words.t("Not sent to {service}: {why}", service=name, why=send.detail), offered)
    again = f" ({send.detail}; {words.t('tries: {count}', count=send.tries)})" if send.detail else ""
    return SendLine(name, words.t("Waits to be sent to {service}", service=name) + again, "", offered=False)


def _cut(text: str) -> str:
    return text if len(text) <= _SNIPPET else text[:_SNIPPET].rsplit(" ", 1)[0] + " …"


def _atom(records: Sequence[SavedRecord]) -> str:
    root = ET.Element("feed", {"xmlns": atom.NAMESPACE})
    atom.add(root, "title", "Saved for later")
    atom.add(root, "id", atom.urn("saved", ""))
    atom.add(root, "updated", atom.stamp(max((one.at for one in records), default=atom.EPOCH)))
    for one in records:
        item = one.item
        entry = ET.SubElement(root, "entry")
        atom.add(entry, "title", shown_title(item.title))
        atom.add(entry, "id", atom.urn("saved", item.story or f"entry {item.entry}"))
        atom.add(entry, "updated", atom.stamp(one.at))
        if item.published:
            atom.add(entry, "published", atom.stamp(item.published))
        atom.add(ET.SubElement(entry, "author"), "name", item.outlet or "unknown")
        if item.url:
            ET.SubElement(entry, "link", {"rel": "alternate", "href": item.url})
        content = atom.add(entry, "content", item.text)
        content.set("type", "text")
        if tag := language_tag(item.language):
            content.set(_XML_LANG, tag)
    return atom.document(root)


def _fields(one: SavedRecord) -> dict[str, object]:
    item = one.item
    return {
        "saved": one.at.isoformat(),
        "title": item.title,
        "url": item.url or None,
        "outlet": item.outlet,
        "language": item.language or None,
        "published": item.published.isoformat() if item.published else None,
        "story": item.story,
        "entry": item.entry,
        "text": item.text,
        "sent": [send.service for send in one.sends if send.state is Sending.SENT],
    }


def _bookmarks(records: Sequence[SavedRecord]) -> Iterator[str]:
    """Yield the lines of the bookmark format that all browsers read; it has no end tags for its items."""
    yield "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n"
    yield '<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">\n'
    yield "<TITLE>Saved for later</TITLE>\n<H1>Saved for later</H1>\n<DL><p>\n"
    for one in records:
        if one.item.url:
            stamp, title = int(one.at.timestamp()), escape(shown_title(one.item.title))
            yield f'<DT><A HREF="{escape(one.item.url)}" ADD_DATE="{stamp}" TOREAD="1">{title}</A>\n'
    yield "</DL><p>\n"
