"""Makes the view of an edition that templates are given. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from types import MappingProxyType
from urllib.parse import quote, urlsplit

from digests.model import Claim, Edition, Item, ItemKind, ItemSource, Section, Sentence
from digests.render.page_links import Links
from digests.render.view import model as view
from digests.render.view.clean import direction, language_tag, safe_url, tidy
from digests.render.view.detail import FULL, Detail
from digests.render.view.reasons import sentence, strongest
from digests.render.view.subject import cut, withdrawn_last
from digests.render.view.trust import statement, trust_view
from digests.render.view.wording import Wording, form_name, language_name

WORDS_A_MINUTE = 230  # silent reading of non-fiction, English: Brysbaert 2019
_FILES_SHOWN = 3  # of one source
_MEGABYTE = 10**6
_ADDRESS = re.compile(r"[^\s<>@?&\"]+@[^\s<>@?&\"]+")
_PREVIEW_CHARACTERS = 130  # inboxes show 40 to 140
_MOMENTS_IN_BRIEF = 3  # the last lines of a timeline
_MOMENT_CHARACTERS = 100
_TITLE_CHARACTERS = 200  # of a headline and of a source's title


def edition_view(
    edition: Edition,
    links: Links,
    words: Wording,
    detail: Detail = FULL,
    pictures: Mapping[str, view.EmbeddedImage] = MappingProxyType({}),
) -> view.EditionView:
    """Return the view of an edition, with the level of detail that is asked for. `pictures` are inside the mail."""
    shown = _cut(edition, detail)
    sections = tuple(_sections(edition, shown, links, words, detail, pictures))
    title = tidy(edition.title) or tidy(edition.digest)
    return view.EditionView(
        lang=words.language,
        dir=words.dir,
        id=edition.id,
        title=title,
        title_lang=_other(edition.language, words.language),
        title_dir=direction(title),
        date=words.date(edition.slot),
        iso=words.iso(edition.slot),
        period=words.t(
            "Covers {start} to {end}", start=words.moment(edition.period_start), end=words.moment(edition.period_end)
        ),
        catch_up=_catch_up(edition, words),
        summary_line=_summary_line(edition, words),
        preview=preview(edition, words),
        sections=sections,
        trust=trust_view(edition, words, _pattern(links.entries, edition)),
        links=_edition_links(edition, links, words),
        shortened=_shortened(edition, shown, detail, words),
        images=edition.images,
    )


def preview(edition: Edition, words: Wording) -> str:
    """Return the text that an inbox shows after the subject: the headlines that are not in the subject."""
    headlines = [
        cut(tidy(item.headline), _TITLE_CHARACTERS) for item in withdrawn_last(edition)[1:4] if not item.retracted
    ]
    if not headlines:
        return statement(edition, words)
    text = words.t("Also: {headlines}", headlines=words.t("; ").join(h.rstrip(".;。；") for h in headlines))
    return cut(text, _PREVIEW_CHARACTERS)


def _cut(edition: Edition, detail: Detail) -> frozenset[int]:
    """Return the positions of the items that are shown."""
    places = range(len(edition.items))
    return frozenset(places if detail.stories is None else places[: detail.stories])


def _sections(
    edition: Edition,
    shown: frozenset[int],
    links: Links,
    words: Wording,
    detail: Detail,
    pictures: Mapping[str, view.EmbeddedImage],
) -> Iterator[view.SectionView]:
    place = 0
    for number, section in enumerate(edition.sections, 1):
        numbered = list(enumerate(section.items, place))
        place += len(section.items)
        stories = tuple(_story(edition, i, item, links, words, detail, pictures) for i, item in numbered if i in shown)
        if stories:
            yield _section(number, section, stories, words, detail)


def _section(
    number: int, section: Section, stories: tuple[view.StoryView, ...], words: Wording, detail: Detail
) -> view.SectionView:
    topic = tidy(section.topic)
    overview = tidy(section.overview) if detail.sentences is None else ""
    return view.SectionView(
        anchor=f"topic-{number}",
        topic=words.word(topic or "Other"),
        overview=overview,
        stories=stories,
        lang=None,
        dir=direction(overview or topic),
    )


def _story(
    edition: Edition,
    place: int,
    item: Item,
    links: Links,
    words: Wording,
    detail: Detail,
    pictures: Mapping[str, view.EmbeddedImage],
) -> view.StoryView:
    lang = language_tag(item.language)
    headline = _headline(item, words)
    page = _pattern(links.story, edition, item)
    embedded = pictures.get(item.image or "") if edition.images else None
    sentences = item.sentences if detail.sentences is None else item.sentences[: detail.sentences]
    numbers = _numbers(item)
    sources = _distinguished(_source(numbers[place], s, words, detail) for place, s in enumerate(item.sources))
    by_number = tuple(sorted(sources[: len(item.reporting)], key=lambda s: s.number))
    listed, related = by_number[: detail.sources], sources[len(item.reporting) :][: detail.related]
    missing = len(sources) - len(listed) - len(related)
    if len(by_number) == 1 and by_number[0].title == headline:
        listed = tuple(replace(s, title="") for s in listed)  # the headline was its only title: said once
    return view.StoryView(
        anchor=f"story-{place + 1}",
        number=place + 1,
        kind=item.kind.value,
        badge=_badge(item, words),
        headline=headline,
        url=page or next((s.url for s in by_number if s.url), None),
        lang=_other(lang, words.language),
        dir=direction(headline, lang),
        runs=_runs(item, sentences, sources, lang),
        sources=listed,
        related=related,
        sources_more=words.n("and {count} more source", "and {count} more sources", missing) if missing else "",
        voices=_voices(item, words),
        single=item.single,
        numbered=sum(not s.withdrawn for s in item.reporting) > 1,
        disagreements=tuple(
            view.DisagreementView(tidy(d.about), tuple(_claim(c, sources, words) for c in d.claims))
            for d in item.disagreements
        ),
        counts=tuple(_counts(item, sources, words)) if detail.timelines else (),
        corrections=tuple(_corrections(item, sources)),
        timeline=_timeline(item, sources, words, detail, page),
        reasons=_reasons(item, words, detail),
        method="" if item.method in ("extractive", "fake") else tidy(item.method),
        replaced=any(s.replaced for s in sentences),
        shortened=len(sentences) < len(item.sentences),
        image=safe_url(item.image) if edition.images else None,
        image_alt=tidy(item.image_alt),
        mail_image=f"cid:{embedded.content_id}" if embedded else None,
        mail_image_width=embedded.width if embedded else 0,
        page=page,
        more=_pattern(links.more, edition, item) if detail.feedback else None,
        less=_pattern(links.less, edition, item) if detail.feedback else None,
        id=item.story,
        saved=links.browser is not None and item.story in links.browser.saved,
    )


def _headline(item: Item, words: Wording) -> str:
    """Return the headline; if it has no word, with an outlet's name, because it is the text of a link."""
    headline = cut(tidy(item.headline), _TITLE_CHARACTERS)
    if _says(headline):
        return headline
    outlet = next((name for name in (tidy(s.outlet) for s in item.sources) if _says(name)), words.t("The whole story"))
    return f"{headline} · {outlet}" if headline else outlet


