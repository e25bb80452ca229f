"""From the configuration to what the stages take: settings, topics, profiles, rules, plans, channels. No state of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from aggregator.config.errors import ConfigError, Problem
from aggregator.config.recipients import Recipient
from aggregator.config.schema import Config
from aggregator.config.secrets import secret
from aggregator.config.sections import Digest, InterestTable
from aggregator.operator.letters import Notice
from aggregator.pipeline.compose import Plan
from aggregator.pipeline.deliver import DeliverySettings
from aggregator.pipeline.describe import Describer, Rule
from aggregator.pipeline.issue import Sender
from aggregator.pipeline.summarizers import Limits
from aggregator.services.fetching import is_address
from aggregator.store.records import DigestConfigRow
from aggregator.stories import query
from aggregator.stories.encoder import Encoder
from aggregator.stories.grouping.engine import Grouper
from aggregator.stories.model import GroupingSettings, Interest, Topic
from aggregator.stories.profile.interests import Profile
from aggregator.stories.profile.topics import DEFAULT_TOPICS, Classifier
from digests.channels import (
    Channel,
    FolderSettings,
    LmtpSettings,
    MaildirSettings,
    NotifySettings,
    SendmailSettings,
    SmtpSettings,
    Timeouts,
    WebhookSettings,
    open_channel,
)
from digests.errors import RecipientRefused, TemporaryFailure
from digests.model import DigestSpec, Quiet
from digests.outbox import Policy, WhenUnknown
from digests.render.mail.signature import DkimKey, read_key
from digests.schedule import next_slot
from digests.summarize.model.client import ChatSettings
from feeds.errors import AddressRefused, BadAddress
from feeds.http import guard


def digest_rows(config: Config, now: datetime) -> list[DigestConfigRow]:
    """Every digest with the next slot its schedule has after `now`."""
    return [
        DigestConfigRow(d.name, f"{d.schedule} {config.zone(d)}", next_slot(d.schedule, config.zone(d), now))
        for d in config.digests
        if d.enabled
    ]


def grouper(config: Config, granularity: str | None = None) -> Callable[[], Grouper]:
    """Makes an empty grouping engine under the configuration, or another granularity. Raises ConfigError when its sentence encoder is none."""
    settings = GroupingSettings(
        granularity or config.stories.granularity, config.stories.languages, config.stories.window
    )
    reader = encoder(config)
    return lambda: Grouper(settings, reader)


def encoder(config: Config) -> Encoder | None:
    """The sentence encoder that the configuration names, opened once; None without one. Raises ConfigError."""
    stories = config.stories
    if not stories.embeddings:
        return None
    from aggregator.services.encoder import EncoderUnusable

    key = secret(config, "stories", "embeddings_key")
    is_url = stories.embeddings.startswith(("http://", "https://"))
    where = stories.embeddings if is_url else str(config.resolve(stories.embeddings))
    try:
        return _opened(where, stories.embeddings_model, key.get_secret_value() if key else "")
    except EncoderUnusable as error:
        raise ConfigError([Problem(str(config.path), 0, "stories.embeddings", str(error))]) from error


@lru_cache(maxsize=1)
def _opened(where: str, model: str, key: str) -> Encoder:
    from aggregator.services.encoder import open_encoder

    return open_encoder(where, model, key)


def topics(config: Config) -> tuple[Topic, ...]:
    """The built-in topics, with what the configuration adds to them, then the user's own."""
    own = {t.name: t for t in config.topics}
    merged = [_merge(topic, own.pop(topic.name, None)) for topic in DEFAULT_TOPICS]
    return tuple(merged) + tuple(
        Topic(t.name, t.description, t.words, t.examples, t.feeds, t.categories) for t in own.values()
    )


