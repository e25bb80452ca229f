"""The tables of `config.toml`: each key with its default and its description.

A test compares the descriptions with docs/configuration.md.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

from aggregator.config.access import AccessKeys
from aggregator.config.model.table import Field, Table, reject

if TYPE_CHECKING:  # `model.validation` looks these names up when it makes a model
    from pydantic import AfterValidator

    from aggregator.config.types import (
        Cron,
        FeedUrl,
        FullText,
        Language,
        Languages,
        Mail,
        Name,
        Names,
        OneOrMore,
        PositiveSpan,
        QueryText,
        Selector,
        Size,
        Span,
        SubjectTemplate,
        Texts,
        Unit,
        Url,
        Zone,
    )


def _no_password(url: str) -> str:
    if urlsplit(url).password:
        reject("contains a password", "the URL without it, and password_env or password_file")
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        reject(
            f'"{url}" is not a database URL',
            'a URL such as "sqlite:///data/aggregator.db" or "postgresql://me@localhost/news"',
        )
    return url


def _direct_url(url: str) -> str:
    return _no_password(url) if url else url


def _items_selector(value: str) -> str:
    from feeds.sources.selectors import is_whole_page

    if not value.strip():
        reject("must not be empty", "the selector of one item, such as article.teaser")
    if is_whole_page(value):
        reject(f'"{value}" matches the whole page', "the selector of one item, such as article.teaser")
    return value


def _listen(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        reject(f'"{value}" is not an address to listen on', 'host and port, such as "127.0.0.1:8440"')
    return value


class Storage(Table):
    """The database, and how long data is kept."""

    url: Annotated[str, AfterValidator(_no_password)] = Field(
        default="sqlite:///data/aggregator.db",
        description="The database. A relative SQLite path starts from this file's folder. "
        "For PostgreSQL: `postgresql://user@host/name`.",
    )
    password_env: str = Field(
        default="", description="Environment variable with the password of a PostgreSQL database."
    )
    password_file: str = Field(default="", description="File with that password.")
    keep_days: Annotated[int, Field(ge=1)] = Field(
        default=180, description="Days that entries and stories are kept. Stories of editions are always kept."
    )


class Cluster(Table):
    """Several machines that share the work."""

    enabled: bool = Field(
        default=False,
        description="Whether several workers share the work: any number of `aggregator run` and `aggregator worker`, "
        "on one or more machines, with one PostgreSQL database. Needs the extra `cluster`.",
    )
    direct_url: Annotated[str, AfterValidator(_direct_url)] = Field(
        default="",
        description="The same database without the connection pooler, where `[storage] url` is a pooler in transaction "
        "mode. Each worker has up to six connections there. The password is that of `[storage]`.",
    )


class Fetch(AccessKeys):
    """How feeds are fetched."""

    timeout: PositiveSpan = Field(
        default=timedelta(seconds=20), description="Time limit of one fetch, redirects included."
    )
    max_bytes: Size = Field(
        default=15 * 1024**2,
        description="Largest response after decompression, in bytes or as a size such as `15 MiB`.",
    )
    max_redirects: Annotated[int, Field(ge=0, le=50)] = Field(default=10, description="Most redirects of one fetch.")
    concurrency: Annotated[int, Field(ge=1, le=1024)] = Field(default=64, description="Most fetches at the same time.")
    per_host: Annotated[int, Field(ge=1)] = Field(default=2, description="Most fetches from one host at the same time.")
    host_delay: Span = Field(default=timedelta(0), description="Pause between two requests to one host.")
    min_interval: PositiveSpan = Field(
        default=timedelta(minutes=15), description="Shortest time between two checks of a feed."
    )
    max_interval: PositiveSpan = Field(
        default=timedelta(hours=24), description="Longest time between two checks of a feed."
    )
    contact: str = Field(
        default="",
        description="A URL or mail address for the User-Agent, so that a publisher can reach you. Without it the "
        "`public_url` of the pages, if they have one.",
    )
    full_text: FullText = Field(
        default="teaser",
        description="When to fetch the article's page: `never`, `teaser` (the feed has only a teaser) or `always`.",
    )
    allow_private: bool = Field(
        default=False,
        description="Whether feeds may be at private IP addresses. Better set it only for the feed that needs it.",
    )
    parse_workers: Annotated[int, Field(ge=0, le=64)] = Field(
        default=0,
        description="Most processes that parse feeds, while many wait; 0: one for each processor, at most 8.",
    )


class Stories(Table):
    """How entries are grouped into stories."""

    granularity: Literal["fine", "event", "saga"] = Field(
        default="event",
        description="What one story covers: `fine` (one incident), `event`, or `saga` (a chain of events).",
    )
    window: PositiveSpan = Field(
        default=timedelta(days=60), description="How long a story stays open without a new article."
    )
    articles: Annotated[int, Field(ge=100, le=10_000_000)] = Field(
        default=50_000,
        description="Most articles of open stories; beyond it, stories longest without a new article are closed.",
    )
    languages: Languages = Field(default=(), description="Expected languages; empty: any.")
    embeddings: str = Field(
        default="",
        description="Optional: folder of an ONNX sentence model with its tokenizer.json, or the base URL of an "
        "OpenAI-compatible service. Empty: the program's built-in word vectors.",
    )
    embeddings_model: str = Field(default="", description="The model's name at that service.")
    embeddings_key_env: str = Field(default="", description="Environment variable with the service's key.")
    embeddings_key_file: str = Field(default="", description="File with the service's key.")


class Summaries(Table):
    """How summaries are written."""

    method: Literal["extractive", "chat"] = Field(
        default="extractive",
        description="`extractive` takes sentences from the sources; `chat` asks a model and checks every sentence.",
    )
    endpoint: str = Field(
        default="", description="Base URL of an OpenAI-compatible service, such as `http://127.0.0.1:11434/v1`."
    )
    model: str = Field(default="", description="The model's name at that endpoint.")
    api_key_env: str = Field(default="", description="Environment variable with the endpoint's key.")
    api_key_file: str = Field(default="", description="File with the endpoint's key.")
    timeout: PositiveSpan = Field(default=timedelta(seconds=60), description="Time limit of one response of the model.")
    budget_per_edition: Annotated[float, Field(ge=0)] = Field(
        default=0.25, description="Most that one edition may cost, in the currency of the prices; 0: no limit."
    )
    budget_per_day: Annotated[float, Field(ge=0)] = Field(
        default=1.0, description="Most that one day may cost; 0: no limit."
    )
    price_in: Annotated[float, Field(ge=0)] = Field(default=0.0, description="Price of a million input tokens.")
    price_out: Annotated[float, Field(ge=0)] = Field(default=0.0, description="Price of a million output tokens.")


class MailSettings(Table):
    """How mail is sent. Needed only when a digest goes to a mail address."""

    sender: Mail = Field(default="", description="From address. Needed when a digest goes by mail.")
    sender_name: str = Field(default="News digest", description="Name shown with the From address.")
    owner: Mail = Field(default="", description="The operator, who gets a mail when feeds fail or mail cannot be sent.")
    publish_owner: bool = Field(
        default=False, description="Whether mails name the `owner` (List-Owner, and links that write a mail)."
    )
    transport: Literal["smtp", "sendmail", "lmtp"] = Field(
        default="smtp", description="How mail is sent: `smtp`, `sendmail` or `lmtp`."
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
        default=timedelta(seconds=60), description="Time limit of one response of the mail server."
    )
    when_unknown: Literal["resend", "hold"] = Field(
        default="resend",
        description="What to do with a message when the connection broke after it was sent: `resend` it, or `hold` it "
        "until you decide.",
    )
    max_age: PositiveSpan = Field(
        default=timedelta(hours=24), description="How long a delivery is retried before it is stale."
    )
    per_minute: Annotated[int, Field(ge=0)] = Field(
        default=0, description="Most messages per minute to one mail domain; 0: no limit."
    )
    domain: str = Field(default="", description="Domain of Message-IDs and List-Id; empty: the sender's.")
    dkim_selector: OneOrMore = Field(
        default=(), description="DKIM selector, or one for each key; needs the `dkim` extra."
    )
    dkim_domain: str = Field(default="", description="DKIM signing domain; empty: the sender's.")
    dkim_key_file: OneOrMore = Field(
        default=(),
        description="File with the DKIM private key in PEM, or several files. Every key signs; RSA before Ed25519.",
    )

    @property
    def smtp_port(self) -> int:
        """The port of the mail server (RFC 6409 for submission, RFC 8314 for implicit TLS)."""
        return self.port or {"starttls": 587, "tls": 465, "none": 25}[self.security]

    @property
    def mail_domain(self) -> str:
        """The domain of Message-IDs and List-Id."""
        return self.domain or self.sender.rpartition("@")[2]


class Mailbox(Table):
    """A mailbox that the daemon reads: a Maildir, or a folder of an IMAP server."""

    maildir: str = Field(default="", description="Maildir of the mailbox, read by the daemon.")
    imap_host: str = Field(default="", description="IMAP server of the mailbox, read by the daemon.")
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

    @property
    def has_mailbox(self) -> bool:
        """Whether there is a mailbox to read."""
        return bool(self.maildir or self.imap_host)


class Bounces(Mailbox):
    """Delivery reports and complaints. Without an `address` they go to the sender's mailbox."""

    address: Mail = Field(
        default="",
        description="Mailbox for reports. Its server must deliver `name+anything@` there, because each message has its "
        "own return address.",
    )
    strikes: Annotated[int, Field(ge=1, le=100)] = Field(
        default=3,
        description="Failed messages within 30 days after which an address is paused, unless a report says that the "
        "address does not exist.",
    )


