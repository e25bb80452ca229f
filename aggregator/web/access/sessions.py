"""Sessions of signed-in browsers: signed cookies, which all end when the secret generation changes.

Nothing is stored for a session. A cookie holds a random id, the generation and a fingerprint of the token, so that a
new token ends the sessions of the old one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aggregator.services.context import Context
from aggregator.store import meta
from digests import links
from digests.errors import LinkError

COOKIE = "aggregator_session"
LIFE = timedelta(days=30)
_PURPOSE = "session"
_FEED, _NEVER = "saved-feed", datetime(9999, 1, 1, tzinfo=UTC)  # a feed reader keeps its URL
_GENERATION = "web-sessions"  # key in the table of small values


@dataclass(frozen=True, slots=True)
class Sessions:
    """Creates and checks session cookies. `keys` returns the keys that sign, newest first."""

    context: Context
    keys: Callable[[], Sequence[bytes]]
    token: str

    def start(self) -> str:
        """Return the cookie of a new session."""
        data = {"i": secrets.token_hex(16), "g": self._generation(), "t": self._fingerprint()}
        return links.make_token(self.keys(), _PURPOSE, data, self.context.clock.now() + LIFE)

    def session(self, cookie: str) -> str | None:
        """Return the id of the session of a cookie; None if it is forged, expired or signed out."""
        if not cookie:
            return None
        try:
            data = links.token_data(self.keys(), cookie, _PURPOSE, self.context.clock.now())
        except LinkError:
            return None
        valid = data.get("g") == self._generation() and data.get("t") == self._fingerprint()
        return data.get("i") if valid else None

    def end_all(self) -> None:
        """End all sessions."""
        meta.put(self.context.db, _GENERATION, secrets.token_hex(16))

    def form_token(self, session: str) -> str:
        """Return the token that the forms of a session contain (CSRF)."""
        return self._signed(b"form\0" + session.encode())

    def feed_key(self) -> str:
        """Return the key in the URL of the feed of what is saved. It ends with all sessions, not with time."""
        data = {"g": self._generation(), "t": self._fingerprint()}
        return links.make_token(self.keys(), _FEED, data, _NEVER)

    def opens_feed(self, key: str) -> bool:
        """Whether a key opens the feed of what is saved."""
        try:
            data = links.token_data(self.keys(), key, _FEED, self.context.clock.now())
        except LinkError:
            return False
        return data.get("g") == self._generation() and data.get("t") == self._fingerprint()

    def _fingerprint(self) -> str:
        return self._signed(b"token\0" + self.token.encode())[:16]

    def _signed(self, text: bytes) -> str:
        return hmac.new(self.keys()[0], b"web-session\0" + text, hashlib.sha256).hexdigest()

    def _generation(self) -> str:
        return meta.get(self.context.db, _GENERATION) or "0"
