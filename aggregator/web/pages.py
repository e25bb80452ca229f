"""The pages that are not editions, rendered from the templates beside this file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from aggregator.recipients.wording import wording
from aggregator.web.look import content
from digests.model import Edition
from digests.render.view.clean import direction
from digests.render.view.model import EntriesView
from digests.render.view.wording import Wording


@cache
def _environment() -> Environment:
    made = Environment(loader=PackageLoader("aggregator.web"), autoescape=True, undefined=StrictUndefined)
    made.globals["css"] = Markup(content("style.css"))  # noqa: S704 our own file
    return made


def _page(template: str, title: str, language: str, **values: object) -> str:
    return _environment().get_template(template).render(
        title=title, language=language, direction=direction("", language), **values
    )  # fmt: skip


def message(words: Wording, title: str, text: str) -> str:
    """Return a page with one message; both texts are already in the recipient's language."""
    return _page("message.html", title, words.language, text=text)


def noted(words: Wording, text: str, undo: str) -> str:
    """Return a page that says what was stored, with a button that posts the field `undo`."""
    return _page("noted.html", words.t("Noted"), words.language, text=text, undo=undo, t=words.t)


def ask(words: Wording, question: str, yes: str, field: tuple[str, str] | None = None) -> str:
    """Return a page that asks before anything changes: opening a link must change nothing."""
    return _page("ask.html", question, words.language, yes=yes, field=field, t=words.t)


def entries(words: Wording, edition: Edition, view: EntriesView, lists: Sequence[object], back: str) -> str:
    """Render the lists of the entries that an edition's footer counts."""
    return _page(
        "entries.html",
        words.date(edition.slot),
        words.language,
        edition=edition,
        entries=view,
        lists=lists,
        back=back,
        missing=wording(words.language).t("No lists are stored for this edition."),
    )


@dataclass(frozen=True, slots=True)
class SettingsView:
    """What a recipient's settings page shows.

    `digests` gives title and whether it is received, by name; `saved` confirms what was just changed.
    """

    reader: str
    language: str
    zone: str
    form: str
    digests: Mapping[str, tuple[str, bool]]
    saved: str = ""


def settings(words: Wording, view: SettingsView, languages: Sequence[str], forms: Mapping[str, str]) -> str:
    """Return a recipient's settings as a form."""
    kinds = [(name, words.word(label)) for name, label in forms.items()]
    return _page(
        "settings.html",
        words.t("Your digests"),
        words.language,
        view=view,
        languages=_languages(words, languages),
        forms=kinds,
        t=words.t,
    )


def subscribe(words: Wording, title: str, languages: Sequence[str], language: str) -> str:
    """Return the form that asks for an address to send a digest to."""
    return _page(
        "subscribe.html",
        words.t("Get “{title}” by mail", title=title),
        words.language,
        languages=_languages(words, languages),
        chosen=language,
        t=words.t,
    )


def _languages(words: Wording, languages: Sequence[str]) -> list[tuple[str, str]]:
    """Return the choices of a language: tag and name in the language itself."""
    from babel import Locale

    named = [(tag, str(Locale.parse(tag).get_display_name(tag))) for tag in languages]
    return [("", words.t("the digest’s own")), *named]
