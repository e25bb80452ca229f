"""The way of the news through the commands: fetch, stories, show, explain, digest, send, the archive, the outbox."""

import json
import re
from datetime import UTC, datetime

import pytest

from tests.support.site import BANK, GRID, rss
from tests.support.sqlite import sqlite_file


@pytest.fixture
def fetched(configured):
    """The configured after its first fetch, which must not fail for the one feed that does."""
    done = configured("fetch", "--json")
    assert done.status == 0, done.err
    return configured


def stories(shell, *args):
    return shell("stories", "--json", *args).rows


def test_fetch_reports_each_feed_and_one_that_fails_fails_nothing(configured):
    rows = {row["name"]: row for row in configured("fetch", "--json").rows}
    assert {name: row["code"] for name, row in rows.items()} == {"North": None, "South": None, "Missing": "http-404"}
    assert (rows["North"]["new"], rows["South"]["new"]) == (1, 2)
    assert rows["Missing"]["hint"]


def test_fetch_prints_plain_lines_into_a_pipe_and_a_sum(configured):
    done = configured("fetch", "North", "Missing")
    assert "North: 1 new\n" in done.out
    assert "Missing: failed: the server answered 404 [http-404]; hint: " in done.out
    assert "2 feeds: 1 new entry, 1 failed\n" in done.out
    assert done.err == ""


def test_every_feed_failing_leaves_with_3(configured):
    done = configured("fetch", "Missing")
    assert done.status == 3
    assert "every feed failed" in done.err
    assert "hint: `aggregator doctor`" in done.err


def test_one_hint_is_printed_once_and_a_machine_without_names_is_recognized(configured):
    configured.write("".join(f'[[feed]]\nurl = "https://feed{n}.invalid/feed"\n' for n in range(3)))
    done = configured("fetch")
    assert done.status == 3
    assert done.out.count("failed: ") == 3
    assert done.out.count("hint: ") == 1
    assert "check this machine's network and name server" in done.err


def test_an_address_that_is_no_url_needs_no_doctor(configured):
    done = configured("fetch", "http://")
    assert done.status == 3
    assert done.err.count("http://:") == 1
    assert "doctor" not in done.err


def test_fetch_due_leaves_alone_what_is_not(fetched):
    assert fetched("fetch", "--due").out == "nothing to fetch\n"


def test_an_address_that_is_not_subscribed_is_shown_and_nothing_is_stored(configured, site):
    configured.write("[fetch]\nallow_private = true\n")
    url = site.feed("/stranger.xml", rss("Stranger", ("A strange title", GRID)))
    done = configured("fetch", url)
    assert done.status == 0
    assert "Stranger (rss20, 1 entry), not subscribed:" in done.out
    assert "A strange title" in done.out
    assert stories(configured) == []


def test_a_misspelt_feed_gets_a_suggestion(configured):
    done = configured("fetch", "Nroth")
    assert done.status == 2
    assert 'did you mean "North"?' in done.err


def test_feeds_shows_the_health_of_each(fetched):
    rows = {row["name"]: row for row in fetched("feeds", "--json").rows}
    assert {name: row["state"] for name, row in rows.items()} == {"North": "ok", "South": "ok", "Missing": "failing"}
    assert rows["Missing"]["code"] == "http-404"
    assert [row["name"] for row in fetched("feeds", "--json", "--troubled").rows] == ["Missing"]
    table = fetched("feeds").out
    assert "Missing" in table
    assert "[http-404]" in table


def test_stories_are_reported_once_and_found_by_query_topic_and_likeness(fetched):
    assert len(stories(fetched)) == 2
    [bank] = stories(fetched, "title:bank AND NOT storm")
    assert bank["outlets"] == ["South"]
    assert [one["id"] for one in stories(fetched, "--topic", "business")] == [bank["id"]]
    example = fetched.folder / "example.txt"
    example.write_text(BANK + " Rates were raised.", encoding="utf-8")
    best, other = stories(fetched, "--like", str(example))
    assert best["id"] == bank["id"]
    assert best["score"] > other["score"]
    assert best["reasons"]
    assert f"{bank['id']}" in fetched("stories", "bank").out


