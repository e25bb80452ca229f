"""Posted forms are read within bounds, whatever their body."""

from __future__ import annotations

import time

import pytest

from aggregator.web.forms import MAX_BYTES, FormTooLong, parse_form

PLAIN = "application/x-www-form-urlencoded"


def nested(levels: int) -> bytes:
    return b"".join(b"--%d\r\nContent-Type: multipart/mixed; boundary=%d\r\n\r\n" % (n, n + 1) for n in range(levels))


def test_both_encodings_give_the_same_fields() -> None:
    multipart = (
        b'--b\r\nContent-Disposition: form-data; name="address"\r\n\r\nann@x.example\r\n'
        b"--b\r\nContent-Disposition: form-data; name=language\r\n\r\nde\r\n--b--\r\n"
    )
    fields = {"address": ["ann@x.example"], "language": ["de"]}
    assert parse_form(multipart, "multipart/form-data; boundary=b") == fields
    assert parse_form(multipart.replace(b"--b", b"--a b"), 'multipart/form-data; boundary="a b"') == fields
    assert parse_form(b"address=ann%40x.example&language=de", PLAIN) == fields
    assert parse_form(b"address=ann", "text/plain") == {}


@pytest.mark.parametrize(
    "body",
    [nested(1500)[:MAX_BYTES], b"--0\r\n\r\n" * 6000, b"--0" + b"\n--" * 20000, b"--0\r\n" + b"a: b\r\n" * 9000, b""],
)
def test_a_hostile_body_takes_no_time(body: bytes) -> None:
    before = time.process_time()
    assert parse_form(body, "multipart/form-data; boundary=0") == {}
    assert time.process_time() - before < 0.5


def test_more_fields_than_any_form_has_are_refused() -> None:
    with pytest.raises(FormTooLong):
        parse_form(b"a=b&" * 10000, PLAIN)
