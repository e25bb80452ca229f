"""The pages of digests, recipients and deliveries, and feedback on a story."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from sqlalchemy import update

from aggregator.store.outgoing import deliveries, recipients
from aggregator.store.schema.tables import delivery
from aggregator.web.manage import digests
from digests.channels.recipient import Recipient
from tests.support.apps import DIGEST, app_of, newsroom
from tests.support.managing import client_of, press

pytestmark = pytest.mark.anyio
MAIL = '[mail]\nsender = "digest@example.org"\nhost = "127.0.0.1"\n'
TWO = MAIL + DIGEST.replace(
    '"folder:out"', '"ann@example.org", "bob@example.org", "webhook:https://hook.example/secret-path"'
)
ANN = Recipient("mail", "ann@example.org")


async def test_an_edition_is_previewed_asked_for_and_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "WAIT_SECONDS", 60.0)
    with newsroom(tmp_path, "northwire", "harbour", more=TWO) as (program, _, _server):
        await program.fetching.fetch()
        async with client_of(program) as client:
            page = await client.get("/manage/digests")
            assert "3 recipients" in page.text
            assert "next: " in page.text
            ask = await press(client, page, "Send now")
            assert "ann@example.org" in ask.text
            assert "secret-path" not in ask.text
            assert deliveries.list_deliveries(program.db) == []
            sent = await press(client, ask, "Send it")
            assert sent.url.path == "/manage/deliveries"
            assert sent.text.count("data-item") == 3
            assert "waits" in sent.text
            await press(client, ask, "Send it")
            assert len(deliveries.list_deliveries(program.db)) == 3, "twice in a minute sends once"
            page = await client.get("/manage/digests")
            counts = re.findall(r'href="(/editions/[^"]+/entries)#', page.text)
            assert counts, "what was folded and held back is listed"
            assert (await client.get(counts[0])).status_code == 200
            assert (await press(client, page, "Send now", digest="<b>")).status_code == 404
        await program.aclose()


async def test_an_edition_that_takes_long_is_composed_after_the_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "WAIT_SECONDS", 0.0)
    with newsroom(tmp_path, "northwire", more=TWO) as (program, _, _server):
        await program.fetching.fetch()
        async with client_of(program) as client:
            ask = await press(client, await client.get("/manage/digests"), "Send now")
            page = await press(client, ask, "Send it")
            assert page.url.path == "/manage/digests"
            assert "is being composed" in page.text
            async with asyncio.timeout(60):
                while "is being composed" in (await client.get("/manage/digests")).text:
                    await asyncio.to_thread(program.db.version)
            assert len(deliveries.list_deliveries(program.db)) == 3
        await program.aclose()


async def test_an_unknown_delivery_is_settled(tmp_path: Path) -> None:
    with newsroom(tmp_path, "northwire", more=TWO) as (program, _, _server):
        await program.fetching.fetch()
        await program.editions.send("daily")
        with program.db.write() as connection:
            connection.execute(update(delivery).values(state="unknown"))
        async with client_of(program) as client:
            page = await client.get("/manage/deliveries?state=unknown")
            assert page.text.count("It arrived") == 3
            settled = await press(client, page, "It arrived")
            assert "outcome is stored" in settled.text
            assert (await press(client, page, "It arrived")).status_code == 404, "it is settled already"
            for key in ("", "x", "9" * 30, "-1"):
                assert (await press(client, page, "Send again", delivery=key)).status_code == 404
            assert (await client.get("/manage/deliveries?state=%22%3E&edition=%22%3E")).status_code == 200
        await program.aclose()


async def test_an_address_is_suppressed_and_gets_mail_again(tmp_path: Path) -> None:
    with app_of(tmp_path, TWO) as program:
        async with client_of(program) as client:
            page = await client.get("/manage/recipients")
            assert page.text.count("data-item") == 3
            assert "secret-path" not in page.text
            page = await press(client, page, "Suppress", address="Ann@example.org")
            assert recipients.suppressed(program.db, [ANN.address])
            assert "gets nothing: by hand" in page.text
            page = await press(client, page, "Send again")
            assert recipients.suppressed(program.db, [ANN.address]) == {}
            assert "gets nothing" not in page.text
            assert (await press(client, page, "Suppress", address="<b>@")).status_code == 422
            assert (await client.get("/manage/recipients?page=999999999999")).status_code == 200


async def test_many_recipients_are_found_by_address_or_digest(tmp_path: Path) -> None:
    people = ", ".join(f'"reader{n}@x.example"' for n in range(70))
    mail = '[mail]\nsender = "news@x.example"\nhost = "127.0.0.1"\n'
    text = mail + DIGEST.replace('"folder:out"', people) + DIGEST.replace('"daily"', '"weekly"')
    with app_of(tmp_path, text) as program:
        async with client_of(program) as client:
            first = await client.get("/manage/recipients")
            assert first.text.count("data-item") == 60
            second = await client.get("/manage/recipients?page=2")
            assert second.text.count("data-item") == 11
            found = await client.get("/manage/recipients?q=READER6")
            assert found.text.count("data-item") == 11
            assert (await client.get("/manage/recipients?q=weekly")).text.count("data-item") == 1
            assert "No recipient or digest has this" in (await client.get("/manage/recipients?q=nobody")).text
    alone = tmp_path / "alone"
    alone.mkdir()
    with app_of(alone, DIGEST) as program:
        async with client_of(program) as client:
            assert 'role="search"' not in (await client.get("/manage/recipients")).text, "one needs no search"


async def test_more_like_a_story_and_undo(tmp_path: Path) -> None:
    with newsroom(tmp_path, "northwire", "harbour") as (program, _, _server):
        await program.fetching.fetch()
        program.stories.group()
        (edition,) = await program.editions.send("daily")
        story = edition.items[0].story
        async with client_of(program) as client:
            page = await client.get(f"/stories/{story}")
            page = await press(client, page, "More like this")
            assert page.url.path == f"/stories/{story}"
            assert "You asked for more like this" in page.text
            assert list(recipients.feedback_on(program.db, story).values()) == [1]
            page = await press(client, page, "Undo")
            assert list(recipients.feedback_on(program.db, story).values()) == [0]
            page = await press(client, page, "Less like this")
            assert list(recipients.feedback_on(program.db, story).values()) == [-1]
            assert (await press(client, page, "Undo", recipient="x")).status_code == 404
        await program.aclose()


async def test_a_busy_database_is_said_so(tmp_path: Path) -> None:
    with app_of(tmp_path, TWO) as program:
        async with client_of(program) as client:
            page = await client.get("/manage/recipients")
            program.db.close()
            (tmp_path / "news.db").write_bytes(b"no database " * 1000)
            for suffix in ("-wal", "-shm"):
                (tmp_path / f"news.db{suffix}").unlink(missing_ok=True)
            for answer in (
                await client.get("/manage/feeds"),
                await press(client, page, "Suppress", address="a@b.example"),
            ):
                assert answer.status_code == 503
                assert answer.headers["retry-after"]
                assert "Nothing has changed" in answer.text
