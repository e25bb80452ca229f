"""Digests as the configuration has them: their settings, and their rows in the database."""

from __future__ import annotations

from dataclasses import replace

from aggregator.config.matching import AlertTable
from aggregator.config.schema import Config
from aggregator.config.secrets import secret
from aggregator.config.sections import Digest
from aggregator.pipeline.compose import Others, Plan
from aggregator.pipeline.summarizers import Limits
from aggregator.recipients import subscribers
from aggregator.services.context import Context
from aggregator.services.due import alerts as alerting
from aggregator.services.due import recipient_slots
from aggregator.services.due.alerts import Alert
from aggregator.services.editions import EditionsSettings
from aggregator.services.mail_sender import configured_link_key, mail_sender
from aggregator.services.network import AsyncEndpointTransport
from aggregator.store.editions import digests as digest_store
from aggregator.store.records import DigestConfigRow
from aggregator.stories import query
from digests.model import DigestSpec
from digests.ranking.settings import DigestKind, Quiet
from digests.schedule import next_slot
from digests.summarize.model.endpoint import ChatSettings

_MANY_WORDS = 100_000  # an alert is bounded by its stories


def editions_settings(config: Config) -> EditionsSettings:
    """Read the settings of digests, summaries and the sender from the configuration."""
    return EditionsSettings(
        plans={digest.name: digest_plan(config, digest) for digest in config.digests},
        template_folders={
            d.name: config.resolve(d.template_folder) if d.template_folder else None for d in config.digests
        },
        sender=lambda keys: mail_sender(config, keys),
        link_key=lambda: configured_link_key(config),
        chat=lambda: chat_settings(config),
        extractive=config.summaries.method != "chat",
        limits=Limits(config.summaries.budget_per_edition, config.summaries.budget_per_day),
        alerts={alert.name: alert_plan(config, alert) for alert in config.alerts if alert.enabled},
    )


def sync_configured_digests(context: Context, config: Config) -> None:
    """Store the configured digests with their next slots, and the alerts, in the database."""
    now = context.clock.now()
    rows = [
        DigestConfigRow(d.name, f"{d.schedule} {config.zone(d)}", next_slot(d.schedule, config.zone(d), now))
        for d in config.digests
        if d.enabled
    ]
    rows += [DigestConfigRow(alert.name, "alert", None) for alert in config.alerts if alert.enabled]
    digest_store.sync_digests(context.db, rows, now)
    for alert in config.alerts:
        if alert.enabled:
            alerting.begin(context.db, alert.name, now)
    for digest in config.digests:
        if digest.enabled and digest.at == "recipient":
            plan = digest_plan(config, digest)
            everyone = subscribers.recipients_of(context.db, plan.recipients, digest.name)
            recipient_slots.begin_slots(context.db, replace(plan, recipients=everyone), now)


def digest_plan(config: Config, digest: Digest) -> Plan:
    """Build the plan of a configured digest."""
    return Plan(
        spec=DigestSpec(
            name=digest.name,
            title=digest.title or digest.name,
            schedule=digest.schedule,
            zone=config.zone(digest),
            language=digest.language,
            languages=digest.languages,
            kind=DigestKind(digest.kind),
            topics=digest.topics,
            interests=digest.interests,
            max_stories=digest.max_stories,
            max_words=digest.max_words,
            min_score=digest.min_score,
            words_per_story=digest.words_per_story,
            quiet=Quiet(digest.quiet),
            images=digest.images,
            subject=digest.subject,
            template=digest.template,
            diversity=digest.diversity,
        ),
        recipients=config.recipients(digest),
        query=query.parse(digest.query) if digest.query else None,
        others=Others(digest.others),
        by_recipient=digest.at == "recipient",
    )


def alert_plan(config: Config, alert: AlertTable) -> Alert:
    """Build a configured alert."""
    rule = next((rule.query for rule in config.rules if rule.name == alert.rule), "")
    spec = DigestSpec(
        name=alert.name,
        title=alert.title or alert.name,
        zone=config.zone(alert),
        language=alert.language,
        max_stories=alert.per_day,
        max_words=_MANY_WORDS,
        quiet=Quiet.SKIP,
        images=False,
        diversity=0.0,
    )
    text = rule or alert.query
    plan = Plan(spec, config.recipients(alert), query.parse(text) if text else None)
    return Alert(plan, alert.sources, alert.per_day, alert.interest, alert.silence)


def chat_settings(config: Config) -> ChatSettings | None:
    """Return the settings of the model for summaries and translations; None without one. Raises SecretMissing."""
    summaries = config.summaries
    if not (summaries.endpoint and summaries.model):
        return None
    key = secret(config, "summaries", "api_key")
    return ChatSettings(
        url=summaries.endpoint,
        model=summaries.model,
        key=key.get_secret_value() if key else "",
        timeout=summaries.timeout.total_seconds(),
        price_in=summaries.price_in,
        price_out=summaries.price_out,
        transport=AsyncEndpointTransport,
    )
