"""The links that an output of an edition has to the program's own pages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BrowserLinks:
    """What the page of an edition has for a person who is signed in: keys, and forms that save stories for later.

    `save` is where these forms post, with `form_token`, and `back` where that leads back to; without `save` there are
    none. `script` is the URL of the keys, `search` that of the page which one of them opens.
    """

    script: str
    search: str
    navigation: tuple[tuple[str, str], ...] = ()  # URL and label of the other pages
    save: str | None = None
    form_token: str = ""
    back: str = ""
    saved: frozenset[str] = frozenset()  # the ids of stories


@dataclass(frozen=True, slots=True)
class Links:
    """URLs of the program's own pages; each may be missing.

    `unsubscribe` is personal and signed (RFC 8058 one-click sends a POST there). `{story}` in `story`, `more` and
    `less` is replaced by the story's id. `browser` is for the page of a person who is signed in.
    """

    web: str | None = None  # this edition on the web
    entries: str | None = None  # the list of the entries that it counts
    story: str | None = None
    unsubscribe: str | None = None
    unsubscribe_subject: str | None = None  # of a mail to `operator`, where there are no pages; signed too
    settings: str | None = None
    more: str | None = None
    less: str | None = None
    archive: str | None = None  # the list of all editions
    browser: BrowserLinks | None = None
    operator: str | None = None  # mail address of a person, used where there are no pages