def test_wrong_queries_topics_and_examples_are_usage_errors(fetched):
    for args, words in (
        (("(a OR",), "column"),
        (("--topic", "Sience"), "there is no topic"),
        (("--like", "no-such-file"), "No such file"),
        (("--since", "yesterday"), "is not a duration"),
    ):
        done = fetched("stories", *args)
        assert done.status == 2
        assert words in done.err


def test_show_gives_summary_sources_and_timeline(fetched):
    [bank] = stories(fetched, "title:bank")
    done = fetched("show", bank["id"])
    assert "4.5 percent" in done.out
    assert "[1] South: Vale central bank raises rate" in done.out
    [row] = fetched("show", bank["id"][:6], "--json").rows
    assert row["summary"][0]["sources"] == [0]
    [grid] = stories(fetched, "title:storm")
    [first] = grid["outlets"]  # of two feeds that are fetched at once either may be
    other = {"North": "South", "South": "North"}[first]
    shown = fetched("show", grid["id"]).out
    assert f"also carried by {other}" in shown
    assert f"text by {first}: it came in from {first} first" in shown
    assert fetched("show", grid["id"], "--json").rows[0]["origins"] == [
        {"outlet": first, "copy_of": "", "reason": f"it came in from {first} first"}
    ]
    missing = fetched("show", "no-such-story")
    assert missing.status == 2
    assert "lists them" in missing.err


def test_explain_says_why_articles_were_joined_and_what_the_digest_makes_of_it(fetched):
    [grid] = stories(fetched, "title:storm")
    done = fetched("explain", grid["id"])
    # Both outlets published at the same time and are fetched at once: either may open the story.
    first = "North" if "opened the story: North, “Storm " in done.out else "South"
    other = {"North": "South", "South": "North"}[first]
    assert f"opened the story: {first}, “Storm " in done.out
    assert f"has the same text as an earlier article: {other}, “Storm " in done.out
    assert f"% of the text is the same as in {first}, “Storm " in done.out
    author = grid["outlets"][0]
    assert f"text by {author}: it came in from {author} first" in done.out
    assert "digest morning: chosen, number" in done.out
    fetched("send", "morning")
    assert "digest morning: held back (" in fetched("explain", grid["id"]).out


def test_explain_lists_the_entries_behind_the_counts_of_an_edition(fetched):
    fetched("send", "morning")
    [edition] = fetched("editions", "--json").rows
    counts = fetched("explain", edition["id"]).out
    assert counts.startswith("3 entries came in:\n")
    assert "       2  in the stories shown         --shown\n" in counts
    assert "       1  folded as copies             --copies\n" in counts
    listed = fetched("explain", edition["id"], "--copies", "--shown").out
    assert "1 folded as copies:\n" in listed
    assert "      the same text as " in listed
    rows = fetched("explain", edition["id"], "--json").rows
    assert sorted(row["class"] for row in rows) == ["copies", "shown", "shown"]
    assert [row["class"] for row in fetched("explain", edition["id"], "--copies", "--json").rows] == ["copies"]
    now = fetched("explain", "morning")
    assert now.status == 0
    assert now.out == "no entry came in\n"


def test_explain_of_an_edition_that_is_not_there_says_so(fetched):
    missing = fetched("explain", "morning-20200101T0000Z", "--held")
    assert missing.status == 2
    assert "there is no edition" in missing.err


def test_explain_gives_the_true_reason_for_a_muted_story_and_for_old_news(shell, site):
    old = b"""<rss version="2.0"><channel><title>Old</title><item><title>Museum of cheese sold</title><guid>1</guid>
        <pubDate>Mon, 02 Mar 2020 10:00:00 GMT</pubDate><description>The museum was sold to a \
dairy.</description></item>
        <item><title>Comet over Lund</title><guid>2</guid><description>A comet was seen over Lund.</description></item>
        </channel></rss>"""
    shell.write(
        f'[[feed]]\nurl = "{site.feed("/old.xml", old)}"\nallow_private = true\n[[digest]]\nname = "morning"\n'
        'to = ["folder:out"]\n[[rule]]\nname = "skies"\nquery = "comet"\naction = "mute"\n'
    )
    assert shell("fetch").status == 0
    [cheese], [comet] = stories(shell, "title:cheese"), stories(shell, "title:comet")
    said = shell("explain", cheese["id"]).out
    assert "digest morning: set aside: old when its feed was first fetched on " in said
    assert "(published 2020-03-02 10:00 UTC)" in said
    assert "digest morning: muted by rule “skies”" in shell("explain", comet["id"]).out
    lists = shell("explain", "morning", "--muted", "--backlog").out
    assert "Comet over Lund\n      rule “skies”\n" in lists
    assert "Museum of cheese sold\n      old news of a feed that was just added\n" in lists


