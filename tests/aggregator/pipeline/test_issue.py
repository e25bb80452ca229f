"""What each reader gets of one edition: the reader's own language, zone, form and links, everything else alike."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from types import MappingProxyType

import pytest

from aggregator.pipeline.issue import FEEDBACK, READ, SETTINGS, UNSUBSCRIBE, Outputs, Sender
from aggregator.store.records import RecipientRecord
from digests import links
from digests.channels import bounces
from digests.channels.recipient import Recipient
from digests.model import Edition
from digests.render.mail.fit import part_size
from digests.render.mail.pictures import MailPicture
from digests.render.page_links import Links
from digests.render.renderer import MailParts, Renderer
from tests.support import editions as sample

KEYS = (b"k" * 32,)
SENDER = Sender(
    "news@news.example", "News", "news.example", "editor@news.example", public_url="https://news.example", keys=KEYS
)
ANN = RecipientRecord(17, Recipient("mail", "ann@example.org"))
SOON = sample.SLOT + timedelta(days=1)


def outputs(sender: Sender = SENDER, edition: object = None) -> Outputs:
    return Outputs(edition or sample.rich(), Renderer(), sender)  # type: ignore[arg-type]


def parsed(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def test_every_link_in_a_mail_is_the_readers_own_and_serves_one_purpose() -> None:
    message = parsed(outputs().message(ANN))
    for text in (part(message, "html"), part(message, "plain")):
        for purpose, path in ((UNSUBSCRIBE, "unsubscribe"), (SETTINGS, "settings")):
            (token,) = set(re.findall(rf"https://news\.example/{path}/([\w.-]+)", text))
            assert links.token_data(KEYS, token, purpose, SOON)["recipient"] == ANN.recipient.key
        found = set(re.findall(r"https://news\.example/(?:more|less)/bridge/([\w.-]+)", text))
        assert [links.token_data(KEYS, token, FEEDBACK, SOON) for token in found] == [{"r": "17"}]
        assert "READER-" not in text


class WatchedRenderer(Renderer):
    """Remembers the addresses that were rendered, before each reader's tokens are put in."""

    def parts(
        self,
        edition: Edition,
        links: Links = Links(),  # noqa: B008
        pictures: Mapping[str, MailPicture] = MappingProxyType({}),
    ) -> MailParts:
        self.links = links
        return super().parts(edition, links, pictures)


def test_what_is_for_a_readers_token_cannot_be_guessed_by_a_feed() -> None:
    renderer = WatchedRenderer()
    Outputs(sample.rich(), renderer, SENDER).message(ANN)
    shown = renderer.links
    for address in (shown.unsubscribe, shown.settings, shown.more, shown.less):
        assert re.search(r"/READER-[A-Z]+-[0-9a-f]{32}-*$", address or "")


def test_one_click_is_signed_and_the_same_as_the_link_in_the_text() -> None:
    message = parsed(outputs().message(ANN))
    (url,) = re.findall(r"<(https://[^>]+)>", message["List-Unsubscribe"])
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert url in part(message, "plain")


def test_without_pages_the_operator_is_written_to() -> None:
    message = parsed(outputs(replace(SENDER, public_url="")).message(ANN))
    html = part(message, "html")
    assert html.count('href="mailto:editor@news.example?subject=') == 2
    assert "news.example/" not in html


def test_a_reader_has_a_language_and_a_zone() -> None:
    german = replace(ANN, language="de", zone="Europe/Berlin")
    made = outputs()
    text = part(parsed(made.message(german)), "plain")
    assert "Abbestellen" in text or "Abmelden" in text
    assert "Dienstag, 17. März 2026" in text
    assert "Tuesday, 17 March 2026" in part(parsed(made.message(ANN)), "plain")
    assert '<html lang="de"' in made.page(replace(german, recipient=Recipient("folder", "/out")))


def test_a_reader_may_want_text_alone() -> None:
    message = parsed(outputs().message(replace(ANN, format="text")))
    assert message.get_content_type() == "text/plain"
    assert "Ferry pier collapses" in message.get_content()


@pytest.mark.parametrize("stories", [20, 60, 200])
def test_with_every_link_filled_in_the_html_stays_below_the_clipping_limit(stories: int) -> None:
    reader = replace(ANN, id=10**7, recipient=Recipient("mail", f"{'x' * 60}@{'y' * 60}.example"))
    message = parsed(outputs(edition=sample.large(stories)).message(reader))
    assert part_size(part(message, "html")) < 102_000


def test_a_report_comes_back_to_an_address_that_names_the_delivery() -> None:
    made = outputs(replace(SENDER, bounces="bounces@news.example")).delivery(ANN)
    assert bounces.returned_token(KEYS, made.sender) == bounces.delivery_token(made.message_id)
    assert outputs().delivery(ANN).sender == "news@news.example"


def test_links_to_guarded_pages_carry_the_editions_key() -> None:
    text = part(parsed(outputs(replace(SENDER, guarded=True)).message(ANN)), "plain")
    (key,) = set(re.findall(r"/editions/[\w-]+\?key=([\w.-]+)", text))
    assert links.token_data(KEYS, key, READ, SOON) == {"edition": sample.rich().id}
    assert "?key=" not in part(parsed(outputs().message(ANN)), "plain")


@pytest.mark.parametrize(
    ("channel", "media_type", "suffix", "begins"),
    [
        ("folder", "text/html", ".html", b"<!doctype html>"),
        ("epub", "application/epub+zip", ".epub", b"PK"),
        ("atom", "application/atom+xml", ".xml", b"<?xml"),
        ("webhook", "application/json", ".json", b"{"),
        ("notify", "text/plain", ".txt", b""),
    ],
)
def test_each_channel_has_its_output(channel: str, media_type: str, suffix: str, begins: bytes) -> None:
    made = outputs().delivery(RecipientRecord(1, Recipient(channel, "x")))
    assert made.media_type == media_type
    assert made.filename.endswith(suffix)
    assert made.body.lower().startswith(begins.lower())


def test_a_feed_holds_the_editions_before_too() -> None:
    earlier = [replace(sample.plain(), id=f"old-{n}", slot=sample.SLOT - timedelta(days=n)) for n in range(1, 40)]
    made = Outputs(sample.rich(), Renderer(), SENDER, earlier=lambda: earlier)
    feed = made.delivery(RecipientRecord(1, Recipient("atom", "x"))).body
    assert feed.count(b"<entry>") == 20
    assert b"old-19" in feed
    assert b"old-20" not in feed


def test_a_feed_is_in_the_recipients_language_with_its_earlier_editions() -> None:
    earlier = [replace(sample.plain(), id="old", slot=sample.SLOT - timedelta(days=1))]
    made = Outputs(sample.rich(), Renderer(), SENDER, earlier=lambda: earlier)
    for language, fact in (("ja", "情報源"), (None, "source")):
        feed = made.delivery(RecipientRecord(1, Recipient("atom", "x"), language=language)).body.decode()
        assert all(fact in entry for entry in feed.split("<entry>")[1:])