class Newsletters(Mailbox):
    """Newsletters that come by mail: each list or sender is a feed. Mails are never deleted."""

    mark_seen: bool = Field(
        default=False, description="Whether mails of the IMAP folder are marked as seen; else it is opened read-only."
    )
    senders: Texts = Field(
        default=(), description="Addresses and domains whose mails are newsletters even without the headers of lists."
    )
    ignore: Texts = Field(default=(), description="List-Ids, addresses and domains whose mails are left out.")


class Webhook(Table):
    """How webhooks are called."""

    secret_env: str = Field(default="", description="Environment variable with the key that signs each call.")
    secret_file: str = Field(default="", description="File with that key.")
    allow_private: bool = Field(default=False, description="Whether webhooks may be at private IP addresses.")


class Web(Table):
    """The web pages, health and metrics."""

    enabled: bool = Field(default=True, description="Whether the daemon serves pages, health and metrics.")
    listen: Annotated[str, AfterValidator(_listen)] = Field(
        default="127.0.0.1:8440", description="Host and port to listen on."
    )
    public_url: str = Field(default="", description="Public URL of the pages, for links in mail.")
    token_env: str = Field(
        default="",
        description="Environment variable with the token for access to the pages. Needed unless `listen` is loopback.",
    )
    token_file: str = Field(default="", description="File with that token.")
    templates: str = Field(default="", description="Folder with your own templates of the pages; see docs/pages.md.")
    language: str = Field(
        default="", description="Language of the reading pages, such as `de`; else the one that a browser asks for."
    )
    zone: Zone | None = Field(
        default=None, description="Time zone of the times on the pages; without it that of the first digest."
    )
    secret_env: str = Field(
        default="", description="Environment variable with the key that signs unsubscribe and feedback links."
    )
    secret_file: str = Field(
        default="", description="File with that key. Without either, a key is created and stored in the database."
    )

    @property
    def host(self) -> str:
        """The host of `listen`, without the brackets of IPv6."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port of `listen`."""
        return int(self.listen.rpartition(":")[2])


