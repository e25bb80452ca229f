"""The list of kinds of channel, and what must agree with it."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from aggregator.config.model.validation import model
from aggregator.config.sections import MailSettings
from digests.channels.kinds import CHANNEL_KINDS, Channels
from digests.channels.recipient import parse_recipient
from digests.channels.settings import TRANSPORTS

DOCS = Path(__file__).parents[3] / "docs"


def test_every_kind_is_listed_once_and_has_a_transport_that_exists() -> None:
    assert list(CHANNEL_KINDS) == [name.value for name in Channels]
    named = [transport for kind in CHANNEL_KINDS.values() for transport in kind.transports]
    assert sorted([*named, "memory"]) == sorted(TRANSPORTS)


def test_the_configuration_knows_the_transports_of_mail() -> None:
    transports = get_args(model(MailSettings).model_fields["transport"].annotation)
    assert sorted(transports) == sorted(CHANNEL_KINDS["mail"].transports)


@pytest.mark.parametrize("kind", [name for name in Channels if name is not Channels.MAIL])
def test_every_kind_is_in_the_documentation(kind: Channels) -> None:
    assert f"{kind}:" in (DOCS / "configuration.md").read_text("utf-8")


def test_the_home_of_an_unknown_user_stays_as_written(tmp_path: Path) -> None:
    recipient = parse_recipient("folder:~nobodyofthisname/digests", tmp_path)
    assert recipient.address == str(tmp_path / "~nobodyofthisname" / "digests")
