"""init, add, remove, import, export: the user's file, changed as asked and otherwise left alone."""

import time

from tests.support.site import GRID, rss

MINE = "# my own words\n[fetch]\nallow_private = true\n"
OPML = b"""<?xml version="1.0"?><opml version="2.0"><head><title>x</title></head><body>
<outline text="Science"><outline text="North" type="rss" xmlUrl="https://north.example/feed"/></outline>
<outline text="South" type="rss" xmlUrl="https://south.example/feed"/>
<outline text="Odd" type="rss" xmlUrl="javascript:alert(1)"/></body></opml>"""


def test_init_writes_a_file_that_works_and_never_over_another(shell):
    assert shell("init").status == 0
    assert len(shell("feeds", "--json").rows) >= 12
    again = shell("init")
    assert again.status == 1
    assert "--force" in again.err
    shell.write("# spoiled")
    assert shell("init", "--force").status == 0
    assert "[[feed]]" in shell.config.read_text(encoding="utf-8")


def test_add_finds_the_feed_behind_a_page_and_keeps_comments(shell, site):
    feed = site.feed("/grid.xml", rss("Grid Weekly", ("Storm cuts power line", GRID)))
    page = site.page("/", f'<link rel="alternate" type="application/rss+xml" title="Grid" href="{feed}"><p>Hello')
    shell.write(MINE)
    done = shell("add", page, "--topic", "Science")
    assert done.status == 0, done.err
    assert "Grid Weekly" in done.out
    assert "Storm cuts power line" in done.out
    text = shell.config.read_text(encoding="utf-8")
    assert text.startswith(MINE)
    assert f'[[feed]]\nurl = "{feed}"\nname = "Grid Weekly"\ntopic = "Science"\n' in text
    [row] = shell("feeds", "--json").rows
    assert (row["name"], row["topic"], row["state"]) == ("Grid Weekly", "Science", "new")


def test_add_twice_adds_once(shell, site):
    feed = site.feed("/once.xml", rss("Once", ("A", GRID)))
    shell.write(MINE)
    shell("add", feed)
    done = shell("add", feed, "--name", "Again")
    assert done.status == 0
    assert "already subscribed" in done.err
    assert shell.config.read_text(encoding="utf-8").count("[[feed]]") == 1


def test_one_bad_address_costs_the_good_one_nothing(shell, site):
    feed = site.feed("/good.xml", rss("Good", ("A", GRID)))
    shell.write(MINE)
    done = shell("add", f"{site.base}/nothing", feed)
    assert done.status == 1
    assert "[http-404]" in done.err
    assert "hint: " in done.err
    assert "Good" in shell.config.read_text(encoding="utf-8")


def test_only_bad_addresses_leave_with_3(shell, site):
    shell.write(MINE)
    page = site.page("/plain.html", "<html><body><p>no feed here</p></body></html>")
    done = shell("add", page)
    assert done.status == 3
    assert "[not-a-feed]" in done.err


LIST = "<title>Town news</title>" + "".join(
    f'<article class="teaser"><h2><a href="/news/{n}">The council decides on bridge {n}</a></h2>'
    f'<time datetime="2026-03-1{n}T08:00:00Z">x</time><p>{GRID}</p></article>'
    for n in range(5)
)


def test_add_page_proposes_selectors_shows_what_they_find_and_writes_them(shell, site):
    page = site.page("/news/", LIST)
    shell.write(MINE)
    found = shell("add", page)
    assert found.status == 3
    assert f"aggregator add {page} --page" in found.err
    done = shell("add", page, "--page", "--topic", "Politics")
    assert done.status == 0, done.err
    assert "  item = article.teaser" in done.out
    assert "2026-03-10 08:00  The council decides on bridge 0" in done.out
    text = shell.config.read_text(encoding="utf-8")
    assert text.startswith(MINE)
    assert 'topic = "Politics"\n[feed.page]\nitem = "article.teaser"\ntitle = "h2"\n' in text
    assert shell("fetch").status == 0
    assert "bridge" in shell("stories", "--since", "9999d").out
    changed = text.replace("article.teaser", "article.gone")
    shell.write(changed)
    assert shell("fetch").status == 3
    [row] = shell("feeds", "--json").rows
    assert (row["code"], row["failures"]) == ("no-items", 1)
    assert shell("remove", "Town news").status == 0
    assert shell.config.read_text(encoding="utf-8").rstrip("\n") == MINE.rstrip("\n")


def test_add_page_refuses_a_page_without_a_list(shell, site):
    shell.write(MINE)
    done = shell("add", site.page("/plain.html", "<p>no list here</p>"), "--page")
    assert done.status == 3
    assert "[no-items]" in done.err
    assert "hint: write [feed.page] by hand" in done.err
    missing = shell("add", f"{site.base}/nothing", "--page")
    assert "[http-404]" in missing.err
    assert "by hand" not in missing.err
    assert shell.config.read_text(encoding="utf-8") == MINE