class ReadLater(Table):
    """A service that keeps articles to read later, to which what you save on the pages is sent."""

    name: Name = Field(description="Its name on the pages.")
    kind: Literal["wallabag", "readeck", "linkding", "instapaper"] = Field(
        description="Its API: `wallabag`, `readeck`, `linkding` or `instapaper` (the simple API)."
    )
    url: Url = Field(
        default="https://www.instapaper.com",
        description="URL of the service, without the path of its API. It may be at a private IP address.",
    )
    automatic: bool = Field(
        default=False, description="Whether everything that is saved is sent there; else what you choose."
    )
    user: str = Field(default="", description="Login name, for `wallabag` and `instapaper`.")
    client_id: str = Field(default="", description="Client id of the API, for `wallabag`.")
    token_env: str = Field(default="", description="Environment variable with the token, for `readeck`, `linkding`.")
    token_file: str = Field(default="", description="File with that token.")
    password_env: str = Field(
        default="", description="Environment variable with the password, for `wallabag` and `instapaper`."
    )
    password_file: str = Field(default="", description="File with that password.")
    client_secret_env: str = Field(
        default="", description="Environment variable with the secret of the API's client, for `wallabag`."
    )
    client_secret_file: str = Field(default="", description="File with that secret.")


class PageTable(Table):
    """Selectors by which the items of a web page are read, for a site that has no feed."""

    item: Annotated[Selector, AfterValidator(_items_selector)] = Field(
        description="CSS selector of one item; the others are within it."
    )
    title: Selector = Field(default="", description="Its title; empty: the first heading, else the text of the link.")
    link: Selector = Field(default="", description="Its link; empty: the first one.")
    date: Selector = Field(
        default="", description="Its date, from `datetime` or the text; empty: the first `time` element."
    )
    text: Selector = Field(default="", description="Its text; empty: none, so that the article's page is fetched.")
    picture: Selector = Field(default="", description="Its picture; empty: the first one.")


