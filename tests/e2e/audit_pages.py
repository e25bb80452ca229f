"""Audits every page: axe (WCAG 2.2 AA and best practices), the Nu HTML checker, width, and a picture of each.

    python -m tests.e2e.audit_pages --axe axe.min.js --vnu vnu.jar [--shots DIR]

`make audit-pages` installs both from npm. The pages are those of a program that read four feeds of the demo, over real
HTTP in Chromium at 375 and 1,280 pixels, light and dark, with hostile names, and those of its published site. Prints a
line for each problem; the exit status is 1 if there are any.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import httpx

from aggregator.services.program import Program
from aggregator.web.site.files import write_site
from aggregator.web.site.pages import Site
from tests.support.apps import DIGEST, app_of, newsroom
from tests.support.chromium import Page, Scheme, chromium
from tests.support.managing import grouped, served

SCREENS = ((375, 812), (1280, 900))
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
HOSTILE = "<b>Kapitän &amp; Ko</b> \u202eold\u202c 😀 " + "Donaudampfschiff" * 20
ARABIC = "أخبار الميناء اليومية"
CONFIG = (
    f'[[rule]]\nname = "{HOSTILE}"\nquery = "source:northwire"\naction = "boost"\nvalue = 1\n'
    f'[[interest]]\nname = "{ARABIC}"\nwords = ["ferry"]\nexamples = ["A ferry left the harbour at noon."]\n'
    f'[[alert]]\nname = "a"\nquery = "ferry"\n'
    f'[[feed]]\nurl = "https://a.example/f"\nname = "{HOSTILE}"\nenabled = false\n'
    f'[[read_later]]\nname = "Linkding"\nkind = "linkding"\nurl = "http://127.0.0.1:9"\ntoken_env = "HOME"\n'
    + DIGEST.replace("The daily", HOSTILE)
    + DIGEST.replace('"daily"', '"arabic"').replace("The daily", ARABIC).replace("zone =", 'language = "ar"\nzone =')
)
_AXE = """axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
.then(found => found.violations.map(v => `${v.id}: ${v.nodes.length}, ${v.nodes[0].html.slice(0, 160)}`))"""
_SOURCE = "'<!DOCTYPE html>' + document.documentElement.outerHTML"


@dataclass
class Audit:
    """Collects the problems of pages."""

    page: Page
    axe: str
    folder: Path
    shots: Path | None
    problems: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def look(self, url: str, name: str, *presses: str) -> None:
        """Check a page, or the one that comes after buttons with these labels were pressed."""
        self.names.append(name)
        for screen in SCREENS:
            for scheme in SCHEMES:
                self.page.show(url, *screen, scheme)
                for label in presses:
                    self.page.follow(functools.partial(self._press, label))
                self._check(f"{name} {screen[0]} {scheme}", screen[0])

    def _press(self, label: str) -> None:
        pressed = self.page.run(
            f"(() => {{ const found = [...document.querySelectorAll('button')].find(b => b.textContent.trim() === "
            f"{json.dumps(label)}); found.click(); return !!found; }})()"
        )
        assert pressed, label

    def _check(self, where: str, width: int) -> None:
        self.page.run(self.axe)
        self.problems += [f"{where}: axe {one}" for one in self.page.run(_AXE)]
        wide = self.page.run("document.documentElement.scrollWidth")
        if wide > width:
            self.problems.append(f"{where}: {wide} pixels wide")
        if self.shots is not None:
            file = where.replace("/", "_").replace(" ", "-")[:120]
            (self.shots / f"{file}.png").write_bytes(self.page.picture(full=True))


def paths(program: Program, edition: str, story: str) -> list[str]:
    """Every page that a GET opens."""
    rule, interest = quote(HOSTILE), quote(ARABIC)
    return [
        "/", "/?month=1999-01", f"/editions/{edition}", f"/editions/{edition}/entries", "/editions/none", "/today",
        "/today/arabic", "/topics", "/topics/World", "/topics/None", f"/stories/{story}", "/stories/none",
        f"/like?story={story}", "/like", "/search", "/search?q=ferry", "/search?q=a+AND+(b", "/search?q=nothing-at-all",
        "/saved", "/manage/feeds", "/manage/feeds?show=problems", "/manage/feeds/1", "/manage/feeds/999",
        "/manage/feeds/add", "/manage/feeds/import", "/manage/digests", "/manage/interests",
        "/manage/interests/change", f"/manage/interests/change?name={interest}", "/manage/rules",
        "/manage/rules/change", f"/manage/rules/change?name={rule}", "/manage/alerts/change?name=a",
        "/manage/recipients", "/manage/deliveries",
    ]  # fmt: skip


@contextmanager
def files_served(folder: Path) -> Iterator[str]:
    """The published site from a server of files; yields its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def nu(vnu: Path, folder: Path) -> list[str]:
    """The errors of the Nu checker in the HTML files of a folder."""
    done = subprocess.run(
        ["java", "-jar", str(vnu), "--errors-only", "--format", "json", *map(str, sorted(folder.rglob("*.html")))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return [
        f"{Path(one['url']).name}:{one.get('lastLine')}: nu {one['message']}"
        for one in json.loads(done.stderr)["messages"]
    ]


def audit(audited: Audit, base: str, site: str, wanted: list[str], files: list[str]) -> None:
    """Look at all pages, those that come after a button, and those of the site."""
    for path in wanted:
        audited.look(base + path, path)
    audited.look(f"{base}/manage/digests", "send asks", "Send now")
    audited.look(f"{base}/manage/rules/change?name={quote(HOSTILE)}", "rule preview", "Show preview")
    audited.look(f"{base}/manage/rules/change?name={quote(HOSTILE)}", "rule removed asks", "Remove")
    for file in files:
        audited.look(f"{site}/{file}", f"site {file}")


async def audit_sign_in(audited: Audit, folder: Path) -> None:
    """Look at the sign-in of a program with a token, and write it into the folder as a server sends it."""
    token = folder / "token"
    token.write_text("open sesame", "utf-8")
    token.chmod(0o600)
    with app_of(folder, f'[web]\ntoken_file = "{token}"\n' + DIGEST) as program:
        async with served(program) as base:
            await asyncio.to_thread(audited.look, f"{base}/sign-in", "/sign-in")
            await asyncio.to_thread(sources, base, ["/sign-in"], folder)
        await program.aclose()


def sources(base: str, wanted: list[str], folder: Path) -> None:
    """Write the pages as a server sends them into a folder, for the Nu checker."""
    with httpx.Client(base_url=base) as client:
        for number, path in enumerate(wanted):
            (folder / f"{number:02}-{path.strip('/').replace('/', '-')[:60].partition('?')[0]}.html").write_bytes(
                client.get(path).content
            )


async def run(axe: str, vnu: Path, shots: Path | None) -> int:
    """Audit everything; return the number of problems."""
    with (
        tempfile.TemporaryDirectory() as name,
        newsroom(Path(name), "northwire", "harbour", "ledger", "tidings", more=CONFIG) as (program, _, _server),
    ):
        await program.fetching.fetch()
        await grouped(program)
        (edition,) = await program.editions.send("daily")
        story = edition.items[0].story
        program.saving.save_story(story)
        program.saving.save_entry(1)
        folder = Path(name) / "site"
        write_site(folder, Site(program, ["daily"]).files())
        sent, guarded = Path(name) / "sent", Path(name) / "guarded"
        sent.mkdir()
        guarded.mkdir()
        files = ["index.html", *(str(one.relative_to(folder)) for one in _one_of_each(folder))]
        wanted = paths(program, edition.id, story)
        async with served(program) as base:
            with chromium() as page, files_served(folder) as site:
                audited = Audit(page, axe, Path(name), shots)
                await asyncio.to_thread(audit, audited, base, site, wanted, files)
                await audit_sign_in(audited, guarded)
            await asyncio.to_thread(sources, base, wanted, sent)
        problems = audited.problems + nu(vnu, sent) + nu(vnu, guarded) + nu(vnu, folder)
        await program.aclose()
    print(*dict.fromkeys(problems), sep="\n")
    print(f"{len(audited.names)} pages, each at {len(SCREENS)} widths, light and dark: {len(problems)} problems")
    return len(problems)


def _one_of_each(folder: Path) -> list[Path]:
    """One page of each kind: the search, and the first of every folder."""
    found = [
        *folder.glob("*.html"),
        *(min(one.glob("*.html"), default=None) for one in folder.iterdir() if one.is_dir()),
    ]
    return [one for one in found if one is not None and one.name != "index.html"]


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--axe", type=Path, required=True)
    parser.add_argument("--vnu", type=Path, required=True)
    parser.add_argument("--shots", type=Path)
    chosen = parser.parse_args()
    return 1 if asyncio.run(run(chosen.axe.read_text("utf-8"), chosen.vnu, chosen.shots)) else 0


if __name__ == "__main__":
    raise SystemExit(main())
