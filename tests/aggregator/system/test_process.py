"""A process that has died is known by its name, and no living one is taken for it."""

from __future__ import annotations

import os
import subprocess
import sys

from aggregator.system import process


def test_a_living_process_has_not_died_and_its_name_is_its_own() -> None:
    assert process.lease_holder() != process.lease_holder()
    living = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = process.lease_holder().replace(f":{os.getpid()}:", f":{living.pid}:")
    assert not process.has_ended(name)
    living.kill()
    living.communicate()
    assert process.has_ended(name)


def test_our_own_number_under_another_name_is_of_a_dead_process() -> None:
    assert process.has_ended(process.lease_holder())


def test_of_another_machine_or_an_unreadable_name_nothing_is_known() -> None:
    assert not process.has_ended("elsewhere/1:1:aaaa")
    assert not process.has_ended("")
    assert not process.has_ended(process.lease_holder().split(":")[0] + ":x:y")
    assert not process.has_ended(
        process.lease_holder().split(":")[0] + ":1:init"
    )  # runs always, and may be another user's
