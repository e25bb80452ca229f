"""The tables of `config.toml` that say which stories match: topics, interests and rules."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from aggregator.config.types import Name, QueryText, Table, Texts, reject


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
        QueryText, AfterValidator(lambda text: text if text.strip() else reject("must not be empty", "a query"))
    ] = Field(description="The query for stories.")
    action: Literal["drop", "mute", "boost", "topic", "must"] = Field(
        description="`drop`: not stored as news; `mute`: not in digests; `boost`: `value` is added to the rank; "
        "`topic`: the topic is `value`; `must`: always in digests."
    )
    value: float | str | None = Field(default=None, description="For `boost` a number, for `topic` a name.")
