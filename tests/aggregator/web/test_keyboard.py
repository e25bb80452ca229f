"""Every page by keyboard alone: Tab reaches all that can be used, in the order of the page, with a visible focus."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.apps import DIGEST, newsroom
from tests.support.chromium import Page, chromium
from tests.support.managing import grouped, served

pytestmark = [pytest.mark.chromium, pytest.mark.anyio]
MORE = (
    '[[rule]]\nname = "r"\nquery = "ferry"\naction = "mute"\n[[interest]]\nname = "i"\nwords = ["ferry"]\n'
    '[[alert]]\nname = "a"\nquery = "ferry"\n' + DIGEST
)
WATCH = """(() => {
  const usable = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
    .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.disabled);
  window.reached = []; window.unseen = [];
  document.addEventListener('focusin', event => {
    const at = usable.indexOf(event.target), style = getComputedStyle(event.target);
    window.reached.push(at);
    if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 1)
      window.unseen.push(event.target.outerHTML.slice(0, 120));
  });
  return usable.length;
})()"""


def walk(page: Page, url: str) -> None:
    """Press Tab through a page, from its first element to its last."""
    page.show(url, 1280, 900)
    count = page.run(WATCH)
    assert count > 2, url
    for _ in range(count):
        page.key("Tab")
    assert page.run("window.reached") == list(range(count)), url
    assert page.run("window.unseen") == [], url


def paths(edition: str, story: str) -> list[str]:
    """One page of each kind."""
    return [
        "/", f"/editions/{edition}", "/today", "/topics", "/topics/World", f"/stories/{story}", f"/like?story={story}",
        "/like", "/search", "/search?q=ferry", "/search?q=(a", "/saved", "/manage/feeds", "/manage/feeds/1",
        "/manage/feeds/add", "/manage/feeds/import", "/manage/digests", "/manage/interests",
        "/manage/interests/change?name=i", "/manage/rules", "/manage/rules/change?name=r",
        "/manage/alerts/change?name=a", "/manage/recipients", "/manage/deliveries", "/editions/none", "/stories/none",
    ]  # fmt: skip


async def test_tab_goes_through_every_page_with_a_visible_focus(tmp_path: Path) -> None:
    with newsroom(tmp_path, "northwire", "harbour", more=MORE) as (program, _, _press):
        await program.fetching.fetch()
        await grouped(program)
        (edition,) = await program.editions.send("daily")
        program.saving.save_entry(1)
        async with served(program) as base:
            with chromium() as page:
                for path in paths(edition.id, edition.items[0].story):
                    await asyncio.to_thread(walk, page, base + path)
        await program.aclose()
