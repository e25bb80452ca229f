"""Lines of keys: every key that the standard reader finds has its line."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.edit import quote
from aggregator.config.layout import scan

TEXT = '''# first
title = "a # b" # c
[one]
x.y = [1, # no
  "]", { z = 3 }]
long = """
[not.a.table]
k = 1
"""
[[many]]
a = 1

[[many]]
"b c" = 'x'
[many.sub]
d = {e = 1, f = {g = 2}}
'''


def test_keys_have_their_lines():
    layout = scan(TEXT)
    assert layout.line(("title",)) == 2
    assert layout.line(("one", "x", "y")) == 4
    assert layout.line(("one", "x", "y", 2, "z")) == 5
    assert layout.line(("one", "long")) == 6
    assert layout.line(("many", 1, "b c")) == 14
    assert layout.line(("many", 1, "sub", "d", "f", "g")) == 16


def test_a_key_that_is_not_there_has_the_line_of_its_table():
    assert scan(TEXT).line(("many", 1, "zzz")) == 13
    assert scan(TEXT).line(("nothing",)) == 0


def test_blocks_reach_to_their_last_key():
    assert [(block.path, block.first, block.last) for block in scan(TEXT).blocks] == [
        (("one",), 3, 9),
        (("many", 0), 10, 11),
        (("many", 1), 13, 14),
        (("many", 1, "sub"), 15, 16),
    ]


KEYS = st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True)
SCALARS = st.one_of(
    st.integers(-(10**9), 10**9).map(str),
    st.booleans().map(lambda b: str(b).lower()),
    st.text(st.characters(codec="utf-8", exclude_characters="\x7f", exclude_categories=["Cs"]), max_size=20).map(quote),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3).map(lambda v: "[" + ",\n ".join(v) + "]"), max_leaves=6
)


@given(st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=4), min_size=1, max_size=4))
def test_every_key_of_a_random_file_has_a_line_that_names_it(tables):
    text = "".join(f"[{name}]\n" + "".join(f"{k} = {v}\n" for k, v in body.items()) for name, body in tables.items())
    lines = text.split("\n")
    layout = scan(text)
    for name, body in tomllib.loads(text).items():
        assert lines[layout.line((name,)) - 1] == f"[{name}]"
        for key in body:
            assert lines[layout.line((name, key)) - 1].startswith(f"{key} = ")
