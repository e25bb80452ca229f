"""The unit file and the container file agree with the program."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from configparser import ConfigParser
from pathlib import Path

import pytest

from aggregator.cli.base import COMMANDS
from aggregator.daemon.run import DRAIN_SECONDS, RENEW

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "docs" / "deploy"


def read_unit(name: str) -> ConfigParser:
    parser = ConfigParser(interpolation=None, strict=False, comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / name, "utf-8")
    return parser


@pytest.fixture(params=["aggregator.service", "aggregator-user.service"])
def unit(request: pytest.FixtureRequest) -> ConfigParser:
    """The service of the machine, and that of a user."""
    return read_unit(request.param)


def test_the_unit_starts_the_daemon_and_waits_for_its_word(unit: ConfigParser) -> None:
    service = unit["Service"]
    program, command, option, _ = shlex.split(service["ExecStart"])
    assert program.endswith("/aggregator")
    assert command in COMMANDS
    assert option == "--config"
    assert service["Type"] == "notify"


def test_the_units_times_fit_the_daemons(unit: ConfigParser) -> None:
    service = unit["Service"]
    assert int(service["WatchdogSec"]) > 3 * RENEW.total_seconds()
    assert int(service["TimeoutStopSec"]) > DRAIN_SECONDS + 10
    assert int(service["RestartSec"]) > 0
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"


def test_the_unit_gives_no_right_that_is_not_needed() -> None:
    service = read_unit("aggregator.service")["Service"]
    assert service["CapabilityBoundingSet"] == ""
    for key in ("NoNewPrivileges", "DynamicUser", "ProtectHome", "PrivateTmp", "PrivateDevices", "RestrictNamespaces"):
        assert service[key] == "yes", key
    assert service["ProtectSystem"] == "strict"


def test_the_container_copies_what_is_there_and_runs_without_rights() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    copied = [name for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE) for name in line.split()[:-1]]
    assert {"aggregator", "feeds", "digests", "pyproject.toml"} <= set(copied)
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert "--require-hashes" in text
    assert re.search(r"^USER (?!root)", text, re.MULTILINE)
    for command in re.findall(r"aggregator ([a-z]+)[ ;\"]", text.partition("CMD [")[2]):
        assert command in COMMANDS


def test_the_compose_file_starts_what_there_is_and_waits_for_running_work() -> None:
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    commands = [json.loads(words) for words in re.findall(r"^    command: (.+)$", text, re.MULTILINE)]
    assert [words[-1] for words in commands] == ["run", "worker", "worker"]
    assert all(words[0] == "aggregator" and words[-1] in COMMANDS for words in commands)
    found = re.search(r"stop_grace_period: (\d+)s", text)
    assert found
    assert int(found[1]) > DRAIN_SECONDS + 10


# The one installation without hashes says so.
INSTALLS = re.compile(r"(?<!Without the lock file, `)pip install (.*)")


def test_every_documented_installation_has_hashes_and_builds_with_what_the_lock_names() -> None:
    texts = [ROOT / "README.md", ROOT / "Makefile", ROOT / ".ci" / "run", DEPLOY / "Containerfile"]
    texts += sorted((ROOT / "docs").glob("*.md"))
    found = [line for path in texts for line in INSTALLS.findall(path.read_text("utf-8"))]
    assert len(found) >= 11
    for line in found:
        hashed = "--require-hashes -r requirements/" in line
        own = re.search(r"--no-deps --no-build-isolation (-e )?\.", line)
        assert hashed or own, line
        assert all((ROOT / name).is_file() for name in re.findall(r"requirements/[\w.]+lock", line)), line


def test_the_build_takes_the_versions_of_its_lock() -> None:
    locked = re.findall(r"^([\w-]+==[\w.]+) ", (ROOT / "requirements" / "build.lock").read_text("utf-8"), re.MULTILINE)
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    assert needed
    assert set(needed) <= set(locked)


@pytest.mark.parametrize("lock", sorted((ROOT / "requirements").glob("*.lock")), ids=lambda path: path.stem)
def test_every_line_of_a_lock_has_a_version_and_hashes(lock: Path) -> None:
    lines = [line for line in lock.read_text("utf-8").splitlines() if line and not line.lstrip().startswith("#")]
    packages = re.split(r"\n(?=\S)", "\n".join(lines))
    assert packages
    for package in packages:
        assert re.match(r"[\w.-]+==[\w.+]+ ", package), package[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", package), package[:80]


def test_the_audit_looks_at_every_lock_and_fails_where_it_cannot() -> None:
    locks = {path.stem for path in (ROOT / "requirements").glob("*.lock")} - {"audit", "fuzz"}
    (line,) = re.findall(r"for lock in (.*); do (.*)", (ROOT / "Makefile").read_text("utf-8"))
    assert set(line[0].split()) == locks
    assert "--strict" in line[1]
