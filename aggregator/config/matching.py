"""The tables of `config.toml` that say which stories match: topics, interests, rules and alerts."""

from __future__ import annotations

import re
from datetime import time
from typing import TYPE_CHECKING, Annotated, Literal

from aggregator.config.model.table import Field, Table, reject
from digests.reasons import Phrase, _

if TYPE_CHECKING:  # `model.validation` looks these names up when it makes a model
    from pydantic import AfterValidator

    from aggregator.config.types import Language, Name, Names, QueryText, Texts, Zone

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def _hours(text: str) -> str:
    if text and not _HOURS.fullmatch(text):
        reject(
            Phrase(_('"{text}" are no hours'), text=text),
            Phrase(_("from when to when, such as {example}"), example="22:00-07:00"),
        )
    return text


class TopicTable(Table):
    """Your own topic, or more words for a built-in one."""

    name: Name = Field(description="The topic's name.")
    description: str = Field(default="", description="One sentence about what belongs to it.")
    words: Texts = Field(default=(), description="Words and phrases that mean it.")
    examples: Texts = Field(default=(), description="Texts that belong to it.")
    feeds: Texts = Field(default=(), description="Names or URLs of feeds that always belong to it.")
    categories: Texts = Field(default=(), description="Categories in feeds that mean it.")


class InterestTable(Table):
    """A subject of which you want more."""

    name: Name = Field(description="Its name, shown as the reason why a story was chosen.")
    examples: Texts = Field(default=(), description="Examples: files, URLs or texts.")
    words: Texts = Field(default=(), description="Words and phrases that mean it.")
    unlike: Texts = Field(default=(), description="Counterexamples: files, URLs or texts.")
    weight: Annotated[float, Field(ge=-10, le=10)] = Field(
        default=1.0, description="How much it raises the rank of a story; below 0 it lowers it."
    )


class RuleTable(Table):
    """A query and an action for the stories that match it."""

    name: Name = Field(description="Its name, shown as the reason.")
    query: Annotated[
        QueryText,
        AfterValidator(
            lambda text: text if text.strip() else reject(Phrase(_("must not be empty")), Phrase(_("a query")))
        ),
    ] = Field(description="The query for stories.")
    action: Literal["drop", "mute", "boost", "topic", "must"] = Field(
        description="`drop`, `mute`: not in digests or alerts, counted separately; "
        "`boost`: `value` is added to the rank; `topic`: the topic is `value`; `must`: always in digests."
    )
    value: float | str | None = Field(default=None, description="For `boost` a number, for `topic` a name.")

    def value_problem(self) -> tuple[Phrase, Phrase] | None:
        """Return what is wrong with the value for this action, and what is expected; None if nothing is."""
        if self.action == "boost" and not isinstance(self.value, int | float):
            return Phrase(_("boost needs a number")), Phrase(
                _("how much to add, such as {example}"), example="value = 2.0"
            )
        if self.action == "topic" and not (isinstance(self.value, str) and self.value.strip()):
            return Phrase(_("topic needs a name")), Phrase(
                _("the topic, such as {example}"), example='value = "Science"'
            )
        if self.action not in ("boost", "topic") and self.value is not None:
            return Phrase(_("{action} takes no value"), action=self.action), Phrase(_("no such key"))
        return None


class AlertTable(Table):
    """A story that is sent at once, when enough sources report it."""

    name: Name = Field(description="Its name in commands and in the List-Id: letters, digits, `-` and `_`.")
    title: str = Field(default="", description="Its title; empty: the name.")
    interest: str = Field(default="", description="The interest that a story must match; or `rule`, or `query`.")
    rule: str = Field(default="", description="The rule whose query a story must match.")
    query: QueryText = Field(default="", description="The query that a story must match.")
    sources: Annotated[int, Field(ge=1, le=100)] = Field(
        default=3, description="How many independent sources must report it."
    )
    per_day: Annotated[int, Field(ge=1, le=100)] = Field(
        default=3, description="Most stories a day, from midnight to midnight in `zone`; others wait for the digests."
    )
    quiet_hours: Annotated[str, AfterValidator(_hours)] = Field(
        default="", description='Hours in `zone` without alerts, such as "22:00-07:00"; they are sent afterwards.'
    )
    zone: Zone = Field(default="local", description="Time zone of day and quiet hours; `local`: this machine's.")
    language: Language = Field(default="en", description="Language of dates and fixed texts.")
    to: Names = Field(default=(), description="Recipients, as of a digest.")
    enabled: bool = Field(default=True, description="`false`: it is not sent.")

    @property
    def silence(self) -> tuple[time, time] | None:
        """From when to when no alert is sent; None: never."""
        found = _HOURS.fullmatch(self.quiet_hours)
        if found is None:
            return None
        hours = [int(part) for part in found.groups()]
        return time(hours[0], hours[1]), time(hours[2], hours[3])
