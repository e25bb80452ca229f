"""`publish`, and a digest that goes to a site, from the command line."""

from __future__ import annotations

import pytest

from tests.aggregator.cli.conftest import Shell
from tests.support.site import BANK, GRID, Site, rss


@pytest.fixture
def news(shell: Shell, site: Site) -> Shell:
    """Return a shell whose digest goes to a site; its feed is fetched."""
    url = site.feed("/north.xml", rss("North", ("Storm cuts power line", GRID), ("Vale raises its rate", BANK)))
    shell.write(
        f'[web]\nenabled = false\n[[feed]]\nurl = "{url}"\nname = "North"\nallow_private = true\n'
        '[[digest]]\nname = "morning"\nzone = "UTC"\nto = ["site:site"]\nmin_score = 0\n'
    )
    assert shell("fetch").status == 0
    return shell


def test_send_writes_the_site_and_publish_writes_the_same_files(news: Shell) -> None:
    assert news("send", "morning").status == 0
    site = news.folder / "site"
    assert "Storm cuts power line" in (site / "index.html").read_text() + (site / "search.json").read_text()
    done = news("publish", str(news.folder / "copy"), "--url", "https://news.example/")
    assert done.status == 0, done.err
    count = len(list(news.folder.glob("copy/**/*.*"))) - len(list(news.folder.glob("copy/**/.published")))
    assert done.out == f"{count} files in {news.folder / 'copy'}: {count} written, 0 removed\n"
    written = {path.relative_to(site): path.read_text() for path in site.glob("**/*.html")}
    copied = {path.relative_to(news.folder / "copy"): path.read_text() for path in news.folder.glob("copy/**/*.html")}
    assert written == copied
    assert "https://news.example/editions/" in (news.folder / "copy" / "digests" / "morning.xml").read_text()


def test_wrong_arguments_name_what_is_wrong(news: Shell) -> None:
    unknown = news("publish", "out", "--digest", "evening")
    assert unknown.status == 2
    assert "there is no digest 'evening'; there are: morning" in unknown.err
    (news.folder / "file").write_text("")
    closed = news("publish", str(news.folder / "file" / "out"))
    assert closed.status == 1
    assert "name a folder that you may write to" in closed.err