def _says(text: str) -> bool:
    return any(map(str.isalnum, text))


def _badge(item: Item, words: Wording) -> str:
    """Return what the item is, and its language if that is none of the digest's."""
    language = language_name(item.language, words) if item.foreign and item.language else ""
    if item.translated_from:
        language = words.t("translated by machine: {language}", language=language_name(item.translated_from, words))
    return " · ".join(filter(None, (_kind(item, words), language)))


def _kind(item: Item, words: Wording) -> str:
    if item.retracted:
        return words.t("Withdrawn")
    badges = {
        ItemKind.UPDATE: words.t("Update"),
        ItemKind.CORRECTION: words.t("Correction"),
        ItemKind.NEW: form_name(item.form, words),
        ItemKind.RECAP: form_name(item.form, words),
    }
    return badges[item.kind]


def _voices(item: Item, words: Wording) -> str:
    voices = words.n("{count} source", "{count} sources", item.independent_sources)
    if not item.carriers:
        return voices
    carried = words.n("carried by {count} more outlet", "carried by {count} more outlets", item.carriers)
    return words.t("{sources}, {carriers}", sources=voices, carriers=carried)


def _source(number: int, source: ItemSource, words: Wording, detail: Detail) -> view.SourceView:
    lang, url = language_tag(source.language), safe_url(source.url)
    title = cut(tidy(source.title), _TITLE_CHARACTERS)
    outlet = tidy(source.outlet)
    return view.SourceView(
        number=number,
        outlet=outlet if _says(outlet) else (urlsplit(url or "").hostname or outlet).removeprefix("www."),
        title=title if detail.titles or source.related else "",
        url=url,
        when=words.moment(source.published) if source.published else "",
        lang=_other(lang, words.language),
        dir=direction(title, lang),
        carriers=tuple(view.CarrierView(tidy(c.outlet), safe_url(c.url)) for c in source.carriers)
        if detail.carriers
        else (),
        copy=words.t("text by {agency}", agency=tidy(source.copy_of)) if source.copy_of else "",
        attachments=tuple(_attachments(source, words)),
    )


