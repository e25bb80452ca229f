"""A site of files: its pages, links, search and feeds, written by the command and as a recipient of a digest."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from sqlalchemy import text

from aggregator.config.load import load
from aggregator.daemon.cluster.tasks import build_cluster_tasks
from aggregator.observe.metrics import Metrics
from aggregator.store.outgoing.deliveries import editions_of
from aggregator.store.stories import stories as story_store
from aggregator.web.site import pages
from aggregator.web.site.files import write_site
from aggregator.web.site.pages import Site
from aggregator.web.site.paths import file_of, relative_link, safe_name
from aggregator.web.site.refresh import refresh_sites
from digests.channels.recipient import Recipient
from tests.support.chromium import chromium
from tests.support.press import Press, press
from tests.support.serving import Serving

pytestmark = pytest.mark.anyio
START = datetime(2026, 3, 9, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
DIGEST = (
    '[[digest]]\nname = "daily"\ntitle = "The <daily>"\nzone = "UTC"\nschedule = "0 18 * * *"\nto = ["site:site"]\n'
)
DAM = (
    "Dam above Port Hale breaks and floods 300 houses",
    "The dam above Port Hale broke on Monday morning and flooded 300 houses in the valley, governor Ida Lund said.",
)
BANK = (
    "Zentralbank von Tarn erhöht <b>Leitzins</b> & warnt",
    "Die Zentralbank von Tarn hat am Montag den Leitzins auf 4 Prozent erhöht, sagte Gouverneurin Ina Holt.",
)
FOUND = (  # the index arrives after the page
    "new Promise(done => { const look = () => { const n = document.querySelectorAll('#found a').length;"
    " n ? done(n) : setTimeout(look, 20); }; look(); })"
)
LINK = re.compile(r'(?:href|src)="([^"]+)"')


async def edition(paper: Press, at: datetime = START + 9 * HOUR) -> None:
    await paper.publish("gazette", START, *DAM)
    await paper.publish("courier", START, *BANK)
    assert len(await paper.due(at)) == 1


def test_nobody_else_can_change_a_site_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_site(tmp_path / "www" / "site", [("index.html", b"a"), ("editions/2026/one.html", b"b")])
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "www", *(tmp_path / "www").rglob("*"))}
    assert modes == {0o755, 0o644}


def broken_links(folder: Path) -> list[tuple[str, str]]:
    """Return the links from a page of the site to a file that it does not have."""
    found = []
    for page in folder.rglob("*.html"):
        here = page.relative_to(folder).as_posix()
        for link in LINK.findall(page.read_text("utf-8")):
            target = urlsplit(urljoin(f"https://site.example/{here}", link.replace("&amp;", "&")))
            if target.hostname == "site.example" and not (folder / unquote(target.path).lstrip("/")).is_file():
                found.append((here, link))
    return found


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder as any web server does; yield its URL."""
    with Serving(ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(folder)))) as server:
        yield f"http://127.0.0.1:{server.port}"


async def test_a_digest_that_goes_to_a_site_writes_its_pages(tmp_path: Path) -> None:
    async with press(tmp_path, DIGEST, START - 2 * HOUR, ("gazette", "courier")) as paper:
        await edition(paper)
        paper.program.delivery.deliver()
        assert refresh_sites(paper.program) == []
        site = tmp_path / "site"
        assert broken_links(site) == []
        index = (site / "index.html").read_text("utf-8")
        assert "Dam above Port Hale" in index or "Zentralbank" in index
        assert "The &lt;daily&gt;" in index
        assert not (site / ".due").exists()
        before = (site / "index.html").stat().st_mtime_ns
        assert refresh_sites(paper.program) == []  # nothing new: nothing is written
        assert (site / "index.html").stat().st_mtime_ns == before
        assert '<feed xmlns="http://www.w3.org/2005/Atom"' in (site / "digests" / "daily.xml").read_text("utf-8")
        assert len(list((site / "stories").iterdir())) == 2


async def test_the_first_deliver_task_of_a_cluster_writes_the_pages(tmp_path: Path) -> None:
    async with press(tmp_path, DIGEST, START - 2 * HOUR, ("gazette", "courier")) as paper:
        await edition(paper)
        deliver = build_cluster_tasks(paper.program, Metrics())["deliver"]
        await deliver(lane=1)
        assert (tmp_path / "site" / ".due").exists()
        await deliver(lane=0)
        assert (tmp_path / "site" / "index.html").exists()


async def test_a_killed_writer_leaves_its_mark_and_the_next_one_writes(tmp_path: Path) -> None:
    async with press(tmp_path, DIGEST, START - 2 * HOUR, ("gazette", "courier")) as paper:
        await edition(paper)
        paper.program.delivery.deliver()
        (tmp_path / "site" / ".due").rename(tmp_path / "site" / ".writing")
        refresh_sites(paper.program)
        assert (tmp_path / "site" / "index.html").exists()
        assert not (tmp_path / "site" / ".writing").exists()