def test_add_refuses_a_private_address_unless_it_is_meant(shell, site):
    feed = site.feed("/private.xml", rss("Private", ("A", GRID)))
    shell.write("")
    refused = shell("add", feed)
    assert refused.status == 3
    assert "[ssrf]" in refused.err
    assert shell("add", feed, "--allow-private").status == 0
    assert "allow_private = true" in shell.config.read_text(encoding="utf-8")


def test_add_without_asking_needs_no_network(shell):
    shell.write("")
    assert shell("add", "north.example/feed", "--no-check", "--name", "North").status == 0
    assert 'url = "https://north.example/feed"\nname = "North"' in shell.config.read_text(encoding="utf-8")


def test_one_name_for_two_addresses_is_refused(shell):
    shell.write("")
    assert shell("add", "a.example", "b.example", "--name", "N").status == 2


def test_remove_takes_a_name_an_address_or_a_part_of_one(configured, site):
    assert configured("remove", "north").status == 0
    assert configured("remove", f"{site.base}/missing.xml").status == 0
    text = configured.config.read_text(encoding="utf-8")
    assert "North" not in text
    assert "Missing" not in text
    assert text.startswith("# a comment\n")
    assert configured("remove", "South").status == 0


def test_remove_says_what_is_near_or_ambiguous(configured):
    near = configured("remove", "Nroth")
    assert near.status == 2
    assert 'did you mean "North"?' in near.err
    several = configured("remove", "th")
    assert several.status == 2
    assert "North, South" in several.err


def test_remove_names_the_opml_file_that_a_feed_comes_from(shell):
    (shell.folder / "subs.opml").write_bytes(OPML)
    shell.write('[[opml]]\nfile = "subs.opml"\n')
    done = shell("remove", "South")
    assert done.status == 1
    assert "subs.opml" in done.err


def test_a_list_that_is_none_is_named(shell):
    (shell.folder / "subs.opml").write_text("half a file", encoding="utf-8")
    shell.write('[[opml]]\nfile = "subs.opml"\n')
    done = shell("export")
    assert done.status == 1
    assert "subs.opml: this is not a subscription list [not-opml]" in done.err


def test_import_takes_folders_as_topics_and_passes_over_what_is_no_address(shell):
    (shell.folder / "subs.opml").write_bytes(OPML)
    shell.write(MINE)
    done = shell("import", "subs.opml")
    assert done.status == 0
    assert "2 feeds added" in done.out
    text = shell.config.read_text(encoding="utf-8")
    assert "javascript" not in text
    assert 'url = "https://north.example/feed"\nname = "North"\ntopic = "Science"\n' in text
    assert "0 feeds added" in shell("import", "subs.opml").out


def test_what_was_exported_is_imported_the_same(shell):
    (shell.folder / "subs.opml").write_bytes(OPML)
    shell.write("")
    shell("import", "subs.opml")
    before = shell.config.read_text(encoding="utf-8")
    assert shell("export", "out.opml").status == 0
    shell.write("")
    assert shell("import", "out.opml").status == 0
    assert shell.config.read_text(encoding="utf-8") == before


def test_an_opml_file_without_feeds_is_a_failure(shell):
    (shell.folder / "empty.opml").write_text("<opml version='2.0'><body/></opml>", encoding="utf-8")
    shell.write("")
    done = shell("import", "empty.opml")
    assert done.status == 1
    assert "lists no feed" in done.err


SECRETS = (
    "https://ann:s3cret@a.example/feed",
    "https://s3cret@b.example/feed?x=1",
    "https://c.example/feed?page=1&token=s3cret&y=2",
    "https://d.example/feed?api_key=s3cret",
)


def test_an_export_has_no_secrets_unless_asked_for(shell):
    shell.write("")
    shell("add", "--no-check", *SECRETS, "https://e.example/feed?page=2")
    target = shell.folder / "out.opml"
    reported = shell("export", str(target))
    text = target.read_text()
    assert "s3cret" not in text
    assert "4 feeds" in reported.err
    assert [part for part in ("page=1&amp;y=2", "b.example/feed?x=1", "page=2") if part not in text] == []
    assert target.stat().st_mode & 0o077 == 0
    shell("export", "--with-passwords", str(target))
    assert target.read_text().count("s3cret") >= 4
    for command in (("feeds", "--json"), ("feeds",), ("export",)):
        found = shell(*command)
        assert "s3cret" not in found.out + found.err


def test_a_long_list_of_one_name_is_imported_in_seconds_and_a_longer_one_refused(shell):
    def listing(count):
        rows = "".join(f'<outline type="rss" text="News" xmlUrl="https://n{n}.example/f"/>' for n in range(count))
        (shell.folder / "list.opml").write_text(f"<opml><body>{rows}</body></opml>")

    shell.write("")
    listing(5000)
    began = time.process_time()
    assert "5,000 feeds added" in shell("import", "list.opml").out
    assert time.process_time() - began < 10
    listing(25_001)
    assert "more than 25000" in shell("import", "list.opml").err
