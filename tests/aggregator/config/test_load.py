"""The configuration: what is accepted, and how every error is reported."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.config import Config, ConfigError, MissingConfig, load, parse
from aggregator.config.load import find

FEED = '[[feed]]\nurl = "https://a.example/feed"\n'


def read(text: str, folder: Path = Path("/nowhere")) -> Config:
    return parse(text, folder / "config.toml")


def errors(text: str, folder: Path = Path("/nowhere")) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text, folder)
    return [str(problem).removeprefix(f"{folder}/config.toml:") for problem in caught.value.problems]


def test_an_empty_file_is_a_configuration_of_defaults():
    config = read("")
    assert config.storage.url == "sqlite:///data/aggregator.db"
    assert config.fetch.timeout == timedelta(seconds=20)
    assert config.feeds == ()


def test_a_feed_and_a_digest_are_enough():
    config = read(FEED + '[[digest]]\nname = "morning"\nto = ["folder:out"]\n')
    assert config.feeds[0].weight == 1.0
    assert config.recipients(config.digests[0])[0].key == "folder:/nowhere/out"


def test_every_error_is_reported_at_once_with_its_line():
    found = errors(
        '[fetch]\ntimeout = 20\nconcurency = 3\n\n[[feed]]\nurl = "a.example"\n\n[[digest]]\nname = "d"\n'
        'zone = "Berlin"\n'
    )
    assert [problem.split(":")[0] for problem in found] == ["2", "3", "6", "10"]


def test_checks_between_values_run_beside_errors_in_values():
    found = errors(FEED + FEED + '[[feed]]\nname = "no url"\n[[digest]]\nname = "d"\ntopics = ["Sience"]\n')
    assert any("used twice" in problem for problem in found)
    assert any("feed[2].url: is missing" in problem for problem in found)
    assert any('did you mean "Science"?' in problem for problem in found)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[mail]\nsecurty = 'tls'", 2, "did you mean security?"),
        (FEED + "[feed.page]\nitem = 'article..x'", 4, "at column 9"),
        (FEED + "[feed.page]\nitem = '*'", 4, "matches the whole page"),
        (FEED + "[feed.page]\ntitle = 'h2'", 3, "item: is missing"),
        (FEED + "[feed.page]\nitem = 'li'\nlinks = 'a'", 5, "did you mean link?"),
        ("[fetsch]", 1, "did you mean fetch?"),
        ("[fetch]\ntimeout = '20 parsecs'", 2, 'expected a duration such as "15m"'),
        ("[fetch]\ntimeout = '0s'", 2, "longer than zero"),
        ("[fetch]\nmax_bytes = '15 melons'", 2, 'a size such as "15 MiB"'),
        ("[fetch]\nconcurrency = 0", 2, "at least 1"),
        ("[fetch]\nconcurrency = true", 2, "a whole number"),
        ("[fetch]\nmin_interval = '2d'", 2, "longer than max_interval"),
        ("[fetch]\nfull_text = 'sometimes'", 2, "one of never, teaser, always"),
        ("[fetch]\nallow_private = 'yes'", 2, "true or false"),
        ("[mail]\nhost = 5", 2, "text in quotes"),
        ("[mail]\npassword = 'x'", 2, "password_env"),
        ("[mail]\nsender = 'nobody'", 2, "not a mail address"),
        ("[mail]\nuser = 'me'", 2, "there is a user and no password"),
        ("[mail]\nuser = 'me'\npassword_env = 'A'\nsecurity = 'none'\nhost = 'mail.example.org'", 4, "in the clear"),
        ("[mail]\nuser = 'me'\npassword_env = 'A'\npassword_file = 'b'", 4, "one of the two"),
        ("[mail]\ndkim_selector = 's'", 2, "DKIM needs both"),
        ("[mail]\ndkim_selector = ['s', 't']", 2, "as many of each"),
        ("[storage]\nurl = 'mysql://x/y'", 2, "is not a database"),
        ("[storage]\nurl = 'postgresql://me:hunter2@db/news'", 2, "contains a password"),
        ("[summaries]\nmethod = 'chat'\nmodel = 'm'", 1, "summaries.endpoint: is missing"),
        ("[web]\nlisten = '0.0.0.0:80'", 2, "without a token"),
        ("[web]\nlisten = 'everywhere'", 2, "host and port"),
        ("[stories]\nlanguages = ['English']", 2, "is not a language"),
        ("[stories]\nlanguages = 'en'", 2, "a list in brackets"),
        ("feed = 5", 1, "[[feed]] with double brackets"),
        ("[feed]\nurl = 'https://a.example/'", 1, "[[feed]] with double brackets"),
        ("[[feed]]\nurl = 'ftp://a.example/'", 2, "a full http or https URL"),
        ("[[feed]]\nurl = 'https://a.example/'\nweight = 11", 3, "at most 10"),
        ("[[digest]]\nname = 'a b'", 2, "List-Id"),
        ("[[digest]]\nname = 'd'\nschedule = '0 7 * *'", 3, "five crontab fields"),
        ("[[digest]]\nname = 'd'\nzone = 'Europe/Berlln'", 3, 'did you mean "Europe/Berlin"?'),
        ("[[digest]]\nname = 'd'\nto = ['foldr:out']", 3, 'did you mean "folder"?'),
        ("[[digest]]\nname = 'd'\nto = ['webhook:example.org']", 3, "http or https"),
        ("[[digest]]\nname = 'd'\ninterests = ['x']", 3, 'there is no interest "x"'),
        ("[[alert]]\nname = 'd'\nquery = 'a'\n[[digest]]\nname = 'd'", 2, "also the name of a digest"),
        ("[[alert]]\nname = 'd'", 1, "an interest, a rule or a query"),
        (
            "[[rule]]\nname = 'b'\nquery = 'a'\naction = 'must'\n[[alert]]\nname = 'd'\nquery = 'a'\nrule = 'b'",
            5,
            "an interest, a rule or a query",
        ),
        ("[[alert]]\nname = 'd'\nrule = 'b'", 3, 'there is no rule "b"'),
        ("[[alert]]\nname = 'd'\nquery = 'a'\nquiet_hours = '25:00-07:00'", 4, "from when to when"),
        ("[[alert]]\nname = 'd'\nquery = 'a'\nto = ['site:out']", 4, "has the editions of digests"),
        ("[[alert]]\nname = 'd'\nquery = 'a'\nto = ['foldr:out']", 4, 'did you mean "folder"?'),
        ("[[digest]]\nname = 'd'\nat = 'home'", 3, "recipient"),
        ("[[digest]]\nname = 'd'\nquery = '(a OR'", 3, "the query cannot be read at column"),
        ("[[rule]]\nname = 'r'\nquery = 'x'\naction = 'boost'", 1, "boost needs a number"),
        ("[[rule]]\nname = 'r'\nquery = 'x'\naction = 'topic'\nvalue = 3.0", 5, "topic needs a name"),
        ("[[rule]]\nname = 'r'\nquery = 'x'\naction = 'drop'\nvalue = 3.0", 5, "drop takes no value"),
        ("[[rule]]\nname = 'r'\nquery = ' '\naction = 'drop'", 3, "must not be empty"),
        ("[[topic]]\nname = 'T'\nfeeds = ['Nobody']", 3, 'there is no feed "Nobody"'),
        ("[[opml]]\nfile = 'missing.opml'", 2, "there is no file /nowhere/missing.opml"),
        ("[[digest]]\nname = 'd'\ntemplate_folder = 'mine'", 3, "there is no folder /nowhere/mine"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_what_is_expected(text, line, words):
    found = errors(text)
    assert len(found) == 1, found
    assert found[0].startswith(f"{line}: ")
    assert words in found[0]


@pytest.mark.parametrize("text", ["a = ", "[mail\n", 'x = "unclosed\n', "[a]\n[a]\n", "a = 1\na = 2\n"])
def test_a_syntax_error_has_a_line(text):
    assert re.match(r"\d+: is not TOML: ", errors(text)[0])


def test_text_that_is_no_utf8_is_reported_with_its_line(tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes(b"# ok\n# caf\xe9\n")
    with pytest.raises(ConfigError, match=r"config\.toml:2: is not UTF-8"):
        load(path)


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + FEED.replace("\n", "\r\n").encode())
    assert load(path).feeds[0].url == "https://a.example/feed"


def test_a_message_never_shows_a_secret():
    assert "hunter2" not in "\n".join(
        errors('[mail]\npassword = "hunter2"\n[storage]\nurl = "postgresql://me:hunter2@db/news"\n')
    )


def test_a_feed_topic_is_a_topic_of_its_own():
    config = read(
        '[[feed]]\nurl = "https://a.example/"\ntopic = "Chess"\n[[digest]]\nname = "d"\ntopics = ["Chess", "World"]\n'
    )
    assert "Chess" in config.topic_names()


def test_mail_needs_a_sender_and_a_host_once_a_digest_goes_by_mail():
    found = errors('[[digest]]\nname = "d"\nto = ["me@example.org"]\n')
    assert [problem.split(": ")[1] for problem in found] == ["mail.host", "mail.sender"]
    assert all(problem.startswith("3: ") for problem in found)


def test_true_and_false_stand_for_always_and_never():
    config = read("[fetch]\nfull_text = false\n" + FEED + "full_text = true\n")
    assert (config.fetch.full_text, config.feeds[0].full_text) == ("never", "always")


def test_the_file_is_looked_for_in_order(tmp_path, monkeypatch):
    home, here = tmp_path / "home", tmp_path / "here"
    platform = home / "aggregator" / "config.toml"
    platform.parent.mkdir(parents=True)
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(MissingConfig, match="no configuration here"):
        find(None, {})
    platform.touch()
    assert find(None, {}) == platform
    Path("config.toml").touch()
    assert find(None, {}) == Path("config.toml")
    assert find(None, {"AGGREGATOR_CONFIG": str(platform)}) == platform
    assert find(platform.parent, {"AGGREGATOR_CONFIG": "other"}) == platform
    with pytest.raises(MissingConfig):
        find("~nobodyofthisname/config.toml", {})
    with pytest.raises(MissingConfig, match="no such file"):
        find("other.toml", {})


def test_what_is_wrong_in_itself_is_not_called_missing_too_and_stand_ins_do_not_show():
    text = (
        '[mail]\nsender = "nobody"\nhost = "h"\n[[topic]]\nname = ""\n[[digest]]\nname = "a"\nto = '
        '["me@example.org"]\ntopics = ["Nix"]\n'
    )
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert [problem.key for problem in caught.value.problems] == ["mail.sender", "topic[0].name", "digest[0].topics[0]"]
    assert "missing-" not in str(caught.value)


def test_an_example_that_is_meant_as_a_file_must_be_there(tmp_path):
    (tmp_path / "there.txt").write_text("A text.")
    wrong = (
        '[[interest]]\nname = "a"\nexamples = ["there.txt", "A storm cut the line.", "https://e.org/a.html",'
        ' "gone/away.txt"]\n'
    )
    with pytest.raises(ConfigError) as caught:
        parse(wrong, tmp_path / "config.toml")
    assert [problem.key for problem in caught.value.problems] == ["interest[0].examples[3]"]
