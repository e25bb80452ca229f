"""Whether the titles of a story report an act (a vote, a verdict, an attack) or only talk about one."""

from __future__ import annotations

import re
from functools import lru_cache

from digests.language.detect import language_code
from digests.model import Source, Story
from digests.ranking import forms
from digests.ranking.importance import asks_or_holds_back, groups

_READ = 6  # articles of a story whose titles are read
_TALKING = forms.SECONDARY - forms.ROLLING
_ACTS, _TALK = frozenset({"acts", "deaths", "disaster"}), frozenset({"talk"})
_OPEN, _CLOSE = "[“\"‘'„«「]", "[”\"’'“»」]"
_SPOKEN = re.compile(rf"^\W{{0,2}}{_OPEN}.{{10,}}?{_CLOSE}\s?[:：–—|]")  # `“Not a word is true”: Orr's mayor ...`
_QUOTED = re.compile(rf"(?:^|[\s:]){_OPEN}[^{_CLOSE[1:-1]}]{{3,60}}{_CLOSE}\W*$")  # `Orr will pay “for years”`
# These are stop words, so that they cannot be in the vocabulary. What may happen has not happened.
_MAYBE = {
    "en": "could might would may_be may_have poised_to set_to expected_to",
    "de": "könnte könnten dürfte dürften würde soll_bald",
    "fr": "pourrait pourraient devrait",
    "es": "podría podrían",
    "it": "potrebbe potrebbero",
    "pt": "poderia poderiam pode_ser",
    "nl": "zou zouden",
    "pl": "może mógłby mogłaby",
    "ru": "может могут могла_бы мог_бы",
    "uk": "може можуть міг_би могла_би",
}  # fmt: skip


def eventfulness(story: Story) -> float:
    """Return from -1 to 1 how many of the titles report an act, less those that only talk, ask or are no reports.

    The titles of live blogs and briefings change with the hour, so they count only where there are no others.
    """
    standing = [source for source in story.sources if not source.withdrawn]
    read = [source for source in standing if forms.of_article(source) not in forms.ROLLING][:_READ] or standing[:_READ]
    return sum(_of_title(source, source.language or story.language) for source in read) / max(1, len(read))


def _of_title(source: Source, language: str | None) -> int:
    found = groups(source.title, language).keys()
    talks = bool(_TALK & found) or _maybe(language_code(language)).search(source.title) is not None
    talks = talks or asks_or_holds_back(source.title, language) or forms.of_article(source) in _TALKING
    acts = bool(_ACTS & found)
    if talks or _SPOKEN.search(source.title) or (_QUOTED.search(source.title) and not acts):
        return -1
    return int(acts)


@lru_cache(maxsize=32)
def _maybe(language: str) -> re.Pattern[str]:
    words = _MAYBE.get(language, _MAYBE["en"]).replace("_", r"\s").replace(" ", "|")
    return re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
