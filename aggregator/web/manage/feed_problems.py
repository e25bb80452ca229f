"""The errors of feeds in the language of the pages.

An error is stored with a code and an English message, which may have details such as a host name. Other languages get
the text of the code; the feed's page shows the stored message beside it.
"""

from __future__ import annotations

from aggregator.operator.health import hint_for_code, message_for_code
from aggregator.web.manage.management import sentence
from digests.reasons import _
from digests.render.view.wording import DEFAULT, Wording
from feeds.errors import FeedError

_STATUSES = {
    "http-401": _("the server asks for a user name and a password (401)"),
    "http-403": _("the server refuses this program (403): a login is missing, or it takes it for a robot"),
    "http-404": _("there is nothing at this URL (404)"),
}


def problem_text(code: str, message: str, words: Wording) -> str:
    """Return what is wrong with a feed."""
    if words.language.partition("-")[0] == DEFAULT and message:
        return message
    if code in _STATUSES:
        return words.t(_STATUSES[code])
    if code.startswith("http-"):
        return words.t("the server answered {status}", status=code.removeprefix("http-"))
    return words.word(message_for_code(code))


def problem_hint(code: str, words: Wording) -> str:
    """Return what to do about an error of a feed, as a sentence."""
    return sentence(words.word(hint_for_code(code))) if code else ""


def problem_detail(code: str, message: str, words: Wording) -> str:
    """Return the stored message if the text of the code says less."""
    return "" if message in (problem_text(code, message, words), message_for_code(code)) else message


def explained(error: FeedError, words: Wording) -> str:
    """Return an error that was raised now as one or two sentences."""
    text = sentence(problem_text(error.code, error.message, words))
    detail = problem_detail(error.code, error.message, words)
    return f"{text} ({detail})" if detail else text
