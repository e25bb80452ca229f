"""The fictional outlets of the demo and their texts; the feeds have the faults of real feeds."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

# A fixed date, so that the demo gives the same digest on every machine and every day.
FIRST_DAY = datetime(2026, 11, 23, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Outlet:
    """One publisher. `lead` comes before each of its texts, `tail` after it; `habits` are the faults of its feed."""

    key: str
    name: str
    language: str
    format: str  # rss, atom, rdf, json; page: a web page that is read by selectors
    site: str
    topic: str | None = None
    lead: str = ""
    tail: str = ""
    charset: str = "utf-8"
    habits: frozenset[str] = frozenset()

    @property
    def path(self) -> str:
        """The path of its feed on the loopback server."""
        return f"/{self.key}/feed"


@dataclass(frozen=True, slots=True)
class Publication:
    """One text of one outlet. `at` is when it was published; `date` replaces the date in the feed."""

    outlet: str
    guid: str
    title: str
    paragraphs: tuple[str, ...]
    at: datetime
    category: str = ""
    author: str = ""
    date: str | None = None
    revises: bool = False


OUTLETS = (
    Outlet("northwire", "Northwire", "en", "atom", "https://northwire.example", lead="PORT VERRAN (Northwire) - "),
    Outlet(
        "harbour", "The Harbour Post", "en", "rss", "https://harbourpost.example",
        tail="The post {title} appeared first on The Harbour Post.", habits=frozenset({"tracking"}),
    ),
    Outlet("ledger", "Capital Ledger", "en", "json", "https://ledger.example", topic="Business"),
    Outlet("tidings", "Science Tidings", "en", "atom", "https://tidings.example", topic="Science"),
    Outlet(
        "stadium", "Stadium Daily", "en", "rss", "https://stadium.example", topic="Sport",
        tail="Continue reading on Stadium Daily", habits=frozenset({"no-guid"}),
    ),
    Outlet(
        "kurier", "Rheinischer Kurier", "de", "rss", "https://kurier.example", tail="Weiterlesen auf kurier.example",
    ),
    Outlet("alpen", "Alpenbote", "de", "page", "https://alpenbote.example", habits=frozenset({"tracking"})),
    Outlet("littoral", "Le Courrier du Littoral", "fr", "rdf", "https://littoral.example", tail="Lire la suite"),
    Outlet(
        "vestnik", "Верхневолжский вестник", "ru", "rss", "https://vestnik.example",
        tail="Читать далее\nВерхневолжский вестник", charset="windows-1251",
    ),
    Outlet("faro", "El Faro de Almena", "es", "rss", "https://faro.example", tail="Seguir leyendo"),
    Outlet(
        "gazette", "Tarn Gazette", "en", "rss", "https://gazette.example",
        habits=frozenset({"malformed", "no-guid"}),
    ),
    Outlet("mirror", "The Silent Mirror", "en", "rss", "https://mirror.example", habits=frozenset({"down"})),
)  # fmt: skip


@cache
def publications() -> tuple[Publication, ...]:
    """Return every text of the demo, with wire copies, in order of publication."""
    raw = tomllib.loads(files(__package__).joinpath("stories.toml").read_text("utf-8"))["publication"]
    found = [publication for number, table in enumerate(raw) for publication in _publications(number, table)]
    return tuple(sorted(found, key=lambda t: (t.at, t.outlet)))


def _publications(number: int, table: dict[str, object]) -> Iterator[Publication]:
    day, clock = str(table["at"]).split()
    hour, minute = clock.split(":")
    paragraphs = tuple(p.strip() for p in str(table["text"]).strip().split("\n\n"))
    first = Publication(
        outlet=str(table["outlet"]),
        guid=str(table.get("guid", f"{table['event']}-{number}")),
        title=str(table["title"]),
        paragraphs=paragraphs,
        at=FIRST_DAY + timedelta(days=int(day) - 1, hours=int(hour), minutes=int(minute)),
        category=str(table.get("category", "")),
        author=str(table.get("author", "")),
        date=str(table["date"]) if "date" in table else None,
        revises=bool(table.get("revises", False)),
    )
    yield first
    carried = table.get("carried", [])
    assert isinstance(carried, list)
    for place, outlet in enumerate(carried, start=1):
        # A subscriber prints a wire text some minutes later, under its own name, sometimes shortened.
        later = first.at + timedelta(minutes=11 * place)
        kept = paragraphs if place == 1 else paragraphs[:-1] or paragraphs
        yield replace(first, outlet=str(outlet), at=later, author="", paragraphs=kept)


def published(outlet: Outlet, now: datetime) -> tuple[Publication, ...]:
    """Return the entries of the outlet's feed at `now`, newest first; a revision replaces the text that it revises."""
    latest: dict[str, Publication] = {}
    for publication in publications():
        if publication.outlet != outlet.key or publication.at > now:
            continue
        known = latest.get(publication.guid)
        latest[publication.guid] = replace(publication, at=known.at) if known and publication.revises else publication
    return tuple(sorted(latest.values(), key=lambda t: t.at, reverse=True))
