"""What the inbox shows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from digests.model import ItemKind, Section
from digests.render.renderer import Renderer
from digests.render.templates.user import UserTemplates
from digests.render.view.build import edition_view, preview
from digests.render.view.subject import cut, subject, template_error, without_title
from digests.render.view.wording import Wording
from feeds.process.limited import LimitedProcess
from tests.support import editions as sample


def with_headline(headline: str, **changes: object) -> str:
    return subject(sample.rich(sections=(Section("World", (replace(sample.solo(), headline=headline),)),), **changes))


def test_title_and_first_headline() -> None:
    assert subject(sample.plain()) == "Morning Brief: Orchard bees found to remember a route for nine days"


@pytest.mark.parametrize("title", ["Brief", "All that the papers of the harbour say about its ferries"])
def test_lists_that_name_the_digest_leave_its_title_out(title: str) -> None:
    line = subject(replace(sample.plain(), title=title))
    left = without_title(line, title)
    assert line.endswith(f": {left}")
    assert left.startswith("Orchard bees")
    assert without_title("Brief: Brief: a film", "Brief") == "Brief: a film"
    assert without_title(line, "Another") == line
    assert without_title("", title) == title


def test_what_was_taken_back_is_not_said_once_more() -> None:
    (source, *_), other = sample.strike().sources, replace(sample.solo(), headline="Bees return to Orr")
    gone = replace(sample.strike(), kind=ItemKind.CORRECTION, sources=(replace(source, withdrawn=True),))
    both = sample.rich(sections=(Section("World", (gone, other)),))
    assert subject(both) == "Morning Brief: Bees return to Orr"
    assert gone.headline not in preview(both, Wording("en", "UTC"))
    alone = sample.rich(sections=(Section("World", (gone,)),))
    assert subject(alone) == f"Morning Brief: {source.outlet} withdrew its report."
    (story,) = edition_view(alone, sample.LINKS, Wording("de", "UTC")).sections[0].stories
    assert story.badge == "Zurückgezogen"
    standing = replace(gone, sources=(*gone.sources, source))
    assert (standing.retracted, standing.independent_sources) == (False, 1)
    assert (
        edition_view(sample.rich(sections=(Section("World", (standing,)),)), sample.LINKS, Wording("en", "UTC"))
        .sections[0]
        .stories[0]
        .badge
        == "Correction"
    )


def test_a_long_one_is_cut_between_words() -> None:
    found = subject(sample.rich())
    assert found == "Morning Brief: Ferry pier collapses in Port Hale; at least 12 hurt, harbour…"


@pytest.mark.parametrize("headline", ["x" * 2000, "🚀" * 300, "خبر " * 100, "e\u0301" * 200, "字" * 200])
def test_it_has_at_most_78_characters(headline: str) -> None:
    assert 40 < len(with_headline(headline)) <= 78


def test_quiet_and_broken_days_differ() -> None:
    assert subject(sample.quiet()) == "Morning Brief: nothing new"
    assert subject(sample.broken()) == "Morning Brief: no feed could be read"
    assert subject(replace(sample.quiet(), language="de")) == "Morning Brief: nichts Neues"


@pytest.mark.parametrize("title", ["Re: Fwd: News", "RE: news", "", "\u200b\x00"])
def test_it_is_never_a_reply_nor_empty(title: str) -> None:
    found = with_headline("Bees", title=title)
    assert not found.lower().startswith(("re:", "fwd:"))
    assert found.endswith(": Bees")
    assert len(found) > len(": Bees")


@pytest.mark.parametrize(
    ("title", "headline", "shown"),
    [
        ("NEWS", "URGENT!!! READ THIS NOW", "News: Urgent!!! read this now"),
        ("News", "URGENT!!! READ THIS NOW", "News: URGENT!!! READ THIS NOW"),
        ("新闻", "港口 12", "新闻: 港口 12"),
        ("СРОЧНО", "ПРИЧАЛ РУХНУЛ", "Срочно: Причал рухнул"),
    ],
)
def test_it_does_not_shout(title: str, headline: str, shown: str) -> None:
    assert with_headline(headline, title=title) == shown


def test_a_story_without_a_headline_gives_the_day() -> None:
    assert with_headline("\u202e") == "Morning Brief: 17 Mar 2026"


def test_cutting_keeps_accents_on_their_letters() -> None:
    assert cut("ae\u0301" * 30, 10)[-2] != "e"


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("[{date}] {lead}", "[17 Mar 2026] Orchard bees found to remember a route for nine days"),
        ("{title} {date}: {count} stories", "Morning Brief 17 Mar 2026: 1 stories"),
        ("News of the day", "News of the day"),
        ("Re: {lead}", "Orchard bees found to remember a route for nine days"),
        ("\r\nBcc: x@example.org {count}", "Bcc: x@example.org 1"),
    ],
)
def test_a_digest_may_have_its_own_subject(template: str, shown: str) -> None:
    assert subject(replace(sample.plain(), subject=template)) == shown


def test_a_long_headline_leaves_room_for_the_rest_of_the_subject() -> None:
    found = with_headline("A very long headline about bridges " * 10, subject="{lead} ({count}, {date})")
    assert len(found) <= 78
    assert found.endswith("… (1, 17 Mar 2026)")


@pytest.mark.parametrize("template", ["{lead", "{headline}", "{}", "lead}", "{lead.text}", "{{lead}}"])
def test_a_template_with_unknown_places_is_invalid(template: str) -> None:
    assert template_error(template)
    assert not template_error("{title}: {lead}, {date}, {count}")


def test_a_users_own_catalogue_words_the_subject(tmp_path: Path) -> None:
    folder = tmp_path / "locale"
    folder.mkdir()
    (folder / "nl.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "nothing new"\nmsgstr "niets nieuws"\n'
    )
    quiet = replace(sample.quiet(), language="nl")
    assert subject(quiet) == "Morning Brief: nothing new"
    templates = UserTemplates(tmp_path, LimitedProcess)
    assert Renderer(templates).subject(quiet) == "Morning Brief: niets nieuws"
