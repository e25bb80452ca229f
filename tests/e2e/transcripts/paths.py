"""The ways to install the program, to run it, to upgrade it and to move it, each as a new user goes it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from itertools import pairwise
from pathlib import Path

from tests.e2e.transcripts.index_only import IndexOnly
from tests.e2e.transcripts.systems import (
    PACKAGES,
    SERVICE_PACKAGES,
    USER,
    Started,
    base,
    entered,
    fresh,
    missing_tools,
    put_source,
    set_proxy,
)
from tests.e2e.transcripts.transcript import ROOT, Shell, Transcript, local, recipe

PYTHON = ROOT / ".venv" / "bin" / "python"
CLONE = "git clone -q /srv/aggregator.git aggregator"


def readme(out: Transcript, work: Path, *, tests: bool = True) -> None:
    """Both commands of the README on a machine that reaches nothing but the package index."""
    out.say(
        "A fresh Debian 12 with Python 3.11, make and git, an ordinary user, and a network that reaches "
        "only the package index."
    )
    system = fresh(base(work, "debian", PACKAGES), "readme")
    put_source(system)
    with IndexOnly() as network:
        home = entered(system, network, USER)
        out.run(home, CLONE)
        out.run(entered(system, network, USER, "~/aggregator"), "make demo", lines=2)
        if tests:
            out.run(entered(system, network, USER, "~/aggregator"), "make test", lines=1)
        _say_refused(out, network)


def laptop(out: Transcript, work: Path) -> None:
    """Getting started as documented, and the same news on another machine from a backup."""
    out.say("The first machine: the commands of getting-started.md, in a fresh Debian 12, as an ordinary user.")
    debian = base(work, "debian", PACKAGES)
    first = fresh(debian, "first")
    put_source(first)
    with IndexOnly() as network:
        home, source = entered(first, network, USER), entered(first, network, USER, "~/aggregator")
        out.run(home, CLONE)
        *installs, path = recipe("docs/getting-started.md", "Install")
        for command in installs:
            out.run(source, command, lines=0)
        news = entered(first, network, USER, f"~ && {path} && mkdir -p news && cd news")
        out.run(news, "aggregator demo --out .", lines=2)
        out.run(news, "aggregator backup backup.db", lines=1)
        _say_refused(out, network)
        out.say("The other machine has the program, an empty home, the configuration and the backup.")
        second = fresh(debian, "second")
        program = ".local/share/aggregator"
        other = entered(second, network, USER, f"~ && {path} && mkdir -p news && cd news")
        shutil.copytree(first / "home" / USER / program, second / "home" / USER / program, symlinks=True)
        inside = second / "home" / USER / "news"
        inside.mkdir()
        for name in ("config.toml", "backup.db"):
            shutil.copy(first / "home" / USER / "news" / name, inside)
        subprocess.run(["chroot", second, "chown", "-R", USER, f"/home/{USER}"], check=True)
        out.run(other, "aggregator restore backup.db", lines=2)
        out.run(other, "aggregator doctor --offline", lines=2)
        out.run(other, "aggregator editions", lines=3)
        out.run(other, "aggregator stories --since 9999d | head -4", lines=4)


def tools(out: Transcript, work: Path) -> None:
    """The built wheel as a tool of pipx and of uv."""
    home = fresh_folder(work / "tools")
    wheels = fresh_folder(work / "wheel")
    here = local(ROOT, PATH="/usr/bin:/bin", HOME=str(home))
    python = PYTHON
    out.run(here, f"{python} -m hatchling build -t wheel -d {wheels}", lines=0, shown="python -m hatchling build")
    [wheel] = wheels.glob("*.whl")
    variables = {"HOME": str(home), "PATH": f"{home}/.local/bin:/usr/bin:/bin", **_certificates()}
    user = local(home, **variables)
    ways = {"pipx": ("pipx", ""), "uv": (str(ROOT / ".venv" / "bin" / "uv"), "tool ")}
    for name, (program, part) in ways.items():
        if missing_tools(program):
            out.say(f"{name} is not installed on this machine, so this was not tried.")
            continue
        install, uninstall = f"{part}install", f"{part}uninstall aggregator-digest"
        out.run(
            user, f"{program} {install} '{wheel}[notify]'", lines=1, shown=f"{name} {install} '{wheel.name}[notify]'"
        )
        out.run(user, "aggregator --version", lines=1)
        out.run(user, "aggregator init news", lines=1)
        out.run(user, f"aggregator demo --out demo-{name}", lines=1)
        out.run(user, f"{program} {uninstall}", lines=1, shown=f"{name} {uninstall}")
        shutil.rmtree(home / "news")


def service(out: Transcript, work: Path) -> None:
    """The recipe for systemd, as written, with systemd as the first process."""
    out.say("A fresh Debian 12 with systemd as its first process; the commands of running.md.")
    system = fresh(base(work, "service", SERVICE_PACKAGES), "started")
    set_proxy(system)
    subprocess.run(["git", "clone", "-q", ROOT, system / "root" / "aggregator"], check=True)
    with IndexOnly() as network, (work / "started.log").open("wb") as log:
        started = Started(system, network, log)
        try:
            started.wait()
            _serve(out, started.shell)
        finally:
            started.stop()
        _say_refused(out, network)


def _serve(out: Transcript, shell: Shell) -> None:
    for command in recipe("docs/running.md", "As a systemd service"):
        if not command.startswith("journalctl"):
            out.run(shell, command, lines=2)
    out.run(shell, "systemctl is-active aggregator")
    out.run(shell, "systemd-analyze verify --man=no aggregator.service")
    out.run(shell, "systemd-analyze security aggregator | tail -1")
    out.run(shell, "sudo aggregator-command feeds | head -3")
    out.run(shell, "sudo aggregator-command send morning", lines=2)
    out.run(shell, "sudo aggregator-command backup today.db", lines=1)
    program = "sudo /opt/aggregator/bin/aggregator --config /etc/aggregator/config.toml"
    out.run(shell, f"{program} add --no-check https://example.org/feed.xml --name Example", lines=1)
    out.run(shell, "sudo aggregator-command restore today.db", lines=2, status=1)
    out.run(shell, "sudo systemctl stop aggregator")
    out.run(shell, "sudo aggregator-command restore today.db", lines=2)
    out.run(shell, "sudo systemctl start aggregator && systemctl is-active aggregator")
    out.run(shell, "journalctl --no-pager -o cat -u aggregator | grep -Ei 'start|stop|reload'", lines=8)


def container(out: Transcript, work: Path) -> None:
    """The image of the Containerfile with the extras: built, started, asked for its health."""
    # Where containers cannot be nested, the steps of a build run in a chroot; STORAGE_DRIVER=vfs needs no overlays.
    storage = {name: os.environ[name] for name in ("STORAGE_DRIVER",) if name in os.environ}
    variables = {"BUILDAH_ISOLATION": "chroot", **storage, **_certificates()}
    here = local(ROOT, PATH="/usr/sbin:/usr/bin:/sbin:/bin", HOME=str(work), **variables)
    built_from, volumes = "", ""
    if here("podman pull -q docker.io/library/python:3.11-slim").returncode:
        out.say(
            "No registry of images can be reached, so the base is a Debian 12 made by debootstrap instead of "
            "python:3.11-slim."
        )
        image = _base_image(here, base(work, "debian", PACKAGES))
        built_from, volumes = f"--build-arg BASE={image} ", "-v /etc/ssl/certs:/etc/ssl/certs:ro "
    build = "podman build --format docker -f docs/deploy/Containerfile --build-arg LOCK=extras "
    out.run(here, f"{build}{built_from}{volumes}-t aggregator .", lines=1, shown=f"{build}{built_from}-t aggregator .")
    here("podman rm -f news-test; podman volume rm news-test")
    limits = "--ulimit nofile=1024:1024 --ulimit nproc=1024:1024"
    if shutil.which("runc", path="/usr/sbin:/usr/bin"):
        limits += " --runtime runc"  # crun refuses machines that mix both versions of control groups
    run = "podman run -d --name news-test --network none -v news-test:/data aggregator"
    out.run(here, run.replace("podman run", f"podman run {limits}"), lines=0, shown=run)
    inside = "podman exec news-test "
    for command, lines in (
        ("id", 1),
        ("ls -ln /data", 4),
        ("touch /opt/file", 1),
        ("sh -c 'pip list 2>/dev/null | grep -ciE \"psycopg|procrastinate|dkimpy|apprise|pillow\"'", 1),
    ):
        status = 1 if command.startswith("touch") else 0
        _until(here, "podman exec news-test test -e /data/config.toml")
        out.run(here, f"podman exec news-test {command}", lines=lines, status=status, shown=inside + command)
    _until(here, "podman healthcheck run news-test")
    out.run(here, "podman healthcheck run news-test && echo healthy", shown="podman healthcheck run news-test")
    out.run(here, "podman stop -t 40 news-test", lines=1, shown="podman stop -t 40 news-test")
    log = 'podman logs news-test 2>&1 | grep -o \'"message": "[a-z ]*"\' | tail -2'
    out.run(here, log, lines=2, shown="podman logs news-test")
    here("podman rm -f news-test; podman volume rm news-test")


def _base_image(here: Shell, debian: Path) -> str:
    """An image of a Debian system that has `python`, as the official image does; returns its name."""
    (debian / "usr" / "local" / "bin" / "python").unlink(missing_ok=True)
    (debian / "usr" / "local" / "bin" / "python").symlink_to("/usr/bin/python3")
    name = "localhost/debian-python"
    done = here(f"tar -C {debian} -c . | podman import -c 'ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt' - {name}")
    if done.returncode:
        raise OSError(done.stdout)
    return name


def _until(here: Shell, command: str, tries: int = 90) -> None:
    """Repeat a command until it succeeds."""
    here(f"for i in $(seq {tries}); do {command} >/dev/null 2>&1 && exit; sleep 1; done; exit 1")


def upgrade(out: Transcript, work: Path) -> None:
    """The database that each earlier schema's own program made, opened by this one."""
    out.say(
        "For each schema, the last program that had it makes a database with the demo's two days of news. "
        "This program opens it, and must find every entry, story and edition."
    )
    python = PYTHON
    last: Path | None = None
    for revision, commits in _programs().items():
        old = fresh_folder(work / "old" / revision)
        here = local(old, PATH="/usr/bin:/bin", HOME=str(old), LANG="C.UTF-8")
        for commit in commits:  # some commits between two releases did not work
            with contextlib.suppress(sqlite3.Error):
                here(f"rm -rf src out; mkdir src; git -C {ROOT} archive {commit} | tar x -C src")
                here(f"cd src && {python} -P {_launcher(old)} demo --out {old}/out")
                before = _counts(old / "out" / "demo.db")
                if before[-1]:
                    break
        else:
            out.say(f"No program with schema {revision} runs with today's dependencies.")
            continue
        shown = f"aggregator stories --since 9999d --json   # schema {revision}, by the program of {commit}"
        ours = f"{python} -m aggregator --config {old}/out/config.toml"
        out.run(here, f"cd {ROOT} && {ours} stories --since 9999d --json | tail -c 1", lines=0, shown=shown)
        after = _counts(old / "out" / "demo.db")
        kept = "kept" if after == before else f"NOT KEPT, {before} before"
        out.note(f"{after[0]} entries, {after[1]} stories, {after[2]} editions: {kept}")
        out.failed |= after != before
        last = old
    if last is not None:
        _refuse_newer(out, python, last)


