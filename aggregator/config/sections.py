"""The tables of `config.toml`, each key with what it means and a default that serves.

The descriptions are the reference: docs/configuration.md is held to them by a test.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from aggregator.config.types import (
    Cron,
    Language,
    Languages,
    Mail,
    Name,
    Names,
    OneOrMore,
    PositiveSpan,
    QueryText,
    Size,
    Span,
    Table,
    Texts,
    Url,
    Zone,
    reject,
)

FullText = Annotated[
    Literal["never", "teaser", "always"],
    BeforeValidator(lambda value: {True: "always", False: "never"}[value] if isinstance(value, bool) else value),
]
Unit = Annotated[float, Field(ge=0, le=1)]


def _no_password(url: str) -> str:
    if urlsplit(url).password:
        reject("holds a password", "the address without it, and password_env or password_file beside it")
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        reject(
            f'"{url}" is not a database',
            'an address such as "sqlite:///data/aggregator.db" or "postgresql://me@localhost/news"',
        )
    return url


def _listen(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        reject(f'"{value}" is no address to listen on', 'host and port, such as "127.0.0.1:8440"')
    return value


class Storage(Table):
    """Where the database is and how long it remembers."""

    url: Annotated[str, AfterValidator(_no_password)] = Field(
        default="sqlite:///data/aggregator.db",
        description="The database. A relative SQLite path is taken from this file's folder. `postgresql://user@host/name` for PostgreSQL.",
    )
    password_env: str = Field(
        default="", description="Environment variable with the password of a PostgreSQL database."
    )
    password_file: str = Field(default="", description="File with that password.")
    keep_days: Annotated[int, Field(ge=1)] = Field(
        default=180, description="Days that entries and stories are kept. What an edition told is kept for the archive."
    )


class Fetch(Table):
    """How feeds are asked."""

    timeout: PositiveSpan = Field(
        default=timedelta(seconds=20), description="Longest time for one whole fetch, redirects included."
    )
    max_bytes: Size = Field(
        default=15 * 1024**2, description="Largest answer, after decompression: bytes, or a size such as `15 MiB`."
    )
    max_redirects: Annotated[int, Field(ge=0, le=50)] = Field(default=10, description="Longest chain of redirects.")
    concurrency: Annotated[int, Field(ge=1, le=1024)] = Field(default=64, description="Most fetches at one time.")
    per_host: Annotated[int, Field(ge=1)] = Field(default=2, description="Most fetches at one time from one host.")
    host_delay: Span = Field(default=timedelta(0), description="Pause between two requests to one host.")
    min_interval: PositiveSpan = Field(
        default=timedelta(minutes=15), description="Shortest time between two checks of a feed."
    )
    max_interval: PositiveSpan = Field(
        default=timedelta(hours=24), description="Longest time between two checks of a feed."
    )
    contact: str = Field(
        default="", description="Address or page put into the User-Agent, so that a publisher can reach you."
    )
    user_agent: str = Field(default="", description="The whole User-Agent, if the honest default does not serve.")
    full_text: FullText = Field(
        default="teaser",
        description="When to read the article's own page: `never`, `teaser` (the feed gives only a teaser) or `always`.",
    )
    allow_private: bool = Field(
        default=False,
        description="Whether feeds may live at private addresses. Better set on the one feed that needs it.",
    )
    parse_workers: Annotated[int, Field(ge=1, le=64)] = Field(default=1, description="Processes that parse feeds.")


class Stories(Table):
    """How entries become stories."""

    granularity: Literal["fine", "event", "saga"] = Field(
        default="event", description="What one story is: `fine` (one happening), `event`, or `saga` (a running affair)."
    )
    window: PositiveSpan = Field(
        default=timedelta(days=14), description="How long a story stays open for new articles."
    )
    languages: Languages = Field(default=(), description="Languages to expect; empty: any.")
    embeddings: str = Field(
        default="",
        description="Optional: folder of an ONNX sentence model with its tokenizer.json, or the base address of an "
        "OpenAI-compatible service. Empty: the program's own word table.",
    )
    embeddings_model: str = Field(default="", description="The model's name at that service.")
    embeddings_key_env: str = Field(default="", description="Environment variable with the service's key.")
    embeddings_key_file: str = Field(default="", description="File with the service's key.")


class Summaries(Table):
    """Who writes the summaries."""

    method: Literal["extractive", "chat"] = Field(
        default="extractive",
        description="`extractive` takes sentences from the sources; `chat` asks a model and checks every sentence.",
    )
    endpoint: str = Field(
        default="", description="OpenAI-compatible base address, such as `http://127.0.0.1:11434/v1`."
    )
    model: str = Field(default="", description="The model's name at that endpoint.")
    api_key_env: str = Field(default="", description="Environment variable with the endpoint's key.")
    api_key_file: str = Field(default="", description="File with the endpoint's key.")
    timeout: PositiveSpan = Field(
        default=timedelta(seconds=60), description="Longest wait for one answer of the model."
    )
    budget_per_edition: Annotated[float, Field(ge=0)] = Field(
        default=0.25, description="Most that one edition may cost, in the currency of the prices; 0: no limit."
    )
    budget_per_day: Annotated[float, Field(ge=0)] = Field(
        default=1.0, description="Most that one day may cost; 0: no limit."
    )
    price_in: Annotated[float, Field(ge=0)] = Field(default=0.0, description="Price of a million tokens read.")
    price_out: Annotated[float, Field(ge=0)] = Field(default=0.0, description="Price of a million tokens written.")


class MailSettings(Table):
    """How mail goes out. Needed only when a digest names a mail address."""

    sender: Mail = Field(default="", description="From address. Needed when a digest goes by mail.")
    sender_name: str = Field(default="News digest", description="Name shown beside the From address.")
    owner: Mail = Field(default="", description="Who is told when feeds die or mail cannot go out.")
    transport: Literal["smtp", "sendmail", "lmtp"] = Field(
        default="smtp", description="How mail leaves: `smtp`, `sendmail` or `lmtp`."
    )
    host: str = Field(default="", description="The mail server.")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(
        default=0, description="Its port; 0: 587 for starttls, 465 for tls, 25 for none."
    )
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="Encryption: `starttls`, `tls` from the start, or `none`."
    )
    user: str = Field(default="", description="Login name; empty: no login.")
    password_env: str = Field(default="", description="Environment variable with the mail password.")
    password_file: str = Field(default="", description="File with the mail password.")
    command: str = Field(default="/usr/sbin/sendmail", description="Program of the `sendmail` transport.")
    socket: str = Field(default="", description="Unix socket of the `lmtp` transport; empty: host and port.")
    timeout: PositiveSpan = Field(
        default=timedelta(seconds=60), description="Longest wait for an answer of the mail server."
    )
    when_unknown: Literal["resend", "hold"] = Field(
        default="resend",
        description="When the connection broke after a message was handed over: `resend` it, or `hold` until settled by hand.",
    )
    max_age: PositiveSpan = Field(
        default=timedelta(hours=24), description="How long a delivery is tried before it is stale."
    )
    per_minute: Annotated[int, Field(ge=0)] = Field(
        default=0, description="Most messages a minute to one mail domain; 0: no limit."
    )
    domain: str = Field(default="", description="Domain of Message-IDs and List-Id; empty: the sender's.")
    dkim_selector: OneOrMore = Field(
        default=(), description="DKIM selector, or one for each key; needs the `dkim` extra."
    )
    dkim_domain: str = Field(default="", description="DKIM signing domain; empty: the sender's.")
    dkim_key_file: OneOrMore = Field(
        default=(),
        description="File with the DKIM private key, PEM; or several, each of which signs: RSA first, Ed25519 beside it.",
    )

    @property
    def smtp_port(self) -> int:
        """The port to connect to (RFC 6409 for submission, RFC 8314 for implicit TLS)."""
        return self.port or {"starttls": 587, "tls": 465, "none": 25}[self.security]

    @property
    def mail_domain(self) -> str:
        """The domain of Message-IDs and List-Id."""
        return self.domain or self.sender.rpartition("@")[2]


class Bounces(Table):
    """What comes back: delivery reports and complaints. Without an `address` they go to the sender's mailbox."""

    address: Mail = Field(
        default="",
        description="Mailbox that reports come back to. Its server must deliver `name+anything@` there: each message gets a return address of its own.",
    )
    maildir: str = Field(default="", description="Maildir of that mailbox, read by the daemon.")
    imap_host: str = Field(default="", description="IMAP server of that mailbox, read by the daemon.")
    imap_port: Annotated[int, Field(ge=0, le=65535)] = Field(
        default=0, description="Its port; 0: 993 with TLS, 143 without."
    )
    imap_security: Literal["tls", "starttls", "none"] = Field(
        default="tls", description="Encryption: `tls` from the start, `starttls`, or `none`."
    )
    imap_user: str = Field(default="", description="Login name at the IMAP server.")
    imap_folder: str = Field(default="INBOX", description="Folder to read.")
    password_env: str = Field(default="", description="Environment variable with the IMAP password.")
    password_file: str = Field(default="", description="File with the IMAP password.")
    strikes: Annotated[int, Field(ge=1, le=100)] = Field(
        default=3,
        description="Failed messages within 30 days after which an address is paused, where it is not plainly wrong.",
    )


