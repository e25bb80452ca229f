"""The page that lists the entries behind the counts of an edition's footer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from aggregator.recipients.wording import wording
from aggregator.services.manage.entries import EntryList, ListedEntry, entry_lists
from aggregator.store import Database
from aggregator.store.editions import entries as entry_store
from aggregator.web import pages
from digests.model import Edition
from digests.reasons import EntryClass
from digests.render.view.clean import safe_url, tidy
from digests.render.view.entries import LABELS, entries_view
from digests.render.view.reasons import sentence
from digests.render.view.wording import Wording

LISTED = 500  # entries of one class on the page; `aggregator explain` lists all
_FOR_RECIPIENTS = frozenset(EntryClass) - {EntryClass.OUTSIDE}


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry as the page shows it."""

    outlet: str
    title: str
    link: str | None
    when: str
    iso: str
    note: str


@dataclass(frozen=True, slots=True)
class ListView:
    """The entries of one class, under an anchor with its name."""

    name: str
    label: str
    entries: tuple[EntryView, ...]
    more: str


def entries_page(db: Database, edition: Edition, back: str, *, everything: bool) -> str:
    """Render the lists of an edition. Without `everything` they leave out what is outside the digest."""
    words = Wording(edition.language, edition.zone)
    classes: Collection[EntryClass] = () if everything else _FOR_RECIPIENTS
    found = entry_lists(db, entry_store.entry_groups(db, edition.id), classes, LISTED)
    order = list(LABELS)
    lists = [_list_view(one, words) for one in sorted(found, key=lambda one: order.index(one.entry_class))]
    view = entries_view(edition.trust, words, "", [one.entry_class for one in found])
    return pages.entries(words, edition, view, lists, back)


def _list_view(found: EntryList, words: Wording) -> ListView:
    own = wording(words.language)
    more = found.count - len(found.entries)
    return ListView(
        name=found.entry_class.value,
        label=f"{words.number(found.count)} {words.t(LABELS[found.entry_class])}",
        entries=_entry_views(found.entries, words),
        more=own.t("and {count} more", count=words.number(more)) if more else "",
    )


def _entry_views(entries: Sequence[ListedEntry], words: Wording) -> tuple[EntryView, ...]:
    return tuple(
        EntryView(
            outlet=tidy(one.entry.outlet),
            title=tidy(one.entry.title),
            link=safe_url(one.entry.link),
            when=words.moment(one.entry.published or one.entry.arrived),
            iso=words.iso(one.entry.published or one.entry.arrived),
            note=_note(one, words),
        )
        for one in entries
    )


def _note(one: ListedEntry, words: Wording) -> str:
    if one.same_as is not None:
        return wording(words.language).t(
            "the same text as {entry}", entry=tidy(f"{one.same_as.outlet}: {one.same_as.title}")
        )
    return tidy(sentence(one.reason, words)) if one.reason else ""
