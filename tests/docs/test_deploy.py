"""The unit file and the container file agree with the program."""

from __future__ import annotations

import re
import shlex
from configparser import ConfigParser
from pathlib import Path

import pytest

from aggregator.cli.base import COMMANDS
from aggregator.daemon.run import DRAIN_SECONDS, RENEW

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "docs" / "deploy"


@pytest.fixture
def unit() -> ConfigParser:
    parser = ConfigParser(interpolation=None, strict=False, comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / "aggregator.service", "utf-8")
    return parser


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


def test_the_unit_gives_no_right_that_is_not_needed(unit: ConfigParser) -> None:
    service = unit["Service"]
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


INSTALLS = re.compile(r"pip install (.*)")


def test_every_documented_installation_has_hashes_and_builds_with_what_the_lock_names() -> None:
    texts = [ROOT / "README.md", DEPLOY / "Containerfile", *sorted((ROOT / "docs").glob("*.md"))]
    found = [line for path in texts for line in INSTALLS.findall(path.read_text("utf-8"))]
    assert len(found) >= 6
    for line in found:
        hashed = "--require-hashes -r requirements/" in line
        own = "--no-deps --no-build-isolation ." in line
        assert hashed or own, line
        assert all((ROOT / name).is_file() for name in re.findall(r"requirements/[\w.]+lock", line)), line


def test_the_build_lock_names_the_builder_of_the_project() -> None:
    assert re.search(r"^hatchling==[\d.]+ ", (ROOT / "requirements" / "build.lock").read_text("utf-8"), re.MULTILINE)
