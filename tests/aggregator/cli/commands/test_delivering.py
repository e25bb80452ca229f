"""`send`, `deliver` and `fetch --due` without a daemon, against a real SMTP server."""

import json
import subprocess
import sys
from email import message_from_bytes
from email.policy import default

import pytest

from aggregator.system import process
from tests.support.site import BANK, GRID, rss
from tests.support.smtp import SmtpServer
from tests.support.sqlite import sqlite_file

STORM = "Storm cuts power line, 40,000 homes dark"
RATE = "Vale central bank raises rate to 4.5 percent"


@pytest.fixture
def server():
    with SmtpServer() as server:
        yield server


@pytest.fixture
def mailing(shell, site, server):
    """A configuration that mails one feed; returns a function that sets its recipients and other lines."""
    url = site.feed("/mailed.xml", rss("North", (STORM, GRID)))

    def configure(to=("ann@a.example", "bob@b.example"), mail="", digest="", digests=("morning",)):
        tables = "".join(
            f'[[digest]]\nname = "{name}"\nzone = "UTC"\nto = {json.dumps(list(to))}\n{digest}\n' for name in digests
        )
        shell.write(
            f'[web]\nenabled = false\n[mail]\nsender = "news@example.org"\nhost = "127.0.0.1"\nport = {server.port}\n'
            f'security = "none"\n{mail}\n[[feed]]\nurl = "{url}"\nname = "North"\nallow_private = true\n{tables}'
        )
        return shell

    configure()
    assert shell("fetch").status == 0
    return configure


def sql(shell, statement, *values):
    with sqlite_file(shell.folder / "data" / "aggregator.db") as database:
        return database.execute(statement, values).fetchall()


def a_day_later(shell):
    """Move everything that the database knows of editions and deliveries a day back."""
    day = 86_400_000_000 if sql(shell, "SELECT max(created) FROM delivery")[0][0] > 1e14 else 86_400
    for table, columns in {
        "delivery": ("created", "updated", "next_try", "expires", "sent_at"),
        "edition": ("slot", "composed", "period_start", "period_end"),
        "ledger": ("at",),
    }.items():
        for column in columns:
            sql(shell, f"UPDATE {table} SET {column} = {column} - {day} WHERE {column} IS NOT NULL")


def texts(server, recipient):
    return [
        message_from_bytes(one.body, policy=default).get_body(("plain",)).get_content()
        for one in server.accepted
        if one.recipient == recipient
    ]


@pytest.mark.parametrize("reply", ["451 4.7.1 greylisted", "450 4.2.1 busy", "drop", "421 4.3.2 closing"])
def test_a_second_send_tries_again_at_once_and_sends_no_second_edition(mailing, server, reply):
    shell = mailing(("ann@a.example",))
    server.on("rcpt", reply)
    failed = shell("send", "morning")
    assert failed.status == 1
    assert "1 of 1 deliveries were not sent" in failed.err
    again = shell("send", "morning")
    assert again.status == 0, again.err
    assert "sent mail:ann@a.example" in again.out
    assert [one.recipient for one in server.accepted] == ["ann@a.example"]


def test_a_send_after_a_server_that_was_down_tries_everyone(mailing, server):
    port = server.port
    shell = mailing()
    shell.write(shell.config.read_text().replace(f"port = {port}", "port = 1"))
    assert shell("send", "morning").status == 1
    shell.write(shell.config.read_text().replace("port = 1\n", f"port = {port}\n"))
    assert shell("deliver").out == "nothing to deliver\n"
    done = shell("deliver", "--now")
    assert done.status == 0, done.err
    assert sorted(one.recipient for one in server.accepted) == ["ann@a.example", "bob@b.example"]


