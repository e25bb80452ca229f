"""The objects that commands print with `--json`: the one definition of their keys.

The type checker holds the commands to it. docs/output.md and docs/output.schema.json are generated from it, and a test
compares it with what each command prints. The text beside a type is the description of the key.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypedDict


class LastRefusal(TypedDict):
    """The last page that was refused."""

    url: Annotated[str, "the page"]
    code: Annotated[str, "why, as a code"]
    reason: Annotated[str, "why, in words"]
    at: Annotated[datetime, "when it was fetched"]


class RefusedPages(TypedDict):
    """Pages of a feed that were not used in place of teasers in the last 14 days."""

    count: Annotated[int, "number of pages"]
    codes: Annotated[dict[str, int], "number of pages by code"]
    last: Annotated[LastRefusal, "the last of them"]


class FeedRow(TypedDict):
    """The health of a feed."""

    id: Annotated[int, "number in the database"]
    name: Annotated[str, "its name in digests"]
    url: Annotated[str, "its present URL"]
    configured: Annotated[str, "the URL in the configuration"]
    topic: Annotated[str | None, "the topic of its entries, if one is set"]
    state: Annotated[str, "`ok`, `new`, or what is wrong with it"]
    last_success: Annotated[datetime | None, "last successful check"]
    last_new: Annotated[datetime | None, "arrival of its newest entry"]
    next_check: Annotated[datetime | None, "next check; none if it is due now"]
    failures: Annotated[int, "failed checks in a row"]
    code: Annotated[str | None, "code of the last error"]
    message: Annotated[str, "the last error; empty if there is none"]
    per_day: Annotated[float, "entries per day"]
    notes: Annotated[list[str], "what is unusual about its last document"]
    refused_pages: Annotated[RefusedPages | None, "pages that were not used in place of teasers"]
    added_bytes: Annotated[int, "growth of the database by its entries in the last day"]


class PollRow(TypedDict):
    """The result of fetching a feed."""

    name: Annotated[str, "the feed's name"]
    url: Annotated[str, "its present URL"]
    status: Annotated[int | None, "HTTP status; none without a response"]
    code: Annotated[str | None, "error code; none if it succeeded"]
    message: Annotated[str, "the error; empty if there is none"]
    hint: Annotated[str, "what to do about the error"]
    new: Annotated[int, "new entries"]
    changed: Annotated[int, "changed entries"]
    unchanged: Annotated[bool, "the server said that nothing has changed"]
    elapsed: Annotated[float, "seconds"]
    notes: Annotated[list[str], "what is unusual about the document"]


class PreviewRow(TypedDict):
    """An entry of a feed that is not subscribed."""

    title: str
    link: Annotated[str | None, "URL of the article"]
    published: datetime | None
    guid: Annotated[str, "the id that the feed gives it"]


class StoryRow(TypedDict):
    """A story."""

    id: str
    title: str
    score: Annotated[float, "its rank; 0 where stories are not ranked"]
    reasons: Annotated[list[str], "reasons of the rank"]
    topics: Annotated[list[str], "best first"]
    interests: Annotated[list[str], "names of the interests that it matches"]
    sources: Annotated[int, "number of different outlets"]
    carriers: Annotated[int, "number of other outlets that carry one of its texts"]
    outlets: Annotated[list[str], "the outlet of each article"]
    language: Annotated[str | None, "ISO 639 code"]
    first: Annotated[datetime, "arrival of its first article"]
    last: Annotated[datetime, "arrival of its last article"]
    links: Annotated[list[str], "URLs of the articles"]


class OriginRow(TypedDict):
    """Who wrote the text of an article."""

    outlet: Annotated[str, "the outlet of the article"]
    copy_of: Annotated[str, "the outlet that wrote the text; empty if it is its own"]
    reason: Annotated[str, "how that is known"]


class AttachmentRow(TypedDict):
    """A file of an article, such as the audio of an episode."""

    outlet: str
    url: str
    type: Annotated[str, "media type; empty if it is not known"]
    size: Annotated[int | None, "bytes"]


class SentenceRow(TypedDict):
    """A sentence of a summary."""

    text: str
    sources: Annotated[list[int], "places of its articles in `outlets`, from 0"]


class ShownStory(StoryRow):
    """A story with its summary."""

    origins: list[OriginRow]
    attachments: list[AttachmentRow]
    summary: list[SentenceRow]


ClassName = Literal["shown", "copies", "sent", "held", "muted", "dropped", "outside", "backlog", "pending"]


# The functional form, because `class` is a key.
ExplainedEntry = TypedDict(
    "ExplainedEntry",
    {
        "class": Annotated[ClassName, "what became of it"],
        "entry": Annotated[int, "number in the database"],
        "outlet": str,
        "title": str,
        "link": Annotated[str | None, "URL of the article"],
        "arrived": datetime,
        "published": datetime | None,
        "reason": Annotated[str, "why; empty if there is nothing to say"],
        "same_as": Annotated[int | None, "the entry of which it is a copy"],
    },
)
ExplainedEntry.__doc__ = "An entry that came in for an edition."


class MatchRow(TypedDict):
    """A topic or an interest of a story."""

    name: str
    score: Annotated[float, "how sure that is, from 0 to 1"]
    reasons: list[str]


class EventRow(TypedDict):
    """Something that happened to a story."""

    at: datetime
    text: Annotated[str, "what happened to which article"]
    most_similar: Annotated[str, "the most similar article at that time; empty if there was none"]
    reasons: Annotated[list[str], "with `-v` each ends with its weight"]


Outcome = Literal["chosen", "muted", "dropped", "set aside", "held back", "not considered"]


class ChoiceRow(TypedDict):
    """What a digest would do with a story now."""

    digest: Annotated[str, "its name"]
    outcome: Outcome
    text: Annotated[str, "the outcome and its reasons, as a sentence"]


class ExplainedStory(TypedDict):
    """Why the articles of a story were grouped, and what each digest would do with it."""

    id: str
    title: str
    topics: list[MatchRow]
    interests: list[MatchRow]
    origins: list[OriginRow]
    events: Annotated[list[EventRow], "oldest first"]
    digests: list[ChoiceRow]


class RuleMatchRow(TypedDict):
    """A story that a rule matches."""

    rule: Annotated[str, "name of the rule, or the query"]
    action: Annotated[str, "what the rule does; empty for a query"]
    value: Annotated[str | float | None, "the value of the action"]
    story: Annotated[str, "id of the story"]
    title: str
    outlets: Annotated[list[str], "outlets of the articles that match"]
    last: Annotated[datetime, "arrival of the story's last article"]


class InterestRow(TypedDict):
    """The profile of an interest, and the most similar stories."""

    interest: Annotated[str, "its name"]
    names: Annotated[dict[str, float], "names of its examples, with their weights"]
    terms: Annotated[dict[str, float], "terms of its examples, with their weights"]
    unlike: Annotated[dict[str, float], "terms of its negative examples, with their weights"]
    stories: list[StoryRow]


class ChangeRow(TypedDict):
    """Stories that other settings would join, or a story that they would split."""

    change: Literal["joined", "split"]
    stories: Annotated[list[str], "ids of the present stories"]
    parts: Annotated[list[list[str]], "titles of the articles of each part, largest first"]


class EditionRow(TypedDict):
    """A composed edition."""

    id: str
    digest: Annotated[str, "name of the digest"]
    slot: Annotated[datetime, "the time that it was scheduled for"]
    composed: datetime
    period_start: datetime
    period_end: datetime
    stories: Annotated[int, "number of stories"]
    quiet: Annotated[bool, "it only says that nothing is new"]
    title: str
    subject: str


class DeliveryRow(TypedDict):
    """A delivery of an edition or a letter."""

    id: int
    purpose: Annotated[str, "`edition`, or the purpose of the letter"]
    edition: Annotated[str | None, "id of the edition; none for a letter"]
    digest: Annotated[str, "name of the digest; empty for letters that concern none"]
    to: Annotated[str, "the recipient, without secrets"]
    state: Literal["queued", "sending", "dot", "sent", "failed", "unknown", "expired"]
    attempts: int
    subject: str
    message_id: str
    created: datetime
    updated: datetime
    next_try: datetime | None
    sent_at: datetime | None
    reply_code: Annotated[int | None, "last reply code of the mail server"]
    detail: Annotated[str, "last response or error"]


class RecipientRow(TypedDict):
    """A recipient."""

    recipient: Annotated[str, "channel and address, without secrets"]
    digests: Annotated[dict[str, str], "the state of each digest by name: `active`, `pending` or `left`"]
    language: str | None
    zone: Annotated[str | None, "IANA time zone"]
    format: Annotated[str | None, "`html` or `text`"]
    stopped: Annotated[str, "why it gets nothing; empty if it gets its digests"]


class QueueRow(TypedDict):
    """A queue of a cluster."""

    queue: Annotated[str, "its name"]
    waiting: Annotated[int, "tasks that wait"]
    running: Annotated[int, "tasks that run"]
    oldest_seconds: Annotated[float, "how long the oldest waiting task has been due"]
    done_per_second: Annotated[float, "ended tasks in the last five minutes"]
    failed: Annotated[int, "failed tasks in the last five minutes"]


class FindingRow(TypedDict):
    """The result of one check."""

    level: Literal["ok", "warning", "error"]
    subject: Annotated[str, "what was checked"]
    message: str
    hint: Annotated[str, "what to do; empty if there is nothing to do"]


OUTPUTS: dict[str, tuple[type, ...]] = {
    "doctor": (FindingRow,),
    "deliveries list": (DeliveryRow,),
    "editions": (EditionRow,),
    "explain": (ExplainedEntry, ExplainedStory),
    "feeds": (FeedRow,),
    "fetch": (PollRow, PreviewRow),
    "interests": (InterestRow,),
    "queues": (QueueRow,),
    "recipients list": (RecipientRow,),
    "replay": (ChangeRow,),
    "rules test": (RuleMatchRow,),
    "show": (ShownStory,),
    "stories": (StoryRow,),
}
"""The objects of each command that takes `--json`."""
