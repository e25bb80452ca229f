"""Recipients as a table, for export and import. A line that cannot be used does not affect the others."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from aggregator.config.zone import known as zone_known
from aggregator.store.records import RecipientRecord, SubscriptionRecord
from digests.channels.recipient import Recipient
from digests.render.view.clean import language_tag

COLUMNS = ("address", "digests", "language", "zone", "format", "state")
FORMATS = ("html", "text")


@dataclass(frozen=True, slots=True)
class ReaderLine:
    """One recipient of a list; `digests` empty: those that the import names."""

    number: int
    recipient: Recipient
    digests: tuple[str, ...] = ()
    language: str | None = None
    zone: str | None = None
    format: str | None = None
    left: bool = False


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be used, and why."""

    number: int
    text: str
    why: str


def read(text: str, digests: Collection[str]) -> Iterator[ReaderLine | BadLine]:
    """Read a list: columns named by `COLUMNS` in a first line, or addresses alone; comma, semicolon or tab between.

    Digests within a field are separated by blanks. `digests` are the names that there are.
    """
    lines = text.lstrip("\ufeff").splitlines()
    head = next((line for line in lines if line.strip()), "")
    mark = max(",;\t", key=head.count)
    names = [cell.strip().lower() for cell in next(csv.reader([head], delimiter=mark), [])]
    named = "address" in names or "email" in names
    columns = ["address" if name == "email" else name for name in names] if named else ["address"]
    begun = not named
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not begun:
            begun = True
            continue
        cells = next(csv.reader([line], delimiter=mark), [])
        yield checked(number, line, dict(zip(columns, (cell.strip() for cell in cells), strict=False)), digests)


def checked(number: int, text: str, cells: Mapping[str, str], digests: Collection[str]) -> ReaderLine | BadLine:
    """Check the values of one recipient, by the names of `COLUMNS`. `text` is the original line, for the report."""
    wanted = tuple(cells.get("digests", "").split())
    unknown = [name for name in wanted if name not in digests]
    zone, form, language = cells.get("zone") or None, cells.get("format") or None, cells.get("language") or None
    try:
        recipient = Recipient.by_mail(cells.get("address", ""))
    except ValueError as error:
        return BadLine(number, text, str(error))
    if unknown:
        return BadLine(number, text, f"there is no digest {unknown[0]!r}")
    if zone and not zone_known(zone):
        return BadLine(number, text, f"there is no time zone {zone!r}")
    if form and form not in FORMATS:
        return BadLine(number, text, f"the format is html or text, not {form!r}")
    if language and not language_tag(language):
        return BadLine(number, text, f"{language!r} is no language")
    return ReaderLine(number, recipient, wanted, language, zone, form, cells.get("state") == "left")


def written(recipients: Sequence[RecipientRecord], subscriptions: Sequence[SubscriptionRecord]) -> str:
    """Write a list that `read` reads: a line for each recipient and state, so that an import keeps who left."""
    by_recipient: dict[Recipient, dict[str, list[str]]] = {}
    for row in subscriptions:
        by_recipient.setdefault(row.recipient, {}).setdefault(row.state, []).append(row.digest)
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for one in recipients:
        for state, names in sorted(by_recipient.get(one.recipient, {}).items()):
            wishes = (one.language or "", one.zone or "", one.format or "")
            table.writerow((one.address, " ".join(names), *wishes, state))
    return out.getvalue()