def test_a_send_after_a_kill_delivers_what_the_dead_process_held(mailing, server):
    people = [f"r{n}@d{n % 7}.example" for n in range(130)]
    shell = mailing(people)
    server.always("r0@d0.example", "rcpt", "451 later")
    shell("send", "morning")
    dead = subprocess.run(
        [sys.executable, "-c", "from aggregator.system import process; print(process.lease_holder())"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert process.has_ended(dead)
    # As after a kill in the middle: 30 are held by the dead process, 50 wait, 50 are sent.
    sql(
        shell,
        "UPDATE delivery SET state = 'queued', next_try = created, sent_at = NULL, attempts = 0 WHERE id % 13 < 8",
    )
    later = "lease_until = (SELECT max(expires) FROM delivery)"
    sql(shell, f"UPDATE delivery SET state = 'sending', lease_owner = ?, {later} WHERE id % 13 < 3", dead)
    server._always.clear()
    waiting = sql(shell, "SELECT count(*) FROM delivery WHERE state != 'sent'")[0][0]
    before = len(server.accepted)
    done = shell("send", "morning")
    assert done.status == 0, done.err
    assert len(server.accepted) == before + waiting
    assert sql(shell, "SELECT DISTINCT state FROM delivery") == [("sent",)]
    assert len(shell("editions", "--json").rows) == 1


def test_a_send_of_another_recipient_in_the_same_minute_is_an_edition_of_its_own(mailing, server):
    shell = mailing()
    assert shell("send", "morning", "--to", "ann@a.example").status == 0
    done = shell("send", "morning", "--to", "bob@b.example")
    assert done.status == 0, done.err
    assert [one.recipient for one in server.accepted] == ["ann@a.example", "bob@b.example"]
    assert shell("send", "morning").status == 0
    assert len(server.accepted) == 2


def test_who_was_greylisted_gets_the_stories_of_the_expired_edition(mailing, server, site):
    shell = mailing()
    server.on("rcpt", "451 4.7.1 greylisted", "ok")
    assert shell("send", "morning").status == 1
    a_day_later(shell)
    site.feed("/mailed.xml", rss("North", (STORM, GRID), (RATE, BANK)))
    assert shell("fetch", "--force").status == 0
    done = shell("send", "morning")
    assert done.status == 0, done.err
    assert "expired mail:ann@a.example" in done.out
    [ann], [_, bob] = texts(server, "ann@a.example"), texts(server, "bob@b.example")
    assert STORM in ann
    assert RATE in ann
    assert STORM not in bob
    assert RATE in bob


def test_fetch_due_delivers_what_is_due_and_says_what_failed(mailing, server):
    shell = mailing()
    server.on("rcpt", "451 4.7.1 greylisted", "ok")
    assert shell("send", "morning").status == 1
    assert shell("fetch", "--due").status == 0
    assert len(server.accepted) == 1
    sql(shell, "UPDATE delivery SET next_try = created WHERE state = 'queued'")
    server.on("rcpt", "451 4.7.1 greylisted still")
    done = shell("fetch", "--due")
    assert done.status == 1
    assert "queued mail:ann@a.example: " in done.out
    sql(shell, "UPDATE delivery SET next_try = created WHERE state = 'queued'")
    done = shell("fetch", "--due")
    assert done.status == 0, done.err
    assert "sent mail:ann@a.example" in done.out
    assert len(server.accepted) == 2


@pytest.mark.parametrize(("reply", "status"), [("550 5.1.1 no such user", 3), ("451 later", 1), ("ok", 0)])
def test_deliver_says_by_its_status_what_it_tried(mailing, server, reply, status):
    shell = mailing(("ann@a.example",))
    server.on("rcpt", "451 first")
    shell("send", "morning")
    sql(shell, "UPDATE delivery SET next_try = created")
    server.on("rcpt", reply)
    done = shell("deliver")
    assert done.status == status
    assert "mail:ann@a.example" in done.out


def test_a_send_that_delivered_a_late_edition_adds_no_note_without_news(mailing, server):
    shell = mailing(("ann@a.example",))
    server.on("rcpt", "451 later")
    shell("send", "morning")
    minutes = 600_000_000 if sql(shell, "SELECT max(created) FROM delivery")[0][0] > 1e14 else 600
    sql(shell, f"UPDATE edition SET slot = slot - {minutes}, id = id || 'x'")
    for table in ("delivery", "item", "item_article", "ledger"):
        sql(shell, f"UPDATE {table} SET edition_id = edition_id || 'x' WHERE edition_id IS NOT NULL")
    assert shell("send", "morning").status == 0
    assert len(texts(server, "ann@a.example")) == 1
