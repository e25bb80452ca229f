"""Edits of the user's file: what was asked for changes, and not one byte more."""

import stat
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import ConfigError
from aggregator.config.edit import EditRefused, add_feeds, quote, remove_feed, save

FILE = """# mine
[fetch]
timeout = "20s"   # slow line

[[feed]]          # the first
url = "https://a.example/f"
name = "A"  # good

# about the second
[[feed]]
url = "https://b.example/f"

# digests below
[[digest]]
name = "d"
"""
NEW = {"url": "https://c.example/f", "name": 'C "quoted" \\ новости', "weight": 2.0, "allow_private": True}


def test_a_feed_is_added_behind_the_last_one():
    edited = add_feeds(FILE, [NEW])
    head, _, tail = edited.partition('url = "https://b.example/f"\n')
    assert FILE.startswith(head)
    assert tail.endswith('\n# digests below\n[[digest]]\nname = "d"\n')
    assert tomllib.loads(edited)["feed"][2] == NEW


def test_to_a_file_without_feeds_it_is_added_at_the_end():
    assert (
        add_feeds("# only this", [{"url": "https://a.example/"}])
        == '# only this\n\n[[feed]]\nurl = "https://a.example/"\n'
    )


def test_windows_line_ends_are_kept():
    edited = add_feeds(FILE.replace("\n", "\r\n"), [NEW])
    assert edited.count("\n") == edited.count("\r\n")


def test_a_removed_feed_takes_its_lines_and_no_other():
    edited = remove_feed(FILE, 0)
    assert [feed["url"] for feed in tomllib.loads(edited)["feed"]] == ["https://b.example/f"]
    for comment in ("# mine", "# slow line", "# about the second", "# digests below"):
        assert comment in edited


def test_the_last_feed_can_be_removed():
    assert "feed" not in tomllib.loads(remove_feed(remove_feed(FILE, 1), 0))


def test_a_file_with_inline_feeds_is_refused_and_says_how_to_write_them():
    with pytest.raises(EditRefused, match=r"\[\[feed\]\]"):
        add_feeds('feed = [{url = "https://a.example/"}]\n', [NEW])
    with pytest.raises(EditRefused):
        remove_feed('feed = [{url = "https://a.example/"}]\n', 0)


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20), min_size=1, max_size=4), st.data())
def test_adding_and_removing_gives_the_file_back(names, data):
    feeds = [{"url": f"https://{i}.example/f", "name": name} for i, name in enumerate(names)]
    edited = add_feeds(FILE, feeds)
    assert tomllib.loads(edited)["feed"][2:] == feeds
    for left in range(len(feeds), 0, -1):
        edited = remove_feed(edited, 2 + data.draw(st.integers(0, left - 1)))
    assert tomllib.loads(edited) == tomllib.loads(FILE)


@given(st.text(st.characters(codec="utf-8"), max_size=50))
def test_a_quoted_text_reads_as_itself(text):
    assert tomllib.loads(f"a = {quote(text)}")["a"] == text


def test_saving_keeps_the_rights_and_follows_a_link(tmp_path):
    real, link = tmp_path / "real.toml", tmp_path / "config.toml"
    real.write_text(FILE, encoding="utf-8")
    real.chmod(0o640)
    link.symlink_to(real)
    save(link, FILE, add_feeds(FILE, [NEW]))
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert "c.example" in real.read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml", "real.toml"]


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(FILE + "# more\n", encoding="utf-8")
    with pytest.raises(EditRefused, match="changed by another program"):
        save(path, FILE, add_feeds(FILE, [NEW]))
    assert path.read_text(encoding="utf-8") == FILE + "# more\n"


def test_an_edit_that_would_break_the_configuration_is_not_written(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(FILE, encoding="utf-8")
    with pytest.raises(ConfigError, match="used twice"):
        save(path, FILE, add_feeds(FILE, [{"url": "https://a.example/f"}]))
    assert path.read_text(encoding="utf-8") == FILE
