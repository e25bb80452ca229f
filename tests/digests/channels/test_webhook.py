from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from aggregator.services.network import EndpointTransport, WebhookTransport
from digests.channels import WebhookSettings
from digests.channels.base import Parcel
from digests.channels.webhook import WebhookChannel, payload
from digests.errors import ChannelError, OutcomeUnknown, RecipientRefused, TemporaryFailure
from tests.support.webhooks import Answer, HookServer

SECRET = b"a shared secret"
NOON = 1_774_785_600.0  # 2026-03-29 12:00 UTC
PARCEL = Parcel(1, "", "<daily.1@news.example>", "", b'{"title": "News"}', "application/json", "daily.json")


def nothing() -> None:
    """Mark nothing."""


@pytest.fixture
def hook() -> Iterator[HookServer]:
    with HookServer() as server:
        yield server


@pytest.fixture
def channel() -> Iterator[WebhookChannel]:
    made = WebhookChannel(WebhookSettings(SECRET, EndpointTransport(), seconds=5), clock=lambda: NOON)
    yield made
    made.close()


def test_the_post_can_be_verified(hook: HookServer, channel: WebhookChannel) -> None:
    receipt = channel.deliver(replace(PARCEL, recipient=hook.url), nothing)
    headers, body = hook.posts[0]
    assert json.loads(body)["content"] == '{"title": "News"}'
    assert headers["idempotency-key"] == headers["webhook-id"] == PARCEL.message_id
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(SECRET, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert receipt.detail == "200 thanks"


def test_without_a_secret_nothing_is_signed(hook: HookServer) -> None:
    channel = WebhookChannel(WebhookSettings())
    channel.deliver(replace(PARCEL, recipient=hook.url), nothing)
    channel.close()
    assert "webhook-signature" not in hook.posts[0][0]


@pytest.mark.parametrize(
    ("answer", "error", "seconds"),
    [
        (Answer(429, {"Retry-After": "120"}), TemporaryFailure, 120.0),
        (
            Answer(503, {"Retry-After": "Sun, 29 Mar 2026 12:10:00 GMT", "Date": "Sun, 29 Mar 2026 12:00:00 GMT"}),
            TemporaryFailure,
            600.0,
        ),
        (Answer(500), TemporaryFailure, None),
        (Answer(503, {"Retry-After": "soon"}), TemporaryFailure, None),
        (Answer(410), RecipientRefused, None),
        (Answer(401), RecipientRefused, None),
        (Answer(302, {"Location": "http://169.254.169.254/"}), RecipientRefused, None),
        (Answer(0), OutcomeUnknown, None),
    ],
)
def test_what_an_answer_means(
    hook: HookServer, channel: WebhookChannel, answer: Answer, error: type[ChannelError], seconds: float | None
) -> None:
    hook.answers.append(answer)
    with pytest.raises(ChannelError) as caught:
        channel.deliver(replace(PARCEL, recipient=hook.url), nothing)
    assert type(caught.value) is error
    assert caught.value.retry_after == seconds
    assert len(hook.posts) == 1  # no redirect was followed, nothing was tried behind our back


def test_a_long_answer_is_not_read_to_its_end(hook: HookServer, channel: WebhookChannel) -> None:
    hook.answers.append(Answer(200, body=b"x" * 5_000_000))
    assert len(channel.deliver(replace(PARCEL, recipient=hook.url), nothing).detail) == 300
    assert channel.deliver(replace(PARCEL, recipient=hook.url), nothing).detail == "200 thanks"


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/", "http://0x7f.1:{port}/", "http://hooks.example:{port}/"])
def test_an_address_that_is_not_public_is_not_called(hook: HookServer, url: str) -> None:
    transport = WebhookTransport(lambda host: ["127.0.0.1"])
    channel = WebhookChannel(WebhookSettings(transport=transport, check=transport.check))
    marks: list[int] = []
    with pytest.raises(RecipientRefused, match="not allowed"):
        channel.deliver(replace(PARCEL, recipient=url.format(port=hook.url.split(":")[2])), lambda: marks.append(1))
    assert hook.posts == []
    assert marks == []


def test_a_name_without_an_address_is_tried_again(hook: HookServer) -> None:
    channel = WebhookChannel(WebhookSettings(transport=WebhookTransport(lambda host: [])))
    with pytest.raises(TemporaryFailure, match="cannot be found"):
        channel.deliver(replace(PARCEL, recipient="http://hooks.example/"), nothing)


def test_the_call_goes_to_the_checked_address_under_the_hosts_own_name(hook: HookServer) -> None:
    transport = WebhookTransport(lambda host: ["127.0.0.1"], allow_private=True)
    channel = WebhookChannel(WebhookSettings(transport=transport))
    channel.deliver(replace(PARCEL, recipient=hook.url.replace("127.0.0.1", "hooks.example")), nothing)
    channel.close()
    ((headers, _),) = hook.posts
    assert headers["host"] == hook.url.replace("127.0.0.1", "hooks.example").split("/")[2]


@pytest.mark.parametrize(
    "url", ["ftp://a.example/", "file:///etc/passwd", "nonsense", "http://", "http://[::", "https:///x"]
)
def test_what_is_no_web_address(channel: WebhookChannel, url: str) -> None:
    with pytest.raises(RecipientRefused):
        channel.deliver(replace(PARCEL, recipient=url), nothing)


def test_nobody_there_is_no_unknown_outcome(channel: WebhookChannel) -> None:
    with socket.socket() as taken:  # bound, not listening
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(TemporaryFailure, match="cannot connect"):
            channel.deliver(replace(PARCEL, recipient=f"http://127.0.0.1:{taken.getsockname()[1]}/"), nothing)


def test_silence_is_an_unknown_outcome() -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("", request=request)

    channel = WebhookChannel(WebhookSettings(transport=httpx.MockTransport(silent)))
    with pytest.raises(OutcomeUnknown, match="ReadTimeout"):
        channel.deliver(replace(PARCEL, recipient="http://hook.example/"), nothing)
    channel.close()


def test_bytes_that_are_no_text_travel_in_base64() -> None:
    document = json.loads(payload(replace(PARCEL, body=b"\xff\x00")))
    assert base64.b64decode(document["content_base64"]) == b"\xff\x00"
    assert "content" not in document
