"""Tables: attributes that cannot be set, made only from a declaration that pydantic validated."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from aggregator.config import Config, parse
from aggregator.config.access import AccessKeys
from aggregator.config.model.table import Field, Table
from aggregator.config.model.validation import model, validate
from aggregator.config.sections import Feed, Storage

REQUIRED = {
    "name": "a",
    "url": "https://a.example/",
    "query": "flood",
    "action": "drop",
    "kind": "instapaper",
    "item": "li",
    "file": "a.opml",
}  # values of the keys without a default


def read(text: str) -> Config:
    return parse(text, Path("/nowhere/config.toml"))


def test_a_table_has_the_values_of_the_file_and_the_defaults():
    feed = read('[[feed]]\nurl = "https://a.example/feed"\nweight = 2.0\n').feeds[0]
    assert (feed.url, feed.weight, feed.name, feed.headers) == ("https://a.example/feed", 2.0, "", {})
    assert feed.given == {"url", "weight"}
    assert isinstance(feed, Feed)
    assert repr(feed).startswith("Feed(user_agent='', headers={}")


def test_a_key_cannot_be_set():
    storage = read("").storage
    with pytest.raises(AttributeError, match="url of Storage cannot be set"):
        storage.url = "sqlite:///other.db"
    assert storage.url == "sqlite:///data/aggregator.db"


def test_the_names_of_the_keys_begin_with_those_of_the_base_table():
    names = Feed.key_names()
    assert names[: len(AccessKeys.key_names())] == AccessKeys.key_names()
    assert names == tuple(model(Feed).model_fields)
    assert "url" in names
    assert "given" not in names


def test_the_values_of_tables_inside_are_dumped_too():
    page = '[[feed]]\nurl = "https://a.example/"\npage = { item = "li.news" }\n'
    values = read(page).feeds[0].dump()
    assert values["page"] == {"item": "li.news", "title": "", "link": "", "date": "", "text": "", "picture": ""}
    assert read(page).dump()["feeds"] == (values,)


def every_table(of: type[Table] = Table) -> list[type[Table]]:
    found = [one for one in of.__subclasses__() if one.__module__.startswith("aggregator.")]
    return found + [inner for one in found for inner in every_table(one)]


def test_a_table_that_is_missing_has_the_values_of_an_empty_one():
    without_required = [t for t in every_table() if not any(i.is_required() for i in model(t).model_fields.values())]
    assert {Config, Storage} < set(without_required)
    for table in without_required:
        validated = validate(table, {})
        assert table.defaults().dump() == validated.dump()
        assert table.defaults().given == validated.given == set()


def test_each_default_is_valid_and_stays_as_it_is():
    for table in every_table():
        fields = {info.alias or key: info for key, info in model(table).model_fields.items()}
        required = {key: REQUIRED[key] for key, info in fields.items() if info.is_required()}
        defaults = {key: info.get_default(call_default_factory=True) for key, info in fields.items()}
        values = {key: one for key, one in defaults.items() if key not in required and not isinstance(one, Table)}
        assert validate(table, required | values).dump() == validate(table, required).dump()


def test_every_key_has_a_declaration():
    for table in every_table():
        assert set(model(table).model_fields) == set(table.key_names())

    class Careless(Table):
        number: int = 3

    with pytest.raises(AssertionError, match=r"Careless\.number must be declared"):
        model(Careless)


def test_the_values_of_a_table_are_validated_strictly():
    class Shelf(Table):
        books: int = Field(default=1)

    assert validate(Shelf, {"books": 2}).books == 2
    for wrong in ({"books": "2"}, {"boks": 2}, {"books": 2, "more": 1}):
        with pytest.raises(ValidationError):
            validate(Shelf, wrong)
