"""Fixed texts, plurals, dates and numbers in the recipient's language.

Messages are written in English in templates and code, as `t("…")` and `n("…", "…", count)` with named `{places}`.
Translations are GNU gettext `.po` files. To add a language, add `LANGUAGE.po` to `locale/`, in the package or in the
user's template folder. A message that the user's file leaves out is that of
the package; one without a translation is shown in English.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from digests.language.detect import language_code
from digests.model import Form
from digests.reasons import Phrase, _
from digests.render.view.clean import direction, language_tag

if TYPE_CHECKING:
    from gettext import NullTranslations

    from babel import Locale

DEFAULT = "en"


TOPICS = (
    _("World"),
    _("Politics"),
    _("Incidents"),
    _("Business"),
    _("Technology"),
    _("Science"),
    _("Health"),
    _("Environment"),
    _("Culture"),
    _("Sport"),
    _("Other"),
    _("Top stories"),
    _("More headlines"),
)
_FORMS: dict[str, str] = {
    Form.OPINION: _("Opinion"),
    Form.ANALYSIS: _("Analysis"),
    Form.LIVE: _("Live blog"),
    Form.BRIEFING: _("Briefing"),
    Form.LIST: _("List"),
    Form.QUIZ: _("Quiz"),
    Form.OFFER: _("Offer"),
    Form.SPONSORED: _("Sponsored"),
    Form.OBITUARY: _("Obituary"),
    Form.REVIEW: _("Review"),
    Form.FIXTURE: _("Preview"),
    Form.RESULT: _("Result"),
}


class Wording:
    """The fixed texts and formats of one language and time zone.

    `language` is the tag of the catalogue in use: English if the requested language has none, so that texts and dates
    are in the same language. `locale` is that of CLDR.
    """

    def __init__(self, language: str, zone: str = "UTC", folder: Path | None = None) -> None:
        self.language, self._catalogue = _find(language_tag(language) or DEFAULT, folder)
        self.dir = direction("", self.language)
        self.locale = _locale(self.language)
        try:
            self._zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            self._zone = ZoneInfo("UTC")

    def t(self, message: str, /, **places: object) -> str:
        """Return `message` translated, with its places filled."""
        return _filled(self._catalogue.gettext(message), message, places)

    def word(self, name: str) -> str:
        """Return the name of a topic, translated if it is a built-in one."""
        return self._catalogue.gettext(name) if name else name

    def n(self, one: str, many: str, count: int, /, **places: object) -> str:
        """Return the plural form for `count` in this language; `{count}` is its place."""
        text = self._catalogue.ngettext(one, many, count)
        return _filled(text, one if count == 1 else many, {"count": self.number(count), **places})

    def number(self, value: float, pattern: str | None = None) -> str:
        """Return a number with this language's separators. `pattern` is one of CLDR, such as `0.00`."""
        from babel.numbers import format_decimal

        return str(format_decimal(value, format=pattern, locale=self.locale))

    def percent(self, share: float) -> str:
        """Return a share from 0 to 1 in per cent."""
        from babel.numbers import format_percent

        return str(format_percent(share, locale=self.locale))

    def amount(self, value: float) -> str:
        """Return an amount of money without its currency, with up to four decimals."""
        from babel.numbers import format_decimal

        return str(format_decimal(value, format="#,##0.00##", locale=self.locale))

    def date(self, at: datetime) -> str:
        """Return a date in full: Tuesday, 24 November 2026."""
        from babel.dates import format_date

        return str(format_date(at.astimezone(self._zone).date(), "full", locale=self.locale))

    def day(self, at: datetime) -> str:
        """Return a short date: 24 Nov 2026."""
        from babel.dates import format_date

        return str(format_date(at.astimezone(self._zone).date(), "medium", locale=self.locale))

    def time(self, at: datetime) -> str:
        """Return hour and minute: 07:00."""
        from babel.dates import format_time

        return _plain(format_time(at.astimezone(self._zone).timetz(), "short", locale=self.locale))

    def moment(self, at: datetime) -> str:
        """Return a short date with the time."""
        from babel.dates import format_skeleton

        day = format_skeleton("MMMd", at.astimezone(self._zone), locale=self.locale)
        joined = str(self.locale.datetime_formats["short"])  # `{1}, {0}`, with the comma of the script
        return joined.replace("{1}", _plain(day)).replace("{0}", self.time(at))

    def iso(self, at: datetime) -> str:
        """Return the value of an HTML `datetime` attribute."""
        return at.astimezone(self._zone).isoformat(timespec="minutes")

    def listed(self, names: Iterable[str]) -> str:
        """Return names as a list: A, B and C."""
        from babel.lists import format_list

        return str(format_list(list(names), locale=self.locale))


