"""Writes an edition as an EPUB 3.3 file: a chapter for each section, a table of contents, no scripts or remote files.

The same edition gives the same bytes. Chapters are given as HTML and written as XHTML, which reading systems require.
"""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

from lxml import html
from lxml.etree import tostring

from digests.model import Edition
from digests.render.view.clean import direction, language_tag, tidy

_CONTAINER = (
    '<?xml version="1.0" encoding="utf-8"?>\n<container version="1.0" '
    'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="book.opf" '
    'media-type="application/oebps-package+xml"/></rootfiles></container>\n'
)
_STYLE = (
    "body{line-height:1.5;margin:0 1em}h1,h2{line-height:1.25}sup{line-height:0}blockquote{margin-inline-start:1em}\n"
)
_FIRST = datetime(1980, 1, 1, tzinfo=UTC)  # a zip file cannot store an earlier date


@dataclass(frozen=True, slots=True)
class Chapter:
    """One section: its title and its text as an HTML fragment."""

    title: str
    content: str


def epub_file(edition: Edition, title: str, chapters: Sequence[Chapter]) -> bytes:
    """Return the file's bytes. `title` is the title of the book, such as the subject of the edition's mail."""
    names = [f"chapter-{number}.xhtml" for number in range(1, len(chapters) + 1)]
    files = [("META-INF/container.xml", _CONTAINER), ("book.opf", _package(edition, title, names))]
    files += [("contents.xhtml", _contents(edition, title, names, chapters)), ("style.css", _STYLE)]
    files += [(name, _chapter(edition, one)) for name, one in zip(names, chapters, strict=True)]
    stamp = max(edition.composed.astimezone(UTC), _FIRST).timetuple()[:6]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as book:
        # First and not compressed, so that the first bytes show the kind of file (OCF 3.3, 4.3).
        book.writestr(zipfile.ZipInfo("mimetype", stamp), "application/epub+zip")
        for name, content in files:
            book.writestr(zipfile.ZipInfo(name, stamp), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _package(edition: Edition, title: str, names: Sequence[str]) -> str:
    identity = uuid.uuid5(uuid.NAMESPACE_OID, f"edition:{edition.id}").urn
    modified = edition.composed.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    xhtml = 'media-type="application/xhtml+xml"'
    items = "".join(f'<item id="c{n}" href="{name}" {xhtml}/>' for n, name in enumerate(names))
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(names)))
    language = language_tag(edition.language) or "und"
    text_direction = direction("", language)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
        f'unique-identifier="id" xml:lang="{language}" dir="{text_direction}">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">{identity}</dc:identifier><dc:title>{_text(title)}</dc:title>'
        f"<dc:language>{language}</dc:language><dc:creator>{_text(edition.title or edition.digest)}</dc:creator>"
        f'<dc:date>{modified}</dc:date><meta property="dcterms:modified">{modified}</meta></metadata>'
        f'<manifest><item id="nav" href="contents.xhtml" properties="nav" {xhtml}/>'
        f'<item id="style" href="style.css" media-type="text/css"/>{items}</manifest>'
        f'<spine page-progression-direction="{text_direction}"><itemref idref="nav"/>{spine}</spine></package>\n'
    )


def _contents(edition: Edition, title: str, names: Sequence[str], chapters: Sequence[Chapter]) -> str:
    lines = "".join(
        f'<li><a href="{name}">{_text(chapter.title)}</a></li>' for name, chapter in zip(names, chapters, strict=True)
    )
    body = f'<nav epub:type="toc"><h1>{_text(title)}</h1><ol>{lines}</ol></nav>'
    return _document(edition, title, body)


def _chapter(edition: Edition, chapter: Chapter) -> str:
    body = html.fragment_fromstring(chapter.content, create_parent="section")
    return _document(edition, chapter.title, tostring(body, method="xml", encoding="unicode", with_tail=False))


def _document(edition: Edition, title: str, body: str) -> str:
    language = language_tag(edition.language) or "und"
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops" lang="{language}" xml:lang="{language}" '
        f'dir="{direction("", language)}"><head><title>{_text(title)}</title>'
        f'<link rel="stylesheet" type="text/css" href="style.css"/></head><body>{body}</body></html>\n'
    )


def _text(value: str) -> str:
    return escape(tidy(value)) or "Digest"
