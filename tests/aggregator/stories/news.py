"""Made-up news for the tests of the story engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aggregator.stories.model import Document

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)

QUAKE_PERU = (
    (
        "Magnitude 7.1 earthquake strikes southern Peru, 14 dead",
        (
            "A magnitude 7.1 earthquake struck near Arequipa in southern Peru on Monday, killing at least 14 "
            "people, the civil defence institute said. Hospitals in Arequipa were evacuated."
        ),
    ),
    (
        "Peru quake: at least 14 killed as buildings fall in Arequipa",
        (
            "Rescue teams searched collapsed buildings in Arequipa after a 7.1-magnitude earthquake hit "
            "southern Peru. At least 14 people were killed, civil defence officials said."
        ),
    ),
    (
        "Arequipa counts its dead after strong Peru earthquake",
        (
            "Residents of Arequipa spent the night outdoors after the earthquake that killed at least 14 people "
            "in southern Peru. The civil defence institute said hospitals were evacuated."
        ),
    ),
)
QUAKE_IRAN = (
    (
        "Magnitude 5.8 earthquake shakes western Iran, three dead",
        (
            "A magnitude 5.8 earthquake shook Kermanshah province in western Iran early on Tuesday, killing "
            "three people, state television reported. Villages near Sarpol-e Zahab lost power."
        ),
    ),
    (
        "Iran earthquake kills three in Kermanshah province",
        (
            "Three people died when a 5.8-magnitude earthquake shook villages near Sarpol-e Zahab in Iran's "
            "Kermanshah province, state television said."
        ),
    ),
)
RATES = (
    (
        "Norges Bank raises key rate to 4.75 percent",
        (
            "Norway's central bank raised its key policy rate by a quarter point to 4.75 percent on Thursday, "
            "citing a weak krone and wages. Governor Ida Bache said more may follow."
        ),
    ),
    (
        "Norway lifts interest rate to 4.75% as krone weakens",
        (
            "Norges Bank lifted its key rate to 4.75 percent from 4.5 on Thursday. Governor Ida Bache pointed "
            "to the weak krone and to wages."
        ),
    ),
)


def stream(*items: tuple[str, str], first: int = 1, hours: float = 1.0, source: str = "") -> list[Document]:
    """Return documents in order of arrival, each from an outlet of its own unless `source` is given."""
    return [
        Document(
            first + k, title, text, START + timedelta(hours=hours * (first + k)), source or f"outlet{first + k}.example"
        )
        for k, (title, text) in enumerate(items)
    ]
