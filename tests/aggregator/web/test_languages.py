"""The reading pages in the configured language, else in the one that the browser asks for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import aggregator.web
from aggregator.web.site.pages import Site
from tests.support.apps import DIGEST, app_of, newsroom
from tests.support.managing import client_of, grouped

TEMPLATES = Path(aggregator.web.__file__).parent / "templates"
READING = sorted([*TEMPLATES.glob("*.html"), *(TEMPLATES / "site").glob("*.html")])
_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_NOT_WORDS = re.compile(r"<(code|kbd|script|style)\b[^>]*>.*?</\1>|<[^>]*>|&\w+;", re.DOTALL)
_LABEL = re.compile(r"\b(?:aria-label|title|alt)=\"([^\"]*)\"")


@pytest.mark.parametrize("file", READING, ids=lambda file: file.stem)
def test_no_text_of_a_template_is_outside_the_catalogues(file: Path) -> None:
    markup = _JINJA.sub("", file.read_text("utf-8"))
    assert not re.search(r"[^\W\d_]", " ".join(_LABEL.findall(markup)))
    assert not re.search(r"[^\W\d_]", _NOT_WORDS.sub("", markup))


@pytest.mark.anyio
async def test_pages_are_in_the_language_that_the_browser_asks_for(tmp_path: Path) -> None:
    with newsroom(tmp_path, "northwire", "harbour") as (program, _, _server):
        await program.fetching.fetch()
        await grouped(program)
        (edition,) = await program.editions.send("daily")
        async with client_of(program) as client:
            client.headers["accept-language"] = "de-CH,de;q=0.9,en;q=0.5"
            front = await client.get("/")
            assert '<html lang="de" dir="ltr">' in front.text
            assert "<h1>Ausgaben</h1>" in front.text
            assert "Accept-Language" in front.headers["vary"]
            assert "November 2026" in front.text
            assert " Meldungen" in front.text
            story = (await client.get(f"/stories/{edition.items[0].story}")).text
            assert "Was Ausgaben dazu schrieben" in story
            assert "Zeitleiste" in story or "Verlauf" in story  # of the catalogue of editions
            assert "Nichts passt." in (await client.get("/search?q=nothing-at-all")).text
            client.headers["accept-language"] = "ar"
            assert '<html lang="ar" dir="rtl">' in (await client.get("/search")).text
            client.headers["accept-language"] = "nl"
            assert '<html lang="en" dir="ltr">' in (await client.get("/search")).text
        await program.aclose()


@pytest.mark.anyio
async def test_the_configured_language_comes_first(tmp_path: Path) -> None:
    with app_of(tmp_path, '[web]\nlanguage = "fr"\n' + DIGEST) as program:
        async with client_of(program) as client:
            page = await client.get("/", headers={"accept-language": "de"})
            assert "Pas encore d’édition." in page.text
        files = dict(Site(program, ["daily"]).files())
        assert '<html lang="fr"' in files["search.html"].decode()
        await program.aclose()
