"""`rules test`, `interests`, `replay`: what they show, and that they change nothing."""

import json

import pytest

RULE = '\n[[rule]]\nname = "no storms"\nquery = "title:storm"\naction = "mute"\n'
INTEREST = (
    '\n[[interest]]\nname = "rates"\nexamples = ["Central bank of Vale lifts its rate again, says Ina '
    'Holt\\nBy Ann Example"]\n'
)


def with_more(configured, text):
    configured.write(configured.config.read_text() + text)
    assert configured("fetch").status == 0
    return configured


def test_a_rule_is_tried_on_what_has_come_and_changes_nothing(configured):
    assert configured("fetch").status == 0
    before = unscored(configured("stories", "--json").out)
    configured.write(configured.config.read_text() + RULE)
    done = configured("rules", "test")
    assert done.status == 0, done.err
    head, *rest = done.out.splitlines()
    assert head == "no storms: 1 of 2 stories would stay out of digests"
    assert "Storm" in rest[0]
    assert "North" in rest[0]
    assert "South" in rest[0]
    assert unscored(configured("stories", "--json").out) == before


def unscored(lines: str) -> list[dict]:
    """Return the stories without their scores, which fall with the time."""
    return [{name: value for name, value in json.loads(line).items() if name != "score"} for line in lines.splitlines()]


def test_one_rule_or_any_query_can_be_tried(configured):
    with_more(configured, RULE)
    assert configured("rules", "test", "No Storms").out.startswith("no storms: 1 of 2")
    assert configured("rules", "test", "rate OR storm").out.startswith("rate OR storm: 2 of 2 stories match")
    assert configured("rules", "test", "football").out == "football: 0 of 2 stories match\n"
    rows = configured("rules", "test", "--json").rows
    assert [(r["rule"], r["action"], sorted(r["outlets"])) for r in rows] == [("no storms", "mute", ["North", "South"])]


@pytest.mark.parametrize(("query", "column"), [("storm AND (", 12), ("colour:red", 1), ("title:/(a+)+$/", 7)])
def test_a_query_that_cannot_be_read_points_at_its_column(configured, query, column):
    done = configured("rules", "test", query)
    assert done.status == 2
    assert f"column {column}" in done.err


def test_without_rules_it_says_what_to_do(configured):
    done = configured("rules", "test")
    assert done.status == 1
    assert "[[rule]]" in done.err


def test_an_interest_is_shown_as_it_is_understood(configured):
    with_more(configured, INTEREST)
    done = configured("interests")
    assert done.status == 0, done.err
    assert "Holt" in done.out
    assert "Example" not in done.out
    first = next(line for line in done.out.splitlines() if line.strip()[:1].isdigit() and "examples" not in line)
    assert "Vale central bank raises rate" in first
    row = configured("interests", "RATES", "--json").rows[0]
    assert set(row) == {"interest", "names", "terms", "unlike", "stories"}
    assert row["stories"][0]["reasons"]
    assert configured("interests", "none").status == 2


def test_a_replay_under_the_same_settings_changes_nothing_and_writes_nothing(configured):
    assert configured("fetch").status == 0
    before = unscored(configured("stories", "--json").out)
    done = configured("replay")
    assert done.out == "3 entries: 2 stories now, 2 with these settings\njoined: 0\nsplit: 0\n"
    assert configured("replay", "--granularity", "fine", "--json").status == 0
    assert unscored(configured("stories", "--json").out) == before
