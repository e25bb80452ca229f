"""The demo's digest in a real browser: nothing runs out of the screen, and every word can be read, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from aggregator.demo import run
from tests.support.chromium import Page, Scheme, chromium

pytestmark = pytest.mark.chromium
SCREENS: tuple[tuple[int, int], ...] = ((375, 812), (1280, 900))

# The contrast of every text against the nearest ground that is not see-through, by WCAG 2.2's formula; the worst first.
CONTRAST = """(() => {
  const rgba = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const lum = c => { const [r, g, b] = c.slice(0, 3).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / \
1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = e => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] === 1) return c; } return DARK ? [18, 18, 18] : [255, 255, 255]; };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !e.checkVisibility()) continue;
    const [a, b] = [lum(rgba(getComputedStyle(e).color)), lum(ground(e))].sort((x, y) => y - x);
    found.push([(a + 0.05) / (b + 0.05), walk.currentNode.data.trim().slice(0, 60)]);
  }
  return found.sort((x, y) => x[0] - y[0]);
})()"""
TOO_WIDE = """[...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && e.scrollWidth > innerWidth)
  .map(e => e.tagName + '.' + e.className + ' ' + e.scrollWidth)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with chromium() as page:
        yield page


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The demo's page of today, and the HTML part of its mail."""
    demo = run(tmp_path_factory.mktemp("demo"), lambda _: None)
    mail = message_from_bytes(demo.page.with_suffix(".eml").read_bytes(), policy=default).get_body(("html",))
    assert mail is not None
    file = demo.page.with_name("mail.html")
    file.write_text(str(mail.get_content()), "utf-8")
    return {"page": demo.page, "mail": file}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS, ids=["phone", "desktop"])
@pytest.mark.parametrize("what", ["page", "mail"])
def test_everything_fits_and_can_be_read(
    browser: Page, outputs: dict[str, Path], what: str, screen: tuple[int, int], scheme: Scheme
) -> None:
    browser.show(outputs[what].as_uri(), *screen, scheme)
    assert browser.run("document.documentElement.scrollWidth") <= screen[0], browser.run(TOO_WIDE)
    contrasts = browser.run(CONTRAST.replace("DARK", "true" if scheme == "dark" else "false"))
    assert len(contrasts) > 100
    assert contrasts[0][0] >= 4.5, contrasts[:5]


def test_dark_is_dark_and_light_is_light(browser: Page, outputs: dict[str, Path]) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        browser.show(outputs["page"].as_uri(), 1280, 900, scheme)  # type: ignore[arg-type]
        colour = browser.run("getComputedStyle(document.body).backgroundColor")
        grounds[scheme] = sum(int(n) for n in colour.strip("rgba()").split(",")[:3])
    assert grounds["light"] > 700
    assert grounds["dark"] < 100


def test_the_page_needs_no_script_and_asks_nobody(browser: Page, outputs: dict[str, Path]) -> None:
    browser.show(outputs["page"].as_uri(), 1280, 900)
    assert browser.run("document.scripts.length") == 0
    assert browser.run("performance.getEntriesByType('resource').length") == 0
