"""The configuration as one frozen value."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from aggregator.config import zone
from aggregator.config.matching import AlertTable, InterestTable, RuleTable, TopicTable
from aggregator.config.model.table import Field, Table, section
from aggregator.config.sections import (
    Bounces,
    Cluster,
    Digest,
    Feed,
    Fetch,
    MailSettings,
    Newsletters,
    Opml,
    ReadLater,
    Storage,
    Stories,
    Summaries,
    Web,
    Webhook,
)
from aggregator.stories.builtin import DEFAULT_TOPICS, OTHER
from digests.channels.kinds import Channels
from digests.channels.recipient import Recipient, parse_recipient, split_recipient


class Config(Table):
    """A valid `config.toml`. Relative paths in it start from the folder of the file."""

    storage: Storage = section(Storage)
    cluster: Cluster = section(Cluster)
    fetch: Fetch = section(Fetch)
    stories: Stories = section(Stories)
    summaries: Summaries = section(Summaries)
    mail: MailSettings = section(MailSettings)
    bounces: Bounces = section(Bounces)
    newsletters: Newsletters = section(Newsletters)
    webhook: Webhook = section(Webhook)
    web: Web = section(Web)
    feeds: Annotated[tuple[Feed, ...], Field(strict=False)] = Field(default=(), alias="feed")
    opml: Annotated[tuple[Opml, ...], Field(strict=False)] = Field(default=())
    topics: Annotated[tuple[TopicTable, ...], Field(strict=False)] = Field(default=(), alias="topic")
    interests: Annotated[tuple[InterestTable, ...], Field(strict=False)] = Field(default=(), alias="interest")
    rules: Annotated[tuple[RuleTable, ...], Field(strict=False)] = Field(default=(), alias="rule")
    digests: Annotated[tuple[Digest, ...], Field(strict=False)] = Field(default=(), alias="digest")
    alerts: Annotated[tuple[AlertTable, ...], Field(strict=False)] = Field(default=(), alias="alert")
    read_later: Annotated[tuple[ReadLater, ...], Field(strict=False)] = Field(default=())

    @property
    def path(self) -> Path:
        """The file of this configuration."""
        found: Path = self.__dict__["_path"]
        return found

    @property
    def folder(self) -> Path:
        """The folder from which relative paths start."""
        return self.path.absolute().parent

    def at(self, path: Path) -> Config:
        """Set the file of this configuration, and return the configuration."""
        self.__dict__["_path"] = path
        return self

    def __getstate__(self) -> dict[str, object]:
        """Return what is kept of the configuration: all but its place."""
        return {name: value for name, value in vars(self).items() if name != "_path"}

    def resolve(self, path: str) -> Path:
        """Return a path from the configuration as an absolute path; `~` is the home folder."""
        return self.folder / os.path.expanduser(path)

    def topic_called(self, name: str) -> str:
        """Return the built-in or own topic of this name, whatever its case; the name itself if there is none."""
        known = (*(topic.name for topic in DEFAULT_TOPICS), *(topic.name for topic in self.topics), OTHER)
        return next((topic for topic in known if topic.casefold() == name.strip().casefold()), name)

    def topic_names(self) -> tuple[str, ...]:
        """Return all topics: the built-in topics, those of `[[topic]]`, and those of feeds."""
        own = [topic.name for topic in self.topics] + [
            self.topic_called(feed.topic) for feed in self.feeds if feed.topic
        ]
        return tuple(dict.fromkeys([*(topic.name for topic in DEFAULT_TOPICS), *own, OTHER]))

    def digest(self, name: str) -> Digest | None:
        """Return the digest of this name; None if there is none."""
        return next((digest for digest in self.digests if digest.name == name), None)

    @property
    def outputs(self) -> tuple[Digest | AlertTable, ...]:
        """All digests and alerts."""
        return (*self.digests, *self.alerts)

    def recipients(self, digest: Digest | AlertTable) -> tuple[Recipient, ...]:
        """Return the recipients of a digest or an alert, each once, in the order of the file."""
        return tuple(dict.fromkeys(parse_recipient(text, self.folder) for text in digest.to))

    def channels(self, digest: Digest | AlertTable) -> frozenset[str]:
        """Return the channels of a digest or an alert, without a check of the addresses, which takes a while."""
        return frozenset(split_recipient(text).channel for text in digest.to)

    def zone(self, digest: Digest | AlertTable) -> str:
        """Return the time zone of a digest or an alert by its IANA name."""
        return zone.local() if digest.zone == "local" else digest.zone

    @property
    def pages_zone(self) -> str:
        """The time zone of the pages by its IANA name: that of the first digest, unless `[web]` names one."""
        chosen = self.web.zone or next((digest.zone for digest in self.digests if digest.enabled), "local")
        return zone.local() if chosen == "local" else chosen

    def sends_mail(self) -> bool:
        """Whether any enabled digest or alert goes to a mail address, or is open for subscription by mail."""
        enabled = [one for one in self.outputs if one.enabled]
        by_mail = any(Channels.MAIL in self.channels(one) for one in enabled)
        return by_mail or any(digest.open for digest in self.digests if digest.enabled)
