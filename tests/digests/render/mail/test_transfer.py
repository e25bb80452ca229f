"""Bodies that survive any relay."""

from __future__ import annotations

import base64
import quopri

from hypothesis import given
from hypothesis import strategies as st

from digests.render.mail.transfer import LARGE, encode


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=400))
def test_a_body_comes_back(body: str) -> None:
    name, octets = encode(body)
    decoder = {"7bit": bytes, "quoted-printable": quopri.decodestring, "base64": base64.b64decode}[name]
    expected = body.replace("\r\n", "\n").replace("\r", "\n")
    assert decoder(octets).replace(b"\r\n", b"\n").decode() == expected
    assert octets.isascii()
    assert all(len(line) <= 78 for line in octets.split(b"\r\n"))


def test_quoted_printable_is_taken_until_size_costs_and_base64_then_where_it_is_shorter() -> None:
    assert encode("plain\n")[0] == "7bit"
    assert encode("ein paar Umlaute: äöü, sonst ASCII")[0] == "quoted-printable"
    cyrillic = "почти всё кириллицей\n"  # 39 bytes: 114 quoted, 54 in base64
    assert encode(cyrillic)[0] == "quoted-printable"
    name, octets = encode(cyrillic * 1000)
    assert (name, len(octets) < LARGE) == ("base64", True)
    assert encode("ä, sonst ASCII. " * 10_000)[0] == "quoted-printable"


def test_lines_that_relays_mangle_are_guarded() -> None:
    assert encode("From me, with plain words é\n.\n")[1] == b"=46rom me, with plain words =C3=A9\r\n=2E\r\n"
    long = encode("From " + "x" * 69 + "é")[1]
    assert long.startswith(b"=46rom=\r\n x")
    assert quopri.decodestring(long).decode() == "From " + "x" * 69 + "é"
    assert encode("From me\n")[0] == "quoted-printable"
