"""Who gets mail: one recipient for every spelling of an address, unsubscribing by mail, lists, local mail, backups."""

import email
import email.policy
import json
import mailbox
import re
from urllib.parse import unquote

import pytest

from tests.support.imap import ImapServer
from tests.support.site import GRID, rss
from tests.support.smtp import SmtpServer
from tests.support.sqlite import sqlite_file


@pytest.fixture
def server():
    with SmtpServer() as server:
        yield server


@pytest.fixture
def mailing(shell, site, server):
    """Return a function that writes a configuration with one digest by mail."""
    url = site.feed("/people.xml", rss("North", ("Storm cuts power line, 40,000 homes dark", GRID)))

    def configure(*to, mail="", more="", host="127.0.0.1"):
        shell.write(
            f'[web]\nenabled = false\n[mail]\nsender = "news@example.org"\nhost = "{host}"\nport = {server.port}\n'
            f'security = "none"\n{mail}\n[[feed]]\nurl = "{url}"\nname = "North"\nallow_private = true\n'
            f'[[digest]]\nname = "morning"\nzone = "Europe/Berlin"\nlanguage = "de"\nto = {json.dumps(to)}\n{more}'
        )
        return shell

    return configure


def reached(server):
    return [one.recipient for one in server.accepted]


def test_an_alert_takes_recipients_by_its_name(mailing):
    shell = mailing("ann@example.org", more='[[alert]]\nname = "quakes"\nquery = "earthquake"\nto = ["folder:out"]\n')
    assert shell("recipients", "add", "bob@example.org", "--digest", "quakes", "--confirmed").status == 0
    listed = shell("recipients", "list", "--digest", "quakes").out
    assert ("bob@example.org" in listed, "ann@example.org" in listed) == (True, False)
    for command in (("list",), ("add", "eve@example.org")):
        done = shell("recipients", *command, "--digest", "quake")
        assert (done.status, "there are: morning, quakes" in done.err) == (2, True)


@pytest.mark.parametrize("spelling", ["Ann@example.org", "ANN@EXAMPLE.ORG", "ann@Example.org"])
def test_who_left_stays_away_under_every_spelling(mailing, server, spelling):
    shell = mailing("ann@example.org")
    shell("fetch")
    assert shell("send", "morning").status == 0
    with sqlite_file(shell.folder / "data" / "aggregator.db") as database:
        database.execute("INSERT INTO subscription SELECT id, 'morning', 'left', 0 FROM recipient")
    (shell.folder / "list.csv").write_text(f"{spelling}\n")
    done = shell("recipients", "import", "list.csv", "--digest", "morning", "--confirmed")
    assert "has left and is not added again" in done.out
    mailing(spelling, "bob@example.org")
    assert shell("send", "morning").status == 0
    assert reached(server) == ["ann@example.org", "bob@example.org"]


def test_two_spellings_are_one_recipient(mailing, server):
    shell = mailing("Bob@example.org", "bob@example.org", "BOB@example.org", "folder:Out", "folder:out")
    shell("fetch")
    assert shell("send", "morning").status == 0
    assert reached(server) == ["Bob@example.org"]
    assert [p.name for p in shell.folder.iterdir() if p.name.lower() == "out"].__len__() == 2
    shell("recipients", "suppress", "boB@example.org")
    mailing("BOB@example.org")
    assert "would go to" not in shell("send", "morning", "--dry-run").out


def unsubscribe_mail(sent, sender="ann@example.org", *, head=""):
    """The mail that a mail program's button makes of the List-Unsubscribe field."""
    field = email.message_from_bytes(sent, policy=email.policy.default)["List-Unsubscribe"]
    to, _, subject = re.search(r"<mailto:([^>]*)>", field)[1].partition("?subject=")
    text = f"From: {sender}\r\nTo: {unquote(to)}\r\nSubject: {unquote(subject)}\r\n{head}Message-ID: <x@y>\r\n\r\n\r\n"
    return unquote(to), text.encode()


