"""The README's picture: the demo's digest on a desktop and on a phone, light and dark. `make shots` writes it again.

python -m tests.shots PICTURE
"""

from __future__ import annotations

import base64
import sys
import tempfile
from pathlib import Path

from aggregator.demo import run
from tests.support.chromium import Page, Scheme, chromium

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
_PLACES = {
    ("desktop", "light"): "left: 20px; top: 24px",
    ("desktop", "dark"): "left: 660px; top: 24px",
    ("phone", "light"): "left: 424px; top: 204px",
    ("phone", "dark"): "left: 1040px; top: 204px",
}


def picture(digest: Path, page: Page, folder: Path) -> bytes:
    """The four views of a digest's page in one PNG."""
    images = []
    for (screen, scheme), place in _PLACES.items():
        size = DESKTOP if screen == "desktop" else PHONE
        data = base64.b64encode(view(digest, page, size, scheme)).decode()
        images.append(f'<img class="{screen}" style="{place}" src="data:image/png;base64,{data}" alt="">')
    frame = folder / "frame.html"
    frame.write_text(_PAGE.format(width=WIDTH, height=HEIGHT, images="".join(images)), "utf-8")
    page.show(frame.as_uri(), WIDTH, HEIGHT)
    return page.picture()


def view(digest: Path, page: Page, size: tuple[int, int], scheme: str) -> bytes:
    """What one screen shows of the page."""
    wish: Scheme = "dark" if scheme == "dark" else "light"
    page.show(digest.as_uri(), *size, wish)
    if size == PHONE:
        page.run(FIRST_STORIES)
    return page.picture()


def main(target: Path) -> None:
    """Run the demo and write the picture."""
    with tempfile.TemporaryDirectory() as folder, chromium() as page:
        demo = run(Path(folder), lambda _: None)
        target.write_bytes(picture(demo.page, page, Path(folder)))
    print(f"wrote {target}, {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
