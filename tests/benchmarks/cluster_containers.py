"""Runs the compose file of docs/deploy with podman: PostgreSQL, a front end and two workers, which are killed in turn.

    python -m tests.benchmarks.cluster_containers [--base IMAGE]

Builds the image of the program from this checkout, starts the services, publishes entries, and kills a container while
they are polled, grouped and mailed. Prints what arrived, and fails if something is missing or arrived twice. Needs
podman and podman-compose. `--base` is the base image where no registry can be reached: a Debian 12 with Python; a
stand-in for PostgreSQL's image is then built too.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.support.cluster_crashes import Press
from tests.support.smtp import SmtpServer

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "docs" / "deploy"
STAND_IN = Path(__file__).with_name("containers")
PROJECT = "aggregator-check"
HOST = "host.containers.internal"  # this machine, as the containers see it
FEEDS, PEOPLE = 20, 6
KILLED = ("worker-1", "worker-2", "front")
PATIENCE = 240.0  # seconds


def main() -> None:
    """Print what arrived."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--base", help="base image, where no registry can be reached")
    build(options.parse_args().base)
    with tempfile.TemporaryDirectory() as name, SmtpServer(host="0.0.0.0") as smtp:
        folder, press = Path(name), Press(FEEDS)
        write_files(folder, press.port, smtp.port)
        try:
            compose(folder, "up", "-d")
            check(press, smtp)
        except BaseException:
            for service in ("db", *KILLED):
                print(f"--- {service}\n{log(service)}")
            raise
        finally:
            compose(folder, "down", "-v")
            press.close()


def build(base: str | None) -> None:
    """Build the images that the compose file names."""
    given = ["--build-arg", f"BASE={base}"] if base else []
    recipe = str(DEPLOY / "Containerfile")
    podman("build", "-q", "-f", recipe, "--build-arg", "LOCK=extras", *given, "-t", "aggregator", str(ROOT))
    if base:
        recipe = str(STAND_IN / "postgres.Containerfile")
        podman("build", "-q", "-f", recipe, *given, "-t", "docker.io/library/postgres:15", str(STAND_IN))


def write_files(folder: Path, press: int, smtp: int) -> None:
    """Write what belongs beside the compose file: the configuration and the secrets."""
    shutil.copy(DEPLOY / "compose.yaml", folder)
    people = ", ".join(f'"r{n}@example.org"' for n in range(PEOPLE))
    feeds = "".join(f'[[feed]]\nurl = "http://{HOST}:{press}/{n}"\nallow_private = true\n' for n in range(FEEDS))
    (folder / "config.toml").write_text(
        '[storage]\nurl = "postgresql://aggregator@db/aggregator"\npassword_env = "AGGREGATOR_DB_PASSWORD"\n'
        '[cluster]\nenabled = true\n[web]\nlisten = "0.0.0.0:8440"\ntoken_env = "AGGREGATOR_TOKEN"\n'
        f'[fetch]\nper_host = 64\n[mail]\nsender = "d@example.org"\nhost = "{HOST}"\nport = {smtp}\n'
        'security = "none"\n[[digest]]\nname = "daily"\nschedule = "0 0 29 2 *"\nzone = "UTC"\n'
        f"to = [{people}]\n{feeds}"
    )
    (folder / "secrets").write_text(
        "AGGREGATOR_DB_PASSWORD=not-a-secret\nPOSTGRES_PASSWORD=not-a-secret\nAGGREGATOR_TOKEN=not-a-secret-either\n"
    )


def check(press: Press, smtp: SmtpServer) -> None:
    """Let entries arrive in rounds, kill a container in each, and count. Raises AssertionError."""
    began = time.monotonic()
    until("the first entries are stored", lambda: entries() == FEEDS)
    print(f"{FEEDS} entries stored after {time.monotonic() - began:.0f} s")
    for number, service in enumerate(KILLED, 1):
        began, press.rounds = time.monotonic(), press.rounds + 1
        sql("UPDATE feed SET next_check = 0")
        sql(f"UPDATE digest SET next_slot = ((extract(epoch FROM now()) - {60 * (9 - number)}) * 1e6)::bigint")
        # Not `podman kill`: the container would count as stopped by hand, and not be started again.
        os.kill(int(podman("inspect", "--format", "{{.State.Pid}}", container(service))), signal.SIGKILL)
        until(f"entries arrive without {service}", lambda: entries() == FEEDS * press.rounds)
        until(f"mails arrive without {service}", lambda wanted=PEOPLE * number: mails(smtp) >= wanted)  # type: ignore[misc]
        print(
            f"{service} killed: all entries and mails of the round after {time.monotonic() - began:.0f} s", flush=True
        )
    counted = Counter(one.message_id for one in smtp.accepted)
    placed = sql("SELECT count(*) - count(DISTINCT entry_id) FROM story_event WHERE entry_id IS NOT NULL")
    until("the front end responds", front_end_responds)
    print(f"{entries()} entries, {placed} placed twice; {len(counted)} mails, {counted.total() - len(counted)} twice")
    assert placed == "0"
    assert counted.total() == len(counted) == PEOPLE * len(KILLED)


def entries() -> int:
    """Return how many entries are stored; 0 before there is a table."""
    return int(sql("SELECT count(*) FROM entry", check=False) or 0)


def mails(smtp: SmtpServer) -> int:
    """Return how many mails were accepted; one that was killed on its way is sent again now, not after its wait."""
    sql("UPDATE delivery SET next_try = 0 WHERE state = 'queued' AND doubts > 0")
    return len({one.message_id for one in smtp.accepted})


def front_end_responds() -> bool:
    """Whether the pages are there, from outside the containers."""
    try:
        with urllib.request.urlopen("http://127.0.0.1:8440/healthz", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def until(what: str, holds: Callable[[], bool]) -> None:
    """Wait for something in the containers."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"not within {PATIENCE:.0f} s: {what}"
        time.sleep(0.5)


def sql(statement: str, *, check: bool = True) -> str:
    """Run a statement in the database's container; return its output."""
    command = ("exec", container("db"), "psql", "-U", "aggregator", "-Atc", statement)
    return podman(*command, check=check)


def container(service: str) -> str:
    """Return the name of a service's container."""
    return f"{PROJECT}_{service}_1"


def compose(folder: Path, *words: str) -> None:
    """Run podman-compose beside the files."""
    subprocess.run(["podman-compose", "-p", PROJECT, *words], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def podman(*words: str, check: bool = True) -> str:
    """Run podman; return its output."""
    done = subprocess.run(["podman", *words], check=False, capture_output=True, text=True)
    assert not check or done.returncode == 0, f"podman {' '.join(words)}\n{done.stderr[-2000:]}"
    return done.stdout.strip()


def log(service: str) -> str:
    """Return the last lines of a container's log."""
    done = subprocess.run(
        ["podman", "logs", "--tail", "20", container(service)],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.stdout


if __name__ == "__main__":
    main()