def _refuse_newer(out: Transcript, python: Path, old: Path) -> None:
    """An older program with a database of a schema that it does not know."""
    out.say("A program does not open a database that a newer one has migrated:")
    with contextlib.closing(sqlite3.connect(old / "out" / "demo.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    here = local(ROOT, PATH="/usr/bin:/bin", HOME=str(old), LANG="C.UTF-8")
    command = f"{python} -m aggregator --config {old}/out/config.toml stories"
    out.run(here, command, lines=2, status=1, shown="aggregator stories")


def _programs() -> dict[str, list[str]]:
    """For each schema the commits that had it as their newest one: the last one first, then the first one."""
    folder = "migrations/versions/"
    log = [
        "git",
        "log",
        "--reverse",
        "--no-renames",
        "--diff-filter=A",
        "--format=%h",
        "--name-only",
        "--",
        f"*{folder}[0-9]*.py",
    ]
    lines = subprocess.run(log, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    added: dict[str, str] = {}
    commit = ""
    for line in lines:
        if folder not in line:
            commit = line
        else:
            added.setdefault(line.rpartition(folder)[2][:4], commit)
    revisions = sorted(added)
    return {one: [f"{added[following]}^", added[one]] for one, following in pairwise(revisions)}


def _launcher(folder: Path) -> Path:
    """A script that starts the program of the present folder, not the installed one."""
    path = folder / "start.py"
    path.write_text("import os, sys\nsys.path.insert(0, os.getcwd())\nfrom aggregator.__main__ import main\nmain()\n")
    return path


def _counts(database: Path) -> tuple[int, int, int]:
    """How many entries, stories and editions a database has."""
    with contextlib.closing(sqlite3.connect(database)) as opened:
        entries, stories, editions = (
            opened.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("entry", "story", "edition")
        )
    return entries, stories, editions


def fresh_folder(path: Path) -> Path:
    """An empty folder."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def _certificates() -> dict[str, str]:
    path = "/etc/ssl/certs/ca-certificates.crt"
    return {"PIP_CERT": path, "SSL_CERT_FILE": path, "PIP_DEFAULT_TIMEOUT": "180"}


def _say_refused(out: Transcript, network: IndexOnly) -> None:
    refused = ", ".join(sorted(network.refused)) or "none"
    out.say(f"Hosts that were asked for beside the package index: {refused}.")
