"""Every finding names what is wrong and how to fix it; what is in order is said too."""

import base64
import os
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.config import Config, parse
from aggregator.doctor import configuration, dns, feeds, machine, mail, outputs, web
from aggregator.doctor.finding import Finding, Level
from aggregator.operator.health import condition, hint_for_code
from aggregator.store import meta, open_database
from aggregator.store.records import FeedHealth, FeedRecord
from feeds.model import FeedState
from tests.support.chat_server import Answer, serving
from tests.support.smtp import CERTIFICATE, SmtpServer
from tests.support.users import unprivileged

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DIGEST = '[[digest]]\nname = "d"\nto = ["me@example.org"]\n'


def config(folder: Path, text: str) -> Config:
    return parse(text, folder / "config.toml")


def levels(findings) -> list[str]:
    return [finding.level for finding in findings]


def problems(findings) -> list[Finding]:
    found = [finding for finding in findings if finding.level != Level.OK]
    assert all(finding.hint for finding in found)
    return found


# ── setup ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_empty_configuration_is_reported_to_do_nothing(tmp_path):
    words = " ".join(finding.message for finding in problems(configuration.check_configuration(config(tmp_path, ""))))
    assert "no feed" in words
    assert "no [[digest]]" in words


def test_a_digest_without_readers_is_reported(tmp_path):
    [_, reader] = problems(configuration.check_configuration(config(tmp_path, '[[digest]]\nname = "d"\n')))
    assert "d has no recipients" in reader.message


def test_a_secret_that_is_missing_is_an_error_and_an_open_file_a_warning(tmp_path):
    key = tmp_path / "key"
    key.write_text("k\n", encoding="utf-8")
    key.chmod(0o644)
    text = '[mail]\nuser = "me"\npassword_env = "NO_SUCH_VARIABLE"\n[web]\nsecret_file = "key"\n'
    found = [
        finding
        for finding in problems(configuration.check_configuration(config(tmp_path, text)))
        if finding.subject == "secrets"
    ]
    assert levels(found) == ["error", "warning"]
    assert "NO_SUCH_VARIABLE" in found[0].message
    assert found[1].hint == f"chmod 600 {key}"


# ── machine ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_our_own_packages_are_in_order():
    assert not [finding for finding in machine.check_packages() if finding.level == Level.ERROR]


def test_a_database_that_opens_and_takes_a_write_is_in_order(tmp_path):
    assert levels(machine.check_database(config(tmp_path, ""), NOW)) == ["ok", "ok"]


def test_a_folder_that_may_not_be_written_is_an_error(tmp_path):
    # In /proc not even root may make a file.
    nowhere = '[storage]\nurl = "sqlite:////proc/aggregator/news.db"\n'
    found = problems(machine.check_database(config(tmp_path, nowhere), NOW))
    assert [(one.level, one.subject) for one in found] == [("error", "disk"), ("error", "database")]


def test_a_file_that_is_no_database_is_an_error_with_its_code(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "aggregator.db").write_bytes(b"this is not a database, and long enough to be sure of it" * 40)
    [found] = problems(machine.check_database(config(tmp_path, ""), NOW))
    assert found.level == Level.ERROR
    assert "[corrupt]" in found.message


def test_a_folder_in_the_place_of_a_file_is_an_error(tmp_path):
    (tmp_path / "data").write_text("a file", encoding="utf-8")
    assert Level.ERROR in levels(problems(machine.check_database(config(tmp_path, ""), NOW)))


@pytest.mark.parametrize(("free", "level"), [(10 * 1024**2, "error"), (500 * 1024**2, "warning"), (5 * 1024**3, "ok")])
def test_disk_space_is_judged(tmp_path, monkeypatch, free, level):
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: type("Usage", (), {"free": free})())
    assert next(iter(machine.check_database(config(tmp_path, ""), NOW))).level == level


