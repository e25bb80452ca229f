"""Sends articles to services that keep them to read later, by their documented APIs.

- Wallabag 2: OAuth 2 with a password at `/oauth/v2/token`, then `POST /api/entries.json`.
- Readeck: `POST /api/bookmarks` with a bearer token; the service answers 202 and reads the page later.
- Linkding: `POST /api/bookmarks/` with `Authorization: Token`; a known URL is updated.
- Instapaper, the simple API: `POST /api/add` with basic authentication.

Redirects are not followed, because the request holds a secret.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx

from aggregator.services.network import EndpointTransport

SECONDS = 20.0  # for one request
MOST_BYTES = 64 * 1024  # of a response
_TITLE = 250  # characters; Linkding takes 512, Wallabag cuts itself
_NOT_NOW = frozenset({408, 425, 429})
Transport = Callable[[], httpx.BaseTransport]


class SendFailed(Exception):
    """An article was not taken. `again`: a later try may succeed; `after` is the pause that the service asked for."""

    def __init__(self, why: str, *, again: bool, after: float = 0.0) -> None:
        super().__init__(why)
        self.again = again
        self.after = after


@dataclass(frozen=True, slots=True)
class ReadLaterAccount:
    """An account of a service; `secrets` are its token, password and client secret, those that it has."""

    kind: str
    url: str
    user: str = ""
    client_id: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    user_agent: str = "aggregator-digest"
    transport: Transport = EndpointTransport


@dataclass(frozen=True, slots=True)
class Article:
    """What is sent of an article; the service reads the page itself."""

    url: str
    title: str


def send(account: ReadLaterAccount, article: Article) -> None:
    """Send an article to the service. Raises SendFailed."""
    with httpx.Client(
        base_url=account.url.rstrip("/"),
        headers={"User-Agent": account.user_agent, "Accept": "application/json"},
        timeout=SECONDS,
        follow_redirects=False,
        trust_env=False,
        transport=account.transport(),
    ) as client:
        _SENDERS[account.kind](client, account, article)


def _wallabag(client: httpx.Client, account: ReadLaterAccount, article: Article) -> None:
    login = {
        "grant_type": "password",
        "client_id": account.client_id,
        "client_secret": account.secrets.get("client_secret", ""),
        "username": account.user,
        "password": account.secrets.get("password", ""),
    }
    try:
        token = json.loads(_post(client, "/oauth/v2/token", data=login))["access_token"]
    except (ValueError, LookupError, TypeError) as error:
        raise SendFailed("the response to the sign-in has no token", again=False) from error
    headers = {"Authorization": f"Bearer {token}"}
    _post(client, "/api/entries.json", data={"url": article.url, "title": article.title[:_TITLE]}, headers=headers)


def _readeck(client: httpx.Client, account: ReadLaterAccount, article: Article) -> None:
    headers = {"Authorization": f"Bearer {account.secrets.get('token', '')}"}
    document = {"url": article.url, "title": article.title[:_TITLE]}
    _post(client, "/api/bookmarks", json=document, headers=headers)


def _linkding(client: httpx.Client, account: ReadLaterAccount, article: Article) -> None:
    headers = {"Authorization": f"Token {account.secrets.get('token', '')}"}
    document = {"url": article.url, "title": article.title[:_TITLE], "unread": True}
    _post(client, "/api/bookmarks/", json=document, headers=headers)


def _instapaper(client: httpx.Client, account: ReadLaterAccount, article: Article) -> None:
    login = httpx.BasicAuth(account.user, account.secrets.get("password", ""))
    _post(client, "/api/add", data={"url": article.url, "title": article.title[:_TITLE]}, auth=login)


_SENDERS: dict[str, Callable[[httpx.Client, ReadLaterAccount, Article], None]] = {
    "wallabag": _wallabag,
    "readeck": _readeck,
    "linkding": _linkding,
    "instapaper": _instapaper,
}


def _post(
    client: httpx.Client,
    path: str,
    *,
    data: Mapping[str, str] | None = None,
    json: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
    auth: httpx.Auth | None = None,
) -> bytes:
    """Return the body of a successful response. Raises SendFailed; no secret is in its text."""
    body = b""
    try:
        request = client.build_request("POST", path, data=data, json=json, headers=headers)
        response = client.send(request, auth=auth, stream=True)
        try:
            for chunk in response.iter_bytes(4096):
                body += chunk
                if len(body) > MOST_BYTES:
                    raise SendFailed("the response is too long", again=False)
        finally:
            response.close()
    except UnicodeEncodeError:  # its text has the secret
        raise SendFailed("the token has a character that no HTTP header may have", again=False) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SendFailed(f"no response: {type(error).__name__}", again=True) from error
    if response.is_success:
        return body
    again = response.status_code in _NOT_NOW or response.status_code >= 500
    after = response.headers.get("retry-after", "")
    raise SendFailed(
        f"{path} answered {response.status_code}",
        again=again,
        after=float(after) if after.isascii() and after.isdigit() else 0.0,
    )
