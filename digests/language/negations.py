"""Negations: words such as `not`, in ten languages."""

from __future__ import annotations

from functools import lru_cache

from digests.language.detect import language_code
from digests.language.tokens import raw

_WORDS = {
    "en": (
        "not no never neither nor none nobody nothing without cannot except unlikely hardly barely n't denied denies "
        "deny refused failed"
    ),
    "de": "nicht kein keine keinen keiner keinem nie niemals weder niemand nichts ohne",
    "fr": "ne n pas jamais aucun aucune ni personne rien sans",
    "es": "no nunca jamás ningún ninguna ninguno ni nadie nada sin",
    "it": "non no mai nessun nessuno nessuna né nulla niente senza",
    "pt": "não nunca jamais nenhum nenhuma nem ninguém nada sem",
    "nl": "niet geen nooit niemand niets zonder noch",
    "ru": "не нет ни никогда никто ничего без нельзя",
    "uk": "не немає ні ніколи ніхто нічого без",
    "pl": "nie nigdy nikt nic bez ani żaden",
}


@lru_cache(maxsize=32)
def _negations(language: str) -> frozenset[str]:
    return frozenset(_WORDS.get(language, _WORDS["en"]).split())


def knows_negations(language: str | None) -> bool:
    """Whether the negations of a language are known."""
    return language_code(language) in _WORDS


def is_negation(word: str, language: str | None) -> bool:
    """Whether a word is a negation."""
    low = word.lower().replace("’", "'")
    return low in _negations(language_code(language)) or low.endswith("n't")


def count_negations(text: str, language: str | None) -> int:
    """Return the number of negations in a text."""
    return sum(is_negation(word, language) for word in raw(text))
