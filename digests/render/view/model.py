"""The values that a template is given: an edition with all texts, URLs, directions and dates ready for output.

Templates contain only markup. All texts are tidied (see `clean`), all URLs are safe to link, all fixed texts are in the
recipient's language. Users' templates may use these names, so they do not change.
"""

from __future__ import annotations

from dataclasses import dataclass

from digests.render.page_links import BrowserLinks


@dataclass(frozen=True, slots=True)
class MarkView:
    """A reference from a sentence to a source: its number, its URL and its text for screen readers."""

    number: int
    url: str | None
    label: str


@dataclass(frozen=True, slots=True)
class SentenceView:
    """A sentence with its references. `lang` and `dir` are set only if they differ from the story's."""

    text: str
    marks: tuple[MarkView, ...]
    replaced: bool
    lang: str | None
    dir: str | None
    space: str = " "  # between this and the next sentence; empty in Chinese and Japanese


@dataclass(frozen=True, slots=True)
class RunView:
    """Consecutive sentences that are all new, or all known."""

    new: bool
    sentences: tuple[SentenceView, ...]


@dataclass(frozen=True, slots=True)
class CarrierView:
    """An outlet that carries a source's text."""

    outlet: str
    url: str | None


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """A file of a source: what it is, with its size, and its URL."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class SourceView:
    """An independent source."""

    number: int
    outlet: str
    title: str
    url: str | None
    when: str
    lang: str | None
    dir: str
    carriers: tuple[CarrierView, ...]
    copy: str  # the author of a copied text, as a phrase
    attachments: tuple[AttachmentView, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One value and who gives it."""

    value: str
    outlets: str
    marks: tuple[MarkView, ...]


@dataclass(frozen=True, slots=True)
class CountsView:
    """How a count changed: the counted thing, and its values with their sources and times, oldest first."""

    about: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DisagreementView:
    """A fact on which sources differ, with the value of each."""

    about: str
    claims: tuple[ClaimView, ...]


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """What a publisher changed or withdrew. `goes_on`: of the same source as the previous one, so without a heading."""

    outlet: str
    url: str | None
    was: str
    now: str
    withdrawn: bool
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class MomentView:
    """A line of the timeline."""

    when: str
    iso: str
    text: str
    mark: MarkView | None


@dataclass(frozen=True, slots=True)
class EmbeddedImage:
    """An image inside the mail: its Content-ID, and the width in pixels at which it is shown."""

    content_id: str
    width: int


@dataclass(frozen=True, slots=True)
class StoryView:
    """One story. `voices` is a phrase with the number of sources; `badge` is empty for a new story.

    `mail_image` is the URL of the image inside the mail, if it has one; `mail_image_width` is in pixels.
    """

    anchor: str
    number: int
    kind: str
    badge: str
    headline: str
    url: str | None
    lang: str | None
    dir: str
    runs: tuple[RunView, ...]
    sources: tuple[SourceView, ...]
    sources_more: str
    related: tuple[SourceView, ...]  # articles that may be of another event
    voices: str
    single: bool
    numbered: bool  # whether sentences and sources carry numbers
    disagreements: tuple[DisagreementView, ...]
    counts: tuple[CountsView, ...]
    corrections: tuple[CorrectionView, ...]
    timeline: tuple[MomentView, ...]
    reasons: tuple[str, ...]
    method: str
    replaced: bool
    shortened: bool
    image: str | None
    image_alt: str
    mail_image: str | None
    mail_image_width: int
    page: str | None
    more: str | None
    less: str | None
    id: str
    saved: bool


@dataclass(frozen=True, slots=True)
class SectionView:
    """One topic."""

    anchor: str
    topic: str
    overview: str
    stories: tuple[StoryView, ...]
    lang: str | None
    dir: str


@dataclass(frozen=True, slots=True)
class FactView:
    """A line of the footer: a label and a value."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class EntryCountView:
    """A number of entries and what the edition did with them. `url` is the list of them."""

    value: str
    label: str
    url: str | None


@dataclass(frozen=True, slots=True)
class EntriesView:
    """How many entries came in, and what became of them. The counts add up to the number in `total`."""

    total: str
    counts: tuple[EntryCountView, ...]
    url: str | None


@dataclass(frozen=True, slots=True)
class TroubleView:
    """A feed with a problem."""

    name: str
    message: str
    since: str


@dataclass(frozen=True, slots=True)
class HeldView:
    """A story that was held back."""

    headline: str
    reason: str


@dataclass(frozen=True, slots=True)
class TrustView:
    """The footer. `state` is one of full, quiet, partial, broken, unchecked; `statement` is the sentence for it."""

    state: str
    statement: str
    facts: tuple[FactView, ...]
    entries: EntriesView | None
    troubles: tuple[TroubleView, ...]
    held: tuple[HeldView, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkView:
    """The links of an edition; None where there is no such page."""

    web: str | None
    settings: str | None
    unsubscribe: str | None
    archive: str | None = None
    browser: BrowserLinks | None = None


@dataclass(frozen=True, slots=True)
class EditionView:
    """A whole edition. `summary_line` has the number of stories and minutes; `preview` is shown after the subject."""

    lang: str
    dir: str
    id: str
    title: str
    title_lang: str | None
    title_dir: str
    date: str
    iso: str
    period: str
    catch_up: str
    summary_line: str
    preview: str
    sections: tuple[SectionView, ...]
    trust: TrustView
    links: LinkView
    shortened: str
    images: bool

    @property
    def stories(self) -> tuple[StoryView, ...]:
        """All stories in reading order."""
        return tuple(story for section in self.sections for story in section.stories)
