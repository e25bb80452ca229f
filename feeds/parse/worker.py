"""What a parse process does: pickled arguments in, a pickled result or the code and message of a ParseError out."""

from __future__ import annotations

import pickle
from collections.abc import Callable

from feeds.errors import ParseError
from feeds.process.child import Handler

Response = tuple[object, str, str]
"""What was read, or None with the error's code and message."""


def feed_handler() -> Handler:
    """Parses feeds: the arguments of `feeds.parse.parse` in, a Parsed out."""
    from feeds.parse import parse

    # Imports the rest before memory is limited and the first body waits.
    parse(b"<rss><channel><title>.</title></channel></rss>", "http://localhost/", {})
    return lambda request: _response(parse, request)


def list_handler() -> Handler:
    """Parses OPML files: the bytes in, a tuple of Subscription out."""
    from feeds import opml

    return lambda request: _response(lambda data: tuple(opml.read_opml(data)), request)


def page_handler() -> Handler:
    """Proposes selectors for a page: the arguments of `propose_selectors` in, its result out."""
    from feeds.discovery.page_list import propose_selectors

    return lambda request: _response(propose_selectors, request)


def mail_handler() -> Handler:
    """Reads mails: the arguments of `read_newsletter` in, a Newsletter out."""
    from feeds.sources.newsletter import read_newsletter

    return lambda request: _response(read_newsletter, request)


def _response(function: Callable[..., object], request: bytes) -> bytes:
    response: Response
    try:
        response = function(*pickle.loads(request)), "", ""  # noqa: S301 - from our own parent
    except ParseError as error:
        response = None, error.code, error.message
    return pickle.dumps(response, protocol=5)
