"""`recipients` and `bounces` as a person types them."""

from __future__ import annotations

import pytest

from aggregator.recipients.lists import BadLine, ReaderLine, read

DESK = """[mail]
sender = "news@news.example"
host = "127.0.0.1"
[[digest]]
name = "morning"
to = ["ann@example.org"]
[[digest]]
name = "weekly"
to = ["folder:out"]
"""


@pytest.fixture
def configured(shell):
    shell.write(DESK)
    return shell


def standings(configured):
    return {row["recipient"]: row["digests"] for row in configured("recipients", "list", "--json").rows}


def test_a_reader_is_added_listed_and_removed(configured):
    assert set(standings(configured)) == {"mail:ann@example.org", f"folder:{configured.folder / 'out'}"}, (
        "those of the file"
    )
    done = configured(
        "recipients", "add", "Bob@example.org", "--digest", "weekly", "--language", "de", "--zone", "Asia/Tokyo"
    )
    assert (done.status, done.out) == (0, "mail:bob@example.org: weekly: added\n")
    [row] = [
        row for row in configured("recipients", "list", "--json").rows if row["recipient"] == "mail:Bob@example.org"
    ]
    assert (row["language"], row["zone"], row["digests"]) == ("de", "Asia/Tokyo", {"weekly": "active"})
    assert "Asia/Tokyo" in configured("recipients", "list", "--digest", "weekly").out
    only = configured("recipients", "list", "--digest", "morning", "--json").rows
    assert [row["recipient"] for row in only] == ["mail:ann@example.org"]
    assert "removed from weekly" in configured("recipients", "remove", "Bob@example.org").out
    assert "had no digest" in configured("recipients", "remove", "Bob@example.org").out
    assert "remove it there" in configured("recipients", "remove", "ann@example.org").out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("nobody", "--digest", "weekly"), "not a mail address"),
        (("a@b.example\r\nBcc: c@d.example", "--digest", "weekly"), "not a mail address"),
        (("a@b.example",), "which digest"),
        (("a@b.example", "--digest", "daily"), "no digest 'daily'"),
        (("a@b.example", "--digest", "weekly", "--zone", "Mars"), "no time zone"),
        (("a@b.example", "--digest", "weekly", "--language", "!!"), "no language"),
    ],
)
def test_what_cannot_be_added_is_said(configured, args, words):
    done = configured("recipients", "add", *args)
    assert done.status in (1, 2)
    assert words in done.err
    assert set(standings(configured)) == {"mail:ann@example.org", f"folder:{configured.folder / 'out'}"}, "nobody more"


def test_a_list_goes_out_and_comes_back_and_who_left_stays_away(configured, tmp_path):
    (tmp_path / "readers.csv").write_text(
        "\ufeffEmail;Digests;Language\nbob@example.org;weekly morning;de\n# a note\nnobody;weekly;\n"
        "cid@example.org;daily;\n"
        "dora@example.org;;\neve@example.org;weekly;\n",
        encoding="utf-8",
    )
    done = configured("recipients", "import", "readers.csv", "--digest", "morning")
    assert done.status == 0
    assert "line 4: not a mail address" in done.err
    assert "line 5: there is no digest 'daily'" in done.err
    assert configured("recipients", "suppress", "eve@example.org", "--reason", "asked").status == 0
    exported = configured("recipients", "export").out
    assert "bob@example.org,morning weekly,de,,,active\n" in exported
    (tmp_path / "left.csv").write_text(
        exported.replace("dora@example.org,morning,,,,active", "dora@example.org,morning,,,,left")
    )
    configured("recipients", "remove", "eve@example.org")
    again = configured("recipients", "import", "left.csv")
    assert "mail:dora@example.org: morning: marked as left" in again.out
    assert "mail:eve@example.org: weekly: suppressed" in again.out
    assert (
        "has left and is not added again"
        in configured("recipients", "import", "readers.csv", "--digest", "morning").out
    )
    assert standings(configured)["mail:dora@example.org"] == {"morning": "left"}
    assert "gets mail again" in configured("recipients", "resume", "eve@example.org").out
    assert "was not stopped" in configured("recipients", "resume", "eve@example.org").out


def test_addresses_alone_are_a_list_too(configured, tmp_path):
    (tmp_path / "list.txt").write_text("bob@example.org\n\ncid@example.org\n")
    assert configured("recipients", "import", "list.txt", "--digest", "weekly").out.count(": added") == 2
    (tmp_path / "bad.txt").write_text("nothing\n")
    assert configured("recipients", "import", "bad.txt", "--digest", "weekly").status == 1
    assert configured("recipients", "export", "out.csv").status == 0
    assert (tmp_path / "out.csv").read_text().startswith("address,digests,language,zone,format,state\n")


def test_a_list_may_hold_anything():
    text = 'address\tdigests\n"unclosed\tmorning\nbob@example.org\tmorning\textra\n\0\t\n'
    found = list(read(text, ["morning"]))
    assert [type(one) for one in found] == [BadLine, ReaderLine, BadLine]


def test_reports_are_read_from_a_file_and_a_mailbox_must_be_named(configured, tmp_path):
    (tmp_path / "r.eml").write_bytes(b"Subject: hello\r\n\r\nno report\r\n")
    assert configured("bounces", "r.eml").out == "none\n"
    nothing = configured("bounces")
    assert nothing.status == 1
    assert "[bounces] maildir or imap_host" in nothing.err


def test_the_configured_maildir_is_read(configured, tmp_path):
    configured.write(DESK + '[bounces]\naddress = "b@news.example"\nmaildir = "Reports"\n')
    assert configured("bounces").status == 1
    (tmp_path / "Reports" / "new").mkdir(parents=True)
    (tmp_path / "Reports" / "new" / "1").write_bytes(b"Subject: hello\r\n\r\nno report\r\n")
    assert configured("bounces").out == "none\n"
    assert configured("bounces").out == ""


def test_a_letter_to_confirm_is_queued_once_and_listed_with_the_deliveries(shell):
    shell.write(DESK + '[web]\npublic_url = "https://news.example"\n')
    first = shell("recipients", "add", "bob@example.org", "--digest", "morning")
    assert "a confirmation letter is queued" in first.out
    assert "was asked to confirm already" in shell("recipients", "add", "bob@example.org", "--digest", "morning").out
    assert "letter: confirmation" in shell("deliveries", "list").out
    (row,) = shell("deliveries", "list", "--json").rows
    assert (row["purpose"], row["edition"], row["digest"], row["state"], row["to"]) == (
        "confirmation",
        None,
        "morning",
        "queued",
        "mail:bob@example.org",
    )
