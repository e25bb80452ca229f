"""Writes an edition as a short text for chats: of each story its headline, one sentence and its link.

Stories are separated by empty lines, where a channel may split the text into several messages.
"""

from __future__ import annotations

from collections.abc import Iterator

from digests.model import Edition
from digests.render.page_links import Links
from digests.render.view.build import edition_view
from digests.render.view.detail import FULL
from digests.render.view.model import EditionView, StoryView
from digests.render.view.subject import cut
from digests.render.view.wording import Wording

_SENTENCE = 300  # characters


def compact_text(edition: Edition, links: Links, words: Wording) -> str:
    """Return the text of an edition; it has every story."""
    return "\n\n".join(_blocks(edition_view(edition, links, words, FULL), words)) + "\n"


def _blocks(edition: EditionView, words: Wording) -> Iterator[str]:
    yield f"{edition.title}\n{edition.date} · {edition.summary_line}"
    if edition.catch_up:
        yield edition.catch_up
    if edition.trust.state != "full":
        yield edition.trust.statement
    for story in edition.stories:
        yield _story(story, words)
    if edition.links.web:
        yield f"{words.t('Read this issue on the web')}:\n{edition.links.web}"


def _story(story: StoryView, words: Wording) -> str:
    name = f"{story.badge}: {story.headline}" if story.badge else story.headline
    lines = [f"* {name}", cut(_sentence(story, words), _SENTENCE), story.url or ""]
    return "\n".join(line for line in lines if line)


def _sentence(story: StoryView, words: Wording) -> str:
    """Return what changed in a corrected story, the first new sentence of an update, else the first sentence."""
    if story.corrections:
        first = story.corrections[0]
        if first.withdrawn:
            return words.t("{outlet} withdrew its report.", outlet=first.outlet)
        corrected = words.t("{outlet} corrected its report.", outlet=first.outlet)
        return f"{corrected} {words.t('Now')}: {first.now}" if first.now else corrected
    run = next((run for run in story.runs if run.new), next(iter(story.runs), None))
    return run.sentences[0].text if run else ""