async def test_an_edition_for_others_alone_and_a_paused_digest(tmp_path: Path) -> None:
    both = DIGEST.replace('["site:site"]', '["site:site", "folder:mine"]')
    async with press(tmp_path, both, START - 2 * HOUR, ("gazette", "courier")) as paper:
        await edition(paper)
        mine = Recipient("folder", str(tmp_path / "mine"))
        await paper.publish("gazette", START + 10 * HOUR, "Ferry to Port Hale sinks", "The ferry to Port Hale sank.")
        paper.clock.set(START + 11 * HOUR)
        (alone,) = await paper.program.editions.send("daily", only=mine)
        made = await paper.due(START + 33 * HOUR)
        parts = {one.id: one.audience for one in made}
        assert len(parts) == 2, "what mine has got is not new to it"
        assert all(parts.values())
        refresh_sites(paper.program)
        pages = {file.stem for file in (tmp_path / "site" / "editions").iterdir()}
        to_site = editions_of(paper.program.db, Recipient("site", str(tmp_path / "site")))
        assert to_site <= pages
        assert len(parts.keys() & pages) == 1, "one was composed for mine alone"
        assert alone.id not in pages, "what one recipient asked for is not on a site of others"
        await paper.program.reconfigure(load(_paused(tmp_path)))
        (tmp_path / "site" / ".due").touch()
        assert refresh_sites(paper.program) == []
        assert {file.stem for file in (tmp_path / "site" / "editions").iterdir()} == pages


def _paused(folder: Path) -> Path:
    (path,) = folder.glob("*.toml")
    path.write_text(path.read_text("utf-8").replace('name = "daily"\n', 'name = "daily"\nenabled = false\n'), "utf-8")
    return path


async def test_a_broken_template_is_a_problem_of_the_site(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "archive.html").write_text("{% if %}", "utf-8")
    web = '[web]\ntemplates = "own"\n'
    async with press(tmp_path, web + DIGEST, START - 2 * HOUR, ("gazette", "courier")) as paper:
        await edition(paper)
        (problem,) = refresh_sites(paper.program)
        assert "is not written" in problem
        assert (tmp_path / "site" / ".writing").exists()


async def test_the_page_of_a_story_that_is_no_longer_stored_says_what_editions_said(tmp_path: Path) -> None:
    async with press(tmp_path, DIGEST, START - 2 * HOUR, ("gazette", "courier")) as paper:
        await edition(paper)
        first = story_store.list_stories(paper.program.db, START - HOUR, 9)[0].id
        with paper.program.db.write() as connection:  # as if the edition were of another database
            connection.execute(text("update edition set document = replace(document, :old, 'gone')"), {"old": first})
            connection.execute(text("update item set story_id = 'gone' where story_id = :old"), {"old": first})
        written = dict(Site(paper.program, ["daily"]).files())
        page = written["stories/gone.html"].decode()
        assert "no longer stored" in page
        assert "What editions said" in page


async def test_search_finds_words_without_accents_in_a_browser(tmp_path: Path) -> None:
    async with press(tmp_path, DIGEST, START - 2 * HOUR, ("gazette", "courier")) as paper:
        await edition(paper)
        write_site(tmp_path / "out", Site(paper.program, ["daily"]).files())
    with served(tmp_path / "out") as url, chromium() as page:
        page.show(f"{url}/search.html?q=ERHOHT+leitzins", 375, 812, "dark")
        found = page.run(FOUND)
        assert found == 1
        assert page.run("document.querySelector('#found a').textContent").startswith("Zentralbank von Tarn erhöht")
        assert page.run("document.documentElement.scrollWidth") <= 375


async def test_the_index_keeps_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "INDEX_BYTES", 120)
    async with press(tmp_path, DIGEST, START - 2 * HOUR, ("gazette", "courier")) as paper:
        await edition(paper)
        written = dict(Site(paper.program, ["daily"]).files())
        assert len(written["search.json"]) <= 120
        assert len(json.loads(written["search.json"])) < 2
        assert "only in the editions" in written["search.html"].decode()


def test_only_own_files_are_removed_and_only_changed_ones_written(tmp_path: Path) -> None:
    (tmp_path / "own.html").write_text("mine")
    first = write_site(tmp_path, [("index.html", b"1"), ("stories/a.html", b"2")])
    assert (first.files, first.changed, first.removed) == (2, 2, 0)
    second = write_site(tmp_path, [("index.html", b"1")])
    assert (second.files, second.changed, second.removed) == (1, 0, 1)
    assert sorted(path.name for path in tmp_path.rglob("*.html")) == ["index.html", "own.html"]
    (tmp_path / ".published").write_text("../../outside\n/etc/passwd\nindex.html\n")
    write_site(tmp_path, [])
    assert not (tmp_path / "index.html").exists()


@pytest.mark.parametrize(
    ("path", "query", "file"),
    [
        ("/", {}, "index.html"),
        ("/", {"digest": "daily", "month": ""}, "digest-daily.html"),
        ("/", {"digest": "daily", "month": "2026-03"}, "digest-month-daily-2026-03.html"),
        ("/topics", {}, "topics.html"),
        ("/stories/abc", {}, "stories/abc.html"),
    ],
)
def test_the_file_of_a_page(path: str, query: dict[str, str], file: str) -> None:
    assert file_of(path, **query) == file


def test_names_of_files_are_safe_and_distinct() -> None:
    names = ["Kultur & Mehr", "Kultur - Mehr", "../../etc/passwd", "日本", "中国", "a", "A" * 300, "A" * 301]
    files = [safe_name(name) for name in names]
    assert len(set(files)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,100}", file) for file in files)
    assert relative_link("stories/a.html", "editions/b.html") == "../stories/a.html"