class Feed(AccessKeys):
    """One subscribed feed."""

    url: FeedUrl = Field(description="The feed's URL, or `newsletter:` and the List-Id or address of a newsletter.")
    name: str = Field(default="", description="Its name in digests; empty: the feed's own title.")
    topic: str = Field(default="", description="Topic of all its entries; empty: found from their text.")
    weight: Annotated[float, Field(ge=0, le=10)] = Field(default=1.0, description="Its weight in the ranking.")
    language: Language | None = Field(
        default=None, description="Its language, if the feed does not say it or is wrong."
    )
    full_text: FullText | None = Field(default=None, description="As in `[fetch]`, for this feed.")
    interval: PositiveSpan | None = Field(
        default=None, description="A fixed time between two checks, instead of an adaptive one."
    )
    allow_private: bool = Field(default=False, description="Whether it may be at a private IP address.")
    enabled: bool = Field(default=True, description="`false`: it is not fetched.")
    page: PageTable | None = Field(default=None, description="Selectors, if the URL is a web page; see below.")


class Opml(Table):
    """An OPML file with feeds, maintained by another program."""

    file: Name = Field(description="Path of the file; read again when it changes. Folders become topics.")


class Digest(Table):
    """One digest: its schedule, content, length and recipients."""

    name: Name = Field(description="Its name in commands and in the List-Id: letters, digits, `-` and `_`.")
    title: str = Field(default="", description="Its title; empty: the name.")
    schedule: Cron = Field(default="0 7 * * *", description="Schedule in five crontab fields.")
    zone: Zone = Field(default="local", description="Time zone of the schedule; `local`: this machine's.")
    at: Literal["zone", "recipient"] = Field(
        default="zone",
        description="Whose clock the schedule follows: `zone`, or `recipient`: that of each recipient's own zone.",
    )
    kind: Literal["news", "recap"] = Field(
        default="news",
        description="`news`: what is new to its recipients; `recap`: what became of the stories of its period, also of "
        "those that other digests sent.",
    )
    language: Language = Field(default="en", description="Language of dates and fixed texts.")
    languages: Languages = Field(default=(), description="Languages of its stories; empty: any.")
    others: Literal["mark", "drop", "translate"] = Field(
        default="mark",
        description="What to do with stories in other languages: `mark` them with their language, `drop` them, or "
        "`translate` them by the model of `[summaries]`.",
    )
    topics: Names = Field(default=(), description="Topics, in this order; empty: all.")
    interests: Names = Field(default=(), description="Interests that affect the ranking; empty: all.")
    query: QueryText = Field(default="", description="Query that stories must match.")
    max_stories: Annotated[int, Field(ge=1, le=500)] = Field(default=30, description="Most stories.")
    max_words: Annotated[int, Field(ge=50)] = Field(
        default=2000, description="Most words of headlines and summaries together."
    )
    words_per_story: Annotated[int, Field(ge=15, le=1000)] = Field(
        default=90, description="Words of one story's summary."
    )
    min_score: Annotated[float, Field(ge=0)] = Field(
        default=0.28,
        description="Lowest score of a story. Unless it is `0`, small stories beyond the best ten are left out too.",
    )
    quiet: Literal["skip", "note", "send"] = Field(
        default="note", description="Without stories: `skip` the edition, send a short `note`, or `send` as always."
    )
    diversity: Unit = Field(default=0.2, description="0: the best ranks only; 1: the most different stories.")
    images: bool = Field(default=True, description="Whether pictures are shown; mails hold them inside.")
    subject: SubjectTemplate = Field(
        default="",
        description="Subject of mails, from `{title}`, `{date}`, `{lead}`, `{count}`; empty: `{title}: {lead}`.",
    )
    template: Name = Field(default="standard", description="Name of the template.")
    template_folder: str = Field(
        default="", description="Folder with your templates, which override single blocks of the built-in ones."
    )
    to: Names = Field(
        default=(),
        description="Recipients: mail addresses, `folder:PATH`, `site:PATH`, `epub:PATH`, `atom:PATH`, "
        "`maildir:PATH`, "
        "`webhook:URL`, `notify:URL`.",
    )
    open: bool = Field(
        default=False,
        description="Whether anybody may subscribe at `/subscribe/NAME` of `public_url`; each new address must confirm "
        "by mail.",
    )
    enabled: bool = Field(default=True, description="`false`: it is not sent.")
