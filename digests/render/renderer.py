"""Renders an edition as page, mail, text, Atom, EPUB and JSON.

Packaged templates are rendered in this process, a user's own templates in a child process with limits on time and
memory. If a user's template fails, the packaged one is used, and the notes of the output say which file, which line and
why.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from digests import codec
from digests.errors import TemplateError
from digests.model import Edition, Rendered, Section
from digests.render import atom, epub
from digests.render.compact import compact_text
from digests.render.mail.fit import fitting_part
from digests.render.mail.pictures import MailPicture
from digests.render.page_links import Links
from digests.render.templates.runner import Job, TemplateRunner
from digests.render.templates.user import UserTemplates
from digests.render.text import trimmed
from digests.render.view import subject
from digests.render.view.detail import FULL, Detail
from digests.render.view.disarm import edition_for_mail
from digests.render.view.model import EmbeddedImage
from digests.render.view.wording import Wording


@dataclass(frozen=True, slots=True)
class MailParts:
    """The two parts of one mail, with the same content and the same level of detail."""

    html: Rendered
    text: Rendered

    @property
    def notes(self) -> tuple[str, ...]:
        """The errors of a user's templates, without repetitions."""
        return tuple(dict.fromkeys((*self.html.notes, *self.text.notes)))


class Renderer:
    """Renders editions; `templates` are a user's templates and message catalogues, if there are any.

    It is safe for several threads. `close` ends the child process, if there is one.
    """

    def __init__(self, templates: UserTemplates | None = None) -> None:
        self._packaged = TemplateRunner(None)
        self._user = templates if templates and templates.folder.is_dir() else None

    def page(self, edition: Edition, links: Links = Links()) -> Rendered:  # noqa: B008  frozen
        """Return the web page: one HTML document without scripts and without other files."""
        content, notes = self._print(Job("page.html", edition, links, FULL))
        return Rendered(content, "text/html", notes)

    def mail(self, edition: Edition, links: Links = Links()) -> Rendered:  # noqa: B008
        """Return the HTML part of a mail, at most 102,000 bytes."""
        return self.parts(edition, links).html

    def parts(
        self,
        edition: Edition,
        links: Links = Links(),  # noqa: B008
        pictures: Mapping[str, MailPicture] = MappingProxyType({}),
    ) -> MailParts:
        """Return both parts of a mail, with the same level of detail. `pictures` are by URL; no others are shown."""
        notes: list[str] = []
        edition = edition_for_mail(edition)
        embedded = {url: EmbeddedImage(one.content_id, one.shown_width) for url, one in pictures.items()}

        def render(detail: Detail) -> str:
            content, found = self._print(Job("mail.html", edition, links, detail, embedded))
            notes.extend(found)
            return content

        html, detail = fitting_part(render, len(edition.items))
        text, text_notes = self._print(Job("mail.txt", edition, links, detail))
        seen = tuple(dict.fromkeys(notes))
        return MailParts(Rendered(html, "text/html", seen), Rendered(trimmed(text), "text/plain", text_notes))

    def text(self, edition: Edition, links: Links = Links()) -> Rendered:  # noqa: B008
        """Return the edition as plain text in full, 72 columns wide."""
        content, notes = self._print(Job("mail.txt", edition, links, FULL))
        return Rendered(trimmed(content), "text/plain", notes)

    def compact(self, edition: Edition, links: Links = Links()) -> Rendered:  # noqa: B008
        """Return a short text with every story, for chats."""
        return Rendered(compact_text(edition_for_mail(edition), links, self._words(edition)), "text/plain")

    def atom(self, editions: Sequence[Edition], links: Links = Links()) -> Rendered:  # noqa: B008
        """Return a feed of editions, newest first (RFC 4287). `{edition}` in `links.web` is replaced by the id."""
        notes: list[str] = []
        contents = []
        for edition in editions:
            content, found = self._print(Job("entry.html", edition, links, FULL))
            contents.append(content)
            notes.extend(found)
        feed = atom.atom_feed(editions, contents, links, self.subject)
        return Rendered(feed, "application/atom+xml", tuple(dict.fromkeys(notes)))

    def book(self, edition: Edition, links: Links = Links()) -> tuple[bytes, tuple[str, ...]]:  # noqa: B008
        """Return an EPUB 3 file with a chapter for each section, and the errors of a user's template."""
        notes: list[str] = []
        words = self._words(edition)
        chapters = []
        for section in edition.sections or (Section("", ()),):
            part = replace(edition, sections=(section,) if section.items else ())
            content, found = self._print(Job("entry.html", part, links, FULL))
            chapters.append(epub.Chapter(words.word(section.topic) or edition.title, content))
            notes.extend(found)
        return epub.epub_file(edition, self.subject(edition), chapters), tuple(dict.fromkeys(notes))

    def json(self, edition: Edition) -> Rendered:
        """Return the edition as indented JSON, which `digests.codec.edition_from_json` reads."""
        stored = json.loads(codec.edition_to_json(edition))
        text = json.dumps(stored, ensure_ascii=False, sort_keys=True, indent=1)
        try:
            text.encode()
        except UnicodeEncodeError:  # half a surrogate pair: escaped, as in the stored edition
            text = json.dumps(stored, sort_keys=True, indent=1)
        return Rendered(text + "\n", "application/json")

    def subject(self, edition: Edition) -> str:
        """Return the subject of its mail: 78 characters at most."""
        return subject.subject(edition, self._folder)

    def close(self) -> None:
        """End the child process."""
        if self._user:
            self._user.close()

    def _words(self, edition: Edition) -> Wording:
        return Wording(edition.language, edition.zone, self._folder)

    @property
    def _folder(self) -> Path | None:
        return self._user.folder if self._user else None

    def _print(self, job: Job) -> tuple[str, tuple[str, ...]]:
        if self._user:
            try:
                return self._user.run(job), ()
            except TemplateError as error:
                return self._packaged.run(job), (f"{error.message}; the built-in template was used",)
        return self._packaged.run(job), ()
