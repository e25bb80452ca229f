"""The query language of search, rules and digests.

    rates AND (fed OR ecb) NOT "rate my professor"      words, phrases, AND (or nothing), OR, NOT (or -), brackets
    title:budget source:reuters lang:de topic:Business  fields: title text source feed author language topic story
    title:/^live:/   since:24h   like:"an example"      regular expressions, age of arrival, likeness to an example

A word matches whole words and their inflected forms, by the rules of the story's language; `elect*` matches beginnings.
Case does not matter. Queries have limits on length and depth, regular expressions on time: one that backtracks too much
is refused when the query is parsed, or stopped during a search.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from aggregator.stories.model import Interest
from aggregator.stories.profile.interests import InterestProfile
from digests.language import tokens
from digests.language.detect import language_code
from digests.language.stems import stem
from digests.reasons import _

FIELDS = ("title", "text", "source", "feed", "author", "language", "topic", "story", "since", "like")
LIKE = 0.35  # score from which an example counts as matched
LONGEST, DEEPEST = 4_000, 40  # characters of a query, brackets within brackets
_SEARCH_SECONDS = 0.05  # for one search with a regular expression
_MAX_TIMEOUTS = 20  # searches that may time out before a pattern is not used any more
_READ = 20_000  # characters of a text that a regular expression searches
_TRIALS = ("a" * 3_000 + "!", "ab" * 1_500 + "!", "1" * 3_000 + "!", " " * 3_000 + "!", "aB1 ,." * 500 + "\n!")
_ALIASES = {"lang": "language", "by": "author", "from": "source"}
_GRAMMAR = r"""
start: any
any: all (_OR all)*
all: one (_AND? one)*
?one: (_NOT | "-") one  -> negated
    | "(" any ")"
    | FIELD "(" any ")" -> spread
    | FIELD value       -> fielded
    | value             -> plain
value: PHRASE | REGEX | WORD
_OR.3: /OR(?![^\s()])/ | "|"
_AND.3: /AND(?![^\s()])/ | "&"
_NOT.3: /NOT(?![^\s()])/ | "!"
FIELD.2: /[A-Za-z]+:/
PHRASE.2: /"[^"]*"/
REGEX.2: /\/(?:[^\/\\\n]|\\.)+\//
WORD: /(?!(?:AND|OR|NOT)(?![^\s()]))[^\s()"|&!:\/-][^\s()"]*/
%ignore /\s+/
"""
_AGE = re.compile(r"(\d{1,5})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class QueryError(ValueError):
    """The query is invalid. `column` counts from 1; `message` is the reason, made from `text` and its `places`."""

    def __init__(self, text: str, column: int = 1, /, **places: object) -> None:
        self.text, self.places, self.column = text, places, column
        self.message = text.format(**places)
        super().__init__(f"column {column}: {self.message}")


@dataclass(frozen=True, slots=True)
class Subject:
    """The fields of a story that a query is tested on. `topic` and `author` may have several values, one a line."""

    title: str = ""
    text: str = ""
    source: str = ""
    feed: str = ""
    author: str = ""
    language: str = ""
    topic: str = ""
    story: str = ""
    arrived: datetime | None = None


_Test = Callable[[Subject, "datetime | None"], bool]
_Match = Callable[[str, str], bool]  # a value of the subject, and the subject's language


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. `text` is its source."""

    text: str
    test: _Test

    def __reduce__(self) -> tuple[Callable[[str], Query], tuple[str]]:
        return parse, (self.text,)

    def matches(self, subject: Subject, now: datetime | None = None) -> bool:
        """Whether `subject` matches. An age (`since:24h`) counts back from `now`; without `now` it always matches."""
        return self.test(subject, now)


def parse(text: str) -> Query:
    """Return the parsed query; an empty one matches everything. Raises QueryError with the column of the error."""
    if not text.strip():
        return Query(text, lambda _subject, _now: True)
    return Query(text, _build(syntax_tree(text), None))


def syntax_tree(text: str) -> Any:
    """Return the syntax tree of a query that is not empty. Raises QueryError with the column of the error."""
    _bounded(text)
    from lark.exceptions import UnexpectedInput

    try:
        return _parser().parse(text).children[0]
    except UnexpectedInput as error:
        at = getattr(error, "pos_in_stream", None)
        ended = getattr(getattr(error, "token", None), "type", "") == "$END"
        raise _expected(error, len(text) + 1 if ended or at is None else at + 1) from error


def _bounded(text: str) -> None:
    if len(text) > LONGEST:
        raise QueryError(_("the query is longer than {most} characters"), LONGEST + 1, most=LONGEST)
    depth = 0
    for column, letter in enumerate(text, start=1):
        depth += (letter == "(") - (letter == ")")
        if depth > DEEPEST:
            raise QueryError(_("more than {most} brackets within brackets"), column, most=DEEPEST)
    if re.search(rf"(?:(?:\bNOT\b|[-!])\s*){{{DEEPEST}}}", text):
        raise QueryError(_("NOT is repeated too often"))


@cache
def _parser() -> Any:
    from lark import Lark

    return Lark(_GRAMMAR, parser="lalr", propagate_positions=True)


