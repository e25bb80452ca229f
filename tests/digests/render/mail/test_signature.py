"""DKIM: both algorithms, one-click signed, second From refused."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import nacl.signing
import pytest

from digests.errors import BadMessage
from digests.render.mail.signature import DkimKey, dkim_key, dkim_signed, signature_is_valid
from tests.digests.render.mail.test_mime import made


@pytest.fixture(scope="module")
def rsa(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A private key in PEM and its DNS record."""
    path: Path = tmp_path_factory.mktemp("dkim") / "key.pem"
    subprocess.run(["openssl", "genrsa", "-out", str(path), "2048"], check=True, capture_output=True)
    public = subprocess.run(
        ["openssl", "rsa", "-in", str(path), "-pubout", "-outform", "DER"], check=True, capture_output=True
    ).stdout
    return path.read_bytes(), b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


@pytest.fixture(scope="module")
def ed25519() -> tuple[bytes, bytes]:
    key = nacl.signing.SigningKey(bytes(range(32)))
    return base64.b64encode(bytes(key)), b"v=DKIM1; k=ed25519; p=" + base64.b64encode(bytes(key.verify_key))


def tags(message: bytes) -> dict[str, str]:
    field = message.split(b"\r\nFrom:", 1)[0].partition(b":")[2].decode().replace("\r\n", "")
    return {k.strip(): "".join(v.split()) for k, _, v in (part.partition("=") for part in field.split(";"))}


def test_an_rsa_signature_verifies_and_covers_one_click(rsa: tuple[bytes, bytes]) -> None:
    signed = dkim_signed(made(), DkimKey("news.example.org", "s1", rsa[0]))
    assert signature_is_valid(signed, rsa[1])
    found = tags(signed)
    names = found["h"].lower().split(":")
    assert {"list-unsubscribe", "list-unsubscribe-post", "list-id", "message-id", "date", "content-type"} <= set(names)
    assert (found["a"], found["c"], "l" in found) == ("rsa-sha256", "relaxed/relaxed", False)


def test_an_ed25519_signature_verifies(ed25519: tuple[bytes, bytes]) -> None:
    signed = dkim_signed(made(), DkimKey("news.example.org", "s2", ed25519[0], "ed25519"))
    assert tags(signed)["a"] == "ed25519-sha256"
    assert signature_is_valid(signed, ed25519[1])


def test_two_keys_give_two_signatures(rsa: tuple[bytes, bytes], ed25519: tuple[bytes, bytes]) -> None:
    signed = dkim_signed(
        made(), DkimKey("news.example.org", "s1", rsa[0]), DkimKey("news.example.org", "s2", ed25519[0], "ed25519")
    )
    assert signed.count(b"DKIM-Signature:") == 2
    assert signature_is_valid(signed, rsa[1])
    second = signed.index(b"DKIM-Signature:", 1)
    assert signature_is_valid(signed[second:], ed25519[1])  # each is valid by itself
    assert tags(signed[second:])["s"] == "s2"


def test_a_key_is_read_as_openssl_writes_it(rsa: tuple[bytes, bytes]) -> None:
    made_by = ["openssl", "genpkey", "-algorithm", "ed25519"]
    pem = subprocess.run(made_by, check=True, capture_output=True).stdout
    public = subprocess.run(
        ["openssl", "pkey", "-pubout", "-outform", "DER"], input=pem, check=True, capture_output=True
    ).stdout
    record = b"v=DKIM1; k=ed25519; p=" + base64.b64encode(public[-32:])
    key = dkim_key("news.example.org", "s2", pem)
    assert key.kind == "ed25519"
    assert signature_is_valid(dkim_signed(made(), key), record)
    assert dkim_key("news.example.org", "s2", key.private + b"\n") == key
    assert dkim_key("news.example.org", "s1", rsa[0]) == DkimKey("news.example.org", "s1", rsa[0])


@pytest.mark.parametrize("field", [b"From: evil@example.net\r\n", b"Subject: other\r\n"])
def test_a_second_from_or_subject_breaks_it(rsa: tuple[bytes, bytes], field: bytes) -> None:
    signed = dkim_signed(made(), DkimKey("news.example.org", "s1", rsa[0]))
    assert not signature_is_valid(field + signed, rsa[1])


def test_the_body_cannot_grow(rsa: tuple[bytes, bytes]) -> None:
    assert not signature_is_valid(dkim_signed(made(), DkimKey("news.example.org", "s1", rsa[0])) + b"more\r\n", rsa[1])


@pytest.mark.parametrize(
    "key", [DkimKey("news.example.org", "s1", b"not a key"), DkimKey("news.example.org", "s1", b"x", "dsa")]
)
def test_a_key_that_cannot_sign_is_reported(key: DkimKey) -> None:
    with pytest.raises(BadMessage, match=r"s1\._domainkey"):
        dkim_signed(made(), key)


def test_a_key_never_shows_its_secret() -> None:
    assert "hidden" not in repr(DkimKey("example.org", "s", b"hidden"))
