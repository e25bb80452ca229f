"""The file that `init` writes: the repository's own, and right down to its comments."""

import re
import tomllib
from importlib.resources import files
from pathlib import Path

from aggregator.config import load, parse

REPOSITORY = Path(__file__).parents[3] / "config.toml"
SETTING = re.compile(r"^#(?=[a-z\[])", re.MULTILINE)


def test_it_is_the_repositorys_config():
    assert files("aggregator.config").joinpath("sample.toml").read_bytes() == REPOSITORY.read_bytes()


def test_it_works_as_it_is_and_needs_no_mail_server():
    config = load(REPOSITORY)
    assert len(config.feeds) >= 12
    assert len({feed.language for feed in config.feeds}) >= 5
    assert [reader.channel for reader in config.recipients(config.digests[0])] == ["folder"]
    assert not config.sends_mail()


def test_every_setting_in_its_comments_is_right_once_taken_in(tmp_path):
    (tmp_path / "subscriptions.opml").write_text("<opml/>", encoding="utf-8")
    text = SETTING.sub("", REPOSITORY.read_text(encoding="utf-8"))
    config = parse(text, tmp_path / "config.toml")
    assert config.mail.user == "news@example.org"
    assert config.rules
    assert config.interests


def test_it_shows_every_table():
    text = SETTING.sub("", REPOSITORY.read_text(encoding="utf-8"))
    shown = set(tomllib.loads(text))
    assert shown == {
        "storage",
        "fetch",
        "stories",
        "summaries",
        "mail",
        "web",
        "feed",
        "opml",
        "topic",
        "interest",
        "rule",
        "digest",
    }
