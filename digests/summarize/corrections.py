"""Corrections: what publishers changed, withdrew or corrected after a recipient was told of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from digests.language import sentences
from digests.language.tokens import sentence_term_set
from digests.model import Correction, Sentence, Source, Story, Told
from digests.summarize import candidates, facts, headline
from digests.summarize.boilerplate import is_note
from digests.summarize.model import gate

_ALIKE = 0.3  # likeness from which a sentence of the new text replaces one of the old
_SAME = 0.6  # likeness from which a negation is a contradiction
_EDITED = 0.4  # share of unchanged old sentences from which a text was edited, not replaced by another article


def corrections(story: Story, told: Told | None) -> tuple[Correction, ...]:
    """Return what this recipient was told that was wrong, each once; empty for one who was told nothing of the story.

    `was` is the old text in the publisher's words, `now` the text that replaces it; a withdrawal has no `now`.
    """
    if told is None:
        return ()
    found: list[Correction] = []
    for index, source in enumerate(story.sources):
        if source.article in told.articles and facts.correction_key(source) not in told.facts:
            if source.withdrawn:
                found.append(Correction(index, source.previous_title or source.title, "", withdrawn=True))
                continue
            if source.revised is not None and source.previous_text is not None:
                changed = tuple(_changed(source, index, source.language or story.language, told))
                found.extend(changed)
                if changed:
                    continue  # the publisher's note would repeat it
        fresh = source.article not in told.articles or source.revised is not None
        if fresh and not source.withdrawn and not source.backlog:
            found.extend(_notes(story, index, told))
    return tuple(found)


def _told_sentences(source: Source, language: str | None, told: Told) -> Iterator[str]:
    for text in (source.previous_title or "", *sentences.split(source.previous_text or "", language)):
        if text and facts.sentence_key(text, language) in told.facts:
            yield text


def _marks(text: str, language: str | None) -> frozenset[str]:
    return facts.number_keys(text, language) | facts.name_keys(text, language)


def _changed(source: Source, index: int, language: str | None, told: Told) -> Iterator[Correction]:
    """Yield told sentences whose numbers or names the new text no longer has, or that it negates; rewording does not count."""
    unchanged_or_new = (
        t for t in sentences.split(source.text, language) if not is_note(t)
    )  # a note repeats the mistake
    now = [headline.without_outlet(source.title, (source.outlet,)), *unchanged_or_new]
    keys = [facts.sentence_key(text, language) for text in now]
    before = [facts.sentence_key(t, language) for t in sentences.split(source.previous_text or "", language)]
    edited = sum(key in keys for key in before) >= _EDITED * len(before)
    marks = _marks("\n".join(now), language)
    for was in _told_sentences(source, language, told):
        if facts.sentence_key(was, language) in keys:
            continue
        successor, likeness = _closest(was, now, language)
        gone = _marks(was, language) - marks
        negated = likeness >= _SAME and gate.negated(was, language) != gate.negated(successor, language)
        if negated or (gone and (likeness >= _ALIKE or edited)):
            yield Correction(index, was, successor if likeness >= _ALIKE else "")


def _closest(was: str, now: Sequence[str], language: str | None) -> tuple[str, float]:
    own = sentence_term_set(was, language)
    # The later of two equals: a sentence of the text rather than the title.
    return max(
        ((t, candidates.likeness(own, sentence_term_set(t, language))) for t in reversed(now)), key=lambda pair: pair[1]
    )


def _notes(story: Story, index: int, told: Told) -> Iterator[Correction]:
    """Yield a publisher's correction note, in an article of its own or in one that was told."""
    source = story.sources[index]
    language = source.language or story.language
    for text in sentences.split(source.text, language):
        if not is_note(text) or facts.sentence_key(text, language) in told.facts:
            continue
        if facts.sentence_key(text, language) in facts.sentence_keys(source.previous_text or "", language):
            continue  # the old text had the note already
        was = [t for s in story.sources if s.article in told.articles for t in _told_of(s, story, told)]
        closest, likeness = _closest(text, was, language) if was else ("", 0.0)
        yield Correction(index, closest if likeness >= 0.2 else told.headline, text)
        return


def _told_of(source: Source, story: Story, told: Told) -> list[str]:
    language = source.language or story.language
    texts = sentences.split(source.previous_text or source.text, language)
    return [t for t in texts if facts.sentence_key(t, language) in told.facts]


def corrected_sentences(story: Story, found: Sequence[Correction]) -> tuple[Sentence, ...]:
    """Return the corrected text as sentences with their articles."""
    texts = dict.fromkeys((c.now, c.source) for c in found if c.now and c.now in story.sources[c.source].text)
    return tuple(Sentence(text, (source,), new=True) for text, source in texts)
