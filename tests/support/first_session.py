"""A new user's first session on the pages, by keyboard alone: sign in, add a feed, read, search, save, mute, send."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

from aggregator.daemon.reload import Reload
from aggregator.demo.outlets import OUTLETS
from aggregator.observe.health import Health
from tests.support.apps import DIGEST, newsroom
from tests.support.chromium import Page, chromium
from tests.support.managing import grouped, served

TOKEN = "open sesame"
CONFIG = '# mine\n[fetch]\nallow_private = true\n[web]\ntoken_env = "PAGES_TOKEN"\n' + DIGEST
FOCUSED = """(e => (e.labels?.[0]?.textContent || e.getAttribute('aria-label') || e.textContent || '').trim()
  .replace(/\\s+/g, ' '))(document.activeElement)"""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until an element with this name has the focus."""
    for _ in range(100):
        page.key("Tab")
        if re.match(re.escape(name) + r"(?!\w)", str(page.run(FOCUSED))):
            return
    raise AssertionError(f"{name!r} cannot be reached by Tab: {page.run('document.body.innerText')}")


def enter(page: Page, name: str, text: str = "") -> str:
    """Go to an element by Tab, type a text, press Enter, and return the text of the page that comes."""
    tab_to(page, name)
    if text:
        page.type(text)
    page.follow(lambda: page.key("Enter"))
    return str(page.run("document.body.innerText"))


class Session:
    """The steps of the session; `seconds` has what each one took."""

    def __init__(self, page: Page, base: str, feed: str) -> None:
        self._page, self._base, self._feed = page, base, feed
        self.seconds: dict[str, float] = {}

    async def step(self, name: str) -> None:
        """Do one step, and note its time."""
        start = time.perf_counter()
        await asyncio.to_thread(getattr(self, f"_{name}"))
        self.seconds[name] = time.perf_counter() - start

    def _show(self, path: str) -> None:
        self._page.show(self._base + path, 1280, 900)

    def _sign_in(self) -> None:
        self._show("/manage")
        assert "Add a feed" in enter(self._page, "Token", TOKEN)

    def _add(self) -> None:
        enter(self._page, "Add a feed")
        assert "Northwire" in enter(self._page, "URL of a site", self._feed)
        assert "Written to the configuration" in enter(self._page, "Subscribe")

    def _fetch(self) -> None:
        self._show("/manage/feeds")
        enter(self._page, "Northwire")
        assert "Fetched: " in enter(self._page, "Fetch now")

    def _read(self) -> None:
        self._show("/today")
        assert self._page.run("document.querySelectorAll('article').length")

    def _save(self) -> None:
        self._page.key("j")
        self._page.follow(lambda: self._page.key("s"))
        assert "Saved for later." in self._page.run("document.body.innerText")

    def _search(self) -> None:
        self._show("/search")
        assert "Found" in enter(self._page, "Search stories", "source:northwire AND ferry")

    def _mute(self) -> None:
        assert "Made from your search" in enter(self._page, "a rule")
        tab_to(self._page, "Action")
        self._page.key("ArrowUp")  # from boost to mute
        assert "stay out of digests" in enter(self._page, "Show preview")
        assert "stay out of digests" in enter(self._page, "Save")

    def _send(self) -> None:
        self._show("/manage/digests")
        assert "Nothing has been sent yet" in enter(self._page, "Send now")
        assert "folder:" in enter(self._page, "Send it")


async def first_session(folder: Path) -> tuple[dict[str, float], str]:
    """Run the session; return the seconds of each step, and the configuration afterwards. PAGES_TOKEN is `TOKEN`."""
    with newsroom(folder, "harbour", more=CONFIG) as (program, _, press):
        async with served(program) as base:
            reload = Reload(program, Health())
            with chromium() as page:
                session = Session(page, base, press.url(next(one for one in OUTLETS if one.key == "northwire")))
                await session.step("sign_in")
                await session.step("add")
                await reload()
                await session.step("fetch")
                await grouped(program)
                for name in ("read", "save", "search", "mute"):
                    await session.step(name)
                await reload()
                await session.step("send")
                await asyncio.to_thread(program.delivery.drain)
        text = program.config.path.read_text("utf-8")
        await program.aclose()
    return session.seconds, text
