"""Scripts and URLs in every field of feeds, of the configuration and of queries come out of no page and no site."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest
from lxml import etree, html

from aggregator.demo.two_days import YESTERDAY
from aggregator.services.program import Program
from aggregator.store.stories.search import index_entries
from aggregator.system.clock import ManualClock
from aggregator.web.site.files import write_site
from aggregator.web.site.pages import Site
from feeds.http.fake import Page
from tests.support.apps import DIGEST, app_of
from tests.support.managing import client_of
from tests.support.origin import Origin

SCRIPTS = (
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "</title></style><script>alert(1)</script>",
    "--><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    'x" autofocus onfocus="alert(1)',
    "{{7*7}}${7*7}{%print(7*7)%}",
)
URLS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html;base64,PHNjcmlwdD4=",
    '//evil.example/" onclick="alert(1)',
    "https://x.example/?q=<script>alert(1)</script>",
    "file:///etc/passwd",
)
NEWS = (
    "Ferry sinks|Bank fails|Mayor resigns|Bridge opens|Vaccine approved|Team wins cup|Strike ends|Fire destroys mill|"
    "Court frees man|Museum robbed"
)
_FORBIDDEN = re.compile(r"(?:javascript|vbscript|data|file):", re.IGNORECASE)
_OWN_SCRIPT = re.compile(r"(?:/|(?:\.\./)*)static/")
_ACTIVE = ("iframe", "object", "embed", "math", "base", "frame")


def feed() -> bytes:
    items = ""
    for number, (news, script) in enumerate(zip(NEWS.split("|"), SCRIPTS, strict=True)):
        text, url = escape(script, {'"': "&quot;"}), escape(URLS[number % len(URLS)], {'"': "&quot;"})
        body = f'{news} on Monday, said Ann {number} Weiss. {script} <a href="{URLS[number % len(URLS)]}">more</a>'
        items += (
            f"<item><guid>{text}{number}</guid><title>{news} {text}</title><link>{url}</link><author>{text}</author>"
            f'<category>{text}</category><source url="{url}">{text}</source><enclosure url="{url}" type="{text}"/>'
            f'<m:content url="{url}" medium="image"/><description>{escape(body)}</description></item>'
        )
    head = f"<title>{escape(SCRIPTS[0])}</title><description>{escape(SCRIPTS[1])}</description>"
    return f'<rss xmlns:m="http://search.yahoo.com/mrss/"><channel>{head}{items}</channel></rss>'.encode()


def active(text: str) -> list[str]:
    """What a browser would run or load from the text of a page."""
    return list(_active(html.fromstring(text.encode())))


def _active(tree: html.HtmlElement) -> Iterator[str]:
    for element in tree.iter(etree.Element):
        if element.tag in _ACTIVE or (element.tag == "script" and not _OWN_SCRIPT.match(element.get("src", ""))):
            yield etree.tostring(element).decode()[:200]
        for name, value in element.attrib.items():
            address = re.sub(r"[\x00-\x20]", "", value)
            if name.startswith("on") or (name in ("href", "src", "action") and _FORBIDDEN.match(address)):
                yield f"{name}={value[:200]}"


async def filled(program: Program, clock: ManualClock) -> str:
    await program.fetching.fetch()
    clock.advance(timedelta(minutes=5))
    program.stories.group()
    while index_entries(program.db, 500):
        pass
    (edition,) = await program.editions.send("daily")
    program.delivery.deliver()
    assert len(edition.items) > 3
    return edition.id


@pytest.mark.anyio
async def test_no_field_of_a_feed_a_file_or_a_query_runs_a_script(tmp_path: Path) -> None:
    clock, found = ManualClock(YESTERDAY), dict[str, list[str]]()
    name = json.dumps(SCRIPTS[0])
    text = DIGEST.replace('"The daily"', name) + f'[[topic]]\nname = {name}\nwords = ["ferry"]\n'
    text += f'[[interest]]\nname = {json.dumps(SCRIPTS[1])}\nwords = ["bank"]\n'
    text += f'[[rule]]\nname = {name}\nquery = "title:ferry"\naction = "boost"\nvalue = 1.0\n'
    text += f'[[alert]]\nname = "a"\ntitle = {name}\nquery = "title:ferry"\nto = ["folder:out"]\n'
    async with Origin() as origin:
        origin.on("/feed", Page(feed()))
        text += f'[[feed]]\nurl = "{origin.url("/feed")}"\nallow_private = true\nfull_text = "never"\n'
        with app_of(tmp_path, text, clock) as program:
            edition = await filled(program, clock)
            paths = [
                f"/editions/{edition}",
                f"/editions/{edition}/entries",
                "/",
                "/today",
                "/topics",
                "/search?q=monday",
            ]
            paths += [
                f"/manage{one}" for one in ("/feeds", "/feeds/1", "/digests", "/rules", "/interests", "/deliveries")
            ]
            for script in map(quote, SCRIPTS):
                paths += [f"/search?q={script}&topic={script}", f"/topics/{script}", f"/stories/{script}", f"/{script}"]
                paths += [f"/manage/rules/change?name={script}", f"/manage/feeds?done={script}", f"/?digest={script}"]
            async with client_of(program) as client:
                client.follow_redirects = False
                stories = re.findall(r'href="(/stories/[\w-]+)"', (await client.get("/search?q=monday")).text)
                assert len(stories) > 3
                for path in [*paths, *stories]:
                    page = await client.get(path)
                    assert page.status_code < 500, path
                    assert not page.headers.get("location", "").startswith(("http", "//")), path
                    if page.headers.get("content-type", "").startswith("text/html"):
                        assert "content-security-policy" in page.headers, path
                        found[path] = active(page.text)
            write_site(tmp_path / "site", Site(program, ["daily"]).files())
            files = [*(tmp_path / "site").rglob("*.html"), *(tmp_path / "out").glob("*.html")]
            assert len(files) > 8
            found |= {file.name: active(file.read_text("utf-8")) for file in files}
            await program.aclose()
    assert {path: what for path, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "script", [*SCRIPTS[1:3], "<script>alert(1)</script>", '<a href="java&#9;script:alert(1)">x</a>']
)
def test_what_a_browser_would_run_is_found(script: str) -> None:
    assert active(f"<p>{script}</p>")
