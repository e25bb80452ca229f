"""Servers on loopback that answer as the documented APIs of services which keep articles to read later."""

from __future__ import annotations

import base64
import json
from collections import deque
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from tests.support.serving import Serving

TOKEN, USER, PASSWORD, CLIENT, SECRET = "t0ken", "ada", "pass word&1", "3_client", "client-secret"
Reply = tuple[int, object]


class ReadLaterServer(Serving):
    """The server of one kind; `kept` are the URLs and titles that it took, `troubles` are statuses of its next answers.

    A service keeps one bookmark for each URL.
    """

    def __init__(self, kind: str) -> None:
        self.kept: dict[str, str] = {}
        self.requests: list[str] = []
        self.troubles: deque[tuple[int, dict[str, str]]] = deque()
        answer: Callable[[str, Mapping[str, str], bytes], Reply] = getattr(self, f"_{kind}")
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests.append(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                extra: dict[str, str] = {}
                if outer.troubles:
                    status, extra = outer.troubles.popleft()
                    document: object = {"detail": "not now"}
                else:
                    status, document = answer(self.path, headers, body)
                text = json.dumps(document).encode()
                self.send_response_only(status)
                for name, value in extra.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        super().__init__(ThreadingHTTPServer(("127.0.0.1", 0), Handler))

    @property
    def url(self) -> str:
        """Where the service is."""
        return f"http://127.0.0.1:{self.port}"

    def _wallabag(self, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if path == "/oauth/v2/token":
            login = {"grant_type": "password", "client_id": CLIENT, "client_secret": SECRET}
            if form != {**login, "username": USER, "password": PASSWORD}:
                return 400, {"error": "invalid_grant"}
            return 200, {"access_token": "access", "expires_in": 3600, "token_type": "bearer"}
        if path != "/api/entries.json" or headers.get("authorization") != "Bearer access":
            return 401, {"error": "access_denied"}
        return self._keep(form["url"], form["title"], 200)

    def _readeck(self, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if path != "/api/bookmarks" or headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"status": 401, "message": "Unauthorized"}
        document = json.loads(body)
        return self._keep(document["url"], document["title"], 202)

    def _linkding(self, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if path != "/api/bookmarks/" or headers.get("authorization") != f"Token {TOKEN}":
            return 401, {"detail": "Invalid token."}
        document = json.loads(body)
        assert document["unread"] is True
        return self._keep(document["url"], document["title"], 201)

    def _instapaper(self, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if path != "/api/add" or headers.get("authorization") != f"Basic {login}":
            return 403, {}
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        return self._keep(form["url"], form["title"], 201)

    def _keep(self, url: str, title: str, status: int) -> Reply:
        self.kept[url] = title
        return status, {"id": len(self.kept), "url": url}


def table(kind: str, url: str, more: str = "") -> str:
    """The `[[read_later]]` table of a service; its secrets are in the variables of `environment`."""
    keys = {
        "wallabag": f'user = "{USER}"\npassword_env = "LATER_PASSWORD"\nclient_id = "{CLIENT}"\n'
        'client_secret_env = "LATER_SECRET"\n',
        "readeck": 'token_env = "LATER_TOKEN"\n',
        "linkding": 'token_env = "LATER_TOKEN"\n',
        "instapaper": f'user = "{USER}"\npassword_env = "LATER_PASSWORD"\n',
    }
    return f'[[read_later]]\nname = "{kind.title()}"\nkind = "{kind}"\nurl = "{url}"\n{keys[kind]}{more}'


ENVIRONMENT = {"LATER_TOKEN": TOKEN, "LATER_PASSWORD": PASSWORD, "LATER_SECRET": SECRET}
