"""Topics, and the built-in ones. The configuration needs them, so this imports nothing of the stories."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """A configured topic. Texts like `words` and `examples` belong to it; all texts of `feeds` do."""

    name: str
    description: str = ""
    words: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()  # feed categories that mean this topic


INCIDENTS = "Incidents"
DEFAULT_TOPICS: tuple[Topic, ...] = (
    Topic("World", "Wars, diplomacy and events between and inside other countries."),
    Topic("Politics", "Elections, parliaments, governments, courts and home affairs."),
    Topic(INCIDENTS, "Crimes, accidents and emergencies."),
    Topic("Business", "Companies, markets, jobs, trade and the economy."),
    Topic("Technology", "Computers, software, phones, games, the internet and those who make them."),
    Topic("Science", "Research, space, physics, life and the past."),
    Topic("Health", "Medicine, disease, care, food and fitness."),
    Topic("Environment", "Climate, weather, wildlife and pollution."),
    Topic("Culture", "Film, music, television, books, art, and the people in them."),
    Topic("Sport", "Games, matches, clubs and athletes."),
)
OTHER = "Other"  # the name of the section for stories without a topic
