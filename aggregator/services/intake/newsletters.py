"""Reads mails with newsletters and stores each newsletter as an entry of its sender's feed.

Mails are parsed in a process with limits. Mails that are no newsletters, or come from another domain than the list's
first one, are counted by cause. The position in the mailbox is saved after the entries.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice

from aggregator.config.schema import Config
from aggregator.pipeline.fetch import MAX_DAILY_BYTES, entry_size
from aggregator.recipients import mailbox
from aggregator.recipients.mailbox import Mailed
from aggregator.services.channels import imap_settings
from aggregator.services.context import Context
from aggregator.store import meta
from aggregator.store.errors import LeaseLost
from aggregator.store.intake import feeds as feed_store
from aggregator.store.intake import newsletters as store
from aggregator.store.intake.polls import added_since
from aggregator.store.records import FeedRecord, FetchRecord
from feeds.decide import PollSettings, decide
from feeds.errors import NotNewsletter, ParseError
from feeds.model import NEWSLETTER_SCHEME, Fetched, Newsletter
from feeds.parse.pool import MailReader

MAX_MAIL = 10_000_000  # bytes; a larger mail is not read
MAX_DAILY = 200  # entries that one sender may add within a day
MAX_NEW_SENDERS = 50  # within a day: anybody can send a mail with the name of a list
WAIT_SECONDS = 10.0  # how long another process that stores mails of the same list is waited for
_LEASE = timedelta(minutes=1)
_BATCH = 50  # mails that are parsed before their entries are saved


@dataclass(frozen=True, slots=True)
class NewsletterSettings:
    """`senders` need no list headers; `ignored` are lists and senders that are left out."""

    senders: tuple[str, ...] = ()
    ignored: frozenset[str] = frozenset()
    mailboxes: tuple[tuple[str, Callable[[str], Iterator[Mailed]]], ...] = field(default=(), repr=False)


@dataclass(slots=True)
class Received:
    """The new entries by the name of their sender, and the mails that are no newsletters, by cause."""

    new: Counter[str] = field(default_factory=Counter)
    known: int = 0
    refused: Counter[str] = field(default_factory=Counter)


class NewslettersService:
    """Stores newsletters."""

    def __init__(self, context: Context, settings: NewsletterSettings) -> None:
        self._context = context
        self._settings = settings

    def read_mailboxes(self) -> Received:
        """Read the mails that arrived since the last reading. Raises MailboxError, and StoreError."""
        received = Received()
        for name, read in self._settings.mailboxes:
            key = f"newsletters {name}"
            mails = read(meta.get(self._context.db, key) or "")
            while batch := list(islice(mails, _BATCH)):
                self._take([mail.message for mail in batch], received)
                meta.put(self._context.db, key, batch[-1].position)
        return received

    def receive(self, messages: Iterable[bytes]) -> Received:
        """Store the newsletters among these mails. Raises StoreError."""
        received = Received()
        mails = iter(messages)
        while batch := list(islice(mails, _BATCH)):
            self._take(batch, received)
        return received

    def _take(self, messages: Sequence[bytes], received: Received) -> None:
        by_sender: dict[str, list[Newsletter]] = defaultdict(list)
        with closing(MailReader()) as reader:
            for message in messages:
                try:
                    newsletter = self._read(reader, message)
                except ParseError as error:
                    received.refused[error.message] += 1
                else:
                    by_sender[newsletter.sender].append(newsletter)
        for newsletters in by_sender.values():
            self._save(newsletters, received)

    def _read(self, reader: MailReader, message: bytes) -> Newsletter:
        if not message or len(message) > MAX_MAIL:
            raise NotNewsletter(f"it is empty or larger than {MAX_MAIL // 1_000_000} MB")
        newsletter = reader.read(message, self._settings.senders)
        if newsletter.sender in self._settings.ignored or newsletter.domain in self._settings.ignored:
            raise NotNewsletter("its sender is in `ignore` or disabled")
        return newsletter

    def _save(self, newsletters: Sequence[Newsletter], received: Received) -> None:
        """Save the newsletters of one list or sender. Those from another domain than its first are refused."""
        db, now, first = self._context.db, self._context.clock.now(), newsletters[0]
        record = store.newsletter_feed(db, first.sender, first.name, first.domain, now, MAX_NEW_SENDERS)
        if record is None:
            received.refused[f"more than {MAX_NEW_SENDERS} lists and senders are new today"] += len(newsletters)
            return
        genuine = [one for one in newsletters if _same_organisation(one.domain, record.options.get("from", ""))]
        if refused := len(newsletters) - len(genuine):
            received.refused["its sender is forged: the list has another domain"] += refused
        count, size = added_since(db, record.id, now - timedelta(days=1))
        kept: list[Newsletter] = []
        for one in genuine:
            count, size = count + 1, size + sum(map(entry_size, one.parsed.entries))
            if count > MAX_DAILY or size > MAX_DAILY_BYTES:
                break
            kept.append(one)
        if left := len(genuine) - len(kept):
            most = f"{MAX_DAILY} mails or {MAX_DAILY_BYTES >> 20} MiB"
            received.refused[f"its sender adds more than {most} a day"] += left
        if kept:
            new = self._save_entries(record, kept)
            received.new[first.name] += new
            received.known += len(kept) - new

    def _save_entries(self, record: FeedRecord, newsletters: Sequence[Newsletter]) -> int:
        db, now, holder = self._context.db, self._context.clock.now(), self._context.holder
        # Of a mail that comes twice the first counts: nobody can change an entry by sending its Message-ID again.
        entries = {entry.guid: entry for one in reversed(newsletters) for entry in one.parsed.entries}
        stored = {one.guid for one in feed_store.known_entries(db, record.id, list(entries))}
        new = tuple(entry for guid, entry in entries.items() if guid not in stored)
        if not new:
            return 0
        parsed = replace(newsletters[0].parsed, entries=new, digests=())
        fetched = Fetched(record.url, record.url, 200, {}, b"")
        plan = decide(now, self._leased(record.id).state, fetched, parsed, (), PollSettings())
        plan = replace(plan, state=replace(plan.state, next_check=None))  # nothing fetches it
        size = sum(map(entry_size, new))
        history = FetchRecord(at=now, seen=len(new), added_bytes=size, parser="mail", title=newsletters[0].name)
        return len(feed_store.save_poll(db, record.id, holder, plan, history, now))

    def _leased(self, feed: int) -> FeedRecord:
        """Lease the feed of a list. Raises LeaseLost if another process keeps it, so that no mail counts as read."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            claimed = feed_store.claim(
                self._context.db, [feed], self._context.clock.now(), self._context.holder, _LEASE
            )
            if claimed:
                return claimed[0]
            if time.monotonic() >= deadline:
                raise LeaseLost("another process stores mails of this list", "read the mails again in a minute")
            time.sleep(0.1)


