"""Builds the view of what an edition is based on: how many feeds were read, and what is not in the edition."""

from __future__ import annotations

from collections.abc import Iterator

from digests.model import Edition, FeedTrouble, Trust
from digests.render.view import model as view
from digests.render.view.clean import tidy
from digests.render.view.entries import entries_view
from digests.render.view.reasons import sentence
from digests.render.view.wording import Wording

_HELD_SHOWN = 5


def state_of(edition: Edition) -> str:
    """Return `unchecked`, `broken` or `partial` by the feeds that were read, else `quiet` or `full` by the stories."""
    trust = edition.trust
    if not trust.feeds_checked:
        return "unchecked"
    if trust.feeds_failed >= trust.feeds_checked:
        return "broken"
    if trust.feeds_failed:
        return "partial"
    return "full" if edition.items else "quiet"


def statement(edition: Edition, words: Wording) -> str:
    """Return the state as a sentence; a day without news and a day with failed feeds must look different."""
    t, n, trust = words.t, words.n, edition.trust
    state, checked, failed = state_of(edition), trust.feeds_checked, trust.feeds_failed
    if state == "unchecked" and edition.items:
        return t("No feed was checked in this period; what is here came in before.")
    if state == "unchecked":
        return t("No feed was checked in this period, so this edition cannot say whether anything happened.")
    if state == "broken":
        return n(
            "The only feed could not be read: this is a fault, not a quiet day.",
            "None of {count} feeds could be read: this is a fault, not a quiet day.",
            checked,
        )
    read = words.number(checked - failed)
    if state == "partial":
        return n(
            "{read} of {count} feed was read; something may be missing.",
            "{read} of {count} feeds were read; something may be missing.",
            checked,
            read=read,
        )
    if state == "quiet":
        return n(
            "A quiet day: the only feed was read and brought nothing new.",
            "A quiet day: all {count} feeds were read and brought nothing new.",
            checked,
        )
    return n("The only feed was read.", "All {count} feeds were read.", checked)


def trust_view(edition: Edition, words: Wording, entries_url: str | None) -> view.TrustView:
    """Return the view of what an edition is based on. `entries_url` is the page with the entries that it counts."""
    trust = edition.trust
    return view.TrustView(
        state=state_of(edition),
        statement=statement(edition, words),
        facts=tuple(_facts(edition, trust, words)),
        entries=entries_view(trust, words, entries_url) if trust.entries else None,
        troubles=tuple(_trouble(f, words) for f in trust.troubles),
        held=tuple(view.HeldView(tidy(h.headline), tidy(sentence(h.reason, words))) for h in trust.held[:_HELD_SHOWN]),
        notes=tuple(map(tidy, trust.notes)),
    )


def _facts(edition: Edition, trust: Trust, words: Wording) -> Iterator[view.FactView]:
    t, number = words.t, words.number
    yield view.FactView(
        t("Feeds read"), f"{number(trust.feeds_checked - trust.feeds_failed)} / {number(trust.feeds_checked)}"
    )
    if trust.feeds_failed:
        yield view.FactView(t("Feeds that failed"), number(trust.feeds_failed))
    if trust.feeds_silent:
        yield view.FactView(t("Feeds that fell silent"), number(trust.feeds_silent))
    yield view.FactView(t("In this edition"), number(trust.stories_shown or len(edition.items)))
    if not trust.entries:  # an edition of an earlier version
        yield view.FactView(t("Held back"), number(trust.stories_held))
        if trust.stories_known:
            yield view.FactView(t("Reported before, nothing new"), number(trust.stories_known))
    if trust.single_source:
        yield view.FactView(t("With a single source"), number(trust.single_source))
    if trust.written or trust.refused:
        yield view.FactView(t("Written by a model"), number(trust.written))
        yield view.FactView(t("Sentences that could not be confirmed"), number(trust.refused))
    if trust.cost:
        yield view.FactView(t("Cost of the model"), words.amount(trust.cost))


def _trouble(trouble: FeedTrouble, words: Wording) -> view.TroubleView:
    since = words.t("since {date}", date=words.moment(trouble.since)) if trouble.since else ""
    return view.TroubleView(tidy(trouble.name), tidy(trouble.message), since)
