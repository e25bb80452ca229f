"""Debian systems in folders: made by debootstrap, entered or started by systemd-nspawn."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import IO

from tests.e2e.transcripts.index_only import PROXY, IndexOnly
from tests.e2e.transcripts.transcript import ROOT, Shell

CERTIFICATES = Path("etc/ssl/certs/ca-certificates.crt")
USER = "newcomer"
NAME = "debian"  # of the machine
# Needed by hand on a Debian of the smallest kind, where the README asks for Python, make and git.
PACKAGES = "python3,python3-venv,make,git,ca-certificates,openssl"
SERVICE_PACKAGES = f"{PACKAGES},systemd,systemd-sysv,dbus,sudo"


def missing_tools(*names: str) -> list[str]:
    """Which of these programs the machine does not have."""
    return [name for name in names if not shutil.which(name)]


def base(work: Path, name: str, packages: str) -> Path:
    """A Debian 12 of the smallest kind with these packages and a user, made once."""
    root = work / name
    if not (root / "home" / USER).is_dir():
        shutil.rmtree(root, ignore_errors=True)
        with (work / f"{name}.log").open("w") as log:
            command = ["debootstrap", "--variant=minbase", f"--include={packages}", "bookworm", root]
            subprocess.run(command, check=True, stdout=log, stderr=log)
            subprocess.run(["chroot", root, "useradd", "-m", "-s", "/bin/bash", USER], check=True, stdout=log)
        shutil.copy(Path("/") / CERTIFICATES, root / CERTIFICATES)  # those of a proxy of the machine are among them
        (root / "etc" / "hostname").write_text(f"{NAME}\n")
        (root / "etc" / "hosts").write_text(f"127.0.0.1 localhost {NAME}\n")
    return root


def fresh(root: Path, name: str) -> Path:
    """A copy of a system."""
    copy = root.with_name(name)
    subprocess.run(["rm", "-rf", copy], check=True)
    subprocess.run(["cp", "-a", "--reflink=auto", root, copy], check=True)
    return copy


def put_source(system: Path) -> None:
    """Put a bare copy of this repository into a system, for the user to clone."""
    copy = "srv/aggregator.git"
    subprocess.run(["git", "clone", "-q", "--bare", ROOT, system / copy], check=True)
    subprocess.run(["chroot", system, "chown", "-R", USER, f"/{copy}"], check=True)


def set_proxy(system: Path) -> None:
    """Tell pip the way to the package index, also for commands under sudo, which removes variables."""
    text = f"[global]\nproxy = {PROXY}\ncert = /{CERTIFICATES}\ntimeout = 180\n"
    (system / "etc" / "pip.conf").write_text(text)


def entered(system: Path, network: IndexOnly, user: str, folder: str = "~") -> Shell:
    """A shell of a user in a system that is not started, with only the package index reachable."""
    variables = [f"--setenv={name}={value}" for name, value in _variables().items()]
    enter = ["systemd-nspawn", "-q", "-D", system, "--register=no", "--keep-unit", "--pipe", f"--user={user}"]

    def shell(command: str) -> subprocess.CompletedProcess[str]:
        words = [*enter, *variables, "bash", "-c", f"cd {folder} && {command}"]
        return network.start(lambda: _run(words))

    return shell


def _variables() -> dict[str, str]:
    certificates = f"/{CERTIFICATES}"
    return {
        "HTTPS_PROXY": PROXY,
        "https_proxy": PROXY,
        "PIP_CERT": certificates,
        "SSL_CERT_FILE": certificates,
        "PIP_DEFAULT_TIMEOUT": "180",
        "LANG": "C.UTF-8",
    }


def _run(words: list[str | Path]) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        words, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL
    )
    # Debian 12's systemd-nspawn ends with this line where /run is not a file system of its own.
    done.stdout = re.sub(r"Attempted to remove disk file system under .*\n?", "", done.stdout)
    return done


class Started:
    """A system whose first process is systemd, with only the package index reachable."""

    def __init__(self, system: Path, network: IndexOnly, log: IO[bytes]) -> None:
        start = ["systemd-nspawn", "-q", "-D", system, f"--hostname={NAME}", "--register=no", "--keep-unit", "--boot"]
        self._process = network.start(lambda: subprocess.Popen(start, stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        self._first = _first_child(self._process)

    def wait(self, seconds: float = 60) -> None:
        """Wait until all units of the boot have started."""
        until = time.monotonic() + seconds
        while self.shell("systemctl is-system-running").stdout.strip() not in {"running", "degraded"}:
            if time.monotonic() > until:
                raise OSError("the system did not finish to boot")
            time.sleep(0.5)

    def shell(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the system, as root, in the folder of the source."""
        enter: list[str | Path] = ["nsenter", "-t", str(self._first), "-a", "-r", "env", "-i", "HOME=/root"]
        variables = [f"{name}={value}" for name, value in _variables().items()]
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return _run([*enter, path, *variables, "bash", "-c", f"cd /root/aggregator 2>/dev/null || cd; {command}"])

    def stop(self) -> None:
        """Power the system off."""
        self.shell("systemctl poweroff")
        self._process.wait(60)


def _first_child(process: subprocess.Popen[bytes], seconds: float = 30) -> int:
    """The process id of systemd in the system."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        for task in Path(f"/proc/{process.pid}/task").iterdir():
            if children := (task / "children").read_text().split():
                return int(children[0])
        time.sleep(0.1)
    raise OSError("systemd did not start")
