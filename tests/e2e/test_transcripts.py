"""The transcripts run what the documentation says, and show what failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.transcripts.transcript import Failed, Transcript, local, recipe


def test_the_recipes_are_the_commands_of_the_documentation() -> None:
    service = recipe("docs/running.md", "As a systemd service")
    assert service[0].startswith("sudo python3.11 -m venv")
    assert "sudo /opt/aggregator/bin/aggregator init --service" in service
    assert service[-1].startswith("journalctl")
    install = recipe("docs/getting-started.md", "Install")
    assert len(install) == 4
    assert install[-1].startswith("export PATH=")


def test_a_transcript_has_commands_last_lines_times_and_the_whole_output_of_a_failure(tmp_path: Path) -> None:
    here = local(tmp_path, PATH="/usr/bin:/bin")
    out = Transcript("A way")
    out.say("First.")
    assert out.run(here, "seq 9", lines=2) == "".join(f"{number}\n" for number in range(1, 10))
    out.run(here, "exit 3", status=3)
    with pytest.raises(Failed, match="seq 5"):
        out.run(here, "seq 5; exit 1", lines=1)
    out.fail()
    assert out.failed
    heading, first, block, last = out.markdown().split("\n\n")
    assert (heading, first, last) == ("## A way", "First.", "**This path failed here.**")
    assert "$ seq 9\n  8\n  9\n[0." in block
    assert "exit status 3" in block
    assert block.endswith("  1\n  2\n  3\n  4\n  5\n```")