def _distinguished(sources: Iterable[view.SourceView]) -> tuple[view.SourceView, ...]:
    """Add numbers to links of one story with equal texts, so that users of screen readers can distinguish them."""
    seen: set[tuple[str, str]] = set()
    found = []
    for source in sources:
        label = (source.outlet.lower(), source.title.lower())
        found.append(replace(source, outlet=f"{source.outlet} ({source.number})") if label in seen else source)
        seen.add(label)
    return tuple(found)


def _attachments(source: ItemSource, words: Wording) -> Iterator[view.AttachmentView]:
    for file in source.attachments[:_FILES_SHOWN]:
        url = safe_url(file.url)
        if url is None:
            continue
        kind = file.type.partition("/")[0]
        label = words.t("Audio") if kind == "audio" else words.t("Video") if kind == "video" else words.t("File")
        if file.size and file.size >= _MEGABYTE:
            label = f"{label} ({words.number(round(file.size / _MEGABYTE))} MB)"
        yield view.AttachmentView(label, url)


def _numbers(item: Item) -> list[int]:
    """Return the number of each source: first those cited by the sentences, in order of citation, then the others."""
    named = [p for s in item.sentences for p in s.sources if 0 <= p < len(item.sources)]
    order = list(dict.fromkeys([*named, *range(len(item.sources))]))
    return [order.index(place) + 1 for place in range(len(item.sources))]


def _marks(places: Iterable[int], sources: tuple[view.SourceView, ...]) -> tuple[view.MarkView, ...]:
    known = [sources[p] for p in dict.fromkeys(places) if 0 <= p < len(sources)]
    return tuple(view.MarkView(s.number, s.url, s.outlet) for s in known)


def _runs(
    item: Item, sentences: tuple[Sentence, ...], sources: tuple[view.SourceView, ...], lang: str | None
) -> tuple[view.RunView, ...]:
    """Return the sentences in runs; only in an update or correction are new sentences separated from others."""
    corrected = {c.now for c in item.corrections}
    sentences = tuple(s for s in sentences if s.text not in corrected)  # the correction above shows it
    marked = item.kind is not ItemKind.NEW and any(s.new for s in sentences)
    seen = groupby(sentences, key=lambda s: marked and s.new)
    return tuple(view.RunView(new, tuple(_sentence(s, item, sources, lang) for s in run)) for new, run in seen)


def _sentence(
    sentence: Sentence, item: Item, sources: tuple[view.SourceView, ...], lang: str | None
) -> view.SentenceView:
    text = tidy(sentence.text)
    first = next((item.sources[p].language for p in sentence.sources if 0 <= p < len(item.sources)), None)
    own = _other(language_tag(first), lang) if lang and not item.translated_from else None
    return view.SentenceView(
        text=text,
        marks=_marks(sentence.sources, sources),
        replaced=sentence.replaced,
        lang=own,
        dir=direction(text, own) if own else None,
        space="" if text[-1:] in "。！？」』…）" else " ",
    )


def _claim(claim: Claim, sources: tuple[view.SourceView, ...], words: Wording) -> view.ClaimView:
    marks = _marks(claim.sources, sources)
    return view.ClaimView(tidy(claim.value), words.listed(dict.fromkeys(m.label for m in marks)), marks)


def _counts(item: Item, sources: tuple[view.SourceView, ...], words: Wording) -> Iterator[view.CountsView]:
    for history in item.counts:
        steps = []
        for step in history.steps:
            outlets = words.listed(dict.fromkeys(m.label for m in _marks(step.sources, sources)))
            when = words.moment(step.at)
            steps.append(words.t("{value} ({outlets}, {when})", value=tidy(step.value), outlets=outlets, when=when))
        yield view.CountsView(tidy(history.about), tuple(steps))


