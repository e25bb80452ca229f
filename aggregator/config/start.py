"""Writes the first configuration: the sample with the answers of the person who installs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from aggregator.config.edit import add_tables, quote

SERVICE_FOLDER = "/etc/aggregator"
SERVICE_STATE = "/var/lib/aggregator"
"""The state directory of the unit in docs/deploy: the only folder where the service may write."""


_TITLES = {
    "ar": "أخبار اليوم",
    "de": "Die Nachrichten des Tages",
    "en": "The daily digest",
    "es": "Las noticias del día",
    "fr": "Les nouvelles du jour",
    "ja": "今日のニュース",
    "ru": "Новости дня",
    "uk": "Новини дня",
    "zh": "今日新闻",
}
_NOON = 12


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person chose at the first start."""

    language: str = "en"
    hour: int = 7
    to: str = "folder:digests-out"
    interests: Sequence[str] = ()

    @property
    def address(self) -> str:
        """The mail address, or empty if the digest goes into a folder."""
        return self.to if "@" in self.to else ""


def first_configuration(answers: Answers, *, service: bool = False) -> str:
    """Return the text of config.toml. With `service` the database and the digests are in the service's folder."""
    text = files("aggregator.config").joinpath("sample.toml").read_text("utf-8")
    to = answers.to
    if service:
        text = _set(text, "url", quote(f"sqlite:///{SERVICE_STATE}/aggregator.db"))
        to = re.sub(r"^folder:(?=[^/])", f"folder:{SERVICE_STATE}/", to)
    if answers.language != "en" or answers.hour >= _NOON:  # else the sample's title is right: the morning digest
        text = _set(text, "title", quote(_TITLES.get(answers.language, _TITLES["en"])))
    text = _set(text, "language", quote(answers.language))
    text = _set(text, "schedule", quote(f"0 {answers.hour} * * *"))
    text = _set(text, "to", f"[{quote(to)}]")
    if answers.address:
        text = _mail(text, answers.address)
    tables = [{"name": interest, "words": [interest]} for interest in answers.interests]
    return add_tables(text, "interest", tables)


def _mail(text: str, address: str) -> str:
    """Fill in [mail] for a provider whose server has the usual name; the person corrects it if it is another."""
    for key, value in (
        ("sender", address),
        ("owner", address),
        ("host", f"smtp.{address.rpartition('@')[2]}"),
        ("user", address),
        ("password_env", "AGGREGATOR_SMTP_PASSWORD"),
    ):
        text = _set(text, key, quote(value))
    return text


def _set(text: str, key: str, value: str) -> str:
    """Give the first line of a key, which may be commented out, a value; a comment after it is kept."""
    line = re.compile(rf'^(#?{key} = (?:"[^"\n]*"|\[[^\]\n]*\]|[^#\s]+))( *)', re.MULTILINE)

    def replaced(found: re.Match[str]) -> str:
        column = len(found[0])  # where the comment begins, if there is one
        return f"{key} = {value}".ljust(column - 1) + " " if found[2] else f"{key} = {value}"

    changed, count = line.subn(replaced, text, count=1)
    assert count == 1, f"the sample has no key {key}"
    return changed
