"""The sender of mail, from the configuration, and the keys that sign links and sessions."""

from __future__ import annotations

import secrets
from dataclasses import replace

from aggregator.config.schema import Config
from aggregator.config.secrets import secret
from aggregator.pipeline.issue import Sender
from aggregator.store import meta
from aggregator.store.database import Database
from digests.render.mail.signature import DkimKey, dkim_key

_LINK_KEY = "link-key"


def mail_sender(config: Config, keys: tuple[bytes, ...]) -> Sender:
    """Return the sender of mail with its DKIM keys. `keys` sign links. Raises OSError when a key cannot be read."""
    return replace(unsigned_sender(config), keys=keys, dkim=dkim_keys(config))


def unsigned_sender(config: Config) -> Sender:
    """Return the sender of mail without keys, which cannot sign links or mail."""
    mail = config.mail
    return Sender(
        address=mail.sender or "digest@localhost.localdomain",
        name=mail.sender_name,
        domain=mail.mail_domain or "localhost.localdomain",
        operator=mail.owner if mail.publish_owner and mail.owner else None,
        public_url=config.web.public_url.rstrip("/"),
        max_age=mail.max_age,
        guarded=bool(config.web.token_env or config.web.token_file),
        bounces=config.bounces.address,
    )


def dkim_keys(config: Config) -> tuple[DkimKey, ...]:
    """Read the DKIM keys. Raises OSError when a file cannot be read."""
    mail = config.mail
    domain = mail.dkim_domain or mail.mail_domain
    pairs = zip(mail.dkim_selector, mail.dkim_key_file, strict=True)
    return tuple(dkim_key(domain, selector, config.resolve(file).read_bytes()) for selector, file in pairs)


def link_keys(db: Database, configured: bytes | None) -> tuple[bytes, ...]:
    """Return the keys, newest first: the configured one, else a random one that the database keeps."""
    if configured:
        return (configured,)
    key = meta.get(db, _LINK_KEY)
    if key is None:
        meta.put(db, _LINK_KEY, secrets.token_hex(32))
        key = meta.get(db, _LINK_KEY)
    assert key is not None
    return (key.encode(),)


def configured_link_key(config: Config) -> bytes | None:
    """Return the key in the configuration, if any. Raises SecretMissing."""
    key = secret(config, "web", "secret")
    return key.get_secret_value().encode() if key else None
