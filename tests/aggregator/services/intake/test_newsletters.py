"""Newsletters from a Maildir, a real Dovecot and standard input into real SQLite."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.recipients.mailbox import MailboxError
from aggregator.services.intake import newsletters
from aggregator.services.intake.configured import sync_configured_feeds
from aggregator.services.intake.newsletters import MAX_MAIL, NewslettersService, newsletter_settings
from aggregator.services.program import Program
from aggregator.store.errors import LeaseLost, NotFound
from aggregator.store.intake import feeds as feed_store
from aggregator.system.clock import ManualClock
from tests.feeds.sources.test_newsletter import mail
from tests.support.apps import DIGEST, app_of
from tests.support.dovecot import PROGRAM, dovecot
from tests.support.stored import feed_entries

NOW = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)


def deliver(folder: Path, name: str, data: bytes) -> None:
    for part in ("new", "cur", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "new" / name).write_bytes(data)


def service(program: Program) -> NewslettersService:
    return NewslettersService(program.context, newsletter_settings(program.config))


def titles(program: Program, sender: str) -> list[str]:
    record = feed_store.feed(program.db, f"newsletter:{sender}")
    return sorted(entry.title for entry in feed_entries(program.db, record.id))


def test_a_maildir_is_read_once_and_each_sender_is_a_feed(tmp_path: Path) -> None:
    box = tmp_path / "mail"
    deliver(box, "1.a", mail("The bridge is decided"))
    deliver(box, "2.a", mail("Your receipt from us", Message_ID="<2@x>"))
    deliver(
        box, "3.a", mail("The port is closed", Message_ID="<3@x>", List_Id="Port <port.example>", From="p@port.example")
    )
    text = f'{DIGEST}[newsletters]\nmaildir = "{box}"\n'
    with app_of(tmp_path, text, ManualClock(NOW)) as program:
        received = service(program).read_mailboxes()
        assert received.new == {"The Harbour Post": 1, "Port": 1}
        assert list(received.refused.values()) == [1]
        assert titles(program, "daily.post.example") == ["The bridge is decided"]
        assert titles(program, "port.example") == ["The port is closed"]
        assert sorted(path.name for path in (box / "new").iterdir()) == ["1.a", "2.a", "3.a"]
        assert service(program).read_mailboxes().new.total() == 0
        deliver(box, "4.a", mail("The bridge again", Message_ID="<4@post.example>"))
        assert service(program).read_mailboxes().new == {"The Harbour Post": 1}
        assert service(program).receive([mail("The bridge again", Message_ID="<4@post.example>")]).known == 1


def test_the_feeds_of_newsletters_stay_and_are_not_polled(tmp_path: Path) -> None:
    with app_of(tmp_path, DIGEST, ManualClock(NOW)) as program:
        service(program).receive([mail()])
        feed_store.sync_subscriptions(program.db, [], NOW)
        [health] = feed_store.list_feeds(program.db, NOW)
        assert (health.feed.label, health.feed.subscribed, health.entries) == ("The Harbour Post", True, 1)
        later = NOW + timedelta(days=9)
        feed_store.make_due(program.db, later)
        assert feed_store.claim_due(program.db, later, "test", timedelta(minutes=1), 9) == []


def test_a_newsletter_is_not_fetched_by_its_name(tmp_path: Path) -> None:
    with app_of(tmp_path, DIGEST, ManualClock(NOW)) as program:
        service(program).receive([mail()])
        with pytest.raises(NotFound, match="by mail"):
            asyncio.run(program.fetching.fetch(["The Harbour Post"]))
        [health] = feed_store.list_feeds(program.db, NOW)
        assert (health.feed.state.failures, health.feed.state.next_check) == (0, None)


def test_a_forged_sender_enters_no_feed(tmp_path: Path) -> None:
    with app_of(tmp_path, DIGEST, ManualClock(NOW)) as program:
        service(program).receive([mail()])
        forged = mail("The mayor resigns", sender="The Harbour Post <news@evil.example>", Message_ID="<9@evil.example>")
        assert list(service(program).receive([forged]).refused) == ["its sender is forged: the list has another domain"]
        same = mail("The mayor resigns", Message_ID="<1@post.example>")
        assert service(program).receive([same]).known == 1
        assert titles(program, "daily.post.example") == ["The bridge is decided"]


def test_old_mails_of_a_new_sender_are_backlog(tmp_path: Path) -> None:
    with app_of(tmp_path, DIGEST, ManualClock(NOW)) as program:
        old = mail("Old news", Message_ID="<old@post.example>", Date="Mon, 2 Feb 2026 08:30:00 +0100")
        service(program).receive([mail(), old])
        record = feed_store.feed(program.db, "newsletter:daily.post.example")
        assert {entry.title: entry.backlog for entry in feed_entries(program.db, record.id)} == {
            "The bridge is decided": False,
            "Old news": True,
        }


@pytest.mark.parametrize(("limit", "value"), [("MAX_DAILY", 2), ("MAX_DAILY_BYTES", 2_000)])
def test_a_flood_is_cut_for_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    monkeypatch.setattr(newsletters, limit, value)
    text = "<p>" + "The council decided on the bridge. " * 10  # about 350 bytes, stored as text and as HTML
    flood = [mail(f"Number {n}", text, Message_ID=f"<{n}@post.example>") for n in range(5)]
    clock = ManualClock(NOW)
    with app_of(tmp_path, DIGEST, clock) as program:
        received = service(program).receive(flood)
        assert received.new == {"The Harbour Post": 2}
        assert list(received.refused.values()) == [3]
        assert service(program).receive(flood[2:]).refused.total() == 3
        clock.advance(timedelta(days=1, seconds=1))
        assert service(program).receive(flood[2:4]).new.total() == 2


def test_a_flood_of_new_lists_is_cut_for_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newsletters, "MAX_NEW_SENDERS", 2)
    clock = ManualClock(NOW)
    mails = [
        mail(Message_ID=f"<{n}@a{n}.example>", List_Id=f"A{n} <a{n}.example>", From=f"a@a{n}.example") for n in range(8)
    ]
    with app_of(tmp_path, DIGEST, clock) as program:
        assert service(program).receive(mails[:3]).new.total() == 3, "the first mailbox may have any number"
        clock.advance(timedelta(days=1, seconds=1))
        flooded = service(program).receive(mails[3:])
        assert flooded.new.total() == 2
        assert flooded.refused == {"more than 2 lists and senders are new today": 3}
        known = mail("Again", Message_ID="<again@a0.example>", List_Id="A0 <a0.example>", From="a@a0.example")
        assert service(program).receive([known]).new.total() == 1, "known lists go on"
        clock.advance(timedelta(days=1, seconds=1))
        assert service(program).receive(mails[5:7]).new.total() == 2


def test_a_mail_of_30_mb_is_not_read(tmp_path: Path) -> None:
    box = tmp_path / "mail"
    deliver(box, "1.a", mail(html="x" * 30_000_000))
    with app_of(tmp_path, f'{DIGEST}[newsletters]\nmaildir = "{box}"\n', ManualClock(NOW)) as program:
        assert list(service(program).read_mailboxes().refused) == [
            f"it is empty or larger than {MAX_MAIL // 1_000_000} MB"
        ]


def test_ignored_senders(tmp_path: Path) -> None:
    with app_of(tmp_path, f'{DIGEST}[newsletters]\nignore = ["daily.post.example"]\n', ManualClock(NOW)) as program:
        assert list(service(program).receive([mail()]).refused) == ["its sender is in `ignore` or disabled"]


def test_a_mail_is_read_again_while_another_process_has_the_feed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newsletters, "WAIT_SECONDS", 0.0)
    box = tmp_path / "mail"
    deliver(box, "1.a", mail("The bridge is decided"))
    with app_of(tmp_path, f'{DIGEST}[newsletters]\nmaildir = "{box}"\n', ManualClock(NOW)) as program:
        service(program).read_mailboxes()
        record = feed_store.feed(program.db, "newsletter:daily.post.example")
        assert feed_store.claim(program.db, [record.id], NOW, "another", timedelta(minutes=1))
        deliver(box, "2.a", mail("The bridge again", Message_ID="<2@post.example>"))
        with pytest.raises(LeaseLost):
            service(program).read_mailboxes()
        feed_store.release(program.db, [record.id], "another")
        assert service(program).read_mailboxes().new == {"The Harbour Post": 1}


def test_a_missing_maildir_is_an_error(tmp_path: Path) -> None:
    with (
        app_of(tmp_path, f'{DIGEST}[newsletters]\nmaildir = "{tmp_path}/none"\n') as program,
        pytest.raises(MailboxError),
    ):
        service(program).read_mailboxes()


def test_standard_input(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f'[storage]\nurl = "sqlite:///news.db"\n{DIGEST}')
    command = [sys.executable, "-m", "aggregator", "newsletters", "receive"]
    done = subprocess.run(command, cwd=tmp_path, input=mail(), capture_output=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (0, b"The Harbour Post: 1 new\n"), done.stderr


@pytest.mark.skipif(not PROGRAM, reason="needs Dovecot")
@pytest.mark.parametrize("mark", [False, True])
def test_an_imap_folder_is_read_behind_the_last_mail(
    tmp_path: Path, mark: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAP_SECRET", "secret")
    with dovecot() as (port, box):
        deliver(box, "1.a", mail("The bridge is decided"))
        deliver(box, "2.a", mail(html="x" * 12_000_000, Message_ID="<2@x>"))
        text = (
            f'{DIGEST}[newsletters]\nimap_host = "127.0.0.1"\nimap_port = {port}\nimap_security = "none"\n'
            f'imap_user = "news"\npassword_env = "IMAP_SECRET"\nmark_seen = {str(mark).lower()}\n'
        )
        with app_of(tmp_path, text, ManualClock(NOW)) as program:
            received = service(program).read_mailboxes()
            assert received.new == {"The Harbour Post": 1}
            assert received.refused.total() == 1
            assert service(program).read_mailboxes() == type(received)()
            deliver(box, "3.a", mail("The bridge again", Message_ID="<3@post.example>"))
            assert service(program).read_mailboxes().new == {"The Harbour Post": 1}
            seen = [path.name.rpartition(":2,")[2] for name in ("new", "cur") for path in (box / name).iterdir()]
            assert all(("S" in flags) == mark for flags in seen)
            assert len(seen) == 3


def test_the_configuration_may_name_a_newsletter_before_and_after_its_first_mail(tmp_path: Path) -> None:
    table = '[[feed]]\nurl = "newsletter:Daily.Post.Example"\nname = "Post"\ntopic = "World"\nweight = 2.0\n'
    with app_of(tmp_path, DIGEST + table, ManualClock(NOW)) as program:
        sync_configured_feeds(program.db, program.config, NOW)
        assert feed_store.claim_due(program.db, NOW, "test", timedelta(minutes=1), 9) == []
        service(program).receive([mail()])
        sync_configured_feeds(program.db, program.config, NOW)
        record = feed_store.feed(program.db, "Post")
        assert (record.topic, record.weight, record.title) == ("World", 2.0, "The Harbour Post")
        # The options with the sender's domain are kept: a forged mail is refused as before.
        forged = service(program).receive([mail(Message_ID="<9@x>", From="news@evil.example")])
        assert forged.refused.total() == 1
        feed_store.sync_subscriptions(program.db, [], NOW)
        [health] = feed_store.list_feeds(program.db, NOW)
        assert (health.feed.label, health.feed.topic, health.feed.subscribed) == ("The Harbour Post", None, True)


def test_a_disabled_newsletter_is_left_out(tmp_path: Path) -> None:
    table = '[[feed]]\nurl = "newsletter:daily.post.example"\nenabled = false\n'
    with app_of(tmp_path, DIGEST + table, ManualClock(NOW)) as program:
        assert service(program).receive([mail()]).new.total() == 0


def test_fetch_reads_the_mailbox_too_and_a_missing_one_costs_no_feed(tmp_path: Path) -> None:
    box = tmp_path / "mail"
    deliver(box, "1.a", mail("The bridge is decided"))
    file = tmp_path / "config.toml"
    file.write_text(f'[storage]\nurl = "sqlite:///news.db"\n{DIGEST}[newsletters]\nmaildir = "{box}"\n')

    def fetch(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "aggregator", "fetch", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)

    first = fetch("--due")
    assert first.returncode == 0, first.stderr
    assert "The Harbour Post: 1 new" in first.stdout
    box.rename(tmp_path / "gone")
    second = fetch()
    assert "newsletters are not read" in second.stderr
    assert "hint: check [newsletters]" in second.stderr