REPORTED = (
    (
        "Ferry Solveig hits quay at Baly, 98 hurt",
        "The ferry Solveig hit the quay of Baly in fog. The coastguard counted 98 hurt.",
    ),
    (
        "Baly ferry Solveig strikes quay",
        "Fog was thick when the ferry Solveig struck the quay at Baly; the coastguard saw 61 hurt.",
    ),
)


def test_explain_names_the_article_that_was_compared_and_weighs_on_request(shell, site):
    feeds = [
        f'[[feed]]\nurl = "{site.feed(f"/{name}.xml", rss(name, reported))}"\nname = "{name}"\nallow_private = true\n'
        for name, reported in zip(("Early", "Later"), REPORTED, strict=True)
    ]
    shell.write("\n".join(feeds))
    assert shell("fetch").status == 0
    [ferry] = stories(shell, "title:ferry")
    plain, weighed = shell("explain", ferry["id"]).out, shell("-v", "explain", ferry["id"]).out
    first = re.search(r"opened the story: (\w+),", plain)[1]
    title = dict(zip(("Early", "Later"), (reported[0] for reported in REPORTED), strict=True))[first]
    assert f"    compared with the most similar article: {first}, “{title}”" in plain
    assert "98 hurt" in plain
    assert "61 hurt" in plain
    assert not [line for line in plain.splitlines() if line.endswith(")") and line.startswith("    ")]
    assert [line for line in weighed.splitlines() if line.startswith("    ") and line.endswith(")")]
    site.feed("/Early.xml", rss("Early", (REPORTED[0][0], "The ferry Solveig hit the quay. In all 77 were hurt.")))
    assert shell("fetch", "--force").status == 0
    assert f"Early, “{REPORTED[0][0]}” (changed since)" in shell("explain", ferry["id"]).out


def test_digest_shows_what_would_go_out_and_records_nothing(fetched):
    for _ in range(2):
        done = fetched("digest")
        assert done.status == 0, done.err
        assert "40,000 homes" in done.out
    assert fetched("editions", "--json").rows == []
    assert not (fetched.folder / "out").exists()


@pytest.mark.parametrize(
    ("form", "sign"),
    [
        ("html", b"<!doctype html>"),
        ("text", b"morning"),
        ("eml", b"mime-version: 1.0"),
        ("json", b'"digest"'),
        ("atom", b"<feed"),
    ],
)
def test_digest_makes_every_format_into_a_file(fetched, form, sign):
    out = fetched.folder / "made" / f"d.{form}"
    assert fetched("digest", "morning", "--format", form, "--out", str(out)).status == 0
    assert sign in out.read_bytes().lower()


def test_digest_as_of_an_earlier_time_knows_nothing_of_later_news(fetched):
    done = fetched("digest", "morning", "--at", "2d")
    assert done.status == 0, done.err
    assert "40,000 homes" not in done.out


def test_an_unknown_digest_gets_a_suggestion(fetched):
    done = fetched("digest", "mornig")
    assert done.status == 2
    assert 'did you mean "morning"?' in done.err


def test_send_delivers_once_and_the_archive_keeps_it(fetched):
    rehearsal = fetched("send", "morning", "--dry-run")
    assert "would go to folder:" in rehearsal.out
    assert fetched("editions", "--json").rows == []
    sent = fetched("send", "morning")
    assert sent.status == 0, sent.err
    assert "  sent folder:" in sent.out
    [edition] = fetched("editions", "--json").rows
    assert edition["stories"] == 2
    assert len(list((fetched.folder / "out").iterdir())) == 1
    assert "40,000 homes" in fetched("show-edition", edition["id"]).out
    assert json.loads(fetched("show-edition", edition["id"], "--format", "json").out)["id"] == edition["id"]
    [delivery] = fetched("deliveries", "list", "--json").rows
    assert (delivery["state"], delivery["edition"]) == ("sent", edition["id"])
    assert edition["id"] in fetched("editions").out
    assert edition["id"] in fetched("deliveries", "list").out


