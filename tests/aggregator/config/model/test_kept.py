"""Kept configurations: the same values as the file, or no effect at all."""

import hashlib
import os
import pickle
from pathlib import Path

import pytest

from aggregator.config import Config, ConfigError, load, parse
from aggregator.config.model import kept
from aggregator.config.model.kept import MOST, folder, load_kept

TEXT = """
[fetch]
timeout = "7s"
[[feed]]
url = "https://a.example/feed"
page = { item = "li.news" }
[[interest]]
name = "rivers"
words = ["river"]
[[digest]]
name = "daily"
to = ["folder:out"]
"""


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(TEXT)
    return path


@pytest.fixture
def validated(monkeypatch) -> list[str]:
    """The texts that were validated."""
    found = []

    def noted(text: str, place: Path) -> Config:
        found.append(text)
        return parse(text, place)

    monkeypatch.setattr(kept, "parse", noted)
    return found


def only() -> Path:
    (found,) = folder().iterdir()
    return found


def test_a_file_that_did_not_change_is_validated_once(file, validated):
    first, second = load_kept(file), load_kept(file)
    assert validated == [TEXT]
    assert first.dump() == second.dump() == load(file).dump()
    assert second.path == file
    assert second.recipients(second.digests[0]) == first.recipients(first.digests[0])
    assert second.feeds[0].given == {"url", "page"}
    assert only().stat().st_mode & 0o777 == 0o600
    assert folder().stat().st_mode & 0o777 == 0o700


def test_a_changed_file_is_validated_again(file, validated):
    load_kept(file)
    file.write_text(TEXT.replace("7s", "8s"))
    assert load_kept(file).fetch.timeout.total_seconds() == 8
    assert load_kept(file).fetch.timeout.total_seconds() == 8
    assert len(validated) == 2
    file.write_text("[fetch]\ntimeout = 7\n")
    with pytest.raises(ConfigError, match="has no unit"):
        load_kept(file)


@pytest.mark.parametrize("program", ["__version__", "_modules", "_libraries"])
def test_another_program_validates_again(file, validated, monkeypatch, program):
    load_kept(file)
    monkeypatch.setattr(kept, program, lambda: "another")
    load_kept(file)
    assert len(validated) == 2


def test_a_library_that_was_updated_validates_again(file, validated, tmp_path, monkeypatch):
    libraries = tmp_path / "site-packages"
    libraries.mkdir()
    monkeypatch.syspath_prepend(str(libraries))
    load_kept(file)
    load_kept(file)
    assert len(validated) == 1
    (libraries / "email_validator-3.dist-info").mkdir()
    os.utime(libraries, (1, 1))
    load_kept(file)
    assert len(validated) == 2


def test_a_damaged_file_has_no_effect(file, validated):
    load_kept(file)
    whole = only().read_bytes()
    expected = load(file).dump()
    broken = [b"", whole[:20], whole[:-1], whole + b"."]
    broken += [whole[:at] + bytes([whole[at] ^ 64]) + whole[at + 1 :] for at in range(0, len(whole), 97)]
    for number, data in enumerate(broken, start=2):
        only().write_bytes(data)
        assert load_kept(file).dump() == expected
        assert len(validated) == number
        assert only().read_bytes() == whole  # repaired


def test_a_file_with_code_in_it_runs_nothing(file, validated, tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "hacked"),)

    load_kept(file)
    for value in (Evil(), [1], b"text", hashlib.sha256):
        data = pickle.dumps(value)
        only().write_bytes(kept._digest(TEXT, data) + data)
        assert load_kept(file).feeds[0].url == "https://a.example/feed"
    assert not (tmp_path / "hacked").exists()
    assert len(validated) == 5


def test_a_file_that_others_can_write_is_not_read(file, validated, monkeypatch):
    load_kept(file)
    only().chmod(0o620)
    load_kept(file)
    assert len(validated) == 2
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    load_kept(file)
    assert len(validated) == 3


def test_what_is_in_a_folder_that_others_can_write_is_neither_read_nor_replaced(file, validated, tmp_path):
    load_kept(file)
    folder().chmod(0o777)
    victim = tmp_path / "victim"
    victim.write_text("mine")
    place = only()
    place.unlink()
    place.symlink_to(victim)
    load_kept(file)
    assert victim.read_text() == "mine"
    data = pickle.dumps(parse(TEXT.replace("7s", "9s"), file))
    victim.write_bytes(kept._digest(TEXT, data) + data)
    assert load_kept(file).fetch.timeout.total_seconds() == 7
    assert len(validated) == 3