def said(text: str, words: Wording) -> str:
    """Return a `Phrase`, and the phrases in its places, translated; another text as it is."""
    if not isinstance(text, Phrase):
        return text
    places = {name: said(value, words) if isinstance(value, str) else value for name, value in text.places.items()}
    return words.t(text.message, **places)


@cache
def english() -> Wording:
    """Return the texts in English."""
    return Wording(DEFAULT)


def language_name(tag: str, words: Wording) -> str:
    """Return the name of a language as a label, such as "Spanish"; its tag if it has no name."""
    from babel import Locale

    name = str(Locale.parse(words.language, sep="-").languages.get(language_code(tag), tag))
    return name[:1].upper() + name[1:]


def form_name(form: str, words: Wording) -> str:
    """Return the name of the form of a story in the recipient's language; a report needs none."""
    return words.word(_FORMS.get(form, ""))


@lru_cache(maxsize=1)
def catalogues() -> tuple[str, ...]:
    """Return the languages of the packaged catalogues, English first."""
    names = (file.name for file in files("digests.templates").joinpath("locale").iterdir())
    return (DEFAULT, *sorted(name.removesuffix(".po") for name in names if name.endswith(".po")))


def _filled(text: str, original: str, places: dict[str, object]) -> str:
    try:
        return text.format(**places)
    except (KeyError, IndexError, ValueError):  # a mistake in a translation must not stop an edition
        return original.format(**places)


def _plain(text: object) -> str:
    # CLDR has U+202F before AM/PM, which many fonts of mail clients lack.
    return str(text).replace("\u202f", "\u00a0")


@lru_cache(maxsize=32)
def _locale(language: str) -> Locale:
    from babel import Locale, UnknownLocaleError

    # `en` without a country gets CLDR's formats for English in Europe (17 March, 18:30); `en-US` gets the American
    # ones.
    try:
        return Locale.parse("en-150" if language == DEFAULT else language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(DEFAULT)


def _find(language: str, folder: Path | None) -> tuple[str, NullTranslations]:
    """Return the tag and catalogue of `language`, of its base language, or of English."""
    for tag in dict.fromkeys((language, language.split("-", maxsplit=1)[0])):
        if tag.split("-")[0] == DEFAULT and folder is None:
            break
        for place in ([folder / "locale"] if folder else []) + [None]:
            catalogue = _read(tag, place)
            if catalogue:
                return tag, catalogue
    from gettext import NullTranslations

    return (language if language.split("-", maxsplit=1)[0] == DEFAULT else DEFAULT), NullTranslations()


@lru_cache(maxsize=64)
def _read(tag: str, folder: Path | None) -> NullTranslations | None:
    from gettext import GNUTranslations

    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    name = f"{tag}.po"  # a well-formed tag cannot contain a path
    file = folder / name if folder else files("digests.templates").joinpath("locale", name)
    if not file.is_file():
        return None
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(file.read_bytes()), locale=tag.replace("-", "_")))
    compiled.seek(0)
    found = GNUTranslations(compiled)
    packaged = _read(tag, None) if folder else None
    if packaged is not None:
        found.add_fallback(packaged)
    return found