@pytest.mark.parametrize("form", ["html", "text", "eml", "json", "atom"])
def test_a_stored_edition_is_the_same_to_the_byte_whatever_has_happened_since(fetched, site, form):
    fetched("send", "morning")
    [edition] = fetched("editions", "--json").rows

    def shown(name):
        out = fetched.folder / name
        assert fetched("show-edition", edition["id"], "--format", form, "--out", str(out)).status == 0
        return out.read_bytes()

    first = shown("first")
    site.feed("/north.xml", rss("North", ("Everything was different after all", BANK)))
    assert fetched("fetch", "--force").status == 0
    assert shown("second") == first
    if form == "html":
        [delivered] = (fetched.folder / "out").iterdir()
        assert first == delivered.read_bytes(), "what is shown is what was delivered"


def test_a_preview_of_one_instant_is_the_same_to_the_byte(fetched):
    at = datetime.now(UTC).isoformat()
    first, second = (fetched("digest", "morning", "--format", "json", "--at", at).out for _ in range(2))
    assert "40,000 homes" in first
    assert first == second


def test_resend_is_a_message_of_its_own(fetched):
    fetched("send", "morning")
    [edition] = fetched("editions", "--json").rows
    assert fetched("resend", edition["id"]).status == 0
    assert fetched("resend", edition["id"], "--to", "maildir:Mail").status == 0
    rows = fetched("deliveries", "list", "--json").rows
    assert [row["state"] for row in rows] == ["sent"] * 3
    assert len({row["message_id"] for row in rows}) == 3
    assert len(list((fetched.folder / "Mail" / "new").iterdir())) == 1


@pytest.mark.parametrize("quiet", [(), ("-q",)])
def test_resend_names_whom_it_leaves_out(fetched, quiet):
    fetched.write(fetched.config.read_text().replace('to = ["folder:out"]', 'to = ["folder:out", "maildir:Mail"]'))
    assert fetched("send", "morning").status == 0
    [edition] = fetched("editions", "--json").rows
    assert fetched("recipients", "suppress", "maildir:Mail", "--reason", "left").status == 0
    done = fetched("resend", edition["id"], *quiet)
    assert done.status == 0, done.err
    assert ("skipped: " in done.err) == (not quiet)


def test_send_and_resend_reach_every_one_of_many_readers(fetched):
    readers = ", ".join(f'"folder:out/{number}"' for number in range(120))
    fetched.write(fetched.config.read_text().replace('to = ["folder:out"]', f"to = [{readers}]"))
    done = fetched("send", "morning")
    assert done.status == 0, done.err
    assert done.out.count("  sent folder:") == 120
    assert len(list(fetched.folder.glob("out/*/*"))) == 120
    [edition] = fetched("editions", "--json").rows
    again = fetched("resend", edition["id"])
    assert again.status == 0, again.err
    assert again.out.count("  sent folder:") == 120


def test_a_delivery_that_fails_fails_the_send_and_costs_no_other(fetched):
    (fetched.folder / "blocked").write_text("a file where the folder should be")
    fetched.write(fetched.config.read_text().replace('to = ["folder:out"]', 'to = ["folder:blocked", "maildir:Mail"]'))
    done = fetched("send", "morning")
    assert done.status == 1
    assert "1 of 2 deliveries were not sent" in done.err
    assert "  sent maildir:" in done.out
    [edition] = fetched("editions", "--json").rows
    again = fetched("resend", edition["id"])
    assert again.status == 1
    assert "  sent maildir:" in again.out


def test_an_edition_or_reader_that_is_not_there_is_named(fetched):
    assert "no-such" in fetched("show-edition", "no-such").err
    assert fetched("resend", "no-such").status == 2
    assert fetched("send", "morning", "--to", "pigeon:home").status == 2