class Webhook(Table):
    """How webhooks are called."""

    secret_env: str = Field(default="", description="Environment variable with the key that signs each call.")
    secret_file: str = Field(default="", description="File with that key.")
    allow_private: bool = Field(default=False, description="Whether webhooks may live at private addresses.")


class Web(Table):
    """The reading pages, health and metrics."""

    enabled: bool = Field(default=True, description="Whether the daemon serves pages, health and metrics.")
    listen: Annotated[str, AfterValidator(_listen)] = Field(
        default="127.0.0.1:8440", description="Host and port to listen on."
    )
    public_url: str = Field(
        default="", description="The pages' address as readers reach it; goes into links of the mail."
    )
    token_env: str = Field(
        default="", description="Environment variable with the token that readers must give. Needed beyond loopback."
    )
    token_file: str = Field(default="", description="File with that token.")
    secret_env: str = Field(
        default="", description="Environment variable with the key that signs unsubscribe and feedback links."
    )
    secret_file: str = Field(
        default="", description="File with that key. Neither given: a key is made and kept in the database."
    )

    @property
    def host(self) -> str:
        """The host of `listen`, without the brackets of IPv6."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port of `listen`."""
        return int(self.listen.rpartition(":")[2])


class Feed(Table):
    """One subscribed feed."""

    url: Url = Field(description="The feed's address.")
    name: str = Field(default="", description="Its name in digests; empty: what the feed calls itself.")
    topic: str = Field(default="", description="Topic that all its entries belong to; empty: found by their text.")
    weight: Annotated[float, Field(ge=0, le=10)] = Field(
        default=1.0, description="How much its voice counts in the ranking."
    )
    language: Language | None = Field(
        default=None, description="Its language, when it does not say or says it wrongly."
    )
    full_text: FullText | None = Field(default=None, description="As in `[fetch]`, for this feed.")
    interval: PositiveSpan | None = Field(
        default=None, description="A fixed time between two checks, instead of the feed's own rhythm."
    )
    allow_private: bool = Field(default=False, description="Whether it may live at a private address.")
    enabled: bool = Field(default=True, description="`false` keeps it here without asking it.")


