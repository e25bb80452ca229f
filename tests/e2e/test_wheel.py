"""The built wheel has everything that the program reads, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("aggregator", "feeds", "digests")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as opened:
        return {name for name in opened.namelist() if not name.endswith("/")}


def test_every_file_of_the_packages_is_in_the_wheel(names: set[str]) -> None:
    tracked = subprocess.run(["git", "ls-files", *PACKAGES], cwd=ROOT, check=True, capture_output=True, text=True)
    expected = set(tracked.stdout.splitlines())
    for needed in ("aggregator/store/migrations/versions/0001_first.py", "digests/templates/standard/mail.html"):
        assert needed in expected
    assert expected - names == set()


def test_nothing_else_is_in_the_wheel(names: set[str]) -> None:
    other = {name for name in names if name.split("/")[0] not in PACKAGES and ".dist-info/" not in name}
    pages = {path.name for path in (ROOT / "docs" / "man").iterdir()}
    assert {Path(name).name for name in other} == pages
    assert all(".data/data/share/man/man1/" in name for name in other)
    assert {name for name in names if name.endswith((".pyc", ".mo", ".db", ".key", ".env"))} == set()
    assert not any("tests" in name.split("/") or name.rpartition("/")[2].startswith("test_") for name in names)


def test_each_package_declares_its_types(names: set[str]) -> None:
    assert {f"{package}/py.typed" for package in PACKAGES} <= names


def test_the_metadata_name_versions_extras_and_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        [folder] = {name.split("/")[0] for name in opened.namelist() if ".dist-info/" in name}
        metadata = message_from_string(opened.read(f"{folder}/METADATA").decode())
        entry_points = opened.read(f"{folder}/entry_points.txt").decode()
        assert f"{folder}/licenses/LICENSE" in opened.namelist()
    assert metadata["Name"] == PROJECT["name"]
    assert metadata["Version"] == PROJECT["version"]
    assert metadata["Requires-Python"] == PROJECT["requires-python"]
    assert set(metadata.get_all("Provides-Extra") or ()) == set(PROJECT["optional-dependencies"])
    assert "aggregator = aggregator.__main__:main" in entry_points


def test_the_wheel_stays_small(wheel: Path) -> None:
    assert wheel.stat().st_size < 10_000_000
