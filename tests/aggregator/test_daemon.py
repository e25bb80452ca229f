"""The daemon as a process: starts, serves, reloads, stops in order, and is the only one on its database."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aggregator.demo.outlets import OUTLETS
from aggregator.demo.serve import publisher
from aggregator.demo.two_days import TODAY

pytestmark = pytest.mark.crash


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def configure(folder: Path, feed: str, port: int) -> Path:
    file = folder / "config.toml"
    file.write_text(
        f'[web]\nlisten = "127.0.0.1:{port}"\n[[digest]]\nname = "daily"\nzone = "UTC"\nto = ["folder:out"]\n'
        f'[[feed]]\nurl = "{feed}"\nname = "Harbour"\nallow_private = true\n'
    )
    return file


@contextmanager
def daemon(config: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "aggregator", "--config", str(config), "-v", "run"],
        stderr=subprocess.PIPE, text=True, cwd=config.parent, env={**os.environ, **environment},
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def get(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        body: bytes = answer.read()
        return body


def eventually(check: Callable[[], bool], seconds: float = 45) -> None:
    """Wait on a real process, as short as it takes."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if check():
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def test_it_polls_groups_serves_health_and_metrics_and_stops_on_sigterm(tmp_path: Path) -> None:
    harbour = next(o for o in OUTLETS if o.key == "harbour")
    port = free_port()
    with publisher(TODAY) as server, daemon(configure(tmp_path, server.url(harbour), port)) as process:
        eventually(
            lambda: (
                b"aggregator_grouped_entries_total 0.0" not in get(port, "/metrics") and server.answers.get(200) == 1
            )
        )
        health = json.loads(get(port, "/healthz"))
        assert health["status"] == "ok"
        assert health["feeds"] == 1
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)
    assert process.returncode == 0, log
    assert "Traceback" not in log, log
    assert "grouped" in log


def test_a_second_daemon_is_refused_and_a_killed_one_leaves_no_lock_for_long(tmp_path: Path) -> None:
    config = configure(tmp_path, "http://127.0.0.1:9/feed", port := free_port())
    with daemon(config) as first:
        eventually(lambda: bool(get(port, "/healthz")))
        second = subprocess.run(
            [sys.executable, "-m", "aggregator", "--config", str(config), "run"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert second.returncode == 1
        assert "another" in second.stderr
        assert "Traceback" not in second.stderr
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=30)
    with daemon(config) as third:
        eventually(lambda: bool(get(port, "/healthz")))
        assert third.poll() is None


def test_a_good_edit_is_taken_over_and_a_bad_one_is_not(tmp_path: Path) -> None:
    config = configure(tmp_path, "http://127.0.0.1:9/feed", port := free_port())
    good = config.read_text()
    with daemon(config) as process:
        eventually(lambda: bool(get(port, "/healthz")))
        config.write_text(good.replace("[[feed]]", "[[fead]]"))
        time.sleep(0)
        config.write_text(good + '[[feed]]\nurl = "http://127.0.0.1:9/other"\n')
        eventually(lambda: json.loads(get(port, "/healthz"))["feeds"] == 2)
        config.write_text("not toml [")
        eventually(lambda: _said(process, "not taken over"))
        assert json.loads(get(port, "/healthz"))["feeds"] == 2


def _said(process: subprocess.Popen[str], words: str) -> bool:
    assert process.stderr is not None
    return any(words in line for line in iter(process.stderr.readline, ""))


def test_the_service_manager_is_told(tmp_path: Path) -> None:
    config = configure(tmp_path, "http://127.0.0.1:9/feed", free_port())
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        with daemon(config, NOTIFY_SOCKET=str(tmp_path / "notify")) as process:
            assert manager.recv(100) == b"READY=1"
            process.send_signal(signal.SIGTERM)
            seen = manager.recv(100)
            while seen == b"WATCHDOG=1":
                seen = manager.recv(100)
            assert seen == b"STOPPING=1"
            process.communicate(timeout=30)
