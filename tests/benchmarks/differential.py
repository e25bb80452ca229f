"""Compares the quick reader with the thorough one: `python -m tests.benchmarks.differential FOLDER_OR_TAR_OR_FILE...`

Reads every feed that the quick reader can read with both, compares each value of each entry, and prints counts by field
and the first differences. Exit status 1 if entries themselves (number, guid, link) differ in more than the given share.
"""

from __future__ import annotations

import argparse
import tarfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from feeds.model import Entry, Parsed
from feeds.parse.build import build_parsed
from feeds.parse.doctype import without_doctype
from feeds.parse.encoding import decode_document, without_xml_declaration
from feeds.parse.repair import declare_prefixes, repair_xml
from feeds.sources import fast
from feeds.sources import tolerant as syndication
from feeds.sources.raw import RawFeed

FIELDS = (
    "guid",
    "title",
    "link",
    "link_published",
    "authors",
    "published",
    "updated",
    "summary_html",
    "content_html",
    "text",
    "language",
    "image",
    "enclosures",
    "categories",
    "source_title",
)
URL = "http://feeds.example.com/dir/feed.xml"


@dataclass
class Report:
    """Counts over all feeds."""

    feeds: int = 0
    both: int = 0
    counts_differ: list[str] = field(default_factory=list)
    entries: int = 0
    equal: Counter[str] = field(default_factory=Counter)
    only_fast: Counter[str] = field(default_factory=Counter)
    only_thorough: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)


def bodies(places: list[str]) -> Iterator[tuple[str, bytes]]:
    """Every file in the folders and archives."""
    for place in places:
        path = Path(place)
        if path.is_dir():
            yield from (
                (str(file), file.read_bytes())
                for file in sorted(path.rglob("*"))
                if file.is_file() and not _archive(file)
            )
            for file in sorted(path.rglob("*")):
                if _archive(file):
                    yield from _members(file)
        elif _archive(path):
            yield from _members(path)
        else:
            yield str(path), path.read_bytes()


def _archive(path: Path) -> bool:
    return path.name.endswith((".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2"))


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isfile() else None
            if stream is not None:
                yield f"{path.name}:{member.name}", stream.read()


def both(body: bytes, url: str = URL) -> tuple[Parsed, Parsed] | None:
    """The body by the quick and by the thorough reader; None if the quick one does not take it."""
    text, _ = decode_document(body, {})
    text = without_xml_declaration(text.lstrip("\ufeff \t\r\n\0"))
    bare, entities = without_doctype(text)
    fixed = declare_prefixes(repair_xml(bare, entities))
    raw: RawFeed | None = fast.read_well_formed(bare) or fast.read_well_formed(fixed)
    if raw is None:
        return None
    return build_parsed(raw, url), build_parsed(syndication.read_any(fixed.encode("utf-8", "replace"), {}), url)


def compare(name: str, quick: Parsed, thorough: Parsed, report: Report) -> None:
    """Add one feed's differences."""
    report.both += 1
    if len(quick.entries) != len(thorough.entries):
        report.counts_differ.append(f"{name}: {len(quick.entries)} quick, {len(thorough.entries)} thorough")
        return
    for one, two in zip(quick.entries, thorough.entries, strict=True):
        report.entries += 1
        for attribute in FIELDS:
            _compare_value(name, attribute, one, two, report)


def _compare_value(name: str, attribute: str, one: Entry, two: Entry, report: Report) -> None:
    left, right = getattr(one, attribute), getattr(two, attribute)
    if left == right:
        report.equal[attribute] += 1
        return
    if not left:
        report.only_thorough[attribute] += 1
    elif not right:
        report.only_fast[attribute] += 1
    report.examples.setdefault(attribute, []).append(
        f"{name} [{one.guid[:40]}]\n      quick    {str(left)[:200]!r}\n      thorough {str(right)[:200]!r}"
    )


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("places", nargs="+")
    options.add_argument("--examples", type=int, default=3, help="differences shown for each field")
    options.add_argument("--tolerance", type=float, default=0.01, help="share of entries whose guid or link may differ")
    given = options.parse_args(arguments)
    report = Report()
    for name, body in bodies(given.places):
        report.feeds += 1
        found = both(body)
        if found:
            compare(name, *found, report)
    _print(report, given.examples)
    worst = max((report.entries - report.equal[attribute] for attribute in ("guid", "link")), default=0)
    return int(
        worst > given.tolerance * max(1, report.entries)
        or len(report.counts_differ) > given.tolerance * max(1, report.both)
    )


def _print(report: Report, examples: int) -> None:
    print(
        f"{report.feeds} files, {report.both} read by both, {report.entries} entries; number of entries "
        f"differs in {len(report.counts_differ)}"
    )
    for line in report.counts_differ[:examples]:
        print("   ", line)
    for attribute in FIELDS:
        share = report.equal[attribute] / max(1, report.entries)
        print(
            f"  {attribute:15} equal {report.equal[attribute]} ({share:.2%}), quick alone "
            f"{report.only_fast[attribute]}, thorough alone {report.only_thorough[attribute]}"
        )
        for line in report.examples.get(attribute, [])[:examples]:
            print("     ", line)


if __name__ == "__main__":
    raise SystemExit(main())