class Opml(Table):
    """A list of feeds kept in another program's OPML file."""

    file: Name = Field(description="Path of the file; read again when it changes. Folders become topics.")


class TopicTable(Table):
    """A topic of your own, or more words for one of the built-in."""

    name: Name = Field(description="The section's name.")
    description: str = Field(default="", description="What belongs there, in a sentence.")
    words: Texts = Field(default=(), description="Words and phrases that mean it.")
    examples: Texts = Field(default=(), description="Texts that belong there.")
    feeds: Texts = Field(default=(), description="Names or addresses of feeds that always belong there.")
    categories: Texts = Field(default=(), description="Categories in feeds that mean it.")


class InterestTable(Table):
    """What you want more of."""

    name: Name = Field(description="Its name, shown as the reason of a pick.")
    examples: Texts = Field(default=(), description="Files, web addresses or the texts themselves.")
    words: Texts = Field(default=(), description="Words and phrases that mean it.")
    unlike: Texts = Field(default=(), description="Files, addresses or texts that are not meant.")
    weight: Annotated[float, Field(ge=-10, le=10)] = Field(
        default=1.0, description="How much it lifts a story; below 0 it lowers it."
    )


class RuleTable(Table):
    """A query and what to do with the stories it matches."""

    name: Name = Field(description="Its name, shown as the reason.")
    query: Annotated[
        QueryText, AfterValidator(lambda text: text if text.strip() else reject("must not be empty", "a query"))
    ] = Field(description="What it matches.")
    action: Literal["drop", "mute", "boost", "topic", "must"] = Field(
        description="`drop` never stores as news, `mute` keeps out of digests, `boost` adds `value` to the rank, `topic` puts under `value`, `must` always goes in."
    )
    value: float | str | None = Field(default=None, description="For `boost` a number, for `topic` a name.")


