"""Draws how stories are formed, from what the engine decides: `make drawings` writes both files in docs/.

story.svg is the demo's ferry story with the stored reasons of each decision; lookalikes.svg shows how two reports made
from one template are compared.
"""

from __future__ import annotations

import sys
import tempfile
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from html import escape
from pathlib import Path

from aggregator.demo import run
from aggregator.store.database import open_database
from aggregator.store.intake.entries import entries
from aggregator.store.records import EntryRecord, StoryEvent
from aggregator.store.stories import stories
from aggregator.stories.copies.alignment import align, aligned_words
from aggregator.stories.grouping.explain import reason
from aggregator.stories.model import NEAREST, compared

HEADLINE = "Twelve hurt as ferry and freighter collide off Port Verran"
REPORTS = (
    "A magnitude 5.1 earthquake struck 40 km west of Almena at 06:12 on Monday, the survey said.",
    "A magnitude 4.8 earthquake struck 12 km south of Kesra at 09:47 on Monday, the survey said.",
)
WIDTH = 860
LEFT, TEXT, LINE = 60, 96, 18  # x of the nodes, x of the text, height of a line
_WRAPPED = 112  # characters of a line of reasons
_COLOURS = {"opened": "#345f9c", "joined": "#2f7d4f", "carried": "#8a8f98"}
_SAID = {"opened": "opens the story", "joined": "joins the story", "carried": "same text: counted as a copy"}


@dataclass(frozen=True, slots=True)
class Step:
    """One decision of a story: what happened to which entry, with which earlier entry it was compared, and why."""

    what: str
    entry: EntryRecord
    other: int | None
    reasons: tuple[str, ...]


def steps(database: Path) -> list[Step]:
    """Return the decisions that made the ferry story, oldest first."""
    with closing(open_database(f"sqlite:///{database}")) as db:
        (story,) = (one for one in stories.stories(db) if any(source.title == HEADLINE for source in one.sources))
        events = [event for event in stories.events(db, story.id) if event.what in _SAID and event.entry is not None]
        known = {one.id: one for one in entries(db, sorted({event.entry for event in events if event.entry}))}
        return [
            Step(event.what, known[event.entry], _compared_with(event), tuple(_reasons(event)))
            for event in events
            if event.entry is not None
        ]


def _compared_with(event: StoryEvent) -> int | None:
    return event.article if event.what == "carried" else compared(event.evidence)


def _reasons(event: StoryEvent) -> Iterator[str]:
    """Yield the two strongest reasons for the decision, and the strongest one against it."""
    if event.what != "joined":
        return
    evidence = [one for one in event.evidence if one.view != NEAREST]
    yield from (reason(one) for one in [one for one in evidence if one.weight > 0][:2])
    yield from (reason(one) for one in [one for one in evidence if one.weight < 0][:1])


def draw_story(found: Sequence[Step]) -> str:
    """Return the story as SVG: one row a decision, with a line to the article that it was compared with."""
    rows, heights, y = [], dict[int, int](), 44
    for step in found:
        colour = _COLOURS[step.what]
        heights.setdefault(step.entry.id, y)
        if step.other is not None and step.other in heights:
            rows.append(_line(heights[step.other], y, colour))
        fill = "#fff" if step.what == "carried" else colour
        rows.append(f'<circle cx="{LEFT}" cy="{y}" r="7" fill="{fill}" stroke="{colour}" stroke-width="2"/>')
        when = f"{step.entry.published:%a %H:%M}" if step.entry.published else ""
        rows.append(_text(y - 4, f"{step.entry.outlet}, {when}: {_SAID[step.what]}", f'font-size="12" fill="{colour}"'))
        rows.append(_text(y + 14, step.entry.title, 'font-weight="bold"'))
        y += 14 + LINE
        for said in step.reasons:
            for part in textwrap.wrap(said, _WRAPPED, subsequent_indent="   "):
                rows.append(_text(y, part, 'font-size="12" fill="#555" xml:space="preserve"'))
                y += LINE - 2
        y += 26
    return _svg(y - 10, rows)


def _line(above: int, below: int, colour: str) -> str:
    """Return a curve on the left of the nodes, wider the farther apart they are."""
    wide = LEFT - 12 - min(40, (below - above) // 12)
    return (
        f'<path d="M{LEFT - 8} {above} C{wide} {above + 12} {wide} {below - 12} {LEFT - 8} {below}" fill="none" '
        f'stroke="{colour}" stroke-width="1.5"/>'
    )


def draw_lookalikes() -> str:
    """Return the two reports as SVG, with what differs in the same place marked."""
    one, other = (aligned_words(report, "en") for report in REPORTS)
    found = align(one, other)
    rows = [_text(30, "Two reports made from one template. In the same place they have another value:", "")]
    for y, report, side in zip((64, 104), REPORTS, ("mine", "theirs"), strict=True):
        rows.append(_text(y, "", "", _marked(report, [str(getattr(slot, side)) for slot in found.slots])))
    names = "; ".join(f"{slot.mine} / {slot.theirs}" for slot in found.slots)
    rows.append(_text(144, f"{found.share:.0%} of the words are equal. What differs: {names}.", 'fill="#555"'))
    rows.append(_text(168, "So they are about two events, and each is a story of its own.", 'font-weight="bold"'))
    return _svg(192, rows, left=24)


def _marked(report: str, values: Sequence[str]) -> str:
    """Return a report with the words of each value in another colour."""
    out, rest = "", report
    for value in values:
        for word in value.split():
            before, found, rest = rest.partition(word)
            out += escape(before) + f'<tspan fill="#b3261e" font-weight="bold">{escape(found)}</tspan>'
    return out + escape(rest)


def _text(y: int, said: str, style: str, inner: str = "") -> str:
    return f'<text x="{TEXT}" y="{y}" {style}>{inner or escape(said)}</text>'


def _svg(height: int, rows: Sequence[str], left: int = TEXT) -> str:
    body = "\n".join(rows).replace(f'x="{TEXT}"', f'x="{left}"')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="system-ui, sans-serif" font-size="14" fill="#1c1c1c">\n'
        f'<rect width="{WIDTH}" height="{height}" rx="10" fill="#fff"/>\n{body}\n</svg>\n'
    )


def main(folder: Path) -> None:
    """Run the demo and write both drawings."""
    with tempfile.TemporaryDirectory() as out:
        run(Path(out), lambda _: None)
        (folder / "story.svg").write_text(draw_story(steps(Path(out) / "demo.db")), "utf-8")
    (folder / "lookalikes.svg").write_text(draw_lookalikes(), "utf-8")
    print(f"wrote {folder / 'story.svg'} and {folder / 'lookalikes.svg'}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