def _corrections(item: Item, sources: tuple[view.SourceView, ...]) -> Iterator[view.CorrectionView]:
    last: tuple[int, bool] | None = None
    for c in item.corrections:
        source = sources[c.source] if 0 <= c.source < len(sources) else None
        outlet, url = (source.outlet, source.url) if source else ("", None)
        goes_on = last == (c.source, c.withdrawn)
        yield view.CorrectionView(outlet, url, tidy(c.was), tidy(c.now), c.withdrawn, goes_on)
        last = c.source, c.withdrawn


def _timeline(
    item: Item, sources: tuple[view.SourceView, ...], words: Wording, detail: Detail, page: str | None
) -> tuple[view.MomentView, ...]:
    """Return the lines of the timeline; one whose lines have all the same time is none."""
    moments = sorted(item.timeline, key=lambda m: m.at)
    if not detail.timelines or (detail.brief and page) or len({words.moment(m.at) for m in moments}) < 2:
        return ()
    shown = moments[-_MOMENTS_IN_BRIEF:] if detail.brief else moments
    longest = _MOMENT_CHARACTERS if detail.brief else _TITLE_CHARACTERS
    return tuple(
        view.MomentView(
            words.moment(moment.at),
            words.iso(moment.at),
            cut(tidy(moment.text), longest),
            next(iter(_marks((moment.source,), sources)), None),
        )
        for moment in shown
    )


def _reasons(item: Item, words: Wording, detail: Detail) -> tuple[str, ...]:
    if not detail.reasons:
        return ()
    shown = strongest(item.reasons) if detail.brief else item.reasons
    return tuple(tidy(sentence(reason, words)) for reason in shown)


def _other(lang: str | None, around: str) -> str | None:
    """Return `lang` if it differs from the language around it."""
    tag = language_tag(lang)
    return tag if tag and tag.split("-")[0].lower() != around.split("-", maxsplit=1)[0].lower() else None


def _pattern(pattern: str | None, edition: Edition, item: Item | None = None) -> str | None:
    if not pattern:
        return None
    filled = pattern.replace("{edition}", quote(edition.id, safe="", errors="replace"))
    return safe_url(filled.replace("{story}", quote(item.story, safe="", errors="replace")) if item else filled)


def _edition_links(edition: Edition, links: Links, words: Wording) -> view.LinkView:
    """Return the links of an edition; without web pages, links that write a mail to the operator."""
    return view.LinkView(
        web=_pattern(links.web, edition),
        settings=_pattern(links.settings, edition) or _mailto(links.operator, words.t("Change my digest"), edition),
        unsubscribe=_pattern(links.unsubscribe, edition) or _unsubscribe_by_mail(links, edition),
        archive=links.archive,
        browser=links.browser,
    )


def _unsubscribe_by_mail(links: Links, edition: Edition) -> str | None:
    if links.operator and links.unsubscribe_subject and _ADDRESS.fullmatch(links.operator):
        return f"mailto:{quote(links.operator, safe='@+')}?subject={quote(links.unsubscribe_subject, safe='')}"
    return _mailto(links.operator, "unsubscribe", edition)


def _mailto(address: str | None, subject: str, edition: Edition) -> str | None:
    if not address or not _ADDRESS.fullmatch(address):
        return None
    return f"mailto:{quote(address, safe='@+')}?subject={quote(f'{subject}: {tidy(edition.title)}', safe='')}"


def _catch_up(edition: Edition, words: Wording) -> str:
    if not edition.catch_up:
        return ""
    missed = words.n("{count} issue was missed.", "{count} issues were missed.", edition.catch_up)
    return f"{missed} " + words.t(
        "This one covers what arrived from {start} to {end}.",
        start=words.moment(edition.period_start),
        end=words.moment(edition.period_end),
    )


def _summary_line(edition: Edition, words: Wording) -> str:
    stories = words.n("{count} story", "{count} stories", len(edition.items))
    if not edition.items:
        return stories
    return f"{stories} · " + words.n("{count} minute to read", "{count} minutes to read", minutes(edition))


def minutes(edition: Edition) -> int:
    """Return the reading time, at least one minute."""
    return max(1, round(edition.words / WORDS_A_MINUTE))


def _shortened(edition: Edition, shown: frozenset[int], detail: Detail, words: Wording) -> str:
    if detail.whole:
        return ""
    missing = len(edition.items) - len(shown)
    if missing:
        return words.n("{count} more story did not fit.", "{count} more stories did not fit.", missing)
    return words.t("To fit into a mail, this edition leaves out details.")
