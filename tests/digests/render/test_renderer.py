"""Every output says what the edition says."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from digests.model import Edition
from digests.render import Renderer
from tests.support import editions as sample

RENDERER = Renderer()


@pytest.mark.parametrize(
    "edition", [sample.rich(), sample.plain(), sample.arabic(), sample.chinese(), sample.russian()]
)
def test_every_headline_is_in_every_output(edition: Edition) -> None:
    parts = RENDERER.parts(edition, sample.LINKS)
    outputs = (RENDERER.page(edition, sample.LINKS), parts.html, parts.text, RENDERER.json(edition))
    for item in edition.items:
        for output in outputs:
            found = "".join(output.content.replace("&amp;", "&").split())
            assert "".join(item.headline.split()) in found


def test_atom_is_well_formed_and_holds_each_edition() -> None:
    feed = ET.fromstring(RENDERER.atom([sample.plain(), sample.rich()], sample.LINKS).content)
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 2


def test_json_is_stable() -> None:
    assert RENDERER.json(sample.rich()) == RENDERER.json(sample.rich())
    assert json.loads(RENDERER.json(sample.rich()).content)["title"] == "Morning Brief"


def test_half_a_character_in_a_stored_edition_does_not_stop_its_json():
    edition = replace(sample.rich(), title="half \ud83d")
    content = RENDERER.json(edition).content
    content.encode()
    assert json.loads(content)["title"] == "half \ud83d"