def test_nothing_is_queued_for_a_reader_who_left_or_whose_address_is_stopped(fetched):
    fetched("send", "morning", "--to", "maildir:Mail")
    [edition] = fetched("editions", "--json").rows
    [sent] = fetched("deliveries", "list", "--json").rows
    assert fetched("recipients", "suppress", "ann@example.org", "--reason", "complained").status == 0
    with sqlite_file(fetched.folder / "data" / "aggregator.db") as database:
        key = f"maildir:{fetched.folder / 'Mail'}"
        [(reader,)] = database.execute("SELECT id FROM recipient WHERE key = ?", (key,)).fetchall()
        database.execute(
            "INSERT INTO subscription (recipient_id, digest, state, since) VALUES (?, 'morning', 'left', 0)", (reader,)
        )
    for who, why, hint in (
        ("ann@example.org", "gets nothing: complained", "aggregator recipients resume ann@example.org"),
        ("maildir:Mail", "left “morning”", "subscribing again"),
    ):
        for command in (("send", "morning"), ("send", "morning", "--dry-run"), ("resend", edition["id"])):
            refused = fetched(*command, "--to", who)
            assert refused.status == 1
            assert why in refused.err
            assert hint in refused.err
            assert "[unwelcome]" in refused.err
    assert fetched("deliveries", "list", "--json").rows == [sent]
    assert fetched("resend", edition["id"]).status == 1
    fetched("recipients", "resume", "ann@example.org")
    assert fetched("send", "morning", "--to", "ann@example.org", "--dry-run").status == 0


def test_only_an_unknown_delivery_is_settled(fetched):
    fetched("send", "morning")
    [delivery] = fetched("deliveries", "list", "--json").rows
    refused = fetched("deliveries", "settle", str(delivery["id"]), "sent")
    assert refused.status == 1
    assert "--state unknown" in refused.err
    with sqlite_file(fetched.folder / "data" / "aggregator.db") as database:
        database.execute("UPDATE delivery SET state = 'unknown'")
    assert fetched("deliveries", "list", "--state", "unknown", "--json").rows
    assert fetched("deliveries", "settle", str(delivery["id"]), "sent").status == 0
    assert [row["state"] for row in fetched("deliveries", "list", "--json").rows] == ["sent"]


def test_backup_is_a_database_that_reads_the_same(fetched):
    refused = fetched("backup", "copy/b.db")
    assert refused.status == 1
    assert "there is no folder copy" in refused.err
    fetched.config.with_name("copy").mkdir()
    assert fetched("backup", "copy/b.db").status == 0
    before = stories(fetched)
    fetched.write(
        fetched.config.read_text(encoding="utf-8").replace("# a comment", '[storage]\nurl = "sqlite:///copy/b.db"')
    )
    assert [one["id"] for one in stories(fetched)] == [one["id"] for one in before]


def test_doctor_is_content_with_warnings_and_leaves_with_1_at_an_error(fetched):
    done = fetched("doctor", "--offline")
    assert done.status == 0, done.out
    assert "warning  feeds: Missing: the server answered 404 [http-404]" in done.out
    assert "hint: " in done.out
    assert {row["level"] for row in fetched("doctor", "--offline", "--json").rows} == {"ok", "warning"}
    fetched.write("[fetch]\ntimeout = 3\n")
    broken = fetched("doctor", "--offline")
    assert broken.status == 1
    assert "config.toml:2: fetch.timeout" in broken.out


def test_a_damaged_database_is_an_error_with_code_and_hint(configured):
    (configured.folder / "data").mkdir()
    (configured.folder / "data" / "aggregator.db").write_bytes(b"not a database at all, and longer than a header" * 30)
    done = configured("fetch")
    assert done.status == 1
    assert "[corrupt]" in done.err
    assert "hint: " in done.err


def test_secrets_are_cut_from_every_output(configured, monkeypatch):
    monkeypatch.setenv("HOOK", "unused")
    text = configured.config.read_text(encoding="utf-8").replace(
        '"folder:out"', '"folder:out", "webhook:http://127.0.0.1:9/T0-secret-path"'
    )
    configured.write(text)
    configured("fetch")
    for args in (
        ("send", "morning", "--dry-run"),
        ("send", "morning"),
        ("deliveries", "list"),
        ("deliveries", "list", "--json"),
    ):
        done = configured(*args)
        assert "T0-secret-path" not in done.out + done.err