def _merge(topic: Topic, own: object) -> Topic:
    if own is None:
        return topic
    return Topic(
        topic.name,
        getattr(own, "description", "") or topic.description,
        topic.words + tuple(getattr(own, "words", ())),
        topic.examples + tuple(getattr(own, "examples", ())),
        topic.feeds + tuple(getattr(own, "feeds", ())),
        topic.categories + tuple(getattr(own, "categories", ())),
    )


def describer(config: Config, texts: Mapping[str, str]) -> Describer:
    """What describes stories. `texts` holds what was read from the addresses among the interests' examples."""
    reader = encoder(config) if config.interests else None
    profiles = [(Profile.build(interest(config, table, texts), reader), table.weight) for table in config.interests]
    rules = [Rule(r.name, query.parse(r.query), r.action, r.value) for r in config.rules]
    return Describer(Classifier(topics(config)), profiles, rules)


def interest(config: Config, table: InterestTable, texts: Mapping[str, str]) -> Interest:
    """An interest with its examples read: a file's text, an address's article, or the text itself."""

    def read(example: str) -> str:
        return texts[example] if example in texts else _local(config, example)

    return Interest(
        table.name,
        examples=tuple(filter(None, map(read, table.examples))),
        words=table.words,
        unlike=tuple(filter(None, map(read, table.unlike))),
    )


def _local(config: Config, example: str) -> str:
    if is_address(example):
        return ""  # not read yet
    if "\n" in example or len(example) > 250:
        return example
    path = config.resolve(example)
    return path.read_text("utf-8", "replace") if path.is_file() else example


def plan(config: Config, digest: Digest) -> Plan:
    """A digest ready to compose."""
    return Plan(
        spec=DigestSpec(
            name=digest.name,
            title=digest.title or digest.name,
            schedule=digest.schedule,
            zone=config.zone(digest),
            language=digest.language,
            topics=digest.topics,
            interests=digest.interests,
            max_stories=digest.max_stories,
            max_words=digest.max_words,
            min_score=digest.min_score,
            words_per_story=digest.words_per_story,
            quiet=Quiet(digest.quiet),
            images=digest.images,
            template=digest.template,
            diversity=digest.diversity,
        ),
        readers=tuple(r.key for r in config.recipients(digest)),
        query=query.parse(digest.query) if digest.query else None,
    )


def chat(config: Config) -> ChatSettings | None:
    """The model that writes the summaries; None for the extractive summarizer."""
    summaries = config.summaries
    if summaries.method != "chat":
        return None
    key = secret(config, "summaries", "api_key")
    return ChatSettings(
        url=summaries.endpoint,
        model=summaries.model,
        key=key.get_secret_value() if key else "",
        timeout=summaries.timeout.total_seconds(),
        price_in=summaries.price_in,
        price_out=summaries.price_out,
    )


def summary_limits(config: Config) -> Limits:
    """What model summaries may cost."""
    return Limits(config.summaries.budget_per_edition, config.summaries.budget_per_day)


def sender(config: Config, keys: tuple[bytes, ...]) -> Sender:
    """Who mail comes from. `keys` sign links."""
    mail = config.mail
    return Sender(
        address=mail.sender or "digest@localhost.localdomain",
        name=mail.sender_name,
        domain=mail.mail_domain or "localhost.localdomain",
        owner=mail.owner or None,
        public_url=config.web.public_url.rstrip("/"),
        keys=keys,
        dkim=dkim_keys(config),
        max_age=mail.max_age,
        guarded=bool(config.web.token_env or config.web.token_file),
        bounces=config.bounces.address,
    )


def dkim_keys(config: Config) -> tuple[DkimKey, ...]:
    """The keys that sign mail. Raises OSError when a file cannot be read."""
    mail = config.mail
    domain = mail.dkim_domain or mail.mail_domain
    pairs = zip(mail.dkim_selector, mail.dkim_key_file, strict=True)
    return tuple(read_key(domain, selector, config.resolve(file).read_bytes()) for selector, file in pairs)


