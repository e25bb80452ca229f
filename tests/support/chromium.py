"""A headless Chromium, driven over the pipe of its debugging protocol: how a page looks, what its script returns.

Nothing but the standard library: `--remote-debugging-pipe` reads commands from descriptor 3 and answers on 4, one JSON
object after another with a zero byte between.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

Scheme = Literal["light", "dark"]
_KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), "ArrowUp": (38, "")}  # code, and the character that it types
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
    "--no-first-run",
)


def find() -> str:
    """The browser's command. Skips the test when there is none; with CI=true a skipped test fails."""
    command = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if command is None:
        pytest.skip("no Chromium (Debian: apt install chromium)")
    return command


@dataclass
class Page:
    """One page in the browser."""

    _browser: _Browser
    _session: str

    def show(self, url: str, width: int, height: int, scheme: Scheme = "light") -> None:
        """Open an address as a screen of that size shows it, and wait until it is drawn."""
        self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        self._call("Emulation.setTouchEmulationEnabled", enabled=width < 600)
        wish = {"name": "prefers-color-scheme", "value": scheme}
        self._call("Emulation.setEmulatedMedia", features=[wish])
        self._browser.events.clear()
        self._call("Page.navigate", url=url)
        self._browser.wait("Page.loadEventFired", self._session)
        self.run("document.fonts.ready.then(() => 0)")

    def run(self, script: str) -> Any:
        """The value of an expression in the page; a promise is waited for."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def key(self, name: str) -> None:
        """Press and release a key: a letter, or one of `_KEYS`."""
        code, text = _KEYS.get(name) or (ord(name.upper()), name)
        for kind in ("keyDown", "keyUp"):
            typed = {"text": text} if text and kind == "keyDown" else {}
            self._call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code, **typed)

    def tap(self, x: float, y: float) -> None:
        """Tap a place of the screen with a finger."""
        self._call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        self._call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def type(self, text: str) -> None:
        """Type a text into the element with the focus."""
        self._call("Input.insertText", text=text)

    def follow(self, act: Callable[[], None]) -> None:
        """Do what opens another page, and wait for it."""
        self._browser.events.clear()
        act()
        self._browser.wait("Page.loadEventFired", self._session)

    def picture(self, *, full: bool = False) -> bytes:
        """What the screen shows, or the whole page, as PNG."""
        return base64.b64decode(self._call("Page.captureScreenshot", format="png", captureBeyondViewport=full)["data"])

    def _call(self, method: str, **parameters: object) -> dict[str, Any]:
        return self._browser.call(method, self._session, **parameters)


class _Browser:
    """The protocol: one command, one answer; events in between are kept."""

    def __init__(self, read: int, write: int) -> None:
        self._read, self._write, self._rest, self._number = read, write, b"", 0
        self.events: list[tuple[str, str]] = []

    def call(self, method: str, session: str = "", **parameters: object) -> dict[str, Any]:
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            self._keep(answer)
        assert "error" not in answer, (method, answer["error"])
        result: dict[str, Any] = answer["result"]
        return result

    def wait(self, event: str, session: str) -> None:
        while (event, session) not in self.events:
            self._keep(self._next())

    def _keep(self, message: dict[str, Any]) -> None:
        self.events.append((str(message.get("method")), str(message.get("sessionId"))))

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = os.read(self._read, 1 << 20)
            assert more, "the browser is gone"
            self._rest += more
        one, self._rest = self._rest.split(b"\0", 1)
        message: dict[str, Any] = json.loads(one)
        return message


def _high(descriptor: int) -> int:
    """The same end under a number that neither 3 nor 4 overwrites."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved


@contextmanager
def chromium() -> Iterator[Page]:
    """A browser with one page, closed at the end."""
    command = find()
    profile = Path(tempfile.mkdtemp(prefix="chromium-"))
    (theirs, write), (read, their) = os.pipe(), os.pipe()
    their_read, their_write = _high(theirs), _high(their)
    # The shell moves the ends to where the browser looks for them; subprocess alone cannot choose the numbers. bash,
    # because dash knows descriptors of one digit only.
    moved = f'exec "$0" "$@" 3<&{their_read} 4>&{their_write}'
    process = subprocess.Popen(
        ["bash", "-c", moved, command, *_OPTIONS, f"--user-data-dir={profile}"],
        pass_fds=(their_read, their_write),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(their_read)
    os.close(their_write)
    try:
        browser = _Browser(read, write)
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        browser.call("Page.enable", session)
        yield Page(browser, session)
        browser.call("Browser.close")
    finally:
        os.close(write)  # the browser ends when its pipe does
        process.wait(30)
        os.close(read)
        shutil.rmtree(profile, ignore_errors=True)