@pytest.mark.parametrize(
    ("now", "last", "level"),
    [
        (NOW, None, "ok"),
        (NOW, NOW - timedelta(hours=1), "ok"),
        (NOW, NOW + timedelta(hours=1), "error"),
        (datetime(1970, 1, 2, tzinfo=UTC), None, "error"),
    ],
)
def test_a_clock_that_cannot_be_right_is_an_error(now, last, level):
    assert levels(machine.check_clock(now, last)) == [level]


# ── feeds ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def health(name: str, **state) -> FeedHealth:
    address = f"https://{name}.example/f"
    made = FeedState(**{"url": address, "last_success": NOW, **state})
    return FeedHealth(FeedRecord(1, made, address, name=name), 0, 0.0)


FINE = health("fine")
NEW = health("new", last_success=None)
FAILING = health("failing", failures=3, error_code="http-404", error_message="the server answered 404")
GONE = health("gone", gone=True, failures=1)
MOVED = health("moved", url="https://elsewhere.example/f")
SILENT = health("silent", last_new=NOW - timedelta(days=20), rate=1.0)
SLOW = health("slow", last_new=NOW - timedelta(days=20), rate=0.1)


def test_a_feed_has_one_word_for_how_it_is():
    words = {one.feed.label: condition(one, NOW) for one in (FINE, NEW, FAILING, GONE, MOVED, SILENT, SLOW)}
    assert words == {name: name for name in words} | {"fine": "ok", "slow": "ok"}


def test_each_feed_in_trouble_has_its_code_and_its_hint():
    found = problems(feeds.check_feeds([FINE, NEW, FAILING, GONE, MOVED, SILENT], NOW))
    assert levels(found) == ["warning"] * 4
    assert "[http-404], 3 times in a row" in found[0].message
    assert "may have moved" in found[0].hint
    assert "[gone]" in found[1].message
    assert "elsewhere.example" in found[2].message


def test_when_every_feed_fails_the_network_is_suspected():
    found = problems(feeds.check_feeds([FAILING, GONE, NEW], NOW))
    assert found[-1].level == Level.ERROR
    assert "network" in found[-1].hint


@pytest.mark.parametrize("code", ["dns", "tls", "http-503", "rate-limit", "parse-crash", "unheard-of"])
def test_every_code_has_a_hint(code):
    assert hint_for_code(code)


# ── mail ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def mail_config(folder: Path, server: SmtpServer, extra: str = "") -> Config:
    text = f'[mail]\nsender = "news@example.org"\nhost = "localhost"\nport = {server.port}\n{extra}{DIGEST}'
    return config(folder, text)


def test_nothing_is_asked_when_no_digest_goes_by_mail(tmp_path):
    assert levels(mail.check_mail(config(tmp_path, ""))) == ["ok"]


def test_a_server_that_takes_the_login_is_in_order_and_gets_no_mail(tmp_path, monkeypatch):
    monkeypatch.setenv("PW", "right")
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with SmtpServer(tls="starttls", login=("me", "right")) as server:
        good = mail_config(tmp_path, server, 'user = "me"\npassword_env = "PW"\n')
        assert levels(mail.check_server(good)) == ["ok"]
        assert server.accepted == []


def test_a_wrong_password_is_an_error_that_does_not_show_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PW", "wrong-secret")
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with SmtpServer(tls="starttls", login=("me", "right")) as server:
        bad = mail_config(tmp_path, server, 'user = "me"\npassword_env = "PW"\n')
        [found] = problems(mail.check_server(bad))
    assert "refuses the login" in found.message
    assert "wrong-secret" not in found.message


def test_a_missing_password_is_an_error(tmp_path):
    with SmtpServer(login=("me", "right")) as server:
        named = mail_config(tmp_path, server, 'user = "me"\npassword_env = "NO_SUCH_VARIABLE"\n')
        [found] = problems(mail.check_server(named))
    assert "NO_SUCH_VARIABLE" in found.message


def test_a_server_without_encryption_is_named_with_the_hint(tmp_path):
    with SmtpServer() as server:
        [found] = problems(mail.check_server(mail_config(tmp_path, server)))
    assert "security" in found.hint


