"""The pictures of docs/gallery.md: parts of the demo's editions in Chromium. `make drawings` writes them again.

python -m tests.gallery FOLDER
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from email import policy
from email.parser import BytesParser
from pathlib import Path

from aggregator.demo import run
from aggregator.demo.two_days import DemoResult
from tests.support.chromium import Page, chromium

_TO_FOOTER = "document.querySelector('footer').scrollIntoView()"
_TO_TOPIC = "document.getElementById('topic-1').scrollIntoView()"


def pictures(demo: DemoResult, page: Page, folder: Path) -> dict[str, bytes]:
    """Return the pictures by file name."""
    out: dict[str, bytes] = {}

    def take(name: str, file: Path, size: tuple[int, int], dark: bool = False, first: str = "0") -> None:
        page.show(file.as_uri(), *size, "dark" if dark else "light")
        page.run(first)
        out[name] = page.picture()

    take("page.png", demo.page, (1000, 760))
    take("stories.png", demo.page, (1000, 760), first=_TO_TOPIC)
    take("footer.png", demo.page, (1000, 620), first=_TO_FOOTER)
    take("dark.png", demo.page, (1000, 620), dark=True, first=_TO_TOPIC)
    take("mail.png", _mail(demo, folder), (375, 760))
    return out


def _mail(demo: DemoResult, folder: Path) -> Path:
    """Write the HTML part of today's mail to a file."""
    source = next(file for file in demo.files if file.name == "today.eml")
    message = BytesParser(policy=policy.default).parsebytes(source.read_bytes())
    body = message.get_body(("html",))
    assert body is not None
    file = folder / "mail.html"
    file.write_text(body.get_content(), "utf-8")
    return file


def main(target: Path, echo: Callable[[str], None] = print) -> None:
    """Run the demo and write the pictures."""
    with tempfile.TemporaryDirectory() as folder, chromium() as page:
        demo = run(Path(folder), lambda _: None)
        for name, data in pictures(demo, page, Path(folder)).items():
            (target / name).write_bytes(data)
            echo(f"wrote {target / name}, {len(data) / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
