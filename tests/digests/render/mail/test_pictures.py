"""Pictures inside mails: which are taken, and how the message holds them."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from digests.model import Section
from digests.render import Renderer
from digests.render.mail.mime import HeaderValues, edition_mail
from digests.render.mail.pictures import MAX_BYTES, MAX_TOTAL, MailPicture, read_picture, within_total
from tests.support import editions as sample
from tests.support.pictures import gif, jpeg, png

HEADERS = HeaderValues("news@a.example", "ann@b.example", "<m.1@a.example>", datetime(2026, 3, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (png(800, 500), "image/png"),
        (gif(320, 200), "image/gif"),
        (jpeg(640, 400), "image/jpeg"),
        (jpeg(640, 400, progressive=True), "image/jpeg"),
    ],
)
def test_a_picture_is_known_by_its_bytes(data: bytes, media_type: str) -> None:
    found = read_picture(data)
    assert found is not None
    assert found.media_type == media_type
    assert found.width in (800, 320, 640)
    assert found.shown_width == min(560, found.width)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(60),
        b"<html><img src=x></html>",
        png(1, 1),
        gif(88, 31),
        png(9000, 9000),
        png(800, 500)[:20],
        jpeg(640, 400)[:8],
        b"\xff\xd8" + b"\xff" * 1000,
        b"\xff\xd8" + b"\xff\xe0\x00\x00" * 1000,
        png(800, 500) + bytes(MAX_BYTES),
    ],
)
def test_what_mails_cannot_have_is_no_picture(data: bytes) -> None:
    assert read_picture(data) is None


def test_all_pictures_of_a_mail_are_within_the_limit() -> None:
    many = [(str(n), MailPicture(bytes([n]) * 200_000, "image/png", 800, 500)) for n in range(6)]
    taken = dict(within_total(many))
    assert sum(len(p.data) for p in taken.values()) <= MAX_TOTAL
    assert list(taken) == ["0", "1", "2"]
    assert len(dict(within_total((str(n), many[0][1]) for n in range(20)))) == 20


def message(pictures: dict[str, MailPicture]) -> email.message.EmailMessage:
    parts = Renderer().parts(sample.rich(), sample.LINKS, pictures)
    data = edition_mail(sample.rich(), HEADERS, parts.html.content, parts.text.content, pictures.values())
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    found = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(found, email.message.EmailMessage)
    return found


def test_the_message_holds_the_pictures_that_its_html_names() -> None:
    shown = read_picture(jpeg(640, 400))
    other = read_picture(png(800, 500))
    assert shown
    assert other
    found = message({str(sample.bridge().image): shown, "https://elsewhere.example/x.png": other})
    assert found.get_content_type() == "multipart/alternative"
    text, related = found.iter_parts()
    assert (text.get_content_type(), related.get_content_type()) == ("text/plain", "multipart/related")
    html, picture = related.iter_parts()
    assert f'src="cid:{shown.content_id}"' in html.get_content()
    assert picture["Content-ID"] == f"<{shown.content_id}>"
    assert picture.get_content_disposition() == "inline"
    assert picture.get_payload(decode=True) == shown.data


def test_without_pictures_a_message_has_two_parts() -> None:
    assert [p.get_content_type() for p in message({}).iter_parts()] == ["text/plain", "text/html"]


def test_a_picture_that_two_stories_have_is_in_the_message_once() -> None:
    shown = read_picture(png(800, 500))
    assert shown
    item, url = sample.bridge(), str(sample.bridge().image)
    edition = sample.rich(sections=(Section("World", (item, replace(item, story="s2", image="https://o.example/2"))),))
    pictures = {url: shown, "https://o.example/2": shown}
    html = Renderer().parts(edition, sample.LINKS, pictures).html.content
    data = edition_mail(edition, HEADERS, html, "text", pictures.values())
    assert html.count("cid:") == 2
    assert data.count(b"Content-ID:") == 1
