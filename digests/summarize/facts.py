"""Facts as keys for the ledger: what a recipient was sent of a story, comparable with later articles.

Besides the keys of `digests.language.keys`:
c:…  a correction, by article and text    w:7  the withdrawal of article 7
"""

from __future__ import annotations

from digests.language.keys import fact_keys, short_hash
from digests.model import Correction, Source, Story, Summary
from digests.summarize import headline


def correction_key(source: Source) -> str:
    """Return the key of a publisher's last change, so that it is reported once."""
    return (
        f"w:{source.article}"
        if source.withdrawn
        else f"c:{source.article}:{short_hash(source.title + chr(10) + source.text)}"
    )


def of_summary(story: Story, summary: Summary) -> frozenset[str]:
    """Return all keys of the facts in a summary, and those of withdrawn articles, which need no correction after it."""
    found = set(fact_keys(summary.headline, headline.language_of(story, summary.headline)))
    found |= {correction_key(source) for source in story.sources if source.withdrawn}
    for sentence in summary.sentences:
        source = story.sources[sentence.sources[0]]
        found |= fact_keys(sentence.text, source.language or story.language)
    for correction in summary.corrections:
        found |= _of_correction(story, correction)
    return frozenset(found)


def _of_correction(story: Story, correction: Correction) -> set[str]:
    source = story.sources[correction.source]
    language = source.language or story.language
    return {correction_key(source), *fact_keys(correction.now, language)}
