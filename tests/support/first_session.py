"""A new user's first session on the pages, by keyboard alone or with a finger on a phone.

Sign in, add a feed, read, search, save, mute, send.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from pathlib import Path
from unittest.mock import patch

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
WIDTH, LEAST_TARGET = 375, 24  # pixels of a phone, and of what is tapped (WCAG 2.2, 2.5.8)
NAMED = """[...document.querySelectorAll('a, button, summary, input:not([type=hidden]), select, textarea')].find(e =>
  e.checkVisibility() && (e.labels?.[0]?.textContent || e.getAttribute('aria-label') || e.textContent || '').trim()
  .match(%s))"""
PLACE = """(e => { if (!e) return null; e.scrollIntoView({block: 'center'}); const box = e.getBoundingClientRect();
  const x = box.left + box.width / 2, y = box.top + box.height / 2, top = document.elementFromPoint(x, y);
  return {x, y, width: box.width, height: box.height, hit: top === e || e.contains(top) || top?.contains(e)};
})(%s)"""


class Keyboard:
    """A person at a desktop who uses no mouse."""

    def __init__(self, page: Page, base: str) -> None:
        self._page, self._base = page, base

    def show(self, path: str) -> None:
        """Open a page."""
        self._page.show(self._base + path, 1280, 900)

    def enter(self, name: str, text: str = "") -> str:
        """Go to an element by Tab, type a text, press Enter, and return the text of the page that comes."""
        self._tab_to(name)
        if text:
            self._page.type(text)
        self._page.follow(lambda: self._page.key("Enter"))
        return text_of(self._page)

    def save_first(self) -> str:
        """Save the first story of an edition."""
        self._page.key("j")
        self._page.follow(lambda: self._page.key("s"))
        return text_of(self._page)

    def choose_mute(self) -> None:
        """Choose the action of a rule; it was to raise the score."""
        self._tab_to("Action")
        self._page.key("ArrowUp")

    def _tab_to(self, name: str) -> None:
        for _ in range(100):
            self._page.key("Tab")
            if re.match(begins(name), str(self._page.run(FOCUSED))):
                return
        raise AssertionError(f"{name!r} cannot be reached by Tab: {text_of(self._page)}")


class Finger:
    """A person with a phone, whose taps hit what is on top, and who sends a form by its button."""

    def __init__(self, page: Page, base: str) -> None:
        self._page, self._base = page, base

    def show(self, path: str) -> None:
        """Open a page."""
        self._page.show(self._base + path, WIDTH, 812)

    def enter(self, name: str, text: str = "") -> str:
        """Tap an element; with a text, type it there and tap the button of its form. Return the text of what comes."""
        if text:
            self._tap(named(name))
            self._page.type(text)
            self._page.follow(lambda: self._tap("document.activeElement.form.querySelector('button')"))
        else:
            self._page.follow(lambda: self._tap(named(name)))
        return text_of(self._page)

    def save_first(self) -> str:
        """Save the first story of an edition."""
        return self.enter("Save for later")

    def choose_mute(self) -> None:
        """Choose the action of a rule; the picker is the phone's own."""
        self._page.run("document.querySelector('[name=action_of]').value = 'mute'")

    def _tap(self, element: str) -> None:
        assert self._page.run("document.documentElement.scrollWidth") <= WIDTH
        place = self._page.run(PLACE % element)
        assert place, f"{element} is not there: {text_of(self._page)}"
        assert place["hit"], f"something is on top of {element}"
        assert min(place["width"], place["height"]) >= LEAST_TARGET, (element, place)
        self._page.tap(place["x"], place["y"])


def begins(name: str) -> str:
    """A pattern of what begins with a name."""
    return re.escape(name) + r"(?!\w)"


def named(name: str) -> str:
    """The script that finds the element with a name."""
    return NAMED % json.dumps("^" + begins(name))


def text_of(page: Page) -> str:
    """What a person reads on a page."""
    return str(page.run("document.body.innerText"))


class Session:
    """The steps of the session; `seconds` has what each one took."""

    def __init__(self, page: Page, person: Keyboard | Finger, feed: str) -> None:
        self._page, self._person, self._feed = page, person, feed
        self.seconds: dict[str, float] = {}

    async def step(self, name: str) -> None:
        """Do one step, and note its time."""
        start = time.perf_counter()
        await asyncio.to_thread(getattr(self, f"_{name}"))
        self.seconds[name] = time.perf_counter() - start

    def _sign_in(self) -> None:
        self._person.show("/manage")
        assert "Add a feed" in self._person.enter("Token", TOKEN)

    def _add(self) -> None:
        self._person.enter("Add a feed")
        assert "Northwire" in self._person.enter("URL of a site", self._feed)
        assert "Written to the configuration" in self._person.enter("Subscribe")

    def _fetch(self) -> None:
        self._person.show("/manage/feeds")
        self._person.enter("Northwire")
        assert "Fetched: " in self._person.enter("Fetch now")

    def _read(self) -> None:
        self._person.show("/today")
        assert self._page.run("document.querySelectorAll('article').length")

    def _save(self) -> None:
        assert "Saved for later." in self._person.save_first()

    def _search(self) -> None:
        self._person.show("/search")
        assert "Found" in self._person.enter("Search stories", "source:northwire AND ferry")

    def _mute(self) -> None:
        assert "Made from your search" in self._person.enter("a rule")
        self._person.choose_mute()
        assert "stay out of digests" in self._person.enter("Show preview")
        assert "stay out of digests" in self._person.enter("Save")

    def _send(self) -> None:
        self._person.show("/manage/digests")
        assert "Nothing has been sent yet" in self._person.enter("Send now")
        assert "folder:" in self._person.enter("Send it")


async def first_session(folder: Path, kind: type[Keyboard | Finger] = Keyboard) -> tuple[dict[str, float], str]:
    """Run the session; return the seconds of each step, and the configuration afterwards. PAGES_TOKEN is `TOKEN`."""
    wait = patch("aggregator.web.manage.digests.WAIT_SECONDS", 60.0)  # on a busy machine an edition takes longer
    with wait, newsroom(folder, "harbour", more=CONFIG) as (program, _, press):
        async with served(program) as base:
            reload = Reload(program, Health())
            with chromium() as page:
                feed = press.url(next(one for one in OUTLETS if one.key == "northwire"))
                session = Session(page, kind(page, base), feed)
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
