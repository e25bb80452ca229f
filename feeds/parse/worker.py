"""What a parse process does: pickled arguments in, a pickled result or the code and message of a ParseError out."""

from __future__ import annotations

import pickle
from collections.abc import Callable

from feeds.errors import ParseError
from feeds.process.child import Handler

Response = tuple[object, str, str]
"""What was read, or None with the error's code and message."""


def feed_handler() -> Handler:
    """Return the handler that parses feeds: it takes the arguments of `feeds.parse.parse` and returns a Parsed."""
    from feeds.parse import parse

    # Imports the rest before memory is limited and the first body waits.
    parse(b"<rss><channel><title>.</title></channel></rss>", "http://localhost/", {})
    return lambda request: _response(parse, request)


def list_handler() -> Handler:
    """Return the handler that parses OPML files: it takes the bytes and returns a tuple of Subscription."""
    from feeds import opml

    return lambda request: _response(lambda data: tuple(opml.read_opml(data)), request)


def page_handler() -> Handler:
    """Return the handler that proposes selectors: it has the arguments and the result of `propose_selectors`."""
    from feeds.discovery.page_list import propose_selectors

    return lambda request: _response(propose_selectors, request)


def mail_handler() -> Handler:
    """Return the handler that reads mails: it takes the arguments of `read_newsletter` and returns a Newsletter."""
    from feeds.sources.newsletter import read_newsletter

    return lambda request: _response(read_newsletter, request)


def _response(function: Callable[..., object], request: bytes) -> bytes:
    response: Response
    try:
        response = function(*pickle.loads(request)), "", ""  # noqa: S301 - from our own parent
    except ParseError as error:
        response = None, error.code, error.message
    return pickle.dumps(response, protocol=5)