@pytest.mark.parametrize("way", ["maildir", "imap", "file", "wrapped"])
def test_a_mail_to_the_unsubscribe_address_unsubscribes(mailing, server, monkeypatch, way):
    monkeypatch.setenv("IMAP_PASSWORD", "secret")
    with ImapServer() as imap:
        more = '[bounces]\naddress = "bounces@example.org"\n'
        if way == "imap":
            more += f'imap_host = "127.0.0.1"\nimap_port = {imap.port}\nimap_security = "none"\nimap_user = "reports"\n'
            more += 'password_env = "IMAP_PASSWORD"\n'
        else:
            more += 'maildir = "Mail"\n'
        shell = mailing("ann@example.org", "bob@example.org", more=more)
        shell("fetch")
        assert shell("send", "morning").status == 0
        to, mail = unsubscribe_mail(server.accepted[0].body, "somebody-else@example.org")
        assert to == "bounces@example.org"
        if way == "imap":
            imap.messages[1] = mail
            done = shell("bounces")
        elif way == "maildir":
            mailbox.Maildir(shell.folder / "Mail").add(mail)
            done = shell("bounces")
        else:
            if way == "wrapped":  # as some programs fold a long field
                mail = re.sub(rb"(Subject: unsubscribe .{30})", rb"\1\r\n ", mail)
            (shell.folder / "mail.eml").write_bytes(mail)
            done = shell("bounces", "mail.eml")
        assert "left: mail:ann@example.org: morning" in done.out, done.err
    assert "morning (left)" in shell("recipients", "list").out
    assert "mail:ann" not in shell("send", "morning", "--dry-run").out
    assert "mail:bob" in shell("send", "morning", "--dry-run").out


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda mail: re.sub(rb"unsubscribe \S+", b"unsubscribe", mail), "asked: ann@example.org"),
        (lambda mail: re.sub(rb"(unsubscribe .{20}).", rb"\1!", mail), "asked: ann@example.org"),
        (lambda mail: mail.replace(b"unsubscribe", b"How to unsubscribe?"), "none"),
        (lambda mail: mail.replace(b"Message-ID", b"Auto-Submitted: auto-replied\r\nMessage-ID"), "none"),
    ],
    ids=["no-token", "forged", "question", "automatic"],
)
def test_a_mail_that_proves_nothing_unsubscribes_nobody(mailing, server, change, said):
    shell = mailing("ann@example.org")
    shell("fetch")
    shell("send", "morning")
    (shell.folder / "mail.eml").write_bytes(change(unsubscribe_mail(server.accepted[0].body)[1]))
    assert shell("bounces", "mail.eml").out.startswith(said)
    assert "mail:ann" in shell("send", "morning", "--dry-run").out


def test_the_link_in_the_text_of_a_mail_without_pages_is_signed_too(mailing, server):
    shell = mailing("ann@example.org")
    shell("fetch")
    shell("send", "morning")
    message = email.message_from_bytes(server.accepted[0].body, policy=email.policy.default)
    link = re.search(r"mailto:news@example.org\?subject=unsubscribe[^\s>]*", message.get_body(("plain",)).get_content())
    assert link
    assert link[0] in message["List-Unsubscribe"]


@pytest.mark.parametrize("published", [False, True])
def test_the_operator_is_named_only_if_it_is_set_so(mailing, server, published):
    shell = mailing("ann@example.org", mail='owner = "me@home.example"\n' + "publish_owner = true\n" * published)
    shell("fetch")
    assert shell("send", "morning").status == 0
    assert (b"me@home.example" in server.accepted[0].body) is published


def test_recipients_list_shows_everyone_with_language_and_zone(mailing):
    shell = mailing("ann@example.org", "folder:out")
    add = ("recipients", "add", "eva@example.org", "--digest", "morning", "--zone", "Asia/Tokyo", "--confirmed")
    assert shell(*add).status == 0
    rows = {row["recipient"]: row for row in shell("recipients", "list", "--json").rows}
    assert {key: (row["digests"], row["language"], row["zone"]) for key, row in rows.items()} == {
        "mail:ann@example.org": ({"morning": "active"}, "de", "Europe/Berlin"),
        f"folder:{shell.folder / 'out'}": ({"morning": "active"}, "de", "Europe/Berlin"),
        "mail:eva@example.org": ({"morning": "active"}, "de", "Asia/Tokyo"),
    }


@pytest.mark.parametrize("to", ["root@localhost", "me@nas.local", "ann@mail.localhost", "Ops@localhost.localdomain"])
def test_mail_on_the_own_machine_is_delivered(mailing, server, to):
    shell = mailing(to)
    shell("fetch")
    done = shell("send", "morning")
    assert done.status == 0, done.err
    assert reached(server) == [to]


@pytest.mark.parametrize(
    ("to", "host", "valid"),
    [
        ("root@localhost", "smtp.example.org", False),
        ("me@nas.local", "smtp.example.org", False),
        ("me@nas.local", "nas.local", True),
        ("me@nas.local", "192.168.1.4", True),
        ("root@localhost", "localhost", True),
        ("root@", "localhost", False),
        ("@localhost", "localhost", False),
        ("a b@localhost", "localhost", False),
        ("me@-x.local", "localhost", False),
    ],
)
def test_an_address_of_the_own_network_needs_a_server_there(mailing, to, host, valid):
    done = mailing(to, host=host)("recipients", "list")
    assert (done.status == 0) is valid, done.err


def test_backup_replaces_no_file_silently(mailing):
    shell = mailing("ann@example.org")
    shell("fetch")
    (shell.folder / "b.db").write_text("something else")
    refused = shell("backup", "b.db")
    assert refused.status == 1
    assert "b.db exists already" in refused.err
    assert (shell.folder / "b.db").read_text() == "something else"
    assert shell("backup", "b.db", "--force").status == 0
    assert (shell.folder / "b.db").read_bytes().startswith(b"SQLite format 3")
