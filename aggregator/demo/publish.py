"""Writes the feeds of the fictional outlets: four formats, a page, two charsets, and the faults of real feeds."""

from __future__ import annotations

import json
from datetime import datetime
from email.utils import format_datetime
from html import escape
from xml.sax.saxutils import quoteattr

from aggregator.demo.outlets import Outlet, Publication, published

_MEDIA = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "rdf": "application/rdf+xml",
    "json": "application/feed+json",
    "page": "text/html",
}


SELECTORS = """\
[feed.page]
item = "article.meldung"
title = "h2"
text = ".text"
"""
"""The table of an outlet that has a page and no feed."""


def feed(outlet: Outlet, now: datetime) -> tuple[str, bytes]:
    """Return the media type and the bytes of the outlet's feed at `now`."""
    items = published(outlet, now)
    text = {"rss": _rss, "atom": _atom, "rdf": _rdf, "json": _json, "page": _page}[outlet.format](outlet, items)
    if "malformed" in outlet.habits:
        # Faults of hand-written templates: unescaped ampersands and missing end tags.
        text = text.replace("&amp;", "&").replace("</channel></rss>", "")
    return f"{_MEDIA[outlet.format]}; charset={outlet.charset}", text.encode(outlet.charset, "xmlcharrefreplace")


def _link(outlet: Outlet, publication: Publication) -> str:
    url = f"{outlet.site}/{publication.at:%Y/%m/%d}/{publication.guid}"
    if "tracking" in outlet.habits:
        url += f"?utm_source=rss&utm_medium=feed&utm_campaign={publication.at:%H%M}"
    return url


def _text(outlet: Outlet, publication: Publication) -> list[str]:
    paragraphs = list(publication.paragraphs)
    paragraphs[0] = outlet.lead + paragraphs[0]
    if outlet.tail:
        paragraphs += outlet.tail.format(title=publication.title).split("\n")
    return paragraphs


def _html(outlet: Outlet, publication: Publication) -> str:
    return "".join(f"<p>{escape(p, quote=False)}</p>" for p in _text(outlet, publication))


def _rss(outlet: Outlet, items: tuple[Publication, ...]) -> str:
    return (
        f'<?xml version="1.0" encoding="{outlet.charset}"?>\n'
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>\n'
        f"<title>{escape(outlet.name)}</title><link>{outlet.site}/</link>"
        f"<description>{escape(outlet.name)}</description><language>{outlet.language}</language>\n"
        + "".join(_rss_item(outlet, item) for item in items)
        + "</channel></rss>"
    )


def _rss_item(outlet: Outlet, item: Publication) -> str:
    guid = "" if "no-guid" in outlet.habits else f'<guid isPermaLink="false">{outlet.key}:{item.guid}</guid>'
    author = f"<dc:creator>{escape(item.author)}</dc:creator>" if item.author else ""
    body = escape(_html(outlet, item)) if "malformed" in outlet.habits else f"<![CDATA[{_html(outlet, item)}]]>"
    tag = "description" if "malformed" in outlet.habits else "content:encoded"
    return (
        f"<item><title>{escape(item.title)}</title><link>{escape(_link(outlet, item))}</link>{guid}"
        f"<pubDate>{item.date or format_datetime(item.at)}</pubDate>{author}"
        f"<category>{escape(item.category)}</category><{tag}>{body}</{tag}></item>\n"
    )


def _atom(outlet: Outlet, items: tuple[Publication, ...]) -> str:
    updated = items[0].at.isoformat() if items else "2026-11-23T00:00:00Z"
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        f'xml:lang="{outlet.language}"><title>{escape(outlet.name)}</title><id>{outlet.site}/</id>'
        f'<link href="{outlet.site}/"/><updated>{updated}</updated>\n'
        + "".join(_atom_entry(outlet, item) for item in items)
        + "</feed>"
    )


def _atom_entry(outlet: Outlet, item: Publication) -> str:
    author = f"<author><name>{escape(item.author or outlet.name)}</name></author>"
    return (
        f"<entry><id>tag:{outlet.key}.example,2026:{item.guid}</id><title>{escape(item.title)}</title>"
        f"<link href={quoteattr(_link(outlet, item))}/><published>{item.at.isoformat()}</published>"
        f"<updated>{item.at.isoformat()}</updated>{author}<category term={quoteattr(item.category)}/>"
        f'<content type="html">{escape(_html(outlet, item))}</content></entry>\n'
    )


def _rdf(outlet: Outlet, items: tuple[Publication, ...]) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rdf:RDF xmlns="http://purl.org/rss/1.0/" '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<channel rdf:about="{outlet.site}/"><title>{escape(outlet.name)}</title><link>{outlet.site}/</link>'
        f"<description>{escape(outlet.name)}</description><dc:language>{outlet.language}</dc:language></channel>\n"
        + "".join(_rdf_item(outlet, item) for item in items)
        + "</rdf:RDF>"
    )


def _rdf_item(outlet: Outlet, item: Publication) -> str:
    link = escape(_link(outlet, item))
    author = f"<dc:creator>{escape(item.author)}</dc:creator>" if item.author else ""
    return (
        f'<item rdf:about="{link}"><title>{escape(item.title)}</title><link>{link}</link>'
        f"<dc:date>{item.at.isoformat()}</dc:date><dc:subject>{escape(item.category)}</dc:subject>{author}"
        f"<description>{escape(_html(outlet, item))}</description></item>\n"
    )


def _json(outlet: Outlet, items: tuple[Publication, ...]) -> str:
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": outlet.name,
            "home_page_url": f"{outlet.site}/",
            "language": outlet.language,
            "items": [_json_item(outlet, item) for item in items],
        },
        ensure_ascii=False,
    )


def _json_item(outlet: Outlet, item: Publication) -> dict[str, object]:
    return {
        "id": f"{outlet.key}-{item.guid}",
        "url": _link(outlet, item),
        "title": item.title,
        "content_html": _html(outlet, item),
        "date_published": item.at.isoformat(),
        "authors": [{"name": item.author}] if item.author else [],
        "tags": [item.category] if item.category else [],
    }


def _page(outlet: Outlet, items: tuple[Publication, ...]) -> str:
    return (
        f'<!DOCTYPE html><html lang="{outlet.language}"><head><title>{escape(outlet.name)}</title></head>'
        '<body><nav><ul><li><a href="/">Start</a></li><li><a href="/abo">Abo</a></li></ul></nav><main>\n'
        + "".join(_page_item(outlet, item) for item in items)
        + "</main></body></html>"
    )


def _page_item(outlet: Outlet, item: Publication) -> str:
    return (
        f'<article class="meldung"><h2><a href="{escape(_link(outlet, item))}">{escape(item.title)}</a></h2>'
        f'<time datetime="{item.at.isoformat()}">{item.at:%d.%m.%Y}</time>'
        f'<div class="text">{_html(outlet, item)}</div></article>\n'
    )