def test_a_certificate_that_nobody_vouches_for_is_an_error(tmp_path):
    with SmtpServer(tls="starttls") as server:
        [found] = problems(mail.check_server(mail_config(tmp_path, server)))
    assert "encryption failed" in found.message


def test_a_server_that_is_not_there_is_an_error(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        text = (
            f'[mail]\nsender = "n@example.org"\nhost = "127.0.0.1"\nport = {unused.getsockname()[1]}\n'
            f'security = "none"\n{DIGEST}'
        )
        [found] = problems(mail.check_server(config(tmp_path, text)))
    assert "cannot be reached" in found.message


def test_sendmail_and_lmtp_are_looked_at_without_sending(tmp_path):
    def transport(keys: str) -> Config:
        return config(tmp_path, f'[mail]\nsender = "n@example.org"\n{keys}\n{DIGEST}')

    program = tmp_path / "sendmail"
    program.touch(mode=0o755)
    assert levels(mail.check_server(transport(f'transport = "sendmail"\ncommand = "{program}"'))) == ["ok"]
    assert levels(mail.check_server(transport('transport = "sendmail"\ncommand = "/no/such"'))) == ["error"]
    socket_path = tmp_path / "lmtp"
    lmtp = transport(f'transport = "lmtp"\nsocket = "{socket_path}"')
    assert levels(mail.check_server(lmtp)) == ["error"]
    with SmtpServer(lmtp=True, unix=socket_path) as server:
        assert levels(mail.check_server(lmtp)) == ["ok"]
        assert server.accepted == []


RECORDS = {
    ("example.org", "MX"): ["10 mail.example.org."],
    ("example.org", "TXT"): ["unrelated", "v=spf1 mx -all"],
    ("_dmarc.example.org", "TXT"): ["v=DMARC1; p=none"],
    ("s._domainkey.example.org", "TXT"): ["v=DKIM1; p=abc"],
}
SIGNED = (
    '[mail]\nsender = "n@example.org"\nhost = "mail.example.org"\ndkim_selector = "s"\ndkim_key_file = "key"\n' + DIGEST
)


def test_dns_that_vouches_for_the_sender_is_in_order(tmp_path):
    (tmp_path / "key").touch()
    found = mail.check_records(config(tmp_path, SIGNED), lambda name, kind: RECORDS.get((name, kind), []))
    assert levels(found) == ["ok"] * 4


def test_each_missing_record_is_named_with_what_to_publish(tmp_path):
    (tmp_path / "key").touch()
    found = problems(
        mail.check_records(
            config(tmp_path, SIGNED), lambda name, kind: ["other"] if kind == "TXT" and "_" not in name else []
        )
    )
    assert [finding.message.split()[3] for finding in found] == ["MX", "SPF", "DMARC", "DKIM"]


def test_dns_that_does_not_answer_is_reported_once(tmp_path):
    def silent(name: str, kind: str) -> list[str]:
        raise OSError("no answer")

    (tmp_path / "key").touch()
    assert levels(mail.check_records(config(tmp_path, SIGNED), silent)) == ["warning"]


# ── vouching ─────────────────────────────────────────────────────────────────────────────────────────────────────────

NAMES = {
    ("mail.example.org", "A"): ["93.184.216.34"],
    ("34.216.184.93.in-addr.arpa", "PTR"): ["mail.example.org."],
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A private key's file, and the record that belongs at its name."""
    path: Path = tmp_path_factory.mktemp("dkim") / "key"
    subprocess.run(["openssl", "genrsa", "-traditional", "-out", str(path), "2048"], check=True, capture_output=True)
    public = ["openssl", "rsa", "-in", str(path), "-pubout", "-outform", "DER"]
    der = subprocess.run(public, check=True, capture_output=True).stdout
    return path, "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode()


def dns_findings(folder: Path, keys: tuple[Path, str], record: str) -> list[Finding]:
    records = {**NAMES, ("s._domainkey.example.org", "TXT"): [record]}
    made = config(folder, SIGNED.replace('"key"', f'"{keys[0]}"'))
    return list(dns.check_dns(made, lambda name, kind: records.get((name, kind), [])))


def test_a_published_key_and_a_name_that_fit_are_in_order(tmp_path, keys):
    found = dns_findings(tmp_path, keys, keys[1])
    assert [(one.subject, one.level) for one in found] == [("dkim", "ok"), ("ptr", "ok")]


def test_a_key_that_does_not_verify_our_mail_is_reported(tmp_path, keys):
    other = keys[1][:60] + ("A" if keys[1][60] != "A" else "B") + keys[1][61:]
    [dkim] = [one for one in problems(dns_findings(tmp_path, keys, other)) if one.subject == "dkim"]
    assert "does not verify" in dkim.message


def test_each_of_several_keys_is_held_to_its_record(tmp_path, keys):
    second = tmp_path / "ed"
    made_by = ["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(second)]
    subprocess.run(made_by, check=True, capture_output=True)
    text = SIGNED.replace('"s"', '["s", "e"]').replace('"key"', f'["{keys[0]}", "{second}"]')
    records = {
        **NAMES,
        ("s._domainkey.example.org", "TXT"): [keys[1]],
        ("e._domainkey.example.org", "TXT"): [f"v=DKIM1; k=ed25519; p={base64.b64encode(bytes(32)).decode()}"],
    }
    found = list(dns.check_dns(config(tmp_path, text), lambda name, kind: records.get((name, kind), [])))
    assert [(one.level, one.message.split()[3]) for one in found if one.subject == "dkim"] == [
        ("ok", "s._domainkey.example.org"),
        ("warning", "e._domainkey.example.org"),
    ]


@pytest.mark.parametrize(("names", "words"), [([], "no name"), (["other.example.net."], "does not resolve")])
def test_an_address_without_a_name_that_resolves_is_reported(tmp_path, names, words):
    records = {**NAMES, ("34.216.184.93.in-addr.arpa", "PTR"): names}
    plain = '[mail]\nsender = "n@example.org"\nhost = "mail.example.org"\n' + DIGEST
    made = config(tmp_path, plain)
    [ptr] = problems(dns.check_dns(made, lambda name, kind: records.get((name, kind), [])))
    assert words in ptr.message


# ── web ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_pages_for_this_machine_only_are_in_order(tmp_path):
    assert levels(web.check_pages(config(tmp_path, '[web]\nlisten = "127.0.0.1:1"\n'))) == ["ok"]
    assert levels(web.check_pages(config(tmp_path, "[web]\nenabled = false\n"))) == ["ok"]


def test_a_port_in_use_is_reported(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        pages = config(tmp_path, f'[web]\nlisten = "127.0.0.1:{taken.getsockname()[1]}"\n')
        found = problems(web.check_pages(pages))
        assert problems(web.check_pages(pages, daemon_runs=True)) == []
    assert "already" in found[0].message
    assert "nothing listens" in problems(web.check_pages(pages, daemon_runs=True))[0].message


def test_mail_without_https_pages_has_no_one_click(tmp_path):
    text = '[mail]\nsender = "n@example.org"\nhost = "h"\n[web]\nlisten = "127.0.0.1:1"\n' + DIGEST
    assert "one-click" in problems(web.check_pages(config(tmp_path, text)))[0].message
    own = text.replace("[web]", 'owner = "me@example.org"\n[web]')  # the operator needs no link to leave
    assert problems(web.check_pages(config(tmp_path, own))) == []


@pytest.mark.parametrize(("language", "named"), [("nl", True), ("de-AT", False), ("en-GB", False), ("zh-CN", False)])
def test_a_language_without_fixed_texts_is_named(tmp_path, language, named):
    text = f'[[digest]]\nname = "d"\nto = ["folder:out"]\nlanguage = "{language}"\n'
    found = [f for f in configuration.check_configuration(config(tmp_path, text)) if f.subject == "languages"]
    assert bool(found) is named
    assert not named or "'nl'" in found[0].message


def test_the_users_own_texts_count_as_texts(tmp_path):
    (tmp_path / "mine" / "locale").mkdir(parents=True)
    (tmp_path / "mine" / "locale" / "nl.po").write_text('msgid "Other"\nmsgstr "Overig"\n')
    text = '[[digest]]\nname = "d"\nto = ["folder:out"]\nlanguage = "nl"\ntemplate_folder = "mine"\n'
    assert not [f for f in configuration.check_configuration(config(tmp_path, text)) if f.subject == "languages"]


def test_the_daemon_is_known_by_its_lease(tmp_path):
    db = open_database(f"sqlite:///{tmp_path}/news.db")
    assert meta.instance_holder(db, NOW) is None
    meta.acquire_instance(db, "host:123:abcd", NOW, timedelta(minutes=1))
    assert "host, process 123" in next(machine.check_daemon(meta.instance_holder(db, NOW))).message
    assert meta.instance_holder(db, NOW + timedelta(minutes=2)) is None
    db.close()


def outputs_of(folder: Path, *to: str) -> list[Finding]:
    names = ", ".join(f'"{one}"' for one in to)
    text = f'[storage]\nurl = "sqlite:///data/n.db"\n[[digest]]\nname = "d"\nto = [{names}]\n'
    return list(outputs.check_outputs(config(folder, text)))


def test_each_output_of_a_digest_is_checked(tmp_path):
    (tmp_path / "file").write_text("")
    found = outputs_of(
        tmp_path, "folder:out", "epub:file", "atom:deep/er", "webhook:http://127.0.0.1:1/x", "folder:out"
    )
    assert levels(found) == ["ok", "error", "ok", "ok"]
    assert "file is no folder" in found[1].message
    assert f"will be created in {tmp_path}" in found[2].message
    (unknown,) = problems(outputs_of(tmp_path, "webhook:https://no-such-host.invalid/x"))
    assert "cannot be found" in unknown.message
    known, wrong = outputs_of(tmp_path, "notify:json://127.0.0.1/x", "notify:nonsense://x")
    assert (known.level, wrong.level) == ("ok", "error")


def test_a_folder_below_a_closed_one_cannot_be_written(tmp_path):
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed").chmod(0)
    with unprivileged():
        (found,) = outputs_of(tmp_path, "folder:closed/out")
    (tmp_path / "closed").chmod(0o700)
    assert (found.level, "closed/out: Permission denied" in found.message) == ("error", True)


def test_the_outputs_of_alerts_are_checked_too(tmp_path):
    (tmp_path / "file").write_text("")
    text = '[[alert]]\nname = "urgent"\nquery = "dam"\nto = ["folder:file"]\n'
    (found,) = outputs.check_outputs(config(tmp_path, text))
    assert (found.level, "urgent: " in found.message) == ("error", True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give the database to another user")
@pytest.mark.parametrize(("mode", "level"), [(0o755, "error"), (0o777, "ok"), (0o700, "error")])
def test_a_folder_must_be_writable_by_the_user_of_the_service(tmp_path, mode, level):
    (tmp_path / "data").mkdir()
    os.chown(tmp_path / "data", 65534, 65534)
    (tmp_path / "out").mkdir()
    (tmp_path / "out").chmod(mode)
    (found,) = outputs_of(tmp_path, "folder:out")
    assert found.level == level
    assert level == "ok" or "nobody cannot write" in found.message
    os.chown(tmp_path / "out", 65534, 65534)
    (tmp_path / "out").chmod(0o700)
    assert levels(outputs_of(tmp_path, "folder:out")) == ["ok"]


@pytest.mark.parametrize(("status", "level"), [(200, "ok"), (404, "error")])
def test_the_models_endpoint_is_asked(tmp_path, status, level):
    reply = Answer("{}") if status == 200 else Answer(status=404, body=b'{"error": {"message": "no such model: m"}}')
    with serving(reply) as server:
        text = f'[summaries]\nmethod = "chat"\nendpoint = "{server.url}"\nmodel = "m"\n'
        (found,) = outputs.check_endpoint(config(tmp_path, text), offline=True)
    assert found.level == level
    assert level == "ok" or "no such model" in found.message
    assert list(outputs.check_endpoint(config(tmp_path, ""))) == []
