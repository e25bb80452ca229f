"""The few pages that are not editions, as plain HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from aggregator.store.records import EditionRecord
from digests.model import Source, Story, Summary
from digests.render.view.clean import direction
from digests.render.view.wording import Words

_STYLE = (
    ":root{color-scheme:light dark}body{font:1.0625rem/1.55 Georgia,'Times New Roman',serif;max-width:36rem;"
    "margin:3rem auto;padding:0 1.25rem}h1{font-size:1.5rem;line-height:1.25}a{color:inherit}"
    "button{font:inherit;padding:.6rem 1.2rem;border:1px solid currentColor;border-radius:.4rem;background:none;"
    "color:inherit;cursor:pointer}fieldset{border:1px solid;border-radius:.4rem}input,select{font:inherit;max-width:100%}li{margin:.5rem 0}time{opacity:.75;font-size:.9em}"
)


def _document(title: str, body: str, language: str = "en") -> str:
    return (
        f'<!doctype html>\n<html lang="{escape(language)}" dir="{direction("", language)}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main><h1>{escape(title)}</h1>{body}</main></body></html>\n"
    )


def message(words: Words, title: str, text: str) -> str:
    """A page that says one thing; both texts as they are to be read."""
    return _document(title, f"<p>{escape(text)}</p>", words.language)


def ask(words: Words, question: str, yes: str, field: tuple[str, str] | None = None) -> str:
    """Asks before anything is done: opening a link must change nothing."""
    hidden = f'<input type="hidden" name="{escape(field[0])}" value="{escape(field[1])}">' if field else ""
    form = f'<form method="post">{hidden}<p><button type="submit">{escape(yes)}</button></p></form>'
    return _document(question, f"{form}<p>{escape(words.t('Nothing has changed yet.'))}</p>", words.language)


def story(told: Story, summary: Summary) -> str:
    """One story: what its sources say, each sentence with their numbers, and the sources in order of arrival."""
    sentences = " ".join(f"{escape(s.text)}<sup>{_anchors(s.sources)}</sup>" for s in summary.sentences)
    differ = "".join(
        f"<li>{escape(d.about)}: {'; '.join(f'{escape(c.value)} ({_numbers(c.sources)})' for c in d.claims)}</li>"
        for d in summary.disagreements
    )
    sources = "".join(f'<li id="s{number}">{_source(one)}</li>' for number, one in enumerate(told.sources, start=1))
    return _document(
        summary.headline,
        (f"<p>{sentences}</p>" if sentences else "")
        + (f"<h2>Sources differ</h2><ul>{differ}</ul>" if differ else "")
        + f"<h2>Sources</h2><ol>{sources}</ol>",
        told.language or "en",
    )


def _anchors(places: Sequence[int]) -> str:
    return ", ".join(f'<a href="#s{place + 1}">{place + 1}</a>' for place in places)


def _numbers(places: Sequence[int]) -> str:
    return ", ".join(str(place + 1) for place in places)


def _source(one: Source) -> str:
    title = escape(one.title or one.outlet)
    linked = f'<a href="{escape(one.url)}" rel="noreferrer">{title}</a>' if one.url else title
    carried = f", carried by {escape(', '.join(c.outlet for c in one.carriers))}" if one.carriers else ""
    gone = " <strong>withdrawn</strong>" if one.withdrawn else ""
    return (
        f"{escape(one.outlet)}: {linked}{gone}{carried} <time>{one.published or one.arrived:%Y-%m-%d %H:%M} UTC</time>"
    )


@dataclass(frozen=True, slots=True)
class SettingsView:
    """What a reader's settings page shows. `digests`: by name, the title and whether it comes. `saved`: what was just done."""

    reader: str
    language: str
    zone: str
    form: str
    digests: Mapping[str, tuple[str, bool]]
    saved: str = ""


def settings(words: Words, view: SettingsView, languages: Sequence[str], forms: Mapping[str, str]) -> str:
    """A reader's settings as a form."""
    boxes = "".join(
        f'<li><label><input type="checkbox" name="digest" value="{escape(name)}"{" checked" if comes else ""}> '
        f"{escape(title)}</label></li>"
        for name, (title, comes) in view.digests.items()
    )
    said = f'<p role="status"><strong>{escape(view.saved)}</strong></p>' if view.saved else ""
    zone = words.t("Time zone, such as Europe/Berlin; empty for the digest’s own")
    kinds = [(name, words.word(label)) for name, label in forms.items()]
    return _document(
        words.t("Your digests"),
        f"{said}<p>{escape(words.t('For {reader}', reader=view.reader))}</p>"
        f'<form method="post"><fieldset><legend>{escape(words.t("What comes to you"))}</legend><ul>{boxes}</ul></fieldset>'
        f"{_language(words, languages, view.language)}"
        f'<p><label>{escape(zone)}<br><input name="zone" value="{escape(view.zone)}"></label></p>'
        f"<p><label>{escape(words.t('Form'))}<br>{_select('format', kinds, view.form)}</label></p>"
        f"{_button('save', words.t('Save'))}{_button('leave', words.t('Unsubscribe from everything'))}</form>",
        words.language,
    )


def _button(action: str, text: str) -> str:
    return f'<p><button type="submit" name="action" value="{action}">{escape(text)}</button></p>'


def subscribe(words: Words, title: str, languages: Sequence[str], language: str) -> str:
    """Asks for an address to send a digest to."""
    promise = words.t("You get one mail to confirm. Every digest has a link to leave at once.")
    return _document(
        words.t("Get “{title}” by mail", title=title),
        f'<form method="post"><p><label>{escape(words.t("Mail address"))}<br>'
        '<input type="email" name="address" required maxlength="254" autocomplete="email"></label></p>'
        f"{_language(words, languages, language)}"
        f'<p><button type="submit">{escape(words.t("Subscribe"))}</button></p></form><p>{escape(promise)}</p>',
        words.language,
    )


def _language(words: Words, languages: Sequence[str], chosen: str) -> str:
    from babel import Locale

    named = [("", words.t("the digest’s own"))]
    named += [(tag, str(Locale.parse(tag).get_display_name(tag))) for tag in languages]
    label = escape(words.t("Language of dates and fixed texts"))
    return f"<p><label>{label}<br>{_select('language', named, chosen)}</label></p>"


def _select(name: str, options: Sequence[tuple[str, str]], chosen: str) -> str:
    lines = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(text)}</option>'
        for value, text in options
    )
    return f'<select name="{name}">{lines}</select>'


def index(editions: Sequence[EditionRecord]) -> str:
    """The newest editions, each a link."""
    lines = "".join(
        f'<li><a href="editions/{escape(e.id)}">{escape(e.subject or e.title)}</a><br>'
        f'<time datetime="{e.composed.isoformat()}">{e.composed:%Y-%m-%d %H:%M} UTC</time></li>'
        for e in editions
    )
    return _document("Editions", f"<ul>{lines}</ul>" if lines else "<p>None yet.</p>")
