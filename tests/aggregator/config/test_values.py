"""Durations, sizes, readers, zones, secrets."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import SecretMissing, parse, zone
from aggregator.config.secrets import database_url, missing, present, secret
from aggregator.config.units import duration, format_duration, size
from digests.channels.recipient import Recipient, parse_recipient


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("20s", 20), ("15m", 900), ("1.5h", 5400), ("1d 12h", 129600), ("2w", 1209600), ("500ms", 0.5), ("0s", 0)],
)
def test_durations(text, seconds):
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "15", "m", "15 minutes", "-5m", "1h-2m", "9999999w", "٣m x"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError):
        duration(text)


@given(st.integers(0, 10**9))
def test_a_spelled_duration_reads_as_itself(seconds):
    assert duration(format_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


def test_a_negative_span_is_spelled_with_its_sign():
    assert format_duration(timedelta(minutes=-5)) == "-5m"


@pytest.mark.parametrize(("text", "count"), [("15 MiB", 15 << 20), ("500kB", 500_000), ("1 GB", 10**9), ("10b", 10)])
def test_sizes(text, count):
    assert size(text) == count


@pytest.mark.parametrize("text", ["", "15", "MiB", "1 TiB"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError):
        size(text)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("me@example.org", "mail:me@example.org"),
        ("mail:me@EXAMPLE.org", "mail:me@example.org"),
        ("folder:out", "folder:/base/out"),
        ("folder:/abs/out", "folder:/abs/out"),
        ("maildir: Mail/news ", "maildir:/base/Mail/news"),
        ("webhook:https://example.org/x?y", "webhook:https://example.org/x?y"),
        ("notify:ntfy://topic", "notify:ntfy://topic"),
    ],
)
def test_readers(text, key):
    assert parse_recipient(text, Path("/base")).key == key


def test_a_readers_home_folder_is_found(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ann")
    assert parse_recipient("maildir:~/Maildir", Path("/base")).address == "/home/ann/Maildir"


@pytest.mark.parametrize("text", ["", "me", "me@", "folder:", "pigeon:home", "webhook:ftp://x", "mail:nobody", "a@b@c"])
def test_what_is_no_reader_is_refused(text):
    with pytest.raises(ValueError):
        parse_recipient(text, Path("/base"))


def test_the_secret_part_of_a_webhook_is_not_shown():
    shown = Recipient("webhook", "https://hooks.example/T0/secret").shown
    assert shown == "webhook:https://hooks.example/…"
    assert Recipient("webhook", "https://[x/secret").shown == "webhook:https:///…"
    assert Recipient("mail", "a@example.org").shown == "mail:a@example.org"


@pytest.mark.parametrize("rest", ["o.5FghKtoken", "secret-topic", "tokenA/tokenB", "[x", "key@host/secret"])
def test_only_the_service_of_a_notification_is_shown(rest):
    """Many services have their token where other URLs have the host."""
    assert Recipient("notify", f"pbul://{rest}").shown == "notify:pbul://…"
    assert Recipient("notify", rest).shown == "notify:…"


def test_the_machines_zone_comes_from_tz_if_that_is_a_zone(monkeypatch):
    zone.local.cache_clear()
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    assert zone.local() == "Asia/Kathmandu"
    zone.local.cache_clear()
    monkeypatch.setenv("TZ", "CET-1CEST")
    assert zone.known(zone.local())
    zone.local.cache_clear()


@pytest.mark.parametrize(
    ("text", "meant"), [("berlin", '"Europe/Berlin"'), ("New York", '"America/New_York"'), ("xqzw", "")]
)
def test_a_misspelt_zone_gets_a_suggestion(text, meant):
    assert zone.nearest(text) == meant


MAIL = '[mail]\nuser = "me"\nhost = "mail.example.org"\n'


def test_a_secret_comes_from_the_environment(tmp_path):
    config = parse(MAIL + 'password_env = "PW"\n', tmp_path / "config.toml")
    found = secret(config, "mail", "password", {"PW": "hunter2"})
    assert found is not None
    assert found.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(found)
    assert present(config, {"PW": "hunter2"}) == ["hunter2"]
    with pytest.raises(SecretMissing, match="PW is not set"):
        secret(config, "mail", "password", {})
    assert len(missing(config, {})) == 1


def test_a_secret_comes_from_a_file_beside_the_configuration(tmp_path):
    config = parse(MAIL + 'password_file = "pw"\n', tmp_path / "config.toml")
    with pytest.raises(SecretMissing, match="cannot be read"):
        secret(config, "mail", "password", {})
    (tmp_path / "pw").write_text("\n", encoding="utf-8")
    with pytest.raises(SecretMissing, match="is empty"):
        secret(config, "mail", "password", {})
    (tmp_path / "pw").write_text("hunter 2\r\n", encoding="utf-8")
    assert present(config, {}) == ["hunter 2"]


def test_a_secret_that_is_not_named_is_none(tmp_path):
    assert secret(parse("", tmp_path / "config.toml"), "web", "token", {}) is None


def test_the_database_lies_beside_the_configuration(tmp_path):
    assert database_url(parse("", tmp_path / "config.toml")) == f"sqlite:///{tmp_path}/data/aggregator.db"
    memory = parse('[storage]\nurl = "sqlite:///:memory:"', tmp_path / "config.toml")
    assert database_url(memory) == "sqlite:///:memory:"


def test_the_password_of_postgresql_is_put_in_and_quoted(tmp_path):
    config = parse('[storage]\nurl = "postgresql://me@db/news"\npassword_env = "PW"\n', tmp_path / "config.toml")
    assert database_url(config, {"PW": "a/b@c"}) == "postgresql://me:a%2Fb%40c@db/news"