def notice(config: Config) -> Notice:
    """Who tells the owner of trouble."""
    mail = config.mail
    return Notice(mail.sender, mail.owner if mail.sender else "", mail.mail_domain)


def policy(config: Config) -> Policy:
    """How patient deliveries are."""
    return Policy(when_unknown=WhenUnknown(config.mail.when_unknown), max_age=config.mail.max_age)


def mailbox(config: Config) -> Iterator[bytes]:
    """What is new in the mailbox of the reports; nothing when none is configured. Raises MailboxError."""
    from aggregator.recipients import mailbox as mailboxes

    settings = config.bounces
    if settings.maildir:
        yield from mailboxes.maildir(config.resolve(settings.maildir))
    if settings.imap_host:
        password = secret(config, "bounces", "password")
        yield from mailboxes.imap(
            mailboxes.ImapSettings(
                host=settings.imap_host,
                port=settings.imap_port,
                user=settings.imap_user,
                password=password.get_secret_value() if password else "",
                folder=settings.imap_folder,
                security=settings.imap_security,
            )
        )


def delivery_settings(config: Config) -> DeliverySettings:
    """How deliveries are taken."""
    return DeliverySettings(per_minute=config.mail.per_minute)


def channel(config: Config, kind: str) -> Channel:
    """Opens the way out for a kind of recipient: mail, folder, epub, atom, maildir, webhook, notify."""
    match kind:
        case "mail":
            return _mail(config)
        case "folder" | "epub" | "atom":
            return open_channel(kind, FolderSettings(Path("/")))
        case "maildir":
            return open_channel("maildir", MaildirSettings(Path("/")))
        case "webhook":
            return open_channel("webhook", _webhook(config))
        case "notify":
            return open_channel("notify", NotifySettings())
    raise ValueError(f"no channel delivers to {kind!r}")


def _webhook(config: Config) -> WebhookSettings:
    key = secret(config, "webhook", "secret")
    private = config.webhook.allow_private
    return WebhookSettings(
        secret=key.get_secret_value().encode() if key else b"",
        addresses=lambda url: _addresses(url, allow_private=private),
    )


def _addresses(url: str, *, allow_private: bool) -> list[str]:
    """Where a webhook may be called, asked anew each time: what is checked is what is connected to."""
    try:
        target = guard.read(url)
        if target.address is None and not allow_private:
            guard.refuse_name(target.host)
        found = [str(target.address)] if target.address is not None else guard.system_resolver(target.host)
        return guard.check(target, found, allow_private=allow_private)
    except (AddressRefused, BadAddress) as error:
        raise RecipientRefused(f"the webhook's address is not allowed: {error.message}", status="5.7.1") from error
    except (OSError, UnicodeError) as error:  # no such name now
        raise TemporaryFailure(f"the webhook's host cannot be found: {error}") from error


def _mail(config: Config) -> Channel:
    mail = config.mail
    timeouts = _timeouts(mail.timeout.total_seconds())
    match mail.transport:
        case "sendmail":
            return open_channel("sendmail", SendmailSettings(Path(mail.command)))
        case "lmtp":
            socket = Path(mail.socket) if mail.socket else None
            return open_channel(
                "lmtp", LmtpSettings(mail.host or "127.0.0.1", mail.port or 24, socket, timeouts=timeouts)
            )
    password = secret(config, "mail", "password")
    return open_channel(
        "smtp",
        SmtpSettings(
            host=mail.host,
            port=mail.smtp_port,
            security=mail.security,
            user=mail.user,
            password=password.get_secret_value() if password else "",
            timeouts=timeouts,
        ),
    )


def _timeouts(seconds: float) -> Timeouts:
    """The user's patience bounds connecting; the standard's minimum holds where giving up early means duplicates."""
    return Timeouts(connect=min(seconds, 60.0))


def recipient(config: Config, text: str) -> Recipient:
    """One recipient as a command names it."""
    from aggregator.config import recipients

    return recipients.read(text, config.folder)
