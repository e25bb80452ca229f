"""The keys of access: what is refused, with the key and the fix, and what a feed inherits."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.config import Config, ConfigError
from aggregator.config import parse as parse_file
from aggregator.config.feed_access import access_table, common_access
from aggregator.config.secrets import sensitive
from feeds.http.access import Proxy

FEED = '[[feed]]\nurl = "https://one.example/feed"\n'
INVALID = {
    'user = "ann"': ("user", "password_env or password_file"),
    'password_env = "P"': ("user", "login name"),
    'user = "a:b"\npassword_env = "P"': ("user", "without"),
    'user = "a"\npassword_env = "P"\npassword_file = "p"': ("password_file", "one of the two"),
    'headers = { "X Key" = "1" }': ("headers", "X-Api-Key"),
    'headers = { X-Key = "a\\r\\nHost: b" }': ("headers", "one line"),
    'headers = { Host = "b" }': ("headers", "another header"),
    'headers_env = { Cookie = "V" }': ("headers_env", "cookies"),
    'headers = { x-key = "1" }\nheaders_env = { X-Key = "V" }': ("headers_env", "each once"),
    'cookies = { a = "b; c=d" }': ("cookies", "browser"),
    'cookies_file = { "a=b" = "f" }': ("cookies_file", "session"),
    'user_agent = "a\\nb"': ("user_agent", "one line"),
    'ca_file = "missing.pem"': ("ca_file", "file"),
    'proxy = "socks5://h:1"': ("proxy", "http://"),
    'proxy = "http://me:secret-word@h:1"': ("proxy", "proxy_password_env"),
    'proxy = "http://h:1"\nproxy_password_env = "P"': ("proxy", "http://user@"),
}


def parse(text: str) -> Config:
    return parse_file(text, Path("/nowhere/config.toml"))


@pytest.mark.parametrize("table", [FEED, "[fetch]\n"], ids=["feed", "fetch"])
@pytest.mark.parametrize(("keys", "said"), INVALID.items())
def test_what_cannot_be_sent_is_refused_with_its_key_and_a_fix(table: str, keys: str, said: tuple[str, str]):
    with pytest.raises(ConfigError) as caught:
        parse(table + keys + "\n")
    text = str(caught.value)
    assert said[0] in text
    assert said[1] in text
    assert "secret-word" not in text


def test_a_feed_has_the_defaults_of_fetch_and_its_own_keys_on_top(tmp_path: Path):
    (tmp_path / "key").write_text("from-a-file\n", encoding="utf-8")
    config = parse(
        f"""[fetch]
user_agent = "common"
headers = {{ X-Common = "1", X-Key = "common" }}
cookies = {{ consent = "yes" }}
user = "all"
password_env = "ALL"
proxy = "http://me@proxy.example:3128"
proxy_password_env = "PROXY"

{FEED}user_agent = "own"
headers_file = {{ x-key = "{tmp_path / "key"}" }}
cookies_env = {{ session = "SESSION" }}
user = "ann"
password_env = "OWN"

[[feed]]
url = "https://two.example/feed"
proxy = "direct"

[[feed]]
url = "https://bob:word@three.example/feed"
"""
    )
    environ = {"ALL": "p-all", "OWN": "p-own", "PROXY": "p-proxy", "SESSION": "s-1"}
    table = access_table(config, environ)
    one, two, three, other = (
        table.of(url)
        for url in (
            "https://one.example/feed",
            "https://two.example/feed",
            "https://bob:word@three.example/feed",
            "https://four.example/feed",
        )
    )
    proxy = Proxy("http://proxy.example:3128", "me", "p-proxy")
    assert (one.user_agent, one.login, one.proxy) == ("own", ("ann", "p-own"), proxy)
    assert one.headers == (("X-Common", "1"), ("x-key", "from-a-file"))
    assert one.cookies == (("consent", "yes"), ("session", "s-1"))
    assert (two.login, two.proxy) == (("all", "p-all"), None)
    assert three.login is None, "the login of the URL itself has priority"
    assert (other.url, other.login, other.proxy) == ("https://four.example/feed", ("all", "p-all"), proxy)
    common = common_access(table)
    assert (common.headers, common.cookies, common.login, common.proxy) == ((), (), None, proxy)
    assert not [word for word in ("p-all", "p-own", "p-proxy", "s-1", "from-a-file") if word in repr(table)]


def test_the_variable_of_openssl_names_an_authority(tmp_path: Path):
    file = tmp_path / "ca.pem"
    file.write_text("x", encoding="utf-8")
    config = parse(FEED)
    assert access_table(config, {"SSL_CERT_FILE": str(file)}).common.ca_file == str(file)
    assert access_table(config, {"SSL_CERT_FILE": str(tmp_path / "missing")}).common.ca_file == ""


def test_values_in_the_file_that_look_like_secrets_are_redacted():
    config = parse(
        FEED + 'headers = { X-Api-Key = "short", Accept-Language = "de" }\ncookies = { s = "0123456789abcdef" }\n'
    )
    assert {"short", "0123456789abcdef"} <= set(sensitive(config))
    assert "de" not in sensitive(config)
