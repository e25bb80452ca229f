"""All tables. Instants are microseconds since 1970 in UTC; lists and maps are JSON text.

    feed ─ fetch                      the subscribed feeds with their next check, and the outcome of each poll
      ├ push                          the WebSub subscription at the feed's hub
      ├ reading                       which items of a feed need not be parsed again
      ├ page_refusal                  links whose pages are not the articles of their entries
      └ entry ─ entry_revision        entries in order of arrival, and their earlier texts
          ├ entry_observed              which sentences of an entry change at every poll
          ├ read_ahead                  the features of an entry that waits to be grouped, by polling workers
          └ article ─ story ─ story_event     one text, one event, and why articles were grouped
              └ comparison                    the features of an article, while its story is open
    digest ─ edition ─ item ─ item_article    digests with their slots, editions, and the stories of each edition
                └ delivery ─ recipient        the outbox: one edition or one letter to one recipient
                      ├ alert                 a problem that a letter reported to the operator
                      └ report_hint           a report of returned mail that proves nothing
    ledger                                    which stories each recipient has received
    feed_host                                 hosts at which a worker of a cluster polls, and from when on the next may
    delivery_turn, delivery_stop              what counts for the limit of a domain; servers and channels that must wait
    page_text, page_failure                   texts of the example pages of interests; pages that could not be read
    saved ─ saved_send                        what was saved for later, and what of it is sent to other services
    summary_cache, spend, subscription, suppression, feedback, meta, attempt

Short columns come before long texts, so that SQLite reads them without following a row's overflow pages.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, LargeBinary, Table, UniqueConstraint, text

from aggregator.store.schema.attempts import attempt as attempt  # noqa: PLC0414  part of the same metadata
from aggregator.store.schema.columns import Id, count_column, flag_column, partial_index, words_column
from aggregator.store.schema.columns import metadata as metadata  # noqa: PLC0414
from aggregator.store.schema.read_ahead import read_ahead as read_ahead  # noqa: PLC0414
from aggregator.store.schema.saved import saved as saved  # noqa: PLC0414  part of the same metadata
from aggregator.store.schema.saved import saved_send as saved_send  # noqa: PLC0414
from aggregator.store.schema.types import Instant, Json, Words

# The newest migration, which `Database.migrate` compares with the database's. A test compares it with the scripts.
HEAD = "0018"

feed = Table(
    "feed",
    metadata,
    Column("id", Id, primary_key=True),
    Column("url", Words, nullable=False, unique=True),  # the current URL
    Column("configured", Words, nullable=False),  # the URL in the configuration
    words_column("name"),
    Column("topic", Words),
    Column("weight", Float, nullable=False, server_default=text("1.0")),
    Column("language", Words),
    Column("options", Json, nullable=False),
    words_column("title"),  # the feed's own title
    Column("site", Words),
    flag_column("subscribed", default=True),
    Column("added", Instant, nullable=False),
    Column("next_check", Instant),
    Column("last_check", Instant),
    Column("last_success", Instant),
    Column("last_new", Instant),
    Column("lease_owner", Words),
    Column("lease_until", Instant),
    count_column("failures"),
    Column("error_code", Words),
    Column("error_message", Words),
    flag_column("gone"),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("body_hash", Words),
    Column("redirect_to", Words),
    count_column("redirect_seen"),
    Column("aliases", Json, nullable=False),
    Column("rate", Float),
    count_column("polls"),
    Column("hints", Json, nullable=False),
    Column("hub", Words),
    Column("hub_topic", Words),
    Column("pushed_until", Instant),  # the hub pushes news until then
    count_column("unfinished"),  # polls that a daemon began since the last one that ended: it died each time
    sqlite_autoincrement=True,
)
# Only feeds that may become due.
partial_index("ix_feed_due", feed.c.next_check, where=feed.c.subscribed & ~feed.c.gone)

fetch = Table(
    "fetch",
    metadata,
    Column("id", Id, primary_key=True),
    Column("feed_id", Id, ForeignKey("feed.id", ondelete="CASCADE"), nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("status", Integer),
    Column("code", Words),  # the error code; null on success
    words_column("message"),
    words_column("final_url"),
    count_column("wire_bytes"),
    Column("elapsed", Float, nullable=False, server_default=text("0")),
    count_column("seen"),
    count_column("new"),
    count_column("changed"),
    count_column("added_bytes"),  # of the texts of new and changed entries
    words_column("parser"),
    Column("notes", Json, nullable=False),
    Index("ix_fetch_feed_id_at", "feed_id", "at"),
)

feed_host = Table(
    "feed_host",
    metadata,
    Column("host", Words, primary_key=True),
    Column("lease_owner", Words),  # the worker that polls feeds of the host until `lease_until`
    Column("lease_until", Instant),
    Column("free_from", Instant),  # the next task may begin
    Column("queued_until", Instant),  # due feeds of the host are put off up to then
)

push = Table(
    "push",
    metadata,
    Column("feed_id", Id, ForeignKey("feed.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("hub", Words, nullable=False),
    Column("topic", Words, nullable=False),
    Column("token", Words, nullable=False, unique=True),
    Column("secret", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("lease_until", Instant),
    Column("next_ask", Instant),
    count_column("failures"),
)

reading = Table(  # which item of the last document is stored as which entry: see `feeds.parse.known`
    "reading",
    metadata,
    Column("feed_id", Id, ForeignKey("feed.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("noted", LargeBinary, nullable=False),
)

entry = Table(
    "entry",
    metadata,
    Column("id", Id, primary_key=True),
    Column("feed_id", Id, ForeignKey("feed.id", ondelete="CASCADE"), nullable=False),
    Column("guid", Words, nullable=False),
    Column("guid_origin", Words, nullable=False),
    Column("arrived", Instant, nullable=False),
    flag_column("backlog"),
    flag_column("grouped"),
    flag_column("indexed"),
    flag_column("teaser"),
    flag_column("full_text"),  # `text` came from the page, not from the feed
    flag_column("withdrawn"),
    flag_column("emptied"),  # retention deleted the texts; the row stays, so that the entry is not new again
    Column("article_id", Id),
    Column("content_hash", Words, nullable=False),
    Column("link", Words),
    Column("published", Instant),
    Column("updated", Instant),
    Column("revised", Instant),
    Column("language", Words),
    Column("title", Words, nullable=False),
    Column("title_published", Words),
    Column("link_published", Words),
    Column("image", Words),
    Column("source_title", Words),
    Column("authors", Json, nullable=False),
    Column("categories", Json, nullable=False),
    Column("enclosures", Json, nullable=False),
    Column("links", Json, nullable=False),
    Column("text", Words, nullable=False),
    Column("summary_html", Words, nullable=False),
    Column("content_html", Words, nullable=False),
    UniqueConstraint("feed_id", "guid"),
    Index("ix_entry_feed_id_link", "feed_id", "link"),
    Index("ix_entry_feed_id_content_hash", "feed_id", "content_hash"),
    Index("ix_entry_arrived", "arrived"),
    sqlite_autoincrement=True,  # no id is used twice, because ledger and articles outlive pruned entries
)
partial_index("ix_entry_ungrouped", entry.c.id, where=~entry.c.grouped)
partial_index("ix_entry_unindexed", entry.c.id, where=~entry.c.indexed)
partial_index("ix_entry_article_id", entry.c.article_id, where=entry.c.article_id.is_not(None))
partial_index("ix_entry_revised", entry.c.revised, where=entry.c.revised.is_not(None))

entry_revision = Table(
    "entry_revision",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entry_id", Id, ForeignKey("entry.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Instant, nullable=False),  # when it was replaced
    Column("content_hash", Words, nullable=False),
    Column("link", Words),
    Column("title", Words, nullable=False),
    Column("text", Words, nullable=False),
    sqlite_autoincrement=True,
)

entry_observed = Table(  # see `feeds.text.volatile`
    "entry_observed",
    metadata,
    Column("entry_id", Id, ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("document", Words, nullable=False),
)

page_refusal = Table(  # see `feeds.discovery.acceptance`
    "page_refusal",
    metadata,
    Column("feed_id", Id, ForeignKey("feed.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("link", Words, primary_key=True),
    Column("code", Words, nullable=False),
    Column("at", Instant, nullable=False),
)

story = Table(
    "story",
    metadata,
    Column("id", Words, primary_key=True),
    Column("first", Instant, nullable=False),
    Column("last", Instant, nullable=False, index=True),
    Column("merged_into", Words),  # the survivor itself, also after several merges
    Column("language", Words),
    Column("boost", Float, nullable=False, server_default=text("0")),
    flag_column("must"),
    flag_column("muted"),
    flag_column("dropped"),
    words_column("muted_by"),
    words_column("title"),
    Column("topics", Json, nullable=False),
    Column("interests", Json, nullable=False),
    Column("terms", Json, nullable=False),
)
# Only the merged stories are in it: SQLite would look for the others, which are nearly all, in a full index.
partial_index("ix_story_merged_into", story.c.merged_into, where=story.c.merged_into.is_not(None))

article = Table(
    "article",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),  # the id of its first entry
    Column("story_id", Words, ForeignKey("story.id"), nullable=False, index=True),
    Column("arrived", Instant, nullable=False, index=True),
    Column("lead_id", Id),  # the entry of the author's outlet; null: not known yet, so the first
    words_column("copy_of"),  # the outlet that wrote it, if none of its entries is from there
    words_column("origin"),  # the reason as JSON; earlier versions wrote a sentence
)

comparison = Table(  # see `aggregator.stories.grouping.stored`
    "comparison",
    metadata,
    Column("article_id", Id, ForeignKey("article.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("form", Words, nullable=False),
    Column("reading", LargeBinary, nullable=False),
)

story_event = Table(
    "story_event",
    metadata,
    Column("id", Id, primary_key=True),
    Column("story_id", Words, ForeignKey("story.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("what", Words, nullable=False),
    Column("entry_id", Id),
    Column("article_id", Id),
    Column("other_story", Words),
    Column("score", Float),
    Column("evidence", Json, nullable=False),
    sqlite_autoincrement=True,
)

digest = Table(
    "digest",
    metadata,
    Column("name", Words, primary_key=True),
    words_column("schedule"),  # the schedule from which `next_slot` was computed
    Column("next_slot", Instant),
    Column("last_slot", Instant),
    flag_column("active", default=True),
    Column("lease_owner", Words),
    Column("lease_until", Instant),
    Column("covered", Instant),  # the end of its last period, also if no edition was made of it
    Index("ix_digest_next_slot", "next_slot"),
)

recipient_slot = Table(
    "recipient_slot",
    metadata,
    Column("recipient_id", Id, ForeignKey("recipient.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("digest", Words, primary_key=True),
    Column("slot", Words, nullable=False),  # `records.RecipientSlot`
    Column("served", Instant),
)

edition = Table(
    "edition",
    metadata,
    Column("id", Words, primary_key=True),
    Column("digest", Words, nullable=False),
    Column("slot", Instant, nullable=False),
    words_column("audience"),
    Column("composed", Instant, nullable=False, index=True),
    Column("period_start", Instant, nullable=False),
    Column("period_end", Instant, nullable=False),
    flag_column("quiet"),
    count_column("items"),
    words_column("title"),
    words_column("subject"),
    Column("document", Words, nullable=False),
    UniqueConstraint("digest", "slot", "audience"),
)

item = Table(
    "item",
    metadata,
    Column("edition_id", Words, ForeignKey("edition.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("story_id", Words, nullable=False, index=True),
    Column("kind", Words, nullable=False),
    words_column("topic"),
    Column("headline", Words, nullable=False),
    Column("facts", Json, nullable=False),
    Column("articles", Json, nullable=False),
)

item_article = Table(
    "item_article",
    metadata,
    Column("article_id", Id, primary_key=True, autoincrement=False),
    Column("edition_id", Words, ForeignKey("edition.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Index("ix_item_article_edition_id", "edition_id"),
)

edition_entries = Table(  # see `aggregator.pipeline.accounts`
    "edition_entries",
    metadata,
    Column("edition_id", Words, ForeignKey("edition.id", ondelete="CASCADE"), primary_key=True),
    Column("groups", Json, nullable=False),
)

recipient = Table(
    "recipient",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Words, nullable=False, unique=True),  # channel:address
    Column("channel", Words, nullable=False),
    Column("address", Words, nullable=False, index=True),
    Column("language", Words),
    Column("zone", Words),
    Column("format", Words),
    flag_column("paused"),
    words_column("reason"),
    Column("added", Instant, nullable=False),
    sqlite_autoincrement=True,
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Id, primary_key=True),
    Column("edition_id", Words, ForeignKey("edition.id")),  # null for a letter
    Column("recipient_id", Id, ForeignKey("recipient.id"), nullable=False, index=True),
    Column("purpose", Words, nullable=False, server_default="edition"),  # `records.Purpose`
    words_column("digest"),  # the digest that it is about; empty for a letter to the operator
    count_column("copy"),  # 0, then one more for each resend that a person requests
    Column("state", Words, nullable=False),
    count_column("attempts"),
    count_column("doubts"),  # how often the outcome was unknown
    Column("next_try", Instant),
    Column("expires", Instant),
    Column("lease_owner", Words),
    Column("lease_until", Instant),
    Column("reply_code", Integer),
    words_column("detail"),
    Column("created", Instant, nullable=False),
    Column("updated", Instant, nullable=False),
    Column("sent_at", Instant, index=True),
    Column("message_id", Words, nullable=False, unique=True),
    words_column("sender"),
    words_column("subject"),
    Column("media_type", Words, nullable=False),
    words_column("filename"),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("edition_id", "recipient_id", "copy"),
    sqlite_autoincrement=True,
)
partial_index("ix_delivery_letter", delivery.c.purpose, delivery.c.created, where=delivery.c.edition_id.is_(None))
_waiting = delivery.c.state.in_(["queued", "sending", "dot"])
partial_index("ix_delivery_open", delivery.c.state, delivery.c.next_try, where=_waiting)
partial_index("ix_delivery_recipient_open", delivery.c.recipient_id, where=_waiting)

delivery_turn = Table(
    "delivery_turn",
    metadata,
    Column("delivery_id", Id, ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("domain", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_delivery_turn_domain_at", "domain", "at"),
)

delivery_stop = Table(
    "delivery_stop",
    metadata,
    Column("name", Words, primary_key=True),  # `kind:` and a kind of recipient, or the address of a server
    Column("until", Instant, nullable=False),
    words_column("reason"),
)

report_hint = Table(
    "report_hint",
    metadata,
    Column("delivery_id", Id, ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("action", Words, primary_key=True),
    Column("at", Instant, nullable=False),
)

alert = Table(
    "alert",
    metadata,
    Column("problem", Words, primary_key=True),
    Column("reported", Instant, nullable=False),
    Column("delivery_id", Id, ForeignKey("delivery.id"), index=True),  # null where the log alone reports
)

ledger = Table(
    "ledger",
    metadata,
    Column("recipient_id", Id, ForeignKey("recipient.id", ondelete="CASCADE"), primary_key=True),
    Column("story_id", Words, primary_key=True),
    Column("edition_id", Words, ForeignKey("edition.id"), primary_key=True),
    Column("kind", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_ledger_edition_id", "edition_id"),
    Index("ix_ledger_story_id", "story_id"),
)
_as_new = ledger.c.kind == "new"
# Guarantees that no story is reported to a recipient as new twice.
partial_index("uq_ledger_new", ledger.c.recipient_id, ledger.c.story_id, unique=True, where=_as_new)

page_text = Table(
    "page_text",
    metadata,
    Column("url", Words, primary_key=True),
    Column("fetched", Instant, nullable=False),
    Column("text", Words, nullable=False),
)

page_failure = Table(
    "page_failure",
    metadata,
    Column("url", Words, primary_key=True),
    Column("until", Instant, nullable=False, index=True),
    words_column("reason"),
)

summary_cache = Table(
    "summary_cache",
    metadata,
    Column("key", Words, primary_key=True),
    Column("created", Instant, nullable=False, index=True),
    Column("document", Words, nullable=False),
)

spend = Table(
    "spend",
    metadata,
    Column("day", Words, primary_key=True),  # YYYY-MM-DD in UTC
    count_column("calls"),
    Column("cost", Float, nullable=False, server_default=text("0")),
)

# Recipients who subscribed to a digest themselves, and those who left one, configured or not.
subscription = Table(
    "subscription",
    metadata,
    Column("recipient_id", Id, ForeignKey("recipient.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", Words, primary_key=True),
    Column("state", Words, nullable=False),  # pending: not confirmed yet; active; left: unsubscribed by the recipient
    Column("since", Instant, nullable=False),
    Index("ix_subscription_digest", "digest", "state"),
)

suppression = Table(
    "suppression",
    metadata,
    Column("address", Words, primary_key=True),
    Column("reason", Words, nullable=False),
    Column("since", Instant, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("recipient_id", Id, ForeignKey("recipient.id", ondelete="CASCADE"), primary_key=True),
    Column("story_id", Words, primary_key=True),
    Column("value", Integer, nullable=False),  # 1: more like this; -1: less
    Column("at", Instant, nullable=False),
)

meta = Table(
    "meta",
    metadata,
    Column("key", Words, primary_key=True),
    Column("value", Words, nullable=False),
    Column("until", Instant),
)
