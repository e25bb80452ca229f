"""Pictures of stories in real mails: fetched over HTTP, sent over SMTP."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.services.pictures.service import ACCEPT_SCALED
from aggregator.system.clock import ManualClock
from feeds.http.fake import Page
from tests.aggregator.services.pictures.test_scaling import noise
from tests.support.apps import app_of
from tests.support.items import Item, document
from tests.support.origin import Origin
from tests.support.pictures import gif, jpeg, png
from tests.support.smtp import SmtpServer

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 3, 9, 8, tzinfo=UTC)
STORIES = (
    ("mill", "Old mill restored in Kestwick", "The old mill of Kestwick was restored after four years, Haruki said."),
    ("dam", "Orr dam opens its gates", "The dam of Orr opened two gates on Sunday after a week of rain in the valley."),
)


async def mails(folder: Path, pictures: dict[str, bytes], *, images: bool = True, private: bool = True) -> list[str]:
    """Send one digest to Ann; return the media types of the parts of her mail, and what its pictures hold."""
    async with Origin() as origin:
        for name, data in pictures.items():
            origin.on(f"/{name}.img", Page(data, headers={"content-type": "image/jpeg"}))
        items = [
            Item(key, title, f'<p>{text}</p><img src="{origin.url(f"/{key}.img")}">', NOW - timedelta(hours=1))
            for key, title, text in STORIES
        ]
        feed = f'[[feed]]\nurl = "{origin.on("/feed", Page(document(*items)))}"\nallow_private = true\n'
        with SmtpServer() as smtp:
            text = (
                f'[fetch]\nfull_text = "never"\n[mail]\nhost = "127.0.0.1"\nport = {smtp.port}\nsecurity = "none"\n'
                'sender = "news@example.org"\n[[digest]]\nname = "it"\nzone = "UTC"\nto = ["ann@example.org"]\n'
                f"images = {str(images).lower()}\n"
            )
            with app_of(folder, text + feed, ManualClock(NOW - timedelta(minutes=30))) as program:
                await program.fetching.fetch()
                program.stories.group()
                if not private:
                    from sqlalchemy import text as sql

                    with program.db.write() as connection:
                        connection.execute(sql("update feed set options = '{}'"))
                program.clock.set(NOW)  # type: ignore[attr-defined]
                await program.editions.send("it")
                program.delivery.deliver()
                await program.aclose()
            (accepted,) = smtp.accepted
        message = email.message_from_bytes(accepted.body, policy=email.policy.default)
        asked = [one.target for one in origin.asked if one.headers.get("accept") == ACCEPT_SCALED]
        shown = [part.get_content_type() for part in message.walk() if part.get_content_maintype() == "image"]
        html = message.get_body(("html",))
        assert html is not None
        assert html.get_content().count("<img") == len(shown)
        assert "<img" not in html.get_content() or 'src="cid:' in html.get_content()
        return [*shown, *asked]


async def test_a_mail_has_the_pictures_of_its_stories(tmp_path: Path) -> None:
    found = await mails(tmp_path, {"mill": jpeg(800, 500), "dam": png(640, 400)})
    assert sorted(found) == ["/dam.img", "/mill.img", "image/jpeg", "image/png"]


async def test_what_cannot_be_shown_costs_no_mail(tmp_path: Path) -> None:
    found = await mails(tmp_path, {"mill": b"<html>404</html>", "dam": gif(1, 1)})
    assert sorted(found) == ["/dam.img", "/mill.img"]


async def test_a_picture_that_is_missing_costs_only_itself(tmp_path: Path) -> None:
    assert "image/png" in await mails(tmp_path, {"dam": png(640, 400)})


async def test_a_digest_without_pictures_fetches_none(tmp_path: Path) -> None:
    assert await mails(tmp_path, {"mill": jpeg(800, 500), "dam": png(640, 400)}, images=False) == []


async def test_a_private_address_needs_the_permission_of_the_storys_feed(tmp_path: Path) -> None:
    assert await mails(tmp_path, {"mill": jpeg(800, 500), "dam": png(640, 400)}, private=False) == []


async def test_a_large_picture_is_made_smaller_and_webp_becomes_jpeg(tmp_path: Path) -> None:
    found = await mails(tmp_path, {"mill": noise(3200, 2000, "JPEG"), "dam": noise(1600, 900, "WEBP")})
    assert sorted(found) == ["/dam.img", "/mill.img", "image/jpeg", "image/jpeg"]
