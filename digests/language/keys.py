"""Keys of sentences, numbers and names, by which texts are compared without regard to spelling.

s:…  a sentence, by its terms          n:12  a number          p:scholz  a name
"""

from __future__ import annotations

from hashlib import blake2b

from digests.language import names, numbers, sentences
from digests.language.stems import latin
from digests.language.tokens import sentence_terms


def short_hash(text: str) -> str:
    """Return sixteen hexadecimal digits for a text."""
    return blake2b(text.encode(), digest_size=8).hexdigest()


def sentence_key(text: str, language: str | None) -> str:
    """Return the key of a sentence, which does not depend on case, punctuation, inflection or stop words."""
    return "s:" + short_hash(" ".join(sentence_terms(text, language)))


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


def fact_keys(text: str, language: str | None) -> frozenset[str]:
    """Return the keys of one sentence, its numbers and its names."""
    return frozenset({sentence_key(text, language)}) | number_keys(text, language) | name_keys(text, language)
