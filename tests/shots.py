"""The README's picture: the demo's digest in light, two reading pages in dark, on a desktop and on a phone.

`make shots` writes it again.

python -m tests.shots PICTURE
"""

from __future__ import annotations

import asyncio
import base64
import sys
import tempfile
from pathlib import Path

from aggregator.demo import run
from tests.support.apps import newsroom
from tests.support.chromium import Page, Scheme, chromium
from tests.support.managing import grouped, served

DESKTOP, PHONE = (1280, 1180), (375, 812)
FIRST_STORIES = (
    "document.getElementById('topic-1').scrollIntoView()"  # the desktop shows the top, the phone what follows
)
WIDTH, HEIGHT = 1240, 640  # of the whole picture, in pixels
_PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; width: {width}px; height: {height}px; background: #8a94a6; overflow: hidden; position: relative }}
img {{ position: absolute; border-radius: 8px; box-shadow: 0 4px 18px #0007 }}
.desktop {{ width: 560px }} .phone {{ width: 190px }}
</style>{images}"""
_PLACES: dict[tuple[str, Scheme], str] = {
    ("desktop", "light"): "left: 20px; top: 24px",
    ("desktop", "dark"): "left: 660px; top: 24px",
    ("phone", "light"): "left: 424px; top: 204px",
    ("phone", "dark"): "left: 1040px; top: 204px",
}


def picture(urls: dict[tuple[str, Scheme], str], page: Page, folder: Path) -> bytes:
    """The four views in one PNG."""
    images = []
    for (screen, scheme), place in _PLACES.items():
        size = DESKTOP if screen == "desktop" else PHONE
        data = base64.b64encode(view(urls[screen, scheme], page, size, scheme)).decode()
        images.append(f'<img class="{screen}" style="{place}" src="data:image/png;base64,{data}" alt="">')
    frame = folder / "frame.html"
    frame.write_text(_PAGE.format(width=WIDTH, height=HEIGHT, images="".join(images)), "utf-8")
    page.show(frame.as_uri(), WIDTH, HEIGHT)
    return page.picture()


def view(url: str, page: Page, size: tuple[int, int], scheme: Scheme) -> bytes:
    """What one screen shows of the page."""
    page.show(url, *size, scheme)
    if size == PHONE and url.startswith("file:"):
        page.run(FIRST_STORIES)
    return page.picture()


async def draw(folder: Path) -> bytes:
    """Run the demo, serve the pages of a program that read four of its feeds, and return the picture."""
    demo = await asyncio.to_thread(run, folder / "demo", lambda _: None)
    read = folder / "pages"
    read.mkdir()
    with newsroom(read, "northwire", "harbour", "ledger", "tidings") as (program, _, _press):
        await program.fetching.fetch()
        await grouped(program)
        (edition,) = await program.editions.send("daily")
        async with served(program) as base:
            with chromium() as page:
                urls: dict[tuple[str, Scheme], str] = {
                    ("desktop", "light"): demo.page.as_uri(),
                    ("phone", "light"): demo.page.as_uri(),
                    ("desktop", "dark"): f"{base}/stories/{edition.items[0].story}",
                    ("phone", "dark"): f"{base}/search?q=ferry",
                }
                drawn = await asyncio.to_thread(picture, urls, page, folder)
        await program.aclose()
    return drawn


def main(target: Path) -> None:
    """Write the picture."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "demo").mkdir()
        target.write_bytes(asyncio.run(draw(Path(folder))))
    print(f"wrote {target}, {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
