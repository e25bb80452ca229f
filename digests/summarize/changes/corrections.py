"""Corrections: what publishers corrected or withdrew after it was sent to a recipient.

A count that grew is an update. A line that a live page dropped and a new headline are neither update nor correction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from digests.language import dates, numbers, sentences
from digests.language.counts import counted, mentions
from digests.language.keys import name_keys, number_keys, sentence_key, sentence_keys
from digests.language.negations import count_negations
from digests.language.numbers import Number
from digests.language.tokens import sentence_term_set
from digests.model import Correction, Reported, Sentence, Source, Story, Version
from digests.summarize import candidates, facts, headline
from digests.summarize.boilerplate import is_note
from digests.summarize.changes import swaps

_ALIKE = 0.3  # likeness from which a sentence of the new text replaces one of the old
_SAME_TITLE = 0.5  # the same for titles, because publishers often rewrite them completely
_SAME = 0.6  # likeness from which a negation is a contradiction
_EDITED = 0.4  # share of unchanged old sentences from which a text was edited, not replaced by another article


@dataclass(frozen=True)
class _Edit:
    """One article before and after its publisher changed it, as sentences."""

    language: str | None
    before: list[str]
    now: list[str]
    title: str

    @cached_property
    def _keys(self) -> frozenset[tuple[str, int]]:
        return frozenset(self.key(text) for text in (self.title, *self.now))

    def has(self, text: str) -> bool:
        """Whether the new text still has a sentence, not negated."""
        return self.key(text) in self._keys

    def key(self, text: str) -> tuple[str, int]:
        """Return the key of a sentence with its negations, which are stop words and not part of a sentence key."""
        return sentence_key(text, self.language), count_negations(text, self.language)

    @property
    def whole(self) -> str:
        return "\n".join((self.title, *self.now))


def corrections(story: Story, reported: Reported | None) -> tuple[Correction, ...]:
    """Return the corrections of what this recipient was sent, each once; none if nothing of the story was sent.

    `was` is the old text in the publisher's words, `now` the text that replaces it; a withdrawal has no `now`.
    """
    if reported is None:
        return ()
    found: list[Correction] = []
    for index, source in enumerate(story.sources):
        before = source.version_at(reported.last_reported)
        if source.article in reported.articles and facts.correction_key(source) not in reported.facts:
            if source.withdrawn:
                last = source.versions[-1].title if source.versions else source.title
                title = headline.without_outlet(last, (source.outlet,))
                found.append(Correction(index, title, "", withdrawn=True))
                continue
            if before is not None:
                changed = tuple(_changed(source, index, before, source.language or story.language, reported))
                found.extend(changed)
                if changed:
                    continue  # the publisher's note would repeat it
        fresh = source.article not in reported.articles or before is not None
        if fresh and not source.withdrawn and not source.backlog:
            found.extend(_notes(story, index, before, reported))
    return tuple(found)


def _changed(
    source: Source, index: int, before: Version, language: str | None, reported: Reported
) -> Iterator[Correction]:
    """Yield sent sentences whose numbers or names the new text no longer has, or that it negates; not rewordings."""
    # A note repeats the mistake, so it is no sentence of the new text.
    now = [t for t in sentences.split(source.text, language) if not is_note(t)]
    edit = _Edit(
        language, sentences.split(before.text, language), now, headline.without_outlet(source.title, (source.outlet,))
    )
    marks = _marks(edit.whole, language)
    lost = [not edit.has(t) for t in edit.before]
    edited = lost.count(False) >= _EDITED * len(lost)
    unmentioned = _rolled_off(edit, lost) | _swapped(edit)
    title = headline.without_outlet(before.title, (source.outlet,))  # as it was sent
    if _was_sent(title, language, reported) and not edit.has(title):
        yield from _of_title(title, index, edit, marks)
    for place, was in enumerate(edit.before):
        if not lost[place] or not _was_sent(was, language, reported):
            continue
        successor, likeness = _closest(was, (edit.title, *edit.now), language)
        if _is_contradicted(was, successor, likeness, language):
            yield Correction(index, was, successor)
        elif _marks(was, language) - marks and not _is_progress(was, successor, likeness, language):
            if likeness >= _ALIKE:
                yield Correction(index, was, successor)
            elif edited and place not in unmentioned:
                yield Correction(index, was, "")


def _of_title(was: str, index: int, edit: _Edit, marks: frozenset[str]) -> Iterator[Correction]:
    successor, likeness = _closest(was, (edit.title, *edit.now), edit.language)
    if _is_contradicted(was, successor, likeness, edit.language) or (
        likeness >= _SAME_TITLE
        and _marks(was, edit.language) - marks
        and not _is_progress(was, successor, likeness, edit.language)
    ):
        yield Correction(index, was, successor)


def _was_sent(text: str, language: str | None, reported: Reported) -> bool:
    return bool(text) and sentence_key(text, language) in reported.facts


def _marks(text: str, language: str | None) -> frozenset[str]:
    return number_keys(text, language) | name_keys(text, language)


def _is_contradicted(was: str, successor: str, likeness: float, language: str | None) -> bool:
    return likeness >= _SAME and count_negations(was, language) != count_negations(successor, language)


def _rolled_off(edit: _Edit, lost: Sequence[bool]) -> frozenset[int]:
    """Return the positions of old sentences that a live page dropped at one end when it added some at the other.

    If no old sentence is left, these are all.
    """
    kept = [place for place, gone in enumerate(lost) if not gone]
    if not kept:
        return frozenset(range(len(lost)))
    old = {edit.key(t) for t in edit.before}
    added = [edit.key(t) not in old for t in edit.now]
    rolled: set[int] = set()
    if added and added[0]:  # newest first
        rolled.update(range(kept[-1] + 1, len(lost)))
    if added and added[-1]:
        rolled.update(range(kept[0]))
    return frozenset(rolled)


def _swapped(edit: _Edit) -> frozenset[int]:
    gone = {swap.was for swap in swaps.swapped(edit.title, edit.before, edit.now, edit.language)}
    return frozenset(place for place, text in enumerate(edit.before) if text in gone)


def _is_progress(was: str, now: str, likeness: float, language: str | None) -> bool:
    """Whether two sentences differ only in counts that went on, such as 40,000 homes and later 60,000: an update."""
    if likeness < _ALIKE:
        return False
    old, new = numbers.numbers_in(was, language), numbers.numbers_in(now, language)
    old_keys, new_keys = {n.key for n in old}, {n.key for n in new}
    gone, came = [n for n in old if n.key not in new_keys], [n for n in new if n.key not in old_keys]
    if not gone or name_keys(was, language) - name_keys(now, language):
        return False
    pairs = list(zip_longest(gone, came))
    things = {one.value: one.key[0] for one in mentions.in_sentence(was, language or "")}
    return all(
        then is None or (now_given is not None and _went_on(was, then, now_given, things.get(then.value, "")))
        for then, now_given in pairs
    )


def _went_on(text: str, then: Number, now: Number, thing: str) -> bool:
    """Whether two counts can both be right, one after the other: it grew, or counts something that can shrink."""
    if dates.is_date(text, then) or then.unit != now.unit or then.value != int(then.value):
        return False
    if then.unit:
        return then.unit != "%" and now.value > then.value and thing != "magnitude"
    return thing != "magnitude" and (now.value > then.value or thing in counted.MAY_SHRINK)


def _closest(was: str, now: Sequence[str], language: str | None) -> tuple[str, float]:
    own = sentence_term_set(was, language)
    # The later of two equals: a sentence of the text rather than the title.
    return max(
        ((t, candidates.likeness(own, sentence_term_set(t, language))) for t in reversed(now)), key=lambda pair: pair[1]
    )


def _notes(story: Story, index: int, before: Version | None, reported: Reported) -> Iterator[Correction]:
    """Yield a publisher's correction note, in an article of its own or in one that was sent."""
    source = story.sources[index]
    language = source.language or story.language
    known = sentence_keys(before.text if before is not None else "", language)
    for text in sentences.split(source.text, language):
        key = sentence_key(text, language)
        if not is_note(text) or key in reported.facts or key in known:
            continue
        was = [t for s in story.sources if s.article in reported.articles for t in _sent_sentences(s, story, reported)]
        closest, likeness = _closest(text, was, language) if was else ("", 0.0)
        yield Correction(index, closest if likeness >= 0.2 else reported.headline, text)
        return


def _sent_sentences(source: Source, story: Story, reported: Reported) -> list[str]:
    language = source.language or story.language
    before = source.version_at(reported.last_reported)
    texts = sentences.split(before.text if before is not None else source.text, language)
    return [t for t in texts if _was_sent(t, language, reported)]


def corrected_sentences(story: Story, found: Sequence[Correction]) -> tuple[Sentence, ...]:
    """Return the corrected text as sentences with their articles."""
    texts = dict.fromkeys((c.now, c.source) for c in found if c.now and c.now in story.sources[c.source].text)
    return tuple(Sentence(text, (source,), new=True) for text, source in texts)
