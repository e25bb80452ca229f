"""The daemon as a process: starts, serves, reloads, stops in order, and is the only one on its database."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from aggregator.config.load import load
from aggregator.demo.outlets import OUTLETS
from aggregator.demo.serve import publisher
from aggregator.demo.two_days import TODAY
from aggregator.services.program import Program
from aggregator.system.clock import ManualClock
from tests.support.smtp import SmtpServer

pytestmark = pytest.mark.crash
QUICK = "tests.support.quick_daemon"


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
def daemon(config: Path, program: str = QUICK, **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", program, "--config", str(config), "run"],
        stderr=subprocess.PIPE, text=True, env={**os.environ, **environment},
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
    with publisher(TODAY) as server, daemon(configure(tmp_path, server.url(harbour), port), "aggregator") as process:
        eventually(
            lambda: (
                b"aggregator_grouped_entries_total 0.0" not in get(port, "/metrics") and server.responses.get(200) == 1
            )
        )
        health = json.loads(get(port, "/healthz"))
        assert health["status"] == "ok"
        assert health["feeds"] == 1
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)
    assert process.returncode == 0, log
    assert "Traceback" not in log, log
    assert f"running feeds=1 digests=1 pages=http://127.0.0.1:{port}/" in log
    assert "grouped" in log
    assert "stopping" in log
    assert "stopped finished=yes" in log
    assert re.search(r": pruned \w+=\d+ ", log)


def test_a_second_daemon_is_refused_and_a_killed_one_is_followed_at_once(tmp_path: Path) -> None:
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
        first.send_signal(signal.SIGKILL)
        first.communicate(timeout=30)
    with daemon(config) as third:
        eventually(lambda: bool(get(port, "/healthz")))
        assert third.poll() is None


def test_a_good_edit_is_taken_over_and_a_bad_one_is_not(tmp_path: Path) -> None:
    config = configure(tmp_path, "http://127.0.0.1:9/feed", port := free_port())
    good = config.read_text()
    secret = tmp_path / "hook"
    secret.write_text("a-long-secret-word")
    with daemon(config) as process:
        eventually(lambda: bool(get(port, "/healthz")))
        config.write_text(good.replace("[[feed]]", "[[fead]]"))
        eventually(lambda: "fead" in health(port)["configuration"])
        assert health(port)["feeds"] == 1
        # A good one: one more feed, other network settings, and a secret that must not show from here on.
        config.write_text(
            good.replace("[web]\n", f'[web]\nsecret_file = "{secret}"\n')
            + (
                '[[feed]]\nurl = "http://127.0.0.1:9/other"\nname = "a-long-secret-word"\n[fetch]\n'
                'user_agent = "another"\n'
            )
        )
        eventually(lambda: health(port)["configuration"] == "as in the file")
        assert health(port)["feeds"] == 2
        eventually(lambda: health(port)["feeds_failing"] == 2)
        config.unlink()
        config.write_text("not toml [")
        eventually(lambda: "TOML" in health(port)["configuration"])
        assert health(port)["feeds"] == 2
        config.write_text(good.replace("[web]\n", '[web]\nsecret_env = "NOT_SET_ANYWHERE"\n'))
        eventually(lambda: "NOT_SET_ANYWHERE" in health(port)["configuration"])
        assert health(port)["feeds"] == 2
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)
    assert log.count("the new configuration is not used") == 3
    assert "a-long-secret-word" not in log
    assert "poll failed feed=***" in log
    assert process.returncode == 0


def health(port: int) -> dict[str, Any]:
    """What /healthz says, whatever its status."""
    try:
        body = get(port, "/healthz")
    except urllib.error.HTTPError as error:
        body = error.read()
    found: dict[str, Any] = json.loads(body)
    return found


def digest_by_mail(folder: Path, smtp: int, web: int, more: str = "") -> Path:
    """A digest that is due at once: its slot was set yesterday, while the daemon was down."""
    file = folder / "config.toml"
    file.write_text(
        f'[web]\nlisten = "127.0.0.1:{web}"\n[mail]\nsender = "digest@example.org"\nowner = "owner@example.org"\n'
        f'host = "127.0.0.1"\nport = {smtp}\nsecurity = "none"\n'
        f'[[digest]]\nname = "daily"\nzone = "UTC"\nto = ["ann@example.org"]\n{more}'
    )
    Program.open(load(file), ManualClock(datetime.now(UTC) - timedelta(days=1, hours=1))).close()
    return file


def test_a_server_that_hangs_keeps_no_daemon_from_ending(tmp_path: Path) -> None:
    """A server takes the mail and never answers: SIGTERM ends the daemon in time, and the delivery is unknown."""
    with SmtpServer() as smtp, daemon(digest_by_mail(tmp_path, smtp.port, free_port())) as process:
        smtp.on("dot", "silent")
        eventually(lambda: "DATA" in smtp.commands)
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=60)
    assert process.returncode == 0, log
    assert "Traceback" not in log, log


def test_a_broken_template_costs_no_edition_and_its_owner_hears_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "mail.html").write_text("{% block nonsense")
    more = f'template_folder = "{folder}"\n'
    with SmtpServer() as smtp, daemon(digest_by_mail(tmp_path, smtp.port, free_port(), more)):
        eventually(lambda: {m.recipient for m in smtp.accepted} == {"ann@example.org", "owner@example.org"})
        notice = next(m for m in smtp.accepted if m.recipient == "owner@example.org")
    words = message_from_bytes(notice.body, policy=default).get_content()
    assert "mail.html" in words
    assert "the built-in template was used" in words


def test_the_service_manager_is_reported(tmp_path: Path) -> None:
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
