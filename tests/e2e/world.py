"""A small world for the day in fast time: events at known minutes, reported by three outlets over real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

START = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)  # Berlin puts its clocks back at 01:00 UTC on the 25th
OUTLETS = ("herald", "tribune", "echo")
_PLACES = [
    "Aldermoor",
    "Brackenby",
    "Coltsford",
    "Dunmere",
    "Eastwold",
    "Farrowdale",
    "Glasspool",
    "Hollinbeck",
    "Inverlarn",
    "Jessop",
]
_PEOPLE = [
    "Okafor",
    "Lindqvist",
    "Marchetti",
    "Novotny",
    "Haruki",
    "Delacroix",
    "Petrov",
    "Sandoval",
    "Whitcombe",
    "Zielinski",
]
_THINGS = (
    "a wooden footbridge reopened after repairs|carpenters replaced sixty oak beams|walkers",
    "a burst water main flooded two streets|pumps ran all night near the brewery|residents",
    "a choir won the regional singing prize|judges praised its baroque programme|singers",
    "a vineyard sold its entire harvest early|grape sugar reached a record level|growers",
    "a chess master drew with twelve opponents|the simultaneous match took four hours|players",
    "a satellite antenna was installed on the observatory|it will track weather balloons|astronomers",
    "a bakery recalled its rye loaves|metal fragments were found in flour|customers",
    "a ferry timetable changed for winter|the last crossing leaves earlier|commuters",
    "a parliament committee rejected the toll|drivers had signed a petition|lawmakers",
    "a hospital opened a burns ward|surgeons trained abroad for it|patients",
    "archaeologists uncovered a Roman mosaic|dolphins decorate its border|visitors",
    "a tram derailed at the depot|the driver escaped unhurt|mechanics",
    "a library digitised medieval letters|parchment had begun to crumble|scholars",
    "a wolf pack was photographed by a trap camera|rangers count four cubs|hikers",
    "a court acquitted the former treasurer|the audit contained errors|spectators",
    "a solar farm was connected to the grid|panels cover a disused quarry|engineers",
    "a marathon was won by a postman|humid weather slowed the favourites|runners",
    "a cheese cooperative went bankrupt|exports collapsed after the strike|farmers",
    "a school banned telephones from lessons|teachers reported calmer classes|pupils",
    "a meteorite fragment fell into a garden|geologists weighed it at once|neighbours",
)


@dataclass(frozen=True)
class Event:
    """One story: `marker` is a word that no other has."""

    marker: str
    at: datetime
    title: str
    text: str
    outlets: tuple[str, ...]
    dated: bool = True


def events(hours: int) -> list[Event]:
    """A story every 72 minutes; every third is carried by a second outlet an hour later, every fifth has no date."""
    found = []
    for n in range(hours * 60 // 72):
        place, person = _PLACES[n % 10], _PEOPLE[(n * 3 + n // 10) % 10]
        what, detail, who = _THINGS[(n * 7) % 20].split("|")
        marker = f"{place}{chr(97 + n // 10) * 2}"
        text = (
            f"In {marker}, {what}, said {person}. At the time {detail}. "
            f"About {17 + 13 * n} {who} came to see it on the square of {marker}, {person} added."
        )
        outlets = (OUTLETS[n % 3], OUTLETS[(n + 1) % 3]) if n % 3 == 0 else (OUTLETS[n % 3],)
        found.append(
            Event(marker, START + timedelta(minutes=72 * n + 20), f"{marker}: {what}", text, outlets, n % 5 != 4)
        )
    return found


class World(ThreadingHTTPServer):
    """Publishes the events whose time has come, by the clock in a file that the program under test moves."""

    daemon_threads = True

    def __init__(self, clock: Path, hours: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.clock = clock
        self.events = events(hours)
        self.requests = 0

    def feed(self, outlet: str) -> bytes:
        """The outlet's feed now."""
        now = datetime.fromisoformat(self.clock.read_text())
        items = []
        for event in self.events:
            if outlet not in event.outlets:
                continue
            at = event.at + timedelta(hours=event.outlets.index(outlet))
            if at > now:
                continue
            date = f"<pubDate>{format_datetime(at)}</pubDate>" if event.dated else ""
            items.append(
                f"<item><title>{escape(event.title)}</title><guid>{outlet}-{event.marker}</guid>{date}"
                f"<link>https://{outlet}.example/{event.marker}</link><description>{escape(event.text)}</description></item>"
            )
        return (
            f'<?xml version="1.0"?><rss version="2.0"><channel><title>The {outlet.title()}</title>'
            f"<link>https://{outlet}.example/</link><language>en</language>{''.join(reversed(items))}</channel></rss>"
        ).encode()


class _Handler(BaseHTTPRequestHandler):
    server: World

    def do_GET(self) -> None:
        self.server.requests += 1
        body = self.server.feed(self.path.strip("/"))
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def world(clock: Path, hours: int) -> Iterator[World]:
    """A running world."""
    server = World(clock, hours)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
