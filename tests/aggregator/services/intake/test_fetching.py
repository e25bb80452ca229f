from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.config.load import parse
from aggregator.services.intake.settings import fetch_settings

MAIL = '[mail]\nsender = "news@example.org"\nowner = "ann@example.org"\nhost = "mail.example.org"\n'


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        (MAIL, ""),
        (MAIL + '[web]\npublic_url = "https://news.example.org"\n', "https://news.example.org"),
        (MAIL + '[fetch]\ncontact = "desk@example.org"\n', "desk@example.org"),
    ],
)
def test_publishers_learn_no_address_but_the_one_that_is_meant_for_them(
    text: str, contact: str, tmp_path: Path
) -> None:
    settings = fetch_settings(parse(text, tmp_path / "config.toml"))
    assert settings.contact == contact
    assert "ann@" not in settings.agent
