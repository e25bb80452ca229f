"""The types of configuration values. Each reports what it expects when a value is invalid."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from aggregator.config import units
from aggregator.config.model.headers import cookie_names, cookie_problem, header_names, header_problem
from aggregator.config.model.table import Table, reject
from digests.reasons import Phrase, _
from feeds.model import NEWSLETTER_SCHEME

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def model_of(annotation: Any) -> type[Table] | None:
    """Return the table class in an annotation such as `tuple[Feed, ...]`; None if there is none."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = model_of(part)
        if found:
            return found
    return None


def _text_validator(parse: Callable[[str], Any], expected: str) -> Callable[[Any], Any]:
    """Return a validator that parses text; `parse` raises ValueError."""

    def validate(value: Any) -> Any:
        if not isinstance(value, str):
            if type(value) is int and value == 0:
                return parse("0s" if parse is units.duration else "0b")
            return value if isinstance(value, timedelta) else reject(f"{value!r} has no unit", expected)
        try:
            return parse(value)
        except ValueError:
            return reject(f'"{value}" cannot be read', expected)

    return validate


def _size(value: Any) -> Any:
    if type(value) is int:
        return value
    return _text_validator(units.size, 'a size such as "15 MiB"')(value)


def _positive(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        reject("must be longer than zero", 'a duration such as "15m"')
    return value


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        valid_port = parts.port is None or parts.port > 0
    except ValueError:
        valid_port = False
    invalid_host = not valid_port or not parts.hostname or any(mark.isspace() for mark in parts.netloc)
    if invalid_host or parts.scheme not in ("http", "https"):
        reject(
            Phrase(_('"{url}" is not a web URL'), url=value),
            Phrase(_("a full http or https URL, such as {url}"), url="https://example.org/feed.xml"),
        )
    return value


def _feed_url(value: str) -> str:
    if not value.startswith(NEWSLETTER_SCHEME):
        return _url(value)
    key = value.removeprefix(NEWSLETTER_SCHEME).strip().lower()
    if not key or any(mark.isspace() for mark in key):
        reject(f'"{value}" names no newsletter', "newsletter: and a List-Id or address, as `aggregator feeds` lists it")
    return f"{NEWSLETTER_SCHEME}{key}"


def _mail(value: str) -> str:
    if not value:
        return value
    from digests.channels.kinds import mail_address

    try:
        return mail_address(value)
    except ValueError as error:
        return reject(str(error), "an address such as me@example.org")


def _subject(value: str) -> str:
    from digests.render.view.subject import PLACES, template_error

    wrong = template_error(value)
    if wrong:
        reject(wrong, "text with the places " + ", ".join(f"{{{name}}}" for name in sorted(PLACES)))
    return value


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        reject(f'"{value}" is not a language', 'a language tag such as "en" or "pt-BR"')
    return value


def _zone(value: str) -> str:
    if value == "local":
        return value
    from aggregator.config.zone import known, nearest

    if not known(value):
        reject(f'"{value}" is not a time zone', 'a zone such as "Europe/Berlin", or "local"', nearest(value))
    return value


def _cron(value: str) -> str:
    from digests.errors import ScheduleError
    from digests.schedule import check_schedule

    try:
        check_schedule(value, "UTC")
    except ScheduleError as error:
        reject(f'"{value}" is not a schedule: {error.message}', "five crontab fields, such as 0 7 * * 1-5")
    return value


def _query(value: str) -> str:
    if not value.strip():
        return value
    from aggregator.stories.query import QueryError, parse

    try:
        parse(value)
    except QueryError as error:
        why = Phrase(error.text, **error.places)
        reject(
            Phrase(_("the query cannot be read at column {column}: {why}"), column=error.column, why=why),
            Phrase(_("a query such as {example}"), example='title:"interest rate" AND NOT sport'),
        )
    return value


def _selector(value: str) -> str:
    if not value.strip():
        return value
    from feeds.sources.selectors import selector_problem

    if problem := selector_problem(value):
        reject(f'"{value[:100]}" {problem}', "a CSS selector such as article.teaser or h2 > a")
    return value


def _values(problem: Callable[[str], str], expected: str) -> Callable[[Mapping[str, str]], Mapping[str, str]]:
    """Return a validator of the values of a table; `problem` returns what is wrong with a value."""

    def validate(table: Mapping[str, str]) -> Mapping[str, str]:
        for name, value in table.items():
            if wrong := problem(value):
                reject(f"the value of {name} {wrong}", expected)
        return table

    return validate


def _not_empty(value: str) -> str:
    if not value.strip():
        reject(Phrase(_("must not be empty")), Phrase(_("some text")))
    return value


_DURATION = 'a duration such as "15m", "20s" or "1d"'
OneOrMore = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda value: (value,) * bool(value) if isinstance(value, str) else value),
    Field(strict=False),
]
"""A text or a list of texts; an empty text is an empty list."""
Span = Annotated[timedelta, BeforeValidator(_text_validator(units.duration, _DURATION))]
PositiveSpan = Annotated[Span, AfterValidator(_positive)]
Size = Annotated[int, BeforeValidator(_size), Field(ge=1024)]
Url = Annotated[str, AfterValidator(_url)]
FeedUrl = Annotated[str, AfterValidator(_feed_url)]
Mail = Annotated[str, AfterValidator(_mail)]
Language = Annotated[str, AfterValidator(_language)]
SubjectTemplate = Annotated[str, AfterValidator(_subject)]
Zone = Annotated[str, AfterValidator(_zone)]
Cron = Annotated[str, AfterValidator(_cron)]
QueryText = Annotated[str, AfterValidator(_query)]
Selector = Annotated[str, AfterValidator(_selector)]
Name = Annotated[str, AfterValidator(_not_empty)]
Texts = Annotated[tuple[str, ...], Field(strict=False)]
Names = Annotated[tuple[Name, ...], Field(strict=False)]
Languages = Annotated[tuple[Language, ...], Field(strict=False)]
FullText = Annotated[
    Literal["never", "teaser", "always"],
    BeforeValidator(lambda value: {True: "always", False: "never"}[value] if isinstance(value, bool) else value),
]
Unit = Annotated[float, Field(ge=0, le=1)]
HeaderNames = Annotated[Mapping[str, str], AfterValidator(header_names)]
Headers = Annotated[HeaderNames, AfterValidator(_values(header_problem, "text in one line"))]
CookieNames = Annotated[Mapping[str, str], AfterValidator(cookie_names)]
Cookies = Annotated[CookieNames, AfterValidator(_values(cookie_problem, "the value as the browser shows it"))]
