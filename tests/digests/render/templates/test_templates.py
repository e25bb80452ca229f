"""Templates of the user: one block at a time, and never the end of an edition."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from digests.errors import TemplateError
from digests.render import Renderer
from digests.render.templates.runner import Job
from digests.render.templates.user import UserTemplates
from digests.render.view.detail import FULL
from feeds.process.limited import LimitedProcess
from tests.support import editions as sample
from tests.support.markup import dangers, seen

PACKAGED = Renderer().page(sample.rich(), sample.LINKS).content


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def renderer(folder: Path) -> Iterator[Renderer]:
    made = Renderer(UserTemplates(folder, LimitedProcess))
    yield made
    made.close()


def rendered(renderer: Renderer, folder: Path, template: str) -> tuple[str, str]:
    (folder / "page.html").write_text(template, "utf-8")
    output = renderer.page(sample.rich(), sample.LINKS)
    return output.content, " ".join(output.notes)


def test_one_block_is_overridden_and_the_rest_stays(renderer: Renderer, folder: Path) -> None:
    content, notes = rendered(
        renderer,
        folder,
        '{% extends "standard/page.html" %}{% block masthead %}<h1>Mine: {{ edition.title }}</h1>{% endblock %}',
    )
    assert notes == ""
    assert "Mine: Morning Brief" in content
    assert sample.bridge().headline in content


def test_a_block_may_add_to_the_packaged_one(renderer: Renderer, folder: Path) -> None:
    content, notes = rendered(
        renderer,
        folder,
        (
            '{% extends "standard/page.html" %}{% block headline %}{{ super() }}<p>No. {{ story.number '
            "}}</p>{% endblock %}"
        ),
    )
    assert notes == ""
    assert "<p>No. 4</p>" in content


def test_values_are_escaped_in_a_users_template_too(renderer: Renderer, folder: Path) -> None:
    (folder / "page.html").write_text("<body>{{ edition.title }}</body>")
    output = renderer.page(sample.hostile("<script>alert(1)</script>"), sample.LINKS)
    assert dangers(output.content) == []


def test_a_template_by_the_digests_own_name_comes_first(renderer: Renderer, folder: Path) -> None:
    (folder / "short").mkdir()
    (folder / "short" / "page.html").write_text("short")
    (folder / "page.html").write_text("long")
    assert renderer.page(sample.rich(template="short")).content == "short"
    assert renderer.page(sample.rich()).content == "long"


def test_a_template_name_cannot_leave_the_folder(renderer: Renderer) -> None:
    output = renderer.page(sample.rich(template="../../../etc"), sample.LINKS)
    assert output.content == PACKAGED


def test_packaged_templates_cannot_be_shadowed(renderer: Renderer, folder: Path) -> None:
    (folder / "standard").mkdir()
    (folder / "standard" / "page.html").write_text("shadow")
    assert renderer.page(sample.rich(), sample.LINKS).content == PACKAGED


@pytest.mark.parametrize(
    ("template", "why"),
    [
        (
            "line one\n{{ edition.titel }}",
            "line 2: 'digests.render.view.model.EditionView object' has no attribute 'titel'",
        ),
        ("{% for x in y %}", "line 1: Unexpected end of template"),
        ('{% extends "nowhere.html" %}', "nowhere.html"),
        ("\n\n{{ 1 / 0 }}", "line 3: division by zero"),
        ("{{ 9 ** 9 }}", "** is not allowed in templates"),
        ("{{ edition.__class__.__mro__ }}", "unsafe"),
        ("{{ t.__globals__ }}", "unsafe"),
        ("{{ ''.__class__.__base__.__subclasses__() }}", "unsafe"),
        ("{{ edition.stories.append(1) }}", "append"),
        ("{% import 'page.html' as me %}{{ me }}", "recursion"),
        ("{{ range(99999999) | list }}", "Range too big"),
    ],
)
def test_a_broken_template_gives_the_packaged_one_and_a_note(
    renderer: Renderer, folder: Path, template: str, why: str
) -> None:
    content, notes = rendered(renderer, folder, template)
    assert content == PACKAGED
    assert "page.html" in notes
    assert why in notes
    assert notes.endswith("the built-in template was used")


def test_a_file_that_is_not_text_gives_a_note(renderer: Renderer, folder: Path) -> None:
    (folder / "page.html").write_bytes(b"\xff\xfe\x00")
    output = renderer.page(sample.rich(), sample.LINKS)
    assert output.content == PACKAGED
    assert output.notes


def test_a_template_that_loops_is_stopped_and_the_next_one_works(folder: Path) -> None:
    (folder / "page.html").write_text("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}")
    templates = UserTemplates(folder, LimitedProcess, cpu_seconds=0.5)
    job = Job("page.html", sample.rich(), sample.LINKS, FULL)
    try:
        (folder / "mail.txt").write_text("{{ edition.title }}")
        warm = Job("mail.txt", sample.rich(), sample.LINKS, FULL)
        assert templates.run(warm) == "Morning Brief"
        for _ in range(2):
            with pytest.raises(TemplateError, match=r"takes longer than 0\.5 s"):
                templates.run(job)
        assert templates.run(warm) == "Morning Brief"
    finally:
        templates.close()


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'x' * 2000000000 }}",
        "{% set ns = namespace(x='x' * 1000) %}{% for i in range(30) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{{ '%1000000000d' % 1 }}",
    ],
)
def test_a_template_that_eats_memory_is_stopped(renderer: Renderer, folder: Path, template: str) -> None:
    content, notes = rendered(renderer, folder, template)
    assert content == PACKAGED
    assert "out of memory" in notes or "the result is larger than" in notes


def test_a_template_that_writes_without_end_is_stopped(renderer: Renderer, folder: Path) -> None:
    content, notes = rendered(renderer, folder, "{% for i in range(90000) %}{{ 'x' * 1000 }}{% endfor %}")
    assert content == PACKAGED
    assert "the result is larger than" in notes or "out of memory" in notes


def test_an_edited_template_is_used_at_once(renderer: Renderer, folder: Path) -> None:
    assert rendered(renderer, folder, "{{ nothing }}")[0] == PACKAGED
    os.utime(folder / "page.html", ns=(1, 1))
    assert rendered(renderer, folder, "fixed") == ("fixed", "")


def test_mail_and_text_are_overridden_like_the_page(renderer: Renderer, folder: Path) -> None:
    (folder / "mail.html").write_text(
        '{% extends "standard/mail.html" %}{% block preheader %}<p>Good morning, dear reader!</p>{% endblock %}'
    )
    (folder / "mail.txt").write_text("{{ edition.nothing }}")
    parts = renderer.parts(sample.rich(), sample.LINKS)
    assert seen(parts.html.content).strip().startswith("Good morning, dear reader!")
    assert parts.text.content == Renderer().parts(sample.rich(), sample.LINKS).text.content
    assert len(parts.notes) == 1
    assert "mail.txt, line 1" in parts.notes[0]


def test_a_folder_that_is_not_there_is_no_folder(tmp_path: Path) -> None:
    assert (
        Renderer(UserTemplates(tmp_path / "nowhere", LimitedProcess)).page(sample.rich(), sample.LINKS).content
        == PACKAGED
    )


@pytest.mark.parametrize("link", ["file", "folder", "parent"])
def test_a_link_out_of_the_folder_is_no_template(renderer: Renderer, folder: Path, tmp_path_factory, link: str) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.html").write_text("the secret")
    name = "in.html"
    if link == "file":
        (folder / name).symlink_to(outside / "secret.html")
    elif link == "folder":
        (folder / "in").symlink_to(outside)
        name = "in/secret.html"
    else:
        name = f"../{outside.name}/secret.html"
    content, notes = rendered(renderer, folder, f'{{% include "{name}" %}}')
    assert "the secret" not in content + notes
    assert notes


def test_a_link_within_the_folder_is_followed(renderer: Renderer, folder: Path) -> None:
    (folder / "..data").mkdir()
    (folder / "..data" / "in.html").write_text("inside")
    (folder / "in.html").symlink_to(folder / "..data" / "in.html")
    content, notes = rendered(renderer, folder, '{% include "in.html" %}')
    assert (content, notes) == ("inside", "")