def _same_organisation(domain: str, known: str) -> bool:
    """Whether a domain is the known one, or one of the two is within the other."""
    return domain == known or domain.endswith(f".{known}") or known.endswith(f".{domain}")


def newsletter_settings(config: Config) -> NewsletterSettings:
    """Read the settings of newsletters from the configuration. Raises SecretMissing."""
    section = config.newsletters
    mailboxes: list[tuple[str, Callable[[str], Iterator[Mailed]]]] = []
    if section.maildir:
        folder = config.resolve(section.maildir)
        mailboxes.append((str(folder), lambda position: mailbox.maildir_after(folder, position, MAX_MAIL)))
    if section.imap_host:
        imap = imap_settings(config, "newsletters")
        name = f"{imap.user}@{imap.host}/{imap.folder}"
        mark = section.mark_seen
        mailboxes.append((name, lambda position: mailbox.imap_after(imap, position, MAX_MAIL, mark_seen=mark)))
    ignored = {one.strip().lower().lstrip("@") for one in section.ignore}
    disabled = {feed.url for feed in config.feeds if not feed.enabled}
    ignored |= {url.removeprefix(NEWSLETTER_SCHEME) for url in disabled if url.startswith(NEWSLETTER_SCHEME)}
    return NewsletterSettings(section.senders, frozenset(ignored), tuple(mailboxes))
