"""`doctor mail`, against a real server."""

from __future__ import annotations

from tests.aggregator.cli.conftest import Shell
from tests.support.smtp import SmtpServer

MAIL = """[mail]
sender = "news@example.org"
host = "127.0.0.1"
port = {port}
security = "none"
[[feed]]
url = "https://a.example/feed"
[[digest]]
name = "d"
schedule = "0 7 * * *"
to = ["me@example.org"]
"""


def test_a_test_message_goes_the_way_digests_go(shell: Shell) -> None:
    with SmtpServer() as server:
        shell.write(MAIL.format(port=server.port))
        done = shell("doctor", "mail", "--send-to", "you@example.net", "--json")
        (accepted,) = server.accepted
    assert accepted.recipient == "you@example.net"
    assert [row["level"] for row in done.rows if row["subject"] == "test"] == ["ok"]
    assert not any(row["subject"] == "feeds" for row in done.rows)


def test_a_message_that_could_not_be_sent_is_an_error(shell: Shell) -> None:
    shell.write(MAIL.format(port=1))
    done = shell("doctor", "mail", "--send-to", "you@example.net", "--json")
    assert done.status == 1
    assert [row["level"] for row in done.rows if row["subject"] == "test"] == ["error"]


def test_a_test_message_belongs_to_the_mail_part(shell: Shell) -> None:
    shell.write(MAIL.format(port=1))
    done = shell("doctor", "--send-to", "you@example.net")
    assert done.status == 2
    assert "doctor mail" in done.err
