"""Edits of the user's file: what was asked for changes, and not one byte more."""

import stat
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config import ConfigError, edit
from aggregator.config.edit import (
    ChangedMeanwhile,
    EditRefused,
    NotWritable,
    add_tables,
    change_table,
    quote,
    remove_table,
    save,
)

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
    edited = add_tables(FILE, "feed", [NEW])
    head, _, tail = edited.partition('url = "https://b.example/f"\n')
    assert FILE.startswith(head)
    assert tail.endswith('\n# digests below\n[[digest]]\nname = "d"\n')
    assert tomllib.loads(edited)["feed"][2] == NEW


def test_to_a_file_without_feeds_it_is_added_at_the_end():
    assert (
        add_tables("# only this", "feed", [{"url": "https://a.example/"}])
        == '# only this\n\n[[feed]]\nurl = "https://a.example/"\n'
    )


def test_windows_line_ends_are_kept():
    edited = add_tables(FILE.replace("\n", "\r\n"), "feed", [NEW])
    assert edited.count("\n") == edited.count("\r\n")


def test_a_removed_feed_takes_its_lines_and_no_other():
    edited = remove_table(FILE, "feed", 0)
    assert [feed["url"] for feed in tomllib.loads(edited)["feed"]] == ["https://b.example/f"]
    for comment in ("# mine", "# slow line", "# about the second", "# digests below"):
        assert comment in edited


def test_all_tables_of_a_kind_are_left_out_with_their_inner_tables():
    page = FILE.replace("\n# digests", '\n[feed.page]\nitem = "li"\n\n# digests')
    left = tomllib.loads(edit.without_tables(page, "feed"))
    assert left == {"fetch": {"timeout": "20s"}, "digest": [{"name": "d"}]}


def test_the_last_feed_can_be_removed():
    assert "feed" not in tomllib.loads(remove_table(remove_table(FILE, "feed", 1), "feed", 0))


def test_a_file_with_inline_feeds_is_refused_and_says_how_to_write_them():
    with pytest.raises(EditRefused, match=r"\[\[feed\]\]"):
        add_tables('feed = [{url = "https://a.example/"}]\n', "feed", [NEW])
    with pytest.raises(EditRefused):
        remove_table('feed = [{url = "https://a.example/"}]\n', "feed", 0)


@settings(deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20), min_size=1, max_size=4), st.data())
def test_adding_and_removing_gives_the_file_back(names, data):
    feeds = [{"url": f"https://{i}.example/f", "name": name} for i, name in enumerate(names)]
    edited = add_tables(FILE, "feed", feeds)
    assert tomllib.loads(edited)["feed"][2:] == feeds
    for left in range(len(feeds), 0, -1):
        edited = remove_table(edited, "feed", 2 + data.draw(st.integers(0, left - 1)))
    assert tomllib.loads(edited) == tomllib.loads(FILE)


@given(st.text(st.characters(codec="utf-8"), max_size=50))
def test_a_quoted_text_reads_as_itself(text):
    assert tomllib.loads(f"a = {quote(text)}")["a"] == text


def test_saving_keeps_the_rights_and_follows_a_link(tmp_path):
    real, link = tmp_path / "real.toml", tmp_path / "config.toml"
    real.write_text(FILE, encoding="utf-8")
    real.chmod(0o640)
    link.symlink_to(real)
    save(link, FILE, add_tables(FILE, "feed", [NEW]))
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert "c.example" in real.read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml", "real.toml"]


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(FILE + "# more\n", encoding="utf-8")
    with pytest.raises(EditRefused, match="changed by another program"):
        save(path, FILE, add_tables(FILE, "feed", [NEW]))
    assert path.read_text(encoding="utf-8") == FILE + "# more\n"


def test_an_edit_that_would_break_the_configuration_is_not_written(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(FILE, encoding="utf-8")
    with pytest.raises(ConfigError, match="used twice"):
        save(path, FILE, add_tables(FILE, "feed", [{"url": "https://a.example/f"}]))
    assert path.read_text(encoding="utf-8") == FILE


RULES = """[[rule]]
name = "a" # the first
query = '''x OR
y'''
action = "boost"   # up
value = 1.5
# about b

[[interest]]
name = "i"
words = [
    "one", # and why
    "two",
]
[[rule]]
name = "b"
query = "z"
action = "mute\""""


def test_values_of_a_table_change_and_comments_stay():
    edited = change_table(RULES, "rule", 0, {"query": 'say "hi"', "action": "mute", "value": None})
    assert tomllib.loads(edited)["rule"][0] == {"name": "a", "query": 'say "hi"', "action": "mute"}
    assert edited.startswith(
        '[[rule]]\nname = "a" # the first\nquery = "say \\"hi\\""\naction = "mute"   # up\n# about b\n\n'
    )
    again = change_table(edited, "interest", 0, {"words": ["one"], "weight": 2.0, "unlike": ["x" * 120, "two\nlines"]})
    found = tomllib.loads(again)["interest"][0]
    assert found == {"name": "i", "words": ["one"], "weight": 2.0, "unlike": ["x" * 120, "two\nlines"]}
    assert again.index("weight = 2.0") < again.index("unlike = ["), "in the order that was given"


def test_a_key_is_added_to_the_last_table_of_a_file_without_a_last_line_end():
    assert change_table(RULES, "rule", 1, {"value": 1}).endswith('action = "mute"\nvalue = 1\n')


def test_a_table_that_cannot_be_changed_alone_is_refused():
    with pytest.raises(EditRefused):
        change_table('rule = [{name = "a"}]\n', "rule", 0, {"name": "b"})
    with pytest.raises(EditRefused):
        change_table('[[feed]]\nurl = "https://a.example/"\npage.item = "a"\n', "feed", 0, {"page": "x"})


@given(st.dictionaries(st.sampled_from(["query", "value", "name", "words"]), st.none() | st.text(max_size=8)))
def test_any_change_gives_exactly_these_values(values):
    found = tomllib.loads(change_table(RULES, "rule", 0, values))
    expected = tomllib.loads(RULES)
    expected["rule"][0] = {k: v for k, v in {**expected["rule"][0], **values}.items() if v is not None}
    assert found == expected


def test_a_read_only_file_is_left_alone(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(FILE, encoding="utf-8")
    path.chmod(0o444)
    with pytest.raises(NotWritable, match="read-only"):
        save(path, FILE, add_tables(FILE, "feed", [NEW]))
    assert path.read_text(encoding="utf-8") == FILE


def test_of_two_programs_that_save_at_one_time_one_wins(tmp_path, monkeypatch):
    path = tmp_path / "config.toml"
    path.write_text("", "utf-8")
    replaced = edit._replace

    def slow(target, text):
        time.sleep(0.2)
        replaced(target, text)

    def won(number):
        try:
            save(path, "", f'[[feed]]\nurl = "https://{number}.example/f"\n')
        except ChangedMeanwhile:
            return False
        return True

    monkeypatch.setattr(edit, "_replace", slow)
    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(won, (1, 2))) == [False, True]
