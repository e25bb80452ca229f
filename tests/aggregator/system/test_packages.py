"""A stranger's `feeds` or `digests` before ours is named, not imported."""

import os
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

from aggregator.system import packages

HOME = Path("/lib/python/site-packages")


def spec(name: str, origin: str | None, folders: list[str] | None = None) -> ModuleSpec:
    made = ModuleSpec(name, None, origin=origin, is_package=folders is not None)
    if folders is not None:
        made.submodule_search_locations = folders
    return made


def test_our_own_packages_are_fine():
    assert packages.problems() == []


def test_a_package_elsewhere_is_named_with_both_places_and_the_hint():
    [message] = packages.problems(["feeds"], lambda name: spec(name, "/other/feeds/__init__.py"), HOME)
    assert "/other/feeds" in message
    assert f"{HOME}/feeds" in message
    assert "uninstall it" in message


def test_a_module_a_bare_folder_and_nothing_at_all_are_reported_too():
    assert "/other/feeds.py" in packages.problems(["feeds"], lambda name: spec(name, "/other/feeds.py"), HOME)[0]
    assert "/other/feeds" in packages.problems(["feeds"], lambda name: spec(name, None, ["/other/feeds"]), HOME)[0]
    assert "missing" in packages.problems(["feeds"], lambda name: None, HOME)[0]


def test_the_command_says_so_and_imports_nothing_of_the_stranger(tmp_path):
    stranger = tmp_path / "digests" / "__init__.py"
    stranger.parent.mkdir()
    stranger.write_text("raise SystemExit('the stranger ran')\n", encoding="utf-8")
    root = Path(packages.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "aggregator", "--help"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(root)])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert f"another package named `digests` ({tmp_path}/digests) stands before" in done.stderr
    assert "stranger ran" not in done.stderr