def test_where_the_system_does_not_say_who_may_write_it_is_read(file, validated, monkeypatch):
    monkeypatch.delattr(os, "geteuid")  # as on Windows, which says that all may write
    load_kept(file)
    only().chmod(0o666)
    folder().chmod(0o777)
    load_kept(file)
    assert len(validated) == 1


def test_a_folder_is_no_file(file, validated):
    load_kept(file)
    place = only()
    place.unlink()
    place.mkdir()
    assert load_kept(file).feeds[0].url == "https://a.example/feed"


def test_a_file_that_is_named_in_it_and_is_gone_is_still_reported(file, tmp_path):
    file.write_text('[[opml]]\nfile = "feeds.opml"\n')
    (tmp_path / "feeds.opml").write_text("<opml/>")
    load_kept(file)
    load_kept(file)
    (tmp_path / "feeds.opml").unlink()
    with pytest.raises(ConfigError, match=r"there is no file .*feeds\.opml"):
        load_kept(file)


@pytest.mark.parametrize(
    "secret",
    [
        '[fetch]\nheaders = { Authorization = "Bearer abc" }\n',
        '[[feed]]\nurl = "https://a.example/"\ncookies = { session = "0123456789abcdef0123" }\n',
        '[[digest]]\nname = "d"\nto = ["notify:https://ntfy.example/secret-topic"]\n',
        '[[alert]]\nname = "a"\nquery = "flood"\nto = ["webhook:https://chat.example/secret"]\n',
        '[fetch]\nheaders = { X-Login = "hunter2" }\n',
        '[[feed]]\nurl = "https://a.example/"\ncookies = { sid = "hunter2" }\n',
        '[[feed]]\nurl = "https://me:hunter2@a.example/feed"\n',
        '[[feed]]\nurl = "https://hunter2@a.example/feed"\n',
        '[[feed]]\nurl = "https://a.example/feed?id=1&access_token=hunter2"\n',
        '[storage]\nurl = "postgresql://me@db.example/news?password=hunter2"\n',
        '[summaries]\nendpoint = "https://me:hunter2@models.example/v1"\n',
        '[stories]\nembeddings = "https://models.example/v1?key=hunter2"\n',
        '[[interest]]\nname = "rivers"\nexamples = ["https://me:hunter2@a.example/1"]\n',
    ],
)
def test_a_configuration_with_a_secret_in_itself_is_not_kept(file, secret):
    file.write_text(secret)
    load_kept(file)
    assert not folder().exists()


@pytest.mark.parametrize(
    "text",
    [
        '[[feed]]\nurl = "https://a.example/feed?format=rss&author=5&keyword=rivers"\n',
        '[storage]\nurl = "postgresql://me@db.example/news"\n',
        '[fetch]\nproxy = "http://me@proxy.example:3128"\n',
        '[fetch]\ncontact = "https://a.example/@me"\n',
    ],
)
def test_a_url_without_a_secret_is_kept(file, text):
    file.write_text(text)
    load_kept(file)
    assert only().is_file()


def test_without_a_place_for_it_nothing_is_kept(file, validated, tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("not a folder")
    assert load_kept(file).dump() == load_kept(file).dump()
    assert len(validated) == 2
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "no-home"))
    load_kept(file)
    assert len(validated) == 3
    assert not (tmp_path / "no-home").exists()


@pytest.mark.parametrize("named", ["", "relative"])
def test_nothing_is_left_in_the_home_of_another_user(file, tmp_path, monkeypatch, named):
    monkeypatch.setenv("XDG_CACHE_HOME", named)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    load_kept(file)
    assert not (tmp_path / ".cache").exists()
    monkeypatch.setattr(os, "geteuid", lambda: me)
    load_kept(file)
    assert only().parent == tmp_path / ".cache" / "aggregator"


def test_the_oldest_are_removed(tmp_path):
    for number in range(MOST + 3):
        file = tmp_path / f"{number}.toml"
        file.write_text(TEXT)
        load_kept(file)
        os.utime(kept._place(file), (number, number))
    left = {path.name for path in folder().iterdir()}
    assert left == {kept._place(tmp_path / f"{number}.toml").name for number in range(3, MOST + 3)}
