"""All checks of an installation, in the order in which they are printed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from aggregator.config import Config, ConfigError
from aggregator.config.secrets import database_url, session_url
from aggregator.doctor import configuration, dns, feeds, libraries, machine, mail, mailboxes, outputs, web
from aggregator.doctor.finding import Finding, Level, error
from aggregator.store import Database, meta, open_database
from aggregator.system.process import has_ended


def check_installation(config: Config, now: datetime, *, offline: bool) -> Iterator[Finding]:
    """Check everything that the configuration uses. With `offline` no other machine is asked."""
    yield from configuration.check_configuration(config)
    yield from libraries.check_optional(config)
    try:
        stored = list(machine.check_database(config, now))
    except ConfigError as failure:  # a missing password of the database
        stored = [error("database", str(failure), failure.hint)]
    yield from stored
    daemon: str | None = None
    if not any(one.level is Level.ERROR for one in stored):
        with closing(open_database(database_url(config))) as db:
            if config.cluster.enabled:
                yield from _check_cluster(config, db, now)
            else:
                daemon = _daemon(db, now)
                yield from machine.check_daemon(daemon)
            yield from _check_feeds(config, db, now)
    yield from outputs.check_outputs(config, offline=offline)
    yield from outputs.check_endpoint(config, offline=offline)
    if not offline:
        yield from mail.check_mail(config)
    yield from mailboxes.check_mailboxes(config, offline=offline)
    yield from web.check_pages(config, daemon_runs=daemon is not None)


def check_mail_thoroughly(config: Config) -> Iterator[Finding]:
    """Check the mail server and the sender's records, its DKIM key and host names included."""
    yield from mail.check_mail(config)
    yield from dns.check_dns(config)


def _check_cluster(config: Config, db: Database, now: datetime) -> Iterator[Finding]:
    try:
        from aggregator.doctor.cluster import check_cluster
    except ImportError:
        return  # the check of libraries says so
    with closing(Database.open(session_url(config))) as direct:
        yield from check_cluster(db, direct, now)


def _daemon(db: Database, now: datetime) -> str | None:
    """Return the name of the daemon that serves the database now."""
    holder = meta.instance_holder(db, now)
    return None if holder is None or has_ended(holder) else holder


def _check_feeds(config: Config, db: Database, now: datetime) -> Iterator[Finding]:
    """Check the feeds, what is set aside, and the clock against the latest poll in the database."""
    from aggregator.doctor.set_aside import check_set_aside
    from aggregator.services.intake.configured import sync_configured_feeds
    from aggregator.store.intake.feeds import list_feeds

    sync_configured_feeds(db, config, now)
    health = list_feeds(db, now)
    yield from check_set_aside(db)
    yield from machine.check_clock(now, max((f.state.last_check for f in health if f.state.last_check), default=None))
    yield from feeds.check_feeds(health, now)
