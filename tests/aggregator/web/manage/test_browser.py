"""The management pages in a real browser: a new user's first session by keyboard alone, and how the pages look."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import quote

import pytest

from aggregator.store.outgoing import saved as saved_store
from tests.e2e.test_looks import CONTRAST, SCREENS, TOO_WIDE
from tests.support.apps import DIGEST, newsroom
from tests.support.chromium import Page, Scheme, chromium
from tests.support.first_session import LEAST_TARGET, TOKEN, Finger, Keyboard, first_session
from tests.support.managing import grouped, served

pytestmark = [pytest.mark.chromium, pytest.mark.anyio]
UNNAMED = """[...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, [role=img], nav, \
a[href]')]
  .filter(e => !(e.labels?.length || e.getAttribute('aria-label') || e.textContent.trim())).map(e => e.outerHTML)"""
TWICE = """[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, at, all) => all.indexOf(id) !== at)"""
LOW_FONT = """(() => { const sheet = new CSSStyleSheet(); sheet.replaceSync(`@font-face { font-family: low;
  src: local("DejaVu Sans"); ascent-override: 70%; descent-override: 20% } * { font-family: low !important }`);
  document.adoptedStyleSheets = [sheet]; return document.fonts.load("16px low").then(() => 0) })()"""
HOSTILE = "<b>Kapitän &amp; Ko</b> \u202eold\u202c 😀 " + "Donaudampfschiff" * 20


@pytest.mark.parametrize("kind", [Keyboard, Finger])
async def test_a_first_session_by_keyboard_or_by_touch_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Keyboard | Finger]
) -> None:
    monkeypatch.setenv("PAGES_TOKEN", TOKEN)
    seconds, text = await first_session(tmp_path, kind)
    assert list(seconds) == ["sign_in", "add", "fetch", "read", "save", "search", "mute", "send"]
    assert list((tmp_path / "out").rglob("*.html"))
    assert "# mine" in text
    assert 'action = "mute"' in text


async def test_headings_of_lists_can_be_tapped_in_any_font(tmp_path: Path) -> None:
    """A link's own box is as high as its font says, which in some fonts is less than a finger needs."""
    with newsroom(tmp_path, "northwire", "harbour") as (program, _, _press):
        async with served(program) as base:
            with chromium() as page:

                def heights() -> list[float]:
                    page.show(f"{base}/manage/feeds", 375, 812)
                    page.run(LOW_FONT)
                    found: list[float] = page.run(
                        "[...document.querySelectorAll('.list h2 a')].map(e => e.getBoundingClientRect().height)"
                    )
                    return found

                found = await asyncio.to_thread(heights)
        await program.aclose()
    assert len(found) == 2
    assert min(found) >= LEAST_TARGET


async def test_keys_save_a_story_on_the_page_of_an_edition_and_open_it(tmp_path: Path) -> None:
    with newsroom(tmp_path, "northwire", "harbour") as (program, _, _press):
        await program.fetching.fetch()
        await grouped(program)
        (edition,) = await program.editions.send("daily")
        stories = [item.story for item in edition.items]
        current = "document.querySelector('.current input[name=story]')?.value"
        async with served(program) as base:
            with chromium() as page:

                def use_keys() -> None:
                    page.show(f"{base}/editions/{edition.id}", 1280, 900)
                    page.key("s")  # no story is chosen yet
                    page.key("j")
                    page.key("j")
                    chosen = page.run(current)
                    assert saved_store.saved_stories(program.db, stories) == set()
                    page.follow(lambda: page.key("s"))
                    assert saved_store.saved_stories(program.db, stories) == {chosen}
                    assert page.run("location.pathname") == f"/editions/{edition.id}"
                    assert page.run(current) == chosen, "the place in the list is kept"
                    page.follow(lambda: page.key("o"))
                    assert page.run("location.pathname") == f"/stories/{chosen}"

                await asyncio.to_thread(use_keys)
        await program.aclose()


async def test_the_place_in_a_topic_is_kept_whatever_its_name(tmp_path: Path) -> None:
    topic = '[[topic]]\nname = "Häfen & Fähren"\nfeeds = ["Northwire"]\n'
    with newsroom(tmp_path, "northwire", more=topic + DIGEST) as (program, _, _press):
        await program.fetching.fetch()
        await grouped(program)
        current = "document.querySelector('.current input[name=story]')?.value"
        async with served(program) as base:
            with chromium() as page:

                def use_keys() -> None:
                    page.show(f"{base}/topics/{quote('Häfen & Fähren')}", 1280, 900)
                    page.key("j")
                    page.key("j")
                    chosen = page.run(current)
                    assert chosen
                    page.follow(lambda: page.key("s"))
                    assert page.run(current) == chosen

                await asyncio.to_thread(use_keys)
        await program.aclose()


async def test_every_page_fits_can_be_read_and_has_names(tmp_path: Path) -> None:
    more = (
        f'[[rule]]\nname = "{HOSTILE}"\nquery = "source:northwire"\naction = "boost"\nvalue = 1\n'
        f'[[interest]]\nname = "{HOSTILE}"\nwords = ["ferry"]\n[[alert]]\nname = "a"\nquery = "ferry"\n'
        f'[[feed]]\nurl = "https://a.example/f"\nname = "{HOSTILE}"\nenabled = false\n'
        + DIGEST.replace("The daily", HOSTILE)
    )
    with newsroom(tmp_path, "northwire", more=more) as (program, _, _press):
        await program.fetching.fetch()
        await grouped(program)
        (edition,) = await program.editions.send("daily")
        named = ("rules", "interests")
        paths = [f"/manage/{one}" for one in ("feeds", "feeds/1", "feeds/add", "feeds/import", "digests", *named)]
        paths += [f"/manage/{one}" for one in ("recipients", "deliveries", "alerts/change?name=a", "rules/change")]
        paths += [f"/stories/{edition.items[0].story}", "/search?q=ferry"]
        async with served(program) as base:
            with chromium() as page:

                def look() -> None:
                    for path in paths:
                        check(page, base + path)
                    for kind in named:
                        page.show(f"{base}/manage/{kind}", 1280, 900)
                        link = page.run("document.querySelector('[data-item] a').href")
                        check(page, link)

                await asyncio.to_thread(look)
        await program.aclose()


def check(page: Page, url: str) -> None:
    """A page fits, can be read, has names for all that can be used, and asks no other site."""
    for screen in SCREENS:
        for scheme in ("light", "dark"):
            look: Scheme = "dark" if scheme == "dark" else "light"
            page.show(url, *screen, look)
            assert page.run("document.documentElement.scrollWidth") <= screen[0], (url, page.run(TOO_WIDE))
            contrasts = page.run(CONTRAST.replace("DARK", "true" if scheme == "dark" else "false"))
            assert contrasts[0][0] >= 4.5, (url, contrasts[:3])
    assert page.run(UNNAMED) == [], url
    assert page.run(TWICE) == [], url
    assert page.run("document.querySelectorAll('h1').length") == 1, url
    origins = page.run("performance.getEntriesByType('resource').map(e => new URL(e.name).origin)")
    assert set(origins) == {page.run("location.origin")}, url
