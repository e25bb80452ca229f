"""Facts as keys for the ledger: what a recipient was told of a story, comparable with later articles.

s:…  a sentence, by its terms          n:12  a number          p:scholz  a name
c:…  a correction, by article and text    w:7  the withdrawal of article 7
"""

from __future__ import annotations

from hashlib import blake2b

from digests.language import names, numbers, sentences
from digests.language.stems import latin
from digests.language.tokens import sentence_terms
from digests.model import Correction, Source, Story, Summary


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()


def sentence_key(text: str, language: str | None) -> str:
    """Return the key of a sentence, which does not depend on case, punctuation, inflection or stop words."""
    return "s:" + _hash(" ".join(sentence_terms(text, language)))


def sentence_keys(text: str, language: str | None) -> frozenset[str]:
    """Return the keys of all sentences of a text."""
    return frozenset(sentence_key(t, language) for t in sentences.split(text, language))


def number_keys(text: str, language: str | None) -> frozenset[str]:
    """Return the keys of the numbers in a text."""
    return frozenset("n:" + n.key for n in numbers.numbers_in(text, language))


def name_keys(text: str, language: str | None) -> frozenset[str]:
    """Return the keys of the names in a text."""
    return frozenset("p:" + key for key in names.last_words(text, language))


def name_fact(name: str) -> str:
    """Return the key of a name from `names.names_in`; empty for one that is too short."""
    last = latin(name).rpartition(" ")[2]
    return f"p:{last}" if len(last) > 1 else ""


def keys(text: str, language: str | None) -> frozenset[str]:
    """Return the keys of one sentence, its numbers and its names."""
    return frozenset({sentence_key(text, language)}) | number_keys(text, language) | name_keys(text, language)


def correction_key(source: Source) -> str:
    """Return the key of a publisher's last change, so that it is told once."""
    return (
        f"w:{source.article}"
        if source.withdrawn
        else f"c:{source.article}:{_hash(source.title + chr(10) + source.text)}"
    )


def of_summary(story: Story, summary: Summary) -> frozenset[str]:
    """Return all keys of the facts in a summary, and those of withdrawn articles, which need no correction after it."""
    found = set(keys(summary.headline, story.language))
    found |= {correction_key(source) for source in story.sources if source.withdrawn}
    for sentence in summary.sentences:
        source = story.sources[sentence.sources[0]]
        found |= keys(sentence.text, source.language or story.language)
    for correction in summary.corrections:
        found |= _of_correction(story, correction)
    return frozenset(found)


def _of_correction(story: Story, correction: Correction) -> set[str]:
    source = story.sources[correction.source]
    language = source.language or story.language
    return {correction_key(source), *keys(correction.now, language)}
