"""The e-book: a package that reading systems open, well-formed chapters, the same bytes each time."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree as ET

import pytest

from digests.model import Edition, Section
from digests.render.renderer import Renderer
from tests.support import editions as sample

OPF, XHTML = "{http://www.idpf.org/2007/opf}", "{http://www.w3.org/1999/xhtml}"
BOOKS = [sample.rich(), sample.quiet(), sample.arabic(), *map(sample.hostile, sample.HOSTILE)]


def opened(edition: Edition) -> zipfile.ZipFile:
    data, notes = Renderer().book(edition, sample.LINKS)
    assert notes == ()
    return zipfile.ZipFile(io.BytesIO(data))


@pytest.mark.parametrize("edition", BOOKS, ids=range(len(BOOKS)))
def test_every_file_of_the_package_is_there_and_well_formed(edition: Edition) -> None:
    book = opened(edition)
    first = book.infolist()[0]
    assert (first.filename, first.compress_type, first.extra) == ("mimetype", zipfile.ZIP_STORED, b"")
    assert book.read("mimetype") == b"application/epub+zip"
    package = ET.fromstring(book.read("book.opf"))
    named = {item.get("href") for item in package.iter(f"{OPF}item")}
    assert named == set(book.namelist()) - {"mimetype", "META-INF/container.xml", "book.opf"}
    for name in named:
        if str(name).endswith(".xhtml"):
            page = ET.fromstring(book.read(str(name)))
            assert page.tag == f"{XHTML}html"
            assert not [e for e in page.iter() if e.tag in (f"{XHTML}script", f"{XHTML}img", f"{XHTML}iframe")]


def test_a_section_is_a_chapter_and_all_is_reported() -> None:
    edition = sample.rich()
    book = opened(edition)
    chapters = [name for name in book.namelist() if name.startswith("chapter")]
    assert len(chapters) == len(edition.sections)
    text = "".join("".join(ET.fromstring(book.read(name)).itertext()) for name in chapters)
    for item in edition.items:
        assert item.headline in text


def test_a_right_to_left_book_turns_its_pages_that_way() -> None:
    package = ET.fromstring(opened(sample.arabic()).read("book.opf"))
    spine = package.find(f"{OPF}spine")
    assert spine is not None
    assert spine.get("page-progression-direction") == "rtl"


def test_the_same_edition_gives_the_same_bytes() -> None:
    assert Renderer().book(sample.rich()) == Renderer().book(sample.rich())


def test_chapters_of_built_in_topics_are_in_the_language_of_the_book() -> None:
    edition = sample.rich(language="de", sections=(Section("World", (sample.bridge(),)),))
    assert ">Welt</a>" in opened(edition).read("contents.xhtml").decode()
