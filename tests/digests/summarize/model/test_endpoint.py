"""The endpoint of a model: what it refuses is left out, and why it refuses is shown."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from digests.errors import EndpointDown
from digests.summarize.model.endpoint import ChatEndpoint, ChatSettings, probe
from tests.support.chat_server import Answer, ChatServer, serving

QUESTION = [{"role": "user", "content": "What happened?"}]


def asked(server: ChatServer, times: int = 1, **settings: Any) -> list[str]:
    async def no_wait(_: float) -> None:
        return None

    async def run() -> list[str]:
        async with ChatEndpoint(ChatSettings(server.url, "m", **settings), sleep=no_wait) as endpoint:
            return [(await endpoint.answer([*QUESTION, {"role": "user", "content": str(n)}]))[0] for n in range(times)]

    return asyncio.run(run())


def openai(message: str, param: str | None = None, status: int = 400) -> Answer:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": "unsupported_parameter"}
    return Answer(status=status, body=json.dumps({"error": error}).encode())


def picky(*refused: str, named: bool = True) -> Any:
    """An endpoint that refuses parameters, one at a time."""

    def answer(request: dict[str, Any]) -> Answer:
        for name in refused:
            if name in request:
                return openai(f"Unsupported parameter: '{name}'." if named else "", name if named else None)
        return Answer("Good.")

    return answer


@pytest.mark.parametrize(
    "refused",
    [
        ("max_tokens", "temperature"),
        ("temperature", "max_tokens"),
        ("temperature", "response_format"),
        ("max_tokens", "max_completion_tokens"),
        ("max_tokens", "temperature", "response_format", "max_completion_tokens"),
    ],
)
def test_what_it_refuses_is_left_out_and_remembered(refused: tuple[str, ...]) -> None:
    with serving(picky(*refused)) as server:
        assert asked(server, 3, retries=0) == ["Good."] * 3
        assert len(server.asked) == len(refused) + 3
    assert not set(refused) & set(server.asked[-1])


def test_a_limit_that_counts_reasoning_is_larger() -> None:
    message = (
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    )
    with serving(
        lambda request: openai(message, "max_tokens") if "max_tokens" in request else Answer("Good.")
    ) as server:
        assert asked(server) == ["Good."]
    assert server.asked[-1]["max_completion_tokens"] > server.asked[0]["max_tokens"]
    assert server.asked[-1]["temperature"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "temperature: only the default (1) is supported", "param": "temperature"}},
        {"error": "temperature is not supported by this model"},
        {"message": "invalid field temperature"},
        {"detail": [{"loc": ["body", "temperature"], "msg": "extra fields not permitted"}]},
    ],
)
@pytest.mark.parametrize("status", [400, 422])
def test_errors_of_other_forms_are_read(body: Any, status: int) -> None:
    refusal = Answer(status=status, body=json.dumps(body).encode())
    with serving(lambda request: refusal if "temperature" in request else Answer("Good.")) as server:
        assert asked(server, retries=0) == ["Good."]
    assert "max_tokens" in server.asked[-1]


def test_the_message_of_a_refusal_is_shown_without_the_key() -> None:
    with serving(
        openai("The model `m` does not exist.\nKey sk-123 is of another project. " + "x" * 999, "model", 404)
    ) as server:
        with pytest.raises(EndpointDown) as caught:
            asked(server, key="sk-123")
        assert len(server.asked) == 1
    message = str(caught.value)
    assert "answered 404: The model `m` does not exist. Key … is of another project." in message
    assert len(message) < 300


@pytest.mark.parametrize("body", [b"", b"<html>no</html>", b"[1, 2]", b'{"error": 5}', b"[" * 100_000])
def test_a_refusal_without_a_message_ends(body: bytes) -> None:
    with serving(Answer(status=400, body=body)) as server:
        with pytest.raises(EndpointDown, match="answered 400"):
            asked(server)
        assert len(server.asked) == 2  # once more without response_format


def test_an_endpoint_that_refuses_everything_is_asked_a_few_times() -> None:
    names = ("max_tokens", "temperature", "response_format", "max_completion_tokens")
    with serving(openai(f"not allowed: {', '.join(names)}, model, messages")) as server:
        with pytest.raises(EndpointDown):
            asked(server)
        assert len(server.asked) <= 6


def test_a_probe_says_what_is_wrong() -> None:
    with serving(Answer("Good.")) as server:
        assert asyncio.run(probe(ChatSettings(server.url, "m"))) == ""
    with serving(openai("You exceeded your current quota.", status=403)) as server:
        assert "quota" in asyncio.run(probe(ChatSettings(server.url, "m")))
