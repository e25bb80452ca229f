"""Other people's words stay words, wherever they stand."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digests.render import Renderer
from digests.render.mail.mime import edition_mail
from digests.render.view.clean import tidy
from digests.render.view.disarm import disarmed
from tests.digests.render.mail.test_mime import ENVELOPE
from tests.support import editions as sample
from tests.support.markup import dangers, seen, tree

RENDERER = Renderer()


@pytest.mark.parametrize("text", sample.HOSTILE)
def test_nothing_active_in_page_mail_or_feed(text: str) -> None:
    edition = sample.hostile(text)
    assert dangers(RENDERER.page(edition, sample.LINKS).content) == []
    assert dangers(RENDERER.mail(edition, sample.LINKS).content) == []
    feed = ET.fromstring(RENDERER.atom([edition], sample.LINKS).content)
    for content in feed.iter("{http://www.w3.org/2005/Atom}content"):
        assert dangers(f"<body>{content.text}</body>") == []


@pytest.mark.parametrize("text", sample.HOSTILE)
def test_the_words_are_shown_as_they_are(text: str) -> None:
    edition = sample.hostile(text)
    shown = " ".join(tidy(text).split())
    assert shown in seen(RENDERER.page(edition, sample.LINKS).content)
    # In mails as `test_disarm` says, with places to break in long words.
    assert disarmed(shown) in seen(RENDERER.mail(edition, sample.LINKS).content).replace("\u200b", "")
    text = RENDERER.parts(edition, sample.LINKS).text.content.replace("\u200b", "")
    assert "".join(disarmed(shown).split()) in "".join(text.split())
    assert "".join(shown.split()) in "".join(RENDERER.text(edition).content.split())


@pytest.mark.parametrize("text", sample.HOSTILE)
def test_no_header_is_added(text: str) -> None:
    parts = RENDERER.parts(sample.hostile(text), sample.LINKS)
    envelope = replace(ENVELOPE, sender_name=text, recipient_name=text, list_name=text)
    message = edition_mail(sample.hostile(text), envelope, parts.html.content, parts.text.content)
    parsed = message_from_bytes(message, policy=policy.compat32)
    plain = message_from_bytes(edition_mail(sample.plain(), ENVELOPE, "<p>x</p>", "x"), policy=policy.compat32)
    assert sorted(parsed.keys()) == sorted(plain.keys())


def test_style_and_title_cannot_be_left() -> None:
    page = tree(RENDERER.page(sample.hostile("</style></title><h1>out</h1>"), sample.LINKS).content)
    assert len(page.findall(".//h1")) == 1
    assert len(page.findall(".//title")) == 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=60))
def test_any_text_renders_everywhere_and_stays_passive(text: str) -> None:
    edition = sample.hostile(text)
    page, parts = RENDERER.page(edition, sample.LINKS), RENDERER.parts(edition, sample.LINKS)
    assert dangers(page.content) == []
    assert dangers(parts.html.content) == []
    assert page.notes == parts.notes == ()
    edition_mail(edition, ENVELOPE, parts.html.content, parts.text.content).decode("ascii")
    ET.fromstring(RENDERER.atom([edition], sample.LINKS).content)