def _expected(error: Exception, column: int) -> QueryError:
    token = getattr(error, "token", None)
    if token is None and getattr(error, "char", "") == '"':
        return QueryError(_("the quotation mark is not closed"), column)
    if token is not None and token.type == "$END":
        return QueryError(_("the query ends too early: a word, a phrase or a closing bracket is missing"), column)
    found = getattr(error, "char", "") if token is None else str(token)
    return QueryError(_("{found} cannot stand here"), column, found=repr(found))


def _build(node: Any, field: str | None) -> _Test:
    """Return the test of a syntax tree's node; `field` is the field before the brackets around it."""
    kids = node.children
    if node.data == "negated":
        inner = _build(kids[0], field)
        return lambda subject, now: not inner(subject, now)
    if node.data in ("any", "all"):
        tests = [_build(kid, field) for kid in kids]
        if len(tests) == 1:
            return tests[0]
        join: Callable[[Iterable[object]], bool] = any if node.data == "any" else all
        return lambda subject, now: join(test(subject, now) for test in tests)
    if node.data == "spread":
        return _build(kids[1], field_name(kids[0]))
    if node.data == "fielded":
        return _test(field_name(kids[0]), kids[1].children[0])
    return _test(field, kids[0].children[0])


def field_name(token: Any) -> str:
    """Return the name of a field in a syntax tree. Raises QueryError for one that does not exist."""
    name = str(token)[:-1].lower()
    name = _ALIASES.get(name, name)
    if name not in FIELDS:
        raise QueryError(
            _("there is no field {name}; fields are {fields}"), token.column, name=repr(name), fields=", ".join(FIELDS)
        )
    return name


def _test(field: str | None, token: Any) -> _Test:
    text = str(token)
    if field == "since":
        return _since(text.strip('"'), token.column)
    if field == "like":
        return _like(text.strip('"'))
    match = _matcher(field, token)
    if field is None:
        return lambda subject, _now: match(subject.title, subject.language) or match(subject.text, subject.language)
    return lambda subject, _now: match(getattr(subject, field), subject.language)


def _matcher(field: str | None, token: Any) -> _Match:
    text = str(token)
    if token.type == "REGEX":
        return _pattern(text[1:-1], token.column)
    text = text.strip('"')
    if field in ("language", "story"):
        wanted = text.lower()
        return lambda value, _language: (
            value.lower() == wanted or (field == "language" and value.lower().startswith(wanted + "-"))
        )
    if token.type == "WORD" and text.endswith("*"):
        start = re.compile(r"(?<!\w)" + re.escape(text[:-1]), re.IGNORECASE)
        return lambda value, _language: start.search(value) is not None
    exact = field not in (None, "title", "text") or token.type == "PHRASE"
    return _words(text, exact)


def _pattern(text: str, column: int) -> _Match:
    """Match a regular expression with a time limit. A search over it finds nothing; after several, none is tried."""
    import regex

    try:
        pattern = regex.compile(text, regex.IGNORECASE | regex.MULTILINE)
        for trial in _TRIALS:
            pattern.search(trial, timeout=4 * _SEARCH_SECONDS)
    except regex.error as error:
        raise QueryError(_("bad regular expression: {error}"), column, error=error) from error
    except TimeoutError:
        raise QueryError(
            _("this regular expression takes too long: a repeat within a repeat, such as (a+)+?"), column
        ) from None

    slow = 0

    def match(value: str, _language: str) -> bool:
        nonlocal slow
        if slow >= _MAX_TIMEOUTS:
            return False
        try:
            return pattern.search(value[:_READ], timeout=_SEARCH_SECONDS) is not None
        except TimeoutError:
            slow += 1
            return False

    return match


def _words(text: str, exact: bool) -> _Match:
    """Match whole words in order, and their inflected forms in the text's language unless `exact`."""
    wanted = [w.lower() for w in tokens.raw(text)]
    if not wanted:
        plain = text.lower()
        return lambda value, _language: plain in value.lower()
    pattern = re.compile(r"(?<!\w)" + r"\W+".join(map(re.escape, wanted)) + r"(?!\w)", re.IGNORECASE)
    unspaced = re.search("[\u0e00-\u0e7f\u3041-\u30ff\u3400-\u9fff]", text) is not None
    single = tokens.fold(wanted[0]) if len(wanted) == 1 else ""

    def match(value: str, language: str) -> bool:
        if pattern.search(value) is not None or (unspaced and text in value):
            return True
        if exact or not single:
            return False
        code = language_code(language) or "en"
        wanted_stem = stem(single, code)
        return any(stem(tokens.fold(w), code) == wanted_stem for w in tokens.raw(value))

    return match


def _since(text: str, column: int) -> _Test:
    age = _AGE.fullmatch(text)
    if age is not None:
        back = timedelta(**{_UNITS[age[2]]: int(age[1])})
        return lambda subject, now: now is None or (subject.arrived is not None and subject.arrived >= now - back)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise QueryError(_("since: takes an age such as 24h, 7d, 2w or a date such as 2026-01-31"), column) from error
    instant = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return lambda subject, _now: subject.arrived is not None and subject.arrived >= instant


def _like(text: str) -> _Test:
    profile = InterestProfile.build(Interest("like", examples=(text,)))
    return lambda subject, _now: profile.score(subject.title, subject.text, subject.language or None).score >= LIKE
