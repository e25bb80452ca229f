"""Wrong use: the message names the thing and what to do, the exit status is right, and nothing is changed."""

from __future__ import annotations

import shlex

import pytest

from tests.aggregator.cli.conftest import Shell


@pytest.mark.parametrize(
    ("command", "status", "message"),
    [
        ("add --no-check 'not a url'", 2, '"https://not a url" is not a web URL'),
        ("digest --at 2999-01-01", 2, "is in the future"),
        ("editions evening", 2, "there is no digest 'evening'; there are: morning"),
        ("publish site --url nope", 2, "'nope' is not a URL such as"),
        ("publish site --digest evening", 2, "there is no digest 'evening'"),
        ("recipients import empty.txt", 1, "the file lists nobody"),
        ("import --all config.toml", 1, "`aggregator export --all` wrote"),
        ("import --all missing.jsonl", 2, "missing.jsonl: No such file"),
        ("export missing/out.opml", 1, "missing/out.opml: No such file or directory\n  hint: check the path"),
        ("export --all missing/out.jsonl", 1, "missing/out.jsonl: No such file or directory\n  hint: check the path"),
        ("export config.toml/out.opml", 1, "config.toml/out.opml: Not a directory\n  hint: check the path"),
    ],
)
def test_wrong_use_is_refused_with_what_to_do(configured: Shell, command: str, status: int, message: str) -> None:
    (configured.folder / "empty.txt").touch()
    before = configured.config.read_text("utf-8")
    done = configured(*shlex.split(command))
    assert (done.status, done.out) == (status, "")
    assert message in done.err
    assert "Traceback" not in done.err
    assert configured.config.read_text("utf-8") == before
    assert not (configured.folder / "site").exists()
