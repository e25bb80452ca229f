"""Saving stories and articles for later, and sending them to services that keep them."""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import timedelta

from aggregator import __version__
from aggregator.config.errors import SecretMissing
from aggregator.config.schema import Config
from aggregator.config.secrets import read_later_secrets
from aggregator.config.sections import ReadLater
from aggregator.services.context import Context
from aggregator.services.manage.read_later import Article, ReadLaterAccount, SendFailed, send
from aggregator.store import Database
from aggregator.store.intake import entries as entry_store
from aggregator.store.outgoing import saved as saved_store
from aggregator.store.outgoing.saved import DueSend, NewSaved, Sending
from aggregator.store.stories import stories as story_store
from digests.model import Story
from digests.render.view.clean import safe_url, tidy

LEASE = timedelta(minutes=5)  # longer than one request to a service lasts
BATCH = 20  # articles that are sent by one task
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
MOST_TRIES = 14  # within about 32 hours
_TITLE, _TEXT = 500, 2_000  # characters that are kept


class SavingService:
    """Saves and removes, and sends what is due. `stopping` is set when the program stops."""

    def __init__(self, context: Context, config: Config, stopping: threading.Event) -> None:
        self._context = context
        self._config = config
        self._stopping = stopping

    def configure(self, config: Config) -> None:
        """Use this configuration from now on."""
        self._config = config

    @property
    def services(self) -> tuple[ReadLater, ...]:
        """The configured services."""
        return self._config.read_later

    def save_story(self, story_id: str) -> bool:
        """Save a story; False if there is none of this id."""
        found = story_store.stories(self._context.db, ids=[story_id])
        if not found:
            return False
        self._add(story_item(found[0]))
        return True

    def save_entry(self, entry_id: int) -> bool:
        """Save a single article; False if there is none of this id."""
        found = entry_store.entries(self._context.db, [entry_id])
        if not found:
            return False
        entry = found[0]
        self._add(
            NewSaved(
                title=tidy(entry.title)[:_TITLE],
                url=safe_url(entry.link) or "",
                entry=entry.id,
                outlet=tidy(entry.outlet),
                language=entry.language or "",
                text=tidy(entry.text[: 2 * _TEXT])[:_TEXT],
                published=entry.published or entry.arrived,
            )
        )
        return True

    def remove_story(self, story_id: str) -> None:
        """Remove a story from what is saved, under its id or that of a story which was merged into it."""
        saved_store.remove(self._context.db, stories=story_ids(self._context.db, story_id))

    def send_due(self) -> int:
        """Send what is due to the services; return how many tries were made."""
        db, now = self._context.db, self._context.clock.now()
        due = saved_store.claim_due(db, now, LEASE, BATCH)
        for one in due:
            if not self._stopping.is_set():  # else the next process sends it
                self._send(one)
        return len(due)

    def _add(self, item: NewSaved) -> None:
        automatic = [one.name for one in self.services if one.automatic]
        saved_store.add(self._context.db, item, self._context.clock.now(), automatic)

    def _send(self, one: DueSend) -> None:
        db, now = self._context.db, self._context.clock.now()
        place = next((n for n, service in enumerate(self.services) if service.name == one.service), None)
        if place is None:
            saved_store.settle(db, one, Sending.FAILED, now, "the service is no longer configured")
            return
        try:
            send(account(self._config, place), Article(one.record.item.url, one.record.item.title))
        except SecretMissing as error:
            saved_store.settle(db, one, Sending.FAILED, now, error.problems[0].wrong)
        except SendFailed as error:
            if error.again and one.tries < MOST_TRIES:
                pause = max(_pause(one.tries), timedelta(seconds=min(error.after, LONGEST_PAUSE.total_seconds())))
                saved_store.settle(db, one, Sending.QUEUED, now + pause, str(error))
            else:
                saved_store.settle(db, one, Sending.FAILED, now, str(error))
        else:
            saved_store.settle(db, one, Sending.SENT, now)


def story_ids(db: Database, story_id: str) -> Collection[str]:
    """Return the ids under which a story may be saved: its own, and those of stories merged into it."""
    record = story_store.story(db, story_id)
    return {story_id} if record is None else {story_id, record.id, *record.absorbed}


def story_item(story: Story) -> NewSaved:
    """Return what is saved of a story: the title, link and text of its first source."""
    source = next((one for one in story.sources if one.url and not one.withdrawn), story.sources[0])
    return NewSaved(
        title=tidy(source.title)[:_TITLE],
        url=safe_url(source.url) or "",
        story=story.id,
        outlet=tidy(source.outlet),
        language=source.language or story.language or "",
        text=tidy(source.text[: 2 * _TEXT])[:_TEXT],
        published=source.moment,
    )


def account(config: Config, place: int) -> ReadLaterAccount:
    """Return the account of a configured service. Raises SecretMissing."""
    service = config.read_later[place]
    return ReadLaterAccount(
        kind=service.kind,
        url=service.url,
        user=service.user,
        client_id=service.client_id,
        secrets=read_later_secrets(config, place),
        user_agent=config.fetch.user_agent or f"aggregator-digest/{__version__}",
    )


def _pause(tries: int) -> timedelta:
    return min(FIRST_PAUSE * (1 << min(tries - 1, 12)), LONGEST_PAUSE)
