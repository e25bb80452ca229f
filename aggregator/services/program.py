"""The program: one configuration, one database, and the services that share them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from aggregator.config.schema import Config
from aggregator.config.secrets import database_url
from aggregator.pipeline.issue import Sender
from aggregator.services.context import Context
from aggregator.services.delivery import DeliveryService, delivery_settings
from aggregator.services.digests import editions_settings, sync_configured_digests
from aggregator.services.editions import EditionsService
from aggregator.services.intake.configured import sync_configured_feeds
from aggregator.services.intake.fetching import FetchingService
from aggregator.services.intake.settings import fetching_settings
from aggregator.services.mail_sender import configured_link_key, link_keys
from aggregator.services.manage.saving import SavingService
from aggregator.services.operator import OperatorService, operator_settings
from aggregator.services.pictures.service import PicturesService
from aggregator.services.recipients import RecipientsService, recipients_settings
from aggregator.services.stories import StoriesService, stories_settings
from aggregator.store import Database, open_database
from aggregator.system import process
from aggregator.system.clock import Clock, SystemClock


class Program:
    """All services of one process. Other code should take the service that it needs, not this object."""

    def __init__(self, config: Config, db: Database, clock: Clock | None = None) -> None:
        self.config = config
        self.context = Context(db, clock or SystemClock(), process.lease_holder())
        self.operator = OperatorService(self.context, operator_settings(config), self._sender)
        self.fetching = FetchingService(self.context, fetching_settings(config))
        self.stories = StoriesService(self.context, stories_settings(config), self.fetching.article)
        self.editions = EditionsService(
            self.context,
            editions_settings(config),
            self.operator.report,
            PicturesService(self.context, self.fetching).of,
        )
        self.delivery = DeliveryService(self.context, delivery_settings(config))
        self.recipients = RecipientsService(self.context, recipients_settings(config), self.editions.sender)
        self.saving = SavingService(self.context, config, self.delivery.stopping)

    @classmethod
    def open(cls, config: Config, clock: Clock | None = None) -> Self:
        """Open and migrate the database, and store the configured feeds and digests. Raises StoreError, ParseError."""
        db = open_database(database_url(config))
        program = cls(config, db, clock)
        try:
            program._sync(config)
        except BaseException:
            program.close()
            raise
        return program

    @property
    def db(self) -> Database:
        """The database."""
        return self.context.db

    @property
    def clock(self) -> Clock:
        """The clock."""
        return self.context.clock

    def link_keys(self) -> tuple[bytes, ...]:
        """Return the keys that sign links and sessions, newest first."""
        return link_keys(self.db, configured_link_key(self.config))

    def close(self) -> None:
        """Close the renderers and the database."""
        self.editions.close()
        self.context.db.close()

    async def aclose(self) -> None:
        """Close the network connections and the parse processes."""
        await self.fetching.aclose()

    async def reconfigure(self, config: Config) -> None:
        """Use a new configuration without a restart. Raises StoreError or ParseError; the old one is then kept."""
        # All settings are read before any is used, so that an error leaves every service as it was.
        operator, stories, editions = operator_settings(config), stories_settings(config), editions_settings(config)
        delivery, recipients = delivery_settings(config), recipients_settings(config)
        fetching = fetching_settings(config)
        await asyncio.to_thread(self._sync, config)
        self.config = config
        self.operator.configure(operator)
        self.stories.configure(stories)
        self.editions.configure(editions)
        self.delivery.configure(delivery)
        self.recipients.configure(recipients)
        self.saving.configure(config)
        await self.fetching.configure(fetching)
        await self.stories.prepare()

    def _sender(self) -> Sender:
        return self.editions.sender()  # the editions service is created after this one

    def _sync(self, config: Config) -> None:
        sync_configured_feeds(self.db, config, self.clock.now())
        sync_configured_digests(self.context, config)


@asynccontextmanager
async def opened_program(config: Config, clock: Clock | None = None) -> AsyncIterator[Program]:
    """Open the program and close it at the end."""
    program = await asyncio.to_thread(Program.open, config, clock)
    try:
        yield program
    finally:
        await program.aclose()
        program.close()
