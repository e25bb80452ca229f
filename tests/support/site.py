"""A small publisher on loopback, in a thread of its own: commands run their own event loop."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.serving import Serving

GRID = (
    "A storm cut the main power line between the provinces of Lorn and Vale on Monday night and left 40,"
    "000 homes without "
    "electricity. Engineers of the grid company said repairs would take two days. Schools in Lorn stay closed."
)
BANK = (
    "The central bank of Vale raised its main interest rate to 4.5 percent on Tuesday, the third rise this year. "
    "Governor Ina Holt said prices were still climbing too fast."
)


def rss(title: str, *items: tuple[str, str]) -> bytes:
    """A feed; items are (title, text), published now as far as anybody knows."""
    body = "".join(
        f"<item><title>{head}</title><link>https://news.example/{title.lower()}/{n}</link><guid>{title}-{n}</guid>"
        f"<description>{text}</description></item>"
        for n, (head, text) in enumerate(items)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{body}</channel></rss>'.encode()


class Site(Serving):
    """Serves `pages` by path; what is not there is a 404. A context manager."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, bytes]] = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, body = site.pages.get(self.path, ("text/plain", b""))
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
                pass

        super().__init__(ThreadingHTTPServer(("127.0.0.1", 0), Handler))

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def feed(self, path: str, body: bytes) -> str:
        self.pages[path] = ("application/rss+xml", body)
        return self.base + path

    def page(self, path: str, html: str) -> str:
        self.pages[path] = ("text/html; charset=utf-8", html.encode())
        return self.base + path