class Digest(Table):
    """One digest: when, what, how long, for whom."""

    name: Name = Field(description="Its name in commands and in the List-Id: letters, digits, `-` and `_`.")
    title: str = Field(default="", description="Its title; empty: the name.")
    schedule: Cron = Field(default="0 7 * * *", description="When, as five crontab fields.")
    zone: Zone = Field(default="local", description="Time zone of the schedule; `local`: this machine's.")
    language: Language = Field(default="en", description="Language of dates and fixed texts.")
    topics: Names = Field(default=(), description="Topics, in this order; empty: all.")
    interests: Names = Field(default=(), description="Interests that count; empty: all.")
    query: QueryText = Field(default="", description="Only stories that match this query.")
    max_stories: Annotated[int, Field(ge=1, le=500)] = Field(default=30, description="Most stories.")
    max_words: Annotated[int, Field(ge=50)] = Field(
        default=2000, description="Most words of headlines and summaries together."
    )
    words_per_story: Annotated[int, Field(ge=15, le=1000)] = Field(
        default=90, description="Words of one story's summary."
    )
    min_score: Annotated[float, Field(ge=0)] = Field(default=0.0, description="Stories below this rank stay out.")
    quiet: Literal["skip", "note", "send"] = Field(
        default="note", description="With nothing to tell: `skip` it, send a short `note`, or `send` as always."
    )
    diversity: Unit = Field(default=0.3, description="0: the best ranks only; 1: the most different stories.")
    images: bool = Field(default=True, description="Whether pictures are shown.")
    template: Name = Field(default="standard", description="Name of the template.")
    template_folder: str = Field(
        default="", description="Folder with your templates, which override the built-in block by block."
    )
    to: Names = Field(
        default=(),
        description="Readers: mail addresses, `folder:PATH`, `epub:PATH`, `atom:PATH`, `maildir:PATH`, `webhook:URL`, `notify:URL`.",
    )
    open: bool = Field(
        default=False,
        description="Whether anybody may subscribe at `/subscribe/NAME` of the public address; each new address must confirm by mail.",
    )
    enabled: bool = Field(default=True, description="`false` keeps it here without sending it.")


def model_of(annotation: Any) -> type[Table] | None:
    """The table class inside an annotation such as `tuple[Feed, ...]`, or None for a plain value."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = model_of(part)
        if found:
            return found
    return None
