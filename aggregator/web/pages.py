"""The few pages that are not editions, as plain HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from aggregator.store.records import EditionRecord

_STYLE = (
    ":root{color-scheme:light dark}body{font:1.0625rem/1.55 Georgia,'Times New Roman',serif;max-width:36rem;"
    "margin:3rem auto;padding:0 1.25rem}h1{font-size:1.5rem;line-height:1.25}a{color:inherit}"
    "button{font:inherit;padding:.6rem 1.2rem;border:1px solid currentColor;border-radius:.4rem;background:none;"
    "color:inherit;cursor:pointer}li{margin:.5rem 0}time{opacity:.75;font-size:.9em}"
)


def _document(title: str, body: str) -> str:
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main><h1>{escape(title)}</h1>{body}</main></body></html>\n"
    )


def message(title: str, text: str) -> str:
    """A page that says one thing."""
    return _document(title, f"<p>{escape(text)}</p>")


def ask(digest: str) -> str:
    """Asks whether to unsubscribe: opening a link must change nothing."""
    return _document(
        f"Unsubscribe from “{digest}”?",
        '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
        '<p><button type="submit">Unsubscribe</button></p></form><p>Nothing has changed yet.</p>',
    )


def index(editions: Sequence[EditionRecord]) -> str:
    """The newest editions, each a link."""
    lines = "".join(
        f'<li><a href="editions/{escape(e.id)}">{escape(e.subject or e.title)}</a><br>'
        f'<time datetime="{e.composed.isoformat()}">{e.composed:%Y-%m-%d %H:%M} UTC</time></li>'
        for e in editions
    )
    return _document("Editions", f"<ul>{lines}</ul>" if lines else "<p>None yet.</p>")
